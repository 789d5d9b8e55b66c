"""Dead letters: why an item has no vector, never what it says, gone once it has one, and tried again when asked."""

import hashlib

import pytest

from catalog_embeddings.domain.dead_letter import Refusal
from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.postgres import dead_letters, run_plan, runs
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.dead_letters import Redriven, Selection
from catalog_embeddings.postgres.run_plan import ChangedItem, PlannedItem

TEXT = hashlib.sha256(b"a text").digest()
OTHER_TEXT = hashlib.sha256(b"another text").digest()
RECORD = b"the record that is planned"


@pytest.fixture
def planned(connection: Connection, lease: Lease, keys: list[ItemKey]) -> list[ChangedItem]:
    """item-0 and item-1 share a text in the plan of run-1; item-2 is refused. Dbt has hashed nothing yet."""
    connection.execute("create schema if not exists catalog")
    connection.execute(
        "create table catalog.catalog_record_hashes (record_fields text[], org_id uuid, namespace text, item_id text,"
        " record_hash bytea)"
    )
    changed = [ChangedItem(CatalogItem(key), "new", RECORD, None) for key in keys]
    run_plan.add_items(connection, "run-1", list(map(PlannedItem, changed, (TEXT, TEXT, None))))
    return changed


def _hold_a_vector(
    connection: Connection, version: EmbeddingVersion, key: ItemKey, content_hash: bytes, record_hash: bytes = b""
) -> None:
    with connection.transaction():
        connection.execute("select set_config('catalog_embeddings.fingerprint', %s, true)", [version.fingerprint])
        connection.execute(
            "insert into item_embeddings (org_id, item_id, namespace, version, modality, dims, vector, record_hash,"
            " content_hash) values (%s, %s, %s, 'v1', 'text', 4, '[1,2,3,4]', %s, %s)",
            [key.org_id, key.item_id, key.namespace, record_hash, content_hash],
        )


def _catalog_has(
    connection: Connection, key: ItemKey, record_hash: bytes, fields: tuple[str, ...] = ("title", "brand")
) -> None:
    """What dbt says that the catalog says now; the version v1 shows title and brand."""
    connection.execute(
        "insert into catalog.catalog_record_hashes values (%s, %s, %s, %s, %s)",
        [list(fields), key.org_id, key.namespace, key.item_id, record_hash],
    )


def _refuse(connection: Connection, *items: ChangedItem, reason: str = "empty_text", version: str = "v1") -> None:
    dead_letters.add_planned(connection, "run-1", version, [(item, ItemRefused(reason)) for item in items])


def _refuse_text(connection: Connection, detail: str, content_hash: bytes = TEXT, version: str = "v1") -> None:
    dead_letters.add_for_contents(connection, "run-1", version, [Refusal(content_hash, "refused_by_api", detail)])


def _open(connection: Connection) -> list[str]:
    return sorted(f"{letter.item_id} {letter.stage}" for letter in dead_letters.open_letters(connection))


def test_items_refused_while_planning_are_dead_each_with_its_reason(
    connection: Connection, planned: list[ChangedItem]
) -> None:
    refused = [(planned[1], ItemRefused("nul_character")), (planned[2], ItemRefused("empty_text", "nothing"))]
    dead_letters.add_planned(connection, "run-1", "v1", refused)
    first, second = dead_letters.open_letters(connection)
    assert (first.item_id, first.stage, first.reason, first.detail) == ("item-1", "plan", "nul_character", "")
    key = planned[2].item.key
    assert (second.item_id, second.namespace, second.org_id) == ("item-2", "default", key.org_id)
    assert (second.version, second.stage, second.reason, second.detail) == ("v1", "plan", "empty_text", "nothing")
    assert second.attempts == 1
    rows = "select record_hash, content_hash, run_id from pipeline.dead_letters order by item_id"
    assert connection.execute(rows).fetchall() == [(RECORD, None, "run-1")] * 2


def test_every_item_of_a_refused_text_is_dead(connection: Connection, planned: list[ChangedItem]) -> None:
    connection.execute("update pipeline.run_plan set content_hash = %s where item_id = 'item-2'", [OTHER_TEXT])
    dead_letters.add_for_contents(
        connection,
        "run-1",
        "v1",
        [Refusal(TEXT, "refused_by_api", "too_strange"), Refusal(OTHER_TEXT, "failed_by_api", "server_failed")],
    )
    letters = dead_letters.open_letters(connection)
    assert [(letter.item_id, letter.stage, letter.reason, letter.detail) for letter in letters] == [
        ("item-0", "embed", "refused_by_api", "too_strange"),
        ("item-1", "embed", "refused_by_api", "too_strange"),
        ("item-2", "embed", "failed_by_api", "server_failed"),
    ]
    rows = "select record_hash, content_hash, run_id from pipeline.dead_letters order by item_id"
    assert connection.execute(rows).fetchall() == [
        (RECORD, TEXT, "run-1"),
        (RECORD, TEXT, "run-1"),
        (RECORD, OTHER_TEXT, "run-1"),
    ]


def test_a_text_said_to_be_refused_twice_is_one_letter(connection: Connection, planned: list[ChangedItem]) -> None:
    twice = [Refusal(TEXT, "refused_by_api", "first"), Refusal(TEXT, "context_too_long", "then")]
    dead_letters.add_for_contents(connection, "run-1", "v1", twice)
    assert {(letter.reason, letter.attempts) for letter in dead_letters.open_letters(connection)} == {
        ("context_too_long", 1)
    }


def test_where_nothing_was_refused_there_is_no_letter(connection: Connection, planned: list[ChangedItem]) -> None:
    dead_letters.add_planned(connection, "run-1", "v1", [])
    dead_letters.add_for_contents(connection, "run-1", "v1", [])
    _refuse_text(connection, "code", OTHER_TEXT)
    assert dead_letters.open_letters(connection) == []


def test_dying_again_counts_and_keeps_the_first_date(connection: Connection, planned: list[ChangedItem]) -> None:
    for reason in ("empty_text", "text_too_long"):
        _refuse(connection, planned[2], reason=reason)
        _refuse_text(connection, reason)
    letters = {letter.item_id: letter for letter in dead_letters.open_letters(connection)}
    assert {item: letter.attempts for item, letter in letters.items()} == {"item-0": 2, "item-1": 2, "item-2": 2}
    assert letters["item-2"].reason == "text_too_long"
    assert letters["item-0"].detail == "text_too_long"
    assert letters["item-2"].first_seen_at < letters["item-2"].last_seen_at


def test_who_has_the_planned_vector_is_dead_no_more(
    connection: Connection, version: EmbeddingVersion, planned: list[ChangedItem]
) -> None:
    _refuse_text(connection, "busy")
    _hold_a_vector(connection, version, planned[0].item.key, TEXT)
    _hold_a_vector(connection, version, planned[1].item.key, b"of an older text")
    dead_letters.resolve_settled(connection, "run-1", "v1")
    assert _open(connection) == ["item-1 embed"]
    _refuse_text(connection, "busy")
    assert _open(connection) == ["item-0 embed", "item-1 embed"]


def test_whose_record_is_what_the_version_holds_is_dead_no_more(
    connection: Connection, version: EmbeddingVersion, planned: list[ChangedItem]
) -> None:
    """Edited, refused, and edited back: no later run plans the item, and yet its letter goes."""
    _refuse(connection, *planned)
    for changed, now in zip(planned, (b"held", b"held", b"edited"), strict=True):
        _hold_a_vector(connection, version, changed.item.key, TEXT[:1], record_hash=b"held")
        _catalog_has(connection, changed.item.key, now)
    # Of other fields, and so another hash: this record is another version's.
    _catalog_has(connection, planned[2].item.key, b"held", fields=("title",))
    connection.execute("update pipeline.dead_letters set version = 'v0' where item_id = 'item-1'")
    dead_letters.resolve_settled(connection, "run-2", "v1")
    assert _open(connection) == ["item-1 plan", "item-2 plan"]


def test_what_this_run_found_dead_stays_so_though_dbt_has_looked_again(
    connection: Connection, version: EmbeddingVersion, planned: list[ChangedItem]
) -> None:
    _refuse(connection, planned[0])
    _hold_a_vector(connection, version, planned[0].item.key, b"of an older text", record_hash=b"held")
    _catalog_has(connection, planned[0].item.key, b"held")
    dead_letters.resolve_settled(connection, "run-1", "v1")
    assert _open(connection) == ["item-0 plan"]


def test_who_is_gone_is_dead_no_more(connection: Connection, planned: list[ChangedItem]) -> None:
    _refuse(connection, planned[2])
    dead_letters.resolve_settled(connection, "run-1", "v1")
    assert _open(connection) == ["item-2 plan"]
    connection.execute("update pipeline.run_plan set change = 'deleted' where item_id = 'item-2'")
    dead_letters.resolve_settled(connection, "run-1", "v1")
    assert _open(connection) == []


def test_who_left_the_catalog_without_ever_having_a_vector_is_dead_no_more(
    connection: Connection, planned: list[ChangedItem]
) -> None:
    _refuse(connection, planned[2])
    connection.execute("delete from analytics.catalog_features_raw where item_id = 'item-2'")
    dead_letters.resolve_settled(connection, "run-1", "v1")
    assert _open(connection) == []


def test_the_later_of_two_letters_of_an_item_counts(connection: Connection, planned: list[ChangedItem]) -> None:
    _refuse(connection, *planned)
    _refuse(connection, planned[1], version="v2")
    _refuse_text(connection, "busy")
    dead_letters.resolve_settled(connection, "run-1", "v1")
    assert _open(connection) == ["item-0 embed", "item-1 embed", "item-1 plan", "item-2 plan"]


@pytest.fixture
def four_letters(connection: Connection, planned: list[ChangedItem]) -> None:
    """Run-1 has ended: item-0 and item-1 were refused by the API, item-2 while planning; the import refused item-3."""
    _refuse_text(connection, "busy")
    _refuse(connection, planned[2])
    connection.execute(
        "insert into pipeline.dead_letters (version, org_id, namespace, item_id, stage, reason)"
        " values ('*', gen_random_uuid(), 'default', 'item-3', 'import', 'bad_timestamp')"
    )
    runs.set_state(connection, "run-1", "failed")


@pytest.mark.parametrize(
    ("selection", "items"),
    [
        (Selection(), ["item-0", "item-1", "item-2", "item-3"]),
        (Selection(reasons=("empty_text",)), ["item-2"]),
        (Selection(reasons=("empty_text", "refused_by_api")), ["item-0", "item-1", "item-2"]),
        (Selection(version="v1"), ["item-0", "item-1", "item-2"]),
        (Selection(version="*"), ["item-3"]),
        (Selection(item_id="item-1"), ["item-1"]),
        (Selection(reasons=("empty_text",), item_id="item-1"), []),
        (Selection(version="v2"), []),
    ],
)
def test_letters_are_found_and_redriven_by_reason_version_and_item(
    connection: Connection, four_letters: None, selection: Selection, items: list[str]
) -> None:
    found = dead_letters.open_letters(connection, selection)
    assert sorted(letter.item_id for letter in found) == items
    reasons = dead_letters.open_reasons(connection, selection)
    assert sum(reasons.values()) == len(items)
    imported = items.count("item-3")
    reasons.pop("bad_timestamp", None)

    redriven = dead_letters.redrive(connection, selection, dry_run=False)

    assert redriven == Redriven(reasons, of_import=imported, of_unfinished_run=0)
    assert len(dead_letters.open_letters(connection)) == 4 - len(items) + imported
    assert [letter.item_id for letter in dead_letters.open_letters(connection, selection)] == ["item-3"] * imported


def test_reasons_are_counted_most_frequent_first(connection: Connection, four_letters: None) -> None:
    assert list(dead_letters.open_reasons(connection).items()) == [
        ("refused_by_api", 2),
        ("bad_timestamp", 1),
        ("empty_text", 1),
    ]


def test_a_list_may_be_cut_and_the_latest_stay(connection: Connection, four_letters: None) -> None:
    connection.execute(
        "update pipeline.dead_letters set last_seen_at = now() + interval '1 h' where item_id = 'item-1'"
    )
    assert [letter.item_id for letter in dead_letters.open_letters(connection, limit=1)] == ["item-1"]
    assert len(dead_letters.open_letters(connection, limit=3)) == 3


def test_a_dry_redrive_says_the_same_and_leaves_everything(connection: Connection, four_letters: None) -> None:
    before = dead_letters.open_letters(connection)
    dry = dead_letters.redrive(connection, Selection(), dry_run=True)
    assert dead_letters.open_letters(connection) == before
    assert dead_letters.redrive(connection, Selection(), dry_run=False) == dry
    assert dead_letters.redrive(connection, Selection(), dry_run=False) == Redriven({}, 1, 0)


@pytest.mark.parametrize("state", ["leased", "planned", "paused"])
def test_what_an_unfinished_run_found_dead_is_not_redriven(
    connection: Connection, four_letters: None, state: str
) -> None:
    """It would be left without any outcome, and the run would be held."""
    connection.execute("update pipeline.runs set state = %s", [state])
    assert dead_letters.redrive(connection, Selection(), dry_run=False) == Redriven({}, 1, 3)
    assert len(dead_letters.open_letters(connection)) == 4


def test_a_redriven_letter_that_dies_again_keeps_its_first_date_and_its_count(
    connection: Connection, four_letters: None
) -> None:
    [before] = dead_letters.open_letters(connection, Selection(item_id="item-0"))
    dead_letters.redrive(connection, Selection(), dry_run=False)
    _refuse_text(connection, "busy")
    [again] = dead_letters.open_letters(connection, Selection(item_id="item-0"))
    assert (again.first_seen_at, again.attempts) == (before.first_seen_at, 2)
    assert again.last_seen_at > before.last_seen_at


def test_the_reasons_of_a_run_are_counted_in_items(
    connection: Connection, planned: list[ChangedItem], version: EmbeddingVersion
) -> None:
    _refuse_text(connection, "busy")
    _refuse_text(connection, "busy", version="v2")
    _refuse(connection, planned[2])
    runs.open_run(connection, "run-2", version.version, "a test")
    dead_letters.add_planned(connection, "run-2", "v1", [(planned[1], ItemRefused("empty_text"))])
    assert list(dead_letters.reasons_of_run(connection, "run-1", "v1").items()) == [
        ("refused_by_api", 2),
        ("empty_text", 1),
    ]
    assert dead_letters.reasons_of_run(connection, "run-2", "v1") == {"empty_text": 1}
    assert dead_letters.reasons_of_run(connection, "run-3", "v1") == {}
