"""The life of a dead letter over real runs: refused, tried again when asked, and gone once nothing is amiss."""

import uuid

import pytest

from catalog_embeddings.postgres import dead_letters
from catalog_embeddings.postgres.dead_letters import Selection
from tests.river.conftest import River


def _title(river: River, title: str) -> None:
    river.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title) values (%s, 'chair', %s)"
        " on conflict (org_id, namespace, item_id) do update set title = excluded.title",
        [uuid.UUID(int=1), title],
    )


def test_an_item_is_refused_redriven_and_edited_back(river: River, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_FAILURE_THRESHOLD", "1")
    _title(river, "A rocking chair")
    assert river.run()["loaded"] == 1
    rows = river.fingerprint_of_rows()

    river.emulator.faults(poison=["Marrowby"])
    _title(river, "A Marrowby chair")
    refused = river.run()
    assert (refused["planned"], refused["dead"], refused["unresolved"]) == (1, 1, 0)
    [letter] = dead_letters.open_letters(river.connection)
    assert (letter.item_id, letter.reason, letter.attempts) == ("chair", "refused_by_api", 1)

    assert dead_letters.redrive(river.connection, Selection(), dry_run=False).reasons == {"refused_by_api": 1}
    redriven = river.run()
    assert (redriven["planned"], redriven["dead"], redriven["unresolved"]) == (1, 1, 0)
    [again] = dead_letters.open_letters(river.connection)
    assert (again.attempts, again.first_seen_at) == (2, letter.first_seen_at)

    _title(river, "A rocking chair")
    back = river.run()
    assert (back["planned"], back["calls"], back["state"]) == (0, 0, "verified")
    assert dead_letters.open_letters(river.connection) == []
    assert river.fingerprint_of_rows() == rows
