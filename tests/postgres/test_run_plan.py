"""The plan's tables: what dbt found goes in batch by batch, and every item's end is read from what the tables hold."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from catalog_embeddings.domain.dead_letter import Refusal
from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import ConfigurationError, ItemRefused
from catalog_embeddings.postgres import dead_letters, lake_parts, run_plan
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_plan import ChangeCounts, ChangedItem, Outcomes, PlannedItem
from catalog_embeddings.transform.slicing import slice_bucket

ORG = UUID("00000000-0000-4000-8000-000000000001")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TEXTS = [hashlib.sha256(bytes([number])).digest() for number in range(8)]


@pytest.fixture
def found_by_dbt(connection: Connection) -> None:
    """The tables that dbt leaves behind, as far as they are read here."""
    for statement in (
        "create schema if not exists catalog",
        "create table catalog.catalog_change_counts (version text, items bigint, new bigint, changed bigint,"
        " unchanged bigint, refused bigint, deleted bigint, slice_buckets int, slice_salt text)",
        "create table catalog.changed_catalog_items (version text, org_id uuid, namespace text, item_id text,"
        " change text, record_hash bytea, source_updated_at timestamptz)",
        "create table catalog.deleted_catalog_items (version text, org_id uuid, namespace text, item_id text)",
        "create view catalog.catalog_items as select * from analytics.catalog_features_raw",
    ):
        connection.execute(statement.encode())


def _planned(item_id: str, content_hash: bytes | None, record_hash: bytes = b"record") -> PlannedItem:
    key = ItemKey(ORG, "default", item_id)
    return PlannedItem(ChangedItem(CatalogItem(key), "new", record_hash, NOON), content_hash)


def test_counts_are_those_of_the_version(connection: Connection, found_by_dbt: None) -> None:
    connection.execute(
        "insert into catalog.catalog_change_counts"
        " values ('v1', 10, 4, 3, 2, 1, 5, 500, 'trial'), ('v2', 0, 0, 0, 0, 0, 0, null, null)"
    )
    assert run_plan.change_counts(connection, "v1") == ChangeCounts(
        items=10, new=4, changed=3, unchanged=2, deleted=5, refused=1, slice_buckets=500, slice_salt="trial"
    )
    assert run_plan.change_counts(connection, "v2").slice_buckets is None
    with pytest.raises(ConfigurationError, match="dbt has not looked at version v9 yet"):
        run_plan.change_counts(connection, "v9")


def test_changed_items_come_whole_in_batches_and_in_the_order_of_their_keys(
    connection: Connection, found_by_dbt: None
) -> None:
    for number in (3, 1, 4, 0, 2):
        connection.execute(
            "insert into analytics.catalog_features_raw values"
            " (%s, %s, 'shoes', 'T', 'D', 'B', 'C', %s, '{a,b}', 'I', 'en', 'm', %s)",
            [ORG, f"item-{number}", Jsonb([1, {"a": None}]), NOON],
        )
    connection.execute(
        "insert into catalog.changed_catalog_items"
        " select v.version, org_id, namespace, item_id, 'changed', '\\x01', updated_at"
        " from analytics.catalog_features_raw cross join (values ('v1'), ('v2')) as v (version)"
    )
    with connection.transaction():
        batches = list(run_plan.changed_items(connection, "v1", None, 2))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [changed.item.key.item_id for batch in batches for changed in batch] == [
        f"item-{number}" for number in range(5)
    ]
    within = Slice(Decimal(50), "trial")
    with connection.transaction():
        batches_of_half = list(run_plan.changed_items(connection, "v1", within, 5))
    half = {changed.item.key.item_id for batch in batches_of_half for changed in batch}
    drawn = {f"item-{number}" for number in range(5) if within.contains(slice_bucket(ORG, f"item-{number}", "trial"))}
    assert half == drawn
    assert 0 < len(drawn) < 5
    item = CatalogItem(
        key=ItemKey(ORG, "shoes", batches[0][0].item.key.item_id),
        title="T",
        description="D",
        brand="B",
        category="C",
        attributes=[1, {"a": None}],
        tags=("a", "b"),
        locale="en",
        image_url="I",
    )
    assert batches[0][0] == ChangedItem(item, "changed", b"\x01", NOON)


def test_a_line_of_the_plan_keeps_what_the_load_needs(connection: Connection, lease: Lease, found_by_dbt: None) -> None:
    run_plan.add_items(connection, "run-1", [_planned("a", TEXTS[0]), _planned("b", None)])
    connection.execute(
        "insert into catalog.deleted_catalog_items values ('v1', %s, 'n', 'c'), ('v2', %s, 'n', 'd')", [ORG, ORG]
    )
    run_plan.add_deleted(connection, "run-1", "v1")
    columns = "item_id, namespace, change, record_hash, content_hash, source_updated_at"
    assert connection.execute(f"select {columns} from pipeline.run_plan order by item_id".encode()).fetchall() == [
        ("a", "default", "new", b"record", TEXTS[0], NOON),
        ("b", "default", "new", b"record", None, NOON),
        ("c", "n", "deleted", None, None, None),
    ]


def test_a_text_belongs_to_the_shard_it_was_first_seen_in(connection: Connection, lease: Lease) -> None:
    lake_parts.record_parts(connection, "run-0", 0, [StoredPart("part", "ab" * 32, 1, [TEXTS[0]])])
    assert run_plan.add_texts(connection, "run-1", 0, TEXTS[:2]) == {TEXTS[0]: True, TEXTS[1]: False}
    assert run_plan.add_texts(connection, "run-1", 1, TEXTS[1:3]) == {TEXTS[2]: False}
    assert run_plan.paid_texts(connection, "run-1", 0) == [(TEXTS[0], "part")]
    assert run_plan.paid_texts(connection, "run-1", 1) == []
    assert run_plan.unpaid_among(connection, "run-1", TEXTS) == set(TEXTS[1:3])
    assert run_plan.unpaid_among(connection, "run-1", TEXTS[:2]) == {TEXTS[1]}


def test_a_settled_text_is_pending_no_more(connection: Connection, lease: Lease) -> None:
    run_plan.add_texts(connection, "run-1", 0, TEXTS[:4])
    run_plan.settle_texts(connection, "run-1", TEXTS[:2], "loaded")
    run_plan.settle_texts(connection, "run-1", TEXTS[2:3], "dead")
    assert run_plan.unpaid_among(connection, "run-1", TEXTS) == {TEXTS[3]}
    lake_parts.record_parts(connection, "run-0", 0, [StoredPart("part", "ab" * 32, 1, TEXTS[:4])])
    assert run_plan.paid_texts(connection, "run-1", 0) == [(TEXTS[3], "part")]


def test_shards_add_up_what_they_did_until_they_are_loaded(connection: Connection, lease: Lease) -> None:
    for shard in (1, 0):
        run_plan.add_shard(connection, "run-1", shard, 4)
    assert run_plan.pending_shards(connection, "run-1") == [0, 1]
    for _ in range(2):
        run_plan.add_progress(
            connection, "run-1", 1, embedded=1, reused=2, loaded=3, spent=Spent(requests=4, retries=5, tokens=6)
        )
    run_plan.mark_shard_loaded(connection, "run-1", 1)
    assert run_plan.pending_shards(connection, "run-1") == [0]
    assert run_plan.shard_counts(connection, "run-1", 1) == {
        "texts": 4,
        "embedded": 2,
        "reused": 4,
        "loaded": 6,
        "requests": 8,
        "retries": 10,
        "tokens": 12,
    }


def _source(connection: Connection, *items: str) -> None:
    for item in items:
        connection.execute("insert into analytics.catalog_features_raw (org_id, item_id) values (%s, %s)", [ORG, item])


def _hold(connection: Connection, version: EmbeddingVersion, item: str, content_hash: bytes) -> None:
    with connection.transaction():
        connection.execute("select set_config('catalog_embeddings.fingerprint', %s, true)", [version.fingerprint])
        connection.execute(
            "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
            " values (%s, %s, 'v1', 'text', 4, '[1,2,3,4]', 'record', %s)",
            [ORG, item, content_hash],
        )


def _bury(connection: Connection, item: str, record_hash: bytes = b"record") -> None:
    refused = (_planned(item, None, record_hash).changed, ItemRefused("empty_text"))
    dead_letters.add_planned(connection, "run-1", "v1", [refused])


def test_every_planned_item_ends_in_exactly_one_way(
    connection: Connection, lease: Lease, version: EmbeddingVersion
) -> None:
    items = (
        "loaded",
        "refused",
        "dead",
        "dead_with_an_old_vector",
        "vanished",
        "lost",
        "dead_of_an_old_record",
        "unpaid",
    )
    run_plan.add_texts(connection, "run-1", 0, TEXTS)
    run_plan.add_items(
        connection,
        "run-1",
        [_planned(item, None if item == "refused" else TEXTS[number]) for number, item in enumerate(items)],
    )
    connection.execute(
        "insert into pipeline.run_plan (run_id, org_id, namespace, item_id, change)"
        " values ('run-1', %s, 'default', 'gone', 'deleted'), ('run-1', %s, 'default', 'not_gone', 'deleted')",
        [ORG, ORG],
    )
    _source(connection, *(item for item in items if item != "vanished"))
    _hold(connection, version, "loaded", TEXTS[0])
    _hold(connection, version, "dead_with_an_old_vector", b"of an older record")
    _hold(connection, version, "not_gone", b"of an item that stays")
    # Its part was found damaged after it had been loaded: it has its vector, and cannot be sealed.
    _hold(connection, version, "unpaid", TEXTS[7])
    paid = [TEXTS[0], b"of an item that stays", b"of an older record"]
    lake_parts.record_parts(connection, "run-0", 0, [StoredPart("part", "ab" * 32, 1, paid)])
    for item in ("refused", "dead", "dead_with_an_old_vector"):
        _bury(connection, item)
    _bury(connection, "dead_of_an_old_record", b"an older record")
    assert run_plan.outcomes(connection, "run-1", "v1") == Outcomes(
        planned=10, loaded=1, dead=3, deleted=2, attempted=8, unpaid=1
    )
    assert run_plan.outcomes(connection, "run-1", "v1").unresolved == 4


def test_an_item_whose_text_was_paid_for_before_is_no_attempt(connection: Connection, lease: Lease) -> None:
    lake_parts.record_parts(connection, "run-0", 0, [StoredPart("part", "ab" * 32, 1, [TEXTS[0]])])
    run_plan.add_texts(connection, "run-1", 0, TEXTS[:2])
    run_plan.add_items(connection, "run-1", [_planned(name, TEXTS[name == "c"]) for name in ("a", "b", "c")])
    assert run_plan.outcomes(connection, "run-1", "v1").attempted == 1


def test_two_dead_letters_of_an_item_are_one_dead_item(connection: Connection, lease: Lease) -> None:
    _source(connection, "a")
    run_plan.add_texts(connection, "run-1", 0, TEXTS[:1])
    run_plan.add_items(connection, "run-1", [_planned("a", TEXTS[0])])
    _bury(connection, "a")
    dead_letters.add_for_contents(connection, "run-1", "v1", [Refusal(TEXTS[0], "refused_by_api", "code")])
    assert run_plan.outcomes(connection, "run-1", "v1") == Outcomes(planned=1, loaded=0, dead=1, deleted=0, attempted=1)
