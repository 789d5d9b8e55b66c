"""The table item_enrichments: rows are added once, told apart by all that decides an answer, and checked again."""

from dataclasses import replace
from hashlib import sha256

import pytest
from psycopg.errors import CheckViolation

from catalog_embeddings.domain.enrichment import Checked, Draft, Enrichment, Finding
from catalog_embeddings.domain.spent import ChatSpent
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.postgres import item_enrichments
from catalog_embeddings.postgres.connection import Connection

DRAFT = Draft("A lamp for a desk.", ("lamp", "desk"), ("reading",))
WANTING = Finding("numeric_claim", "description", 2, "lamp", "the record says something else")


def _hash(name: str) -> bytes:
    return sha256(name.encode()).digest()


def _enrichment(name: str, draft: Draft | None = DRAFT) -> Enrichment:
    if draft is None:
        return Enrichment(
            _hash(name), Checked("rejected", (WANTING,), None), "numeric_claim", 2, ("a", "b"), 1_400, 180
        )
    return Enrichment(_hash(name), Checked("accepted", (), draft), "", 1, (f"{name}.parquet",), 700, 90)


@pytest.fixture
def asking(spec: VersionSpec) -> VersionSpec:
    return replace(spec, enrichment="review.v1", enrichment_model="gpt-4.1-mini", enrichment_hash="cd" * 32)


def test_what_is_stored_is_found_and_a_rejected_one_has_no_draft(connection: Connection, asking: VersionSpec) -> None:
    item_enrichments.add(connection, asking, [_enrichment("lamp"), _enrichment("desk", None)], "g1", "run-1")
    found = item_enrichments.find_drafts(connection, asking, [_hash("lamp"), _hash("desk"), _hash("sofa")])
    assert found == {_hash("lamp"): DRAFT, _hash("desk"): None}
    [(verdict, reason, findings, tokens, attempts)] = connection.execute(
        "select verdict, reason, findings, tokens, attempts from item_enrichments where text is null"
    ).fetchall()
    assert (verdict, reason, tokens, attempts) == ("rejected", "numeric_claim", 1_580, 2)
    # What a guard says of the record stays with the model.
    assert findings == [{"rule": "numeric_claim", "place": "description", "span": "lamp"}]


@pytest.mark.parametrize(
    "other",
    [
        {"enrichment": "review.v2"},
        {"enrichment_model": "gpt-5"},
        {"enrichment_hash": "ef" * 32},
        {"provider": "openai"},
    ],
)
def test_another_way_of_asking_finds_nothing_and_stands_beside_it(
    connection: Connection, asking: VersionSpec, other: dict[str, str]
) -> None:
    item_enrichments.add(connection, asking, [_enrichment("lamp")], "g1", None)
    elsewhere = replace(asking, **other)  # type: ignore[arg-type]
    assert item_enrichments.find_drafts(connection, elsewhere, [_hash("lamp")]) == {}
    item_enrichments.add(connection, elsewhere, [_enrichment("lamp", None)], "g1", None)
    assert item_enrichments.find_drafts(connection, asking, [_hash("lamp")]) == {_hash("lamp"): DRAFT}


def test_the_first_row_stays(connection: Connection, asking: VersionSpec) -> None:
    item_enrichments.add(connection, asking, [_enrichment("lamp")], "g1", "run-1")
    item_enrichments.add(connection, asking, [_enrichment("lamp", None)], "g2", "run-2")
    assert connection.execute("select verdict, run_id from item_enrichments").fetchall() == [("accepted", "run-1")]


def test_only_what_other_guards_have_checked_is_outdated(connection: Connection, asking: VersionSpec) -> None:
    item_enrichments.add(connection, asking, [_enrichment("lamp"), _enrichment("desk")], "g1", None)
    item_enrichments.add(connection, asking, [_enrichment("sofa")], "g2", None)
    refused = replace(_enrichment("stool", None), answer_keys=(), attempts=0)
    item_enrichments.add(connection, asking, [refused], "g1", None)
    batches = list(item_enrichments.outdated(connection, asking, "g2", 1))
    # What the API refused has no answer that could be checked again.
    assert {row.record_hash for batch in batches for row in batch} == {_hash("lamp"), _hash("desk")}
    assert [len(batch) for batch in batches] == [1, 1]
    assert batches[0][0].draft == DRAFT


def test_a_check_is_replaced_and_what_was_paid_stays(connection: Connection, asking: VersionSpec) -> None:
    item_enrichments.add(connection, asking, [_enrichment("lamp")], "g1", "run-1")
    item_enrichments.update_check(connection, asking, replace(_enrichment("lamp", None), prompt_tokens=0), "g2")
    assert connection.execute(
        "select verdict, text, guards_version, prompt_tokens, attempts, run_id from item_enrichments"
    ).fetchall() == [("rejected", None, "g2", 700, 1, "run-1")]


def test_what_was_billed_is_added_up(connection: Connection, asking: VersionSpec) -> None:
    assert item_enrichments.measured(connection, asking) == ChatSpent()
    item_enrichments.add(connection, asking, [_enrichment("lamp"), _enrichment("desk", None)], "g1", None)
    assert item_enrichments.measured(connection, asking) == ChatSpent(3, 2_100, 270)


def test_a_run_is_told_by_verdict_and_by_rule(connection: Connection, asking: VersionSpec) -> None:
    rows = [_enrichment("lamp"), _enrichment("desk", None), _enrichment("sofa", None)]
    item_enrichments.add(connection, asking, rows, "g1", "run-1")
    item_enrichments.add(connection, asking, [_enrichment("stool", None)], "g1", "run-2")
    assert item_enrichments.of_run(connection, "run-1") == {
        "records": 3,
        "accepted": 1,
        "repaired": 0,
        "rejected": 2,
        "rules": {"numeric_claim": 2},
    }


def test_a_rejected_draft_has_no_text(connection: Connection, asking: VersionSpec) -> None:
    wrong = replace(_enrichment("lamp"), checked=Checked("rejected", (), DRAFT))
    with pytest.raises(CheckViolation):
        item_enrichments.add(connection, asking, [wrong], "g1", None)
