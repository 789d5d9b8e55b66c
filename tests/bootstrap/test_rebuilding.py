"""Rebuilding from the environment: a new database, the same lake, and no embeddings API anywhere."""

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.postgres.connection import connect
from tests.bootstrap.conftest import Surroundings

ROWS = "select item_id, halfvec_send(vector), record_hash, generated_at from item_embeddings order by item_id"


def test_a_new_database_is_filled_without_an_api(
    around: Surroundings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", database_url)
    monkeypatch.delenv("OPENAI_BASE_URL")
    told: list[tuple[int, int]] = []
    summary, error = bootstrap.rebuild("v1", "a test", lambda done, rows: told.append((done, rows)))
    assert error is None
    assert {name: summary[name] for name in ("version", "state", "rows", "parts", "damaged")} == {
        "version": "v1",
        "state": "verified",
        "rows": 4,
        "parts": 1,
        "damaged": (),
    }
    assert told[-1] == (4, 4)
    assert around.requests() == 0
    with connect(database_url) as connection:
        assert connection.execute(ROWS).fetchall() == around.ask(ROWS)
