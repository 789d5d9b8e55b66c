"""Dead letters: why an item has no vector, never what it says, and gone once it has one."""

import hashlib

import pytest

from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.postgres import dead_letters, run_plan
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_plan import ChangedItem, PlannedItem

TEXT = hashlib.sha256(b"a text").digest()


@pytest.fixture
def planned(connection: Connection, lease: Lease, keys: list[ItemKey]) -> list[ItemKey]:
    """item-0 and item-1 share a text in the plan of run-1; item-2 is refused."""
    lines = [
        PlannedItem(ChangedItem(CatalogItem(key), "new", key.item_id.encode(), None), text)
        for key, text in zip(keys, (TEXT, TEXT, None), strict=True)
    ]
    run_plan.add_items(connection, "run-1", lines)
    return keys


def _hold_a_vector(connection: Connection, version: EmbeddingVersion, key: ItemKey, content_hash: bytes) -> None:
    with connection.transaction():
        connection.execute("select set_config('catalog_embeddings.fingerprint', %s, true)", [version.fingerprint])
        connection.execute(
            "insert into item_embeddings (org_id, item_id, namespace, version, modality, dims, vector, record_hash,"
            " content_hash) values (%s, %s, %s, 'v1', 'text', 4, '[1,2,3,4]', '', %s)",
            [key.org_id, key.item_id, key.namespace, content_hash],
        )


def test_an_item_refused_while_planning_is_dead_with_its_reason(connection: Connection, planned: list[ItemKey]) -> None:
    dead_letters.add_planned(connection, "run-1", "v1", planned[2], b"record", ItemRefused("empty_text", "nothing"))
    [letter] = dead_letters.open_letters(connection)
    assert (letter.item_id, letter.namespace, letter.org_id) == ("item-2", "default", planned[2].org_id)
    assert (letter.version, letter.stage, letter.reason, letter.detail) == ("v1", "plan", "empty_text", "nothing")
    assert letter.attempts == 1


def test_every_item_of_a_refused_text_is_dead(connection: Connection, planned: list[ItemKey]) -> None:
    dead_letters.add_for_content(connection, "run-1", "v1", TEXT, "too_strange")
    letters = dead_letters.open_letters(connection)
    assert [(letter.item_id, letter.stage, letter.reason, letter.detail) for letter in letters] == [
        ("item-0", "embed", "refused_by_api", "too_strange"),
        ("item-1", "embed", "refused_by_api", "too_strange"),
    ]
    rows = "select record_hash, content_hash, run_id from pipeline.dead_letters order by item_id"
    assert connection.execute(rows).fetchall() == [(b"item-0", TEXT, "run-1"), (b"item-1", TEXT, "run-1")]


def test_dying_again_counts_and_keeps_the_first_date(connection: Connection, planned: list[ItemKey]) -> None:
    for reason in ("empty_text", "text_too_long"):
        dead_letters.add_planned(connection, "run-1", "v1", planned[2], b"record", ItemRefused(reason))
        dead_letters.add_for_content(connection, "run-1", "v1", TEXT, reason)
    letters = {letter.item_id: letter for letter in dead_letters.open_letters(connection)}
    assert {item: letter.attempts for item, letter in letters.items()} == {"item-0": 2, "item-1": 2, "item-2": 2}
    assert letters["item-2"].reason == "text_too_long"
    assert letters["item-0"].detail == "text_too_long"
    assert letters["item-2"].first_seen_at < letters["item-2"].last_seen_at


def test_who_has_the_planned_vector_is_dead_no_more(
    connection: Connection, version: EmbeddingVersion, planned: list[ItemKey]
) -> None:
    dead_letters.add_for_content(connection, "run-1", "v1", TEXT, "busy")
    _hold_a_vector(connection, version, planned[0], TEXT)
    _hold_a_vector(connection, version, planned[1], b"of an older text")
    dead_letters.resolve_settled(connection, "run-1", "v1")
    assert [letter.item_id for letter in dead_letters.open_letters(connection)] == ["item-1"]
    dead_letters.add_for_content(connection, "run-1", "v1", TEXT, "busy")
    assert [letter.item_id for letter in dead_letters.open_letters(connection)] == ["item-0", "item-1"]


def test_who_is_gone_is_dead_no_more(connection: Connection, planned: list[ItemKey]) -> None:
    dead_letters.add_planned(connection, "run-1", "v1", planned[2], b"record", ItemRefused("empty_text"))
    dead_letters.resolve_settled(connection, "run-1", "v1")
    assert len(dead_letters.open_letters(connection)) == 1
    connection.execute("update pipeline.run_plan set change = 'deleted' where item_id = 'item-2'")
    dead_letters.resolve_settled(connection, "run-1", "v1")
    assert dead_letters.open_letters(connection) == []


def test_who_left_the_catalog_without_ever_having_a_vector_is_dead_no_more(
    connection: Connection, planned: list[ItemKey]
) -> None:
    dead_letters.add_planned(connection, "run-1", "v1", planned[2], b"record", ItemRefused("empty_text"))
    connection.execute("delete from analytics.catalog_features_raw where item_id = 'item-2'")
    dead_letters.resolve_settled(connection, "run-1", "v1")
    assert dead_letters.open_letters(connection) == []
