"""What is read back to be sealed: every planned item as the version holds it, with the number of its part."""

import uuid

import pytest

from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.seal import SealedPart, SealedRow
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.postgres import item_embeddings, lake_parts, run_plan, sealed_rows
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_plan import ChangedItem, PlannedItem

ORG = uuid.UUID(int=1)
TEXTS = [bytes([number]) * 32 for number in range(4)]


@pytest.fixture
def held(connection: Connection, lease: Lease, version: EmbeddingVersion) -> list[str]:
    """Four planned items: two of a part each, one whose part is not indexed, and one that is not held."""
    items = ["desk", "lamp", "stove", "tent"]
    keys = [ItemKey(ORG, "default", item) for item in items]
    changed = [ChangedItem(CatalogItem(key), "new", b"record", None) for key in keys]
    run_plan.add_items(connection, lease.run_id, [PlannedItem(*each) for each in zip(changed, TEXTS, strict=True)])
    with connection.transaction():
        item_embeddings.declare_version(connection, version)
        for item, text in zip(items[:3], TEXTS, strict=False):
            connection.execute(
                "insert into item_embeddings"
                " (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
                " values (%s, %s, 'v1', 'text', 4, '[1,2,3,4]', 'record', %s)",
                [ORG, item, text],
            )
    lake_parts.record_parts(connection, "run-0", 0, [StoredPart("part of the lamp", "ab" * 32, 10, [TEXTS[1]])])
    lake_parts.record_parts(
        connection, "run-1", 0, [StoredPart("part of the desk", "cd" * 32, 20, [TEXTS[0], TEXTS[3]])]
    )
    return items


def _rows(connection: Connection, lease: Lease, version: EmbeddingVersion, size: int) -> list[list[SealedRow]]:
    with connection.transaction():
        return list(sealed_rows.rows_of_run(connection, lease, version, {}, size))


def test_what_has_no_indexed_part_reads_as_a_tombstone(
    connection: Connection, lease: Lease, version: EmbeddingVersion, held: list[str]
) -> None:
    with connection.transaction():
        numbers: dict[str, int] = {}
        [rows] = sealed_rows.rows_of_run(connection, lease, version, numbers, 10)
    assert [(row.item_id, row.part) for row in rows] == [("desk", 0), ("lamp", 1), ("stove", None), ("tent", None)]
    assert rows[1][4:6] == (b"record", TEXTS[1])
    assert rows[2] == SealedRow(ORG, "default", "stove")
    assert sealed_rows.parts(connection, list(numbers)) == [
        SealedPart("part of the desk", "cd" * 32, 20, 2),
        SealedPart("part of the lamp", "ab" * 32, 10, 1),
    ]


def test_batches_add_up_in_the_order_of_the_key(
    connection: Connection, lease: Lease, version: EmbeddingVersion, held: list[str]
) -> None:
    batches = _rows(connection, lease, version, 3)
    assert [[row.item_id for row in rows] for rows in batches] == [held[:3], held[3:]]
    assert _rows(connection, lease, version, 10) == [batches[0] + batches[1]]


def test_a_row_that_cannot_be_sealed_is_mistrusted(
    connection: Connection, lease: Lease, version: EmbeddingVersion, held: list[str]
) -> None:
    assert sealed_rows.rows_held(connection, "v1") == 3
    with connection.transaction():
        item_embeddings.declare_version(connection, version)
        assert sealed_rows.mistrust_unpaid(connection, lease) == 1
    assert connection.execute("select item_id from item_embeddings where record_hash = ''").fetchall() == [("stove",)]
    assert sealed_rows.rows_held(connection, "v1") == 2


def test_an_attempt_has_a_number_that_is_not_given_again(connection: Connection, other_connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        first, moment = sealed_rows.begin(connection)
    second, later = sealed_rows.begin(other_connection)
    assert second > first
    assert later > moment


def test_one_finisher_waits_for_the_other(connection: Connection, other_connection: Connection, lease: Lease) -> None:
    waiting = "select count(*) from pg_locks where not granted"
    other_connection.execute("set lock_timeout = '100ms'")
    with connection.transaction():
        sealed_rows.hold_run(connection, lease.run_id)
        with pytest.raises(Exception, match="lock timeout"):
            sealed_rows.hold_run(other_connection, lease.run_id)
        assert connection.execute(waiting).fetchone() == (0,)
    sealed_rows.hold_run(other_connection, lease.run_id)


def test_a_manifest_is_recorded_with_its_run(connection: Connection, lease: Lease) -> None:
    sealed_rows.record_manifest(connection, "run-1", "manifests/v1/run-1/x.json")
    assert connection.execute("select run_id, manifest_key from pipeline.runs").fetchall() == [
        ("run-1", "manifests/v1/run-1/x.json")
    ]
