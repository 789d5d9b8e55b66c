"""Load packages: every bit of a vector arrives, each is applied once, and the database refuses foreign vectors."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray

from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.seal import SealedRow
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.postgres import embedding_versions, item_embeddings, replayed_rows, run_plan, runs
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.halfvecs import halfvecs
from catalog_embeddings.postgres.run_plan import ChangedItem, PlannedItem

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TEXTS = [hashlib.sha256(text).digest() for text in (b"lamp", b"desk", b"chair")]
VECTORS = np.array([[1, 0, 0, 0], [0.5, -0.25, 0.125, 2], [0, 0, 0, 1]], dtype=np.float32)


def _plan(
    connection: Connection, run_id: str, keys: list[ItemKey], hashes: list[bytes], updated_at: datetime | None = NOON
) -> None:
    changed = [
        ChangedItem(CatalogItem(key), "new", b"record of " + text, updated_at)
        for key, text in zip(keys, hashes, strict=True)
    ]
    run_plan.add_items(connection, run_id, [PlannedItem(c, text) for c, text in zip(changed, hashes, strict=True)])


def _apply(
    connection: Connection,
    lease: Lease,
    version: EmbeddingVersion,
    hashes: list[bytes],
    vectors: NDArray[np.float32],
) -> int:
    package_id = hashlib.sha256(lease.run_id.encode() + b"".join(hashes)).hexdigest()
    with connection.transaction():
        item_embeddings.declare_version(connection, version)
        assert item_embeddings.record_package(connection, package_id, lease, 0, len(hashes))
        return item_embeddings.apply_package(connection, package_id, lease, version, hashes, halfvecs(vectors))


def _held(connection: Connection) -> dict[str, list[float]]:
    rows = connection.execute("select item_id, vector::real[] from item_embeddings order by item_id").fetchall()
    return dict(rows)


def _next_run(connection: Connection, lease: Lease, run_id: str) -> Lease:
    runs.open_run(connection, run_id, lease.version, "a test")
    return Lease(lease.version, run_id, lease.fence)


def test_every_item_of_a_text_gets_the_vector_as_it_was_sent(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    _plan(connection, "run-1", keys, [TEXTS[0], TEXTS[1], TEXTS[1]])
    assert _apply(connection, lease, version, TEXTS[:2], VECTORS[:2]) == 3
    assert _held(connection) == {
        "item-0": [1, 0, 0, 0],
        "item-1": [0.5, -0.25, 0.125, 2],
        "item-2": [0.5, -0.25, 0.125, 2],
    }
    row = connection.execute("select * from item_embeddings where item_id = 'item-1'")
    names = [column.name for column in row.description or ()]
    found: dict[str, Any] = dict(zip(names, row.fetchone() or (), strict=True))
    assert (found["version"], found["modality"], found["dims"], found["namespace"]) == ("v1", "text", 4, "default")
    assert (found["record_hash"], found["content_hash"]) == (b"record of " + TEXTS[1], TEXTS[1])
    assert found["source_updated_at"] == NOON
    assert connection.execute("select contents, loaded, fence from pipeline.load_packages").fetchone() == (2, 3, 1)


def test_half_precision_is_all_that_is_lost(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    vectors = np.random.default_rng(1).standard_normal((3, 4)).astype(np.float32)
    _plan(connection, "run-1", keys, TEXTS)
    _apply(connection, lease, version, TEXTS, vectors)
    held = np.array(list(_held(connection).values()), dtype=np.float16)
    assert (held == vectors.astype(np.float16)).all()


def test_a_package_is_recorded_once(connection: Connection, lease: Lease) -> None:
    assert item_embeddings.record_package(connection, "package-1", lease, 0, 5)
    assert not item_embeddings.record_package(connection, "package-1", lease, 0, 5)
    assert connection.execute("select package_id, shard, contents from pipeline.load_packages").fetchall() == [
        ("package-1", 0, 5)
    ]


def test_two_packages_in_one_session_do_not_mix(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    _plan(connection, "run-1", keys, TEXTS)
    assert [_apply(connection, lease, version, TEXTS[n : n + 1], VECTORS[n : n + 1]) for n in range(3)] == [1, 1, 1]


def test_an_older_source_row_never_overwrites_a_newer_one(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    hour = timedelta(hours=1)
    for run_id, text, updated_at, written in (
        ("run-1", 0, NOON, 1),
        ("older", 1, NOON - hour, 0),
        ("newer", 2, NOON + hour, 1),
        ("as old", 1, NOON + hour, 1),
        ("ageless", 0, None, 1),
        ("anything after that", 2, NOON - hour, 1),
    ):
        own = lease if run_id == "run-1" else _next_run(connection, lease, run_id)
        _plan(connection, run_id, keys[:1], [TEXTS[text]], updated_at)
        before = _held(connection)
        assert _apply(connection, own, version, [TEXTS[text]], VECTORS[text : text + 1]) == written, run_id
        assert _held(connection) == ({"item-0": VECTORS[text].tolist()} if written else before)


def test_the_same_again_writes_nothing(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    rows = "select item_id, xmin, ctid, generated_at from item_embeddings order by item_id"
    _plan(connection, "run-1", keys, TEXTS)
    _apply(connection, lease, version, TEXTS, VECTORS)
    before = connection.execute(rows).fetchall()
    again = _next_run(connection, lease, "run-2")
    _plan(connection, "run-2", keys, TEXTS, NOON + timedelta(hours=1))
    assert _apply(connection, again, version, TEXTS, VECTORS) == 0
    assert connection.execute(rows).fetchall() == before


def test_a_package_brings_new_rows_and_replaces_others(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    _plan(connection, "run-1", keys[:2], TEXTS[:2])
    _apply(connection, lease, version, TEXTS[:2], VECTORS[:2])
    kept = connection.execute("select ctid, generated_at from item_embeddings where item_id = 'item-0'").fetchone()
    again = _next_run(connection, lease, "run-2")
    _plan(connection, "run-2", keys, [TEXTS[0], TEXTS[2], TEXTS[1]])
    assert _apply(connection, again, version, TEXTS, VECTORS) == 2
    assert _held(connection) == {"item-0": [1, 0, 0, 0], "item-1": [0, 0, 0, 1], "item-2": [0.5, -0.25, 0.125, 2]}
    assert connection.execute(
        "select ctid, generated_at from item_embeddings where item_id = 'item-0'"
    ).fetchone() == kept  # fmt: skip


def test_the_rows_of_other_versions_and_modalities_are_not_replaced(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    _plan(connection, "run-1", keys[:1], TEXTS[:1])
    _apply(connection, lease, version, TEXTS[:1], VECTORS[:1])
    with connection.transaction():
        item_embeddings.declare_version(connection, version)
        connection.execute(
            "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
            " select org_id, item_id, version, 'image', 4, '[1,2,3,4]', '', '' from item_embeddings"
        )
    again = _next_run(connection, lease, "run-2")
    _plan(connection, "run-2", keys[:1], TEXTS[1:2])
    assert _apply(connection, again, version, TEXTS[1:2], VECTORS[1:2]) == 1
    rows = connection.execute("select modality, vector::real[] from item_embeddings order by modality").fetchall()
    assert rows == [("image", [1, 2, 3, 4]), ("text", VECTORS[1].tolist())]


def test_an_item_that_is_gone_gets_no_vector(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    _plan(connection, "run-1", keys, TEXTS)
    connection.execute("delete from analytics.catalog_features_raw where item_id = 'item-1'")
    assert _apply(connection, lease, version, TEXTS, VECTORS) == 2
    assert list(_held(connection)) == ["item-0", "item-2"]


def test_a_planned_deletion_spares_what_came_back(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    _plan(connection, "run-1", keys, TEXTS)
    _apply(connection, lease, version, TEXTS, VECTORS)
    _next_run(connection, lease, "run-2")
    connection.execute(
        "insert into pipeline.run_plan (run_id, org_id, namespace, item_id, change)"
        " select 'run-2', org_id, namespace, item_id, 'deleted' from item_embeddings where item_id <> 'item-2'"
    )
    connection.execute("delete from analytics.catalog_features_raw where item_id = 'item-0'")
    assert item_embeddings.delete_planned(connection, "run-2", "v1") == 1
    assert list(_held(connection)) == ["item-1", "item-2"]


@pytest.mark.parametrize("table", ["item_embeddings", "item_embeddings_v1"])
def test_the_database_refuses_vectors_of_another_spec(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey], table: str
) -> None:
    _plan(connection, "run-1", keys, TEXTS)
    _apply(connection, lease, version, TEXTS[:1], VECTORS[:1])
    embedding_versions.register(connection, "v2", version.spec, "fingerprint of v2")
    writes = (
        f"insert into {table} (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
        " values (gen_random_uuid(), 'x', 'v1', 'text', 4, '[1,2,3,4]', '', '')",
        f"update {table} set vector = '[1,2,3,4]'",
    )
    for declared in ("", "fingerprint of v2", "fingerprint of v1 "):
        connection.execute("select set_config('catalog_embeddings.fingerprint', %s, false)", [declared])
        for write in writes:
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="embedding version v1"):
                connection.execute(write.encode())
    assert _held(connection) == {"item-0": [1, 0, 0, 0]}
    with connection.transaction():
        item_embeddings.declare_version(connection, version)
        for write in writes:
            connection.execute(write.encode())


def test_a_session_that_declares_nothing_is_refused(connection: Connection, version: EmbeddingVersion) -> None:
    write = (
        "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
        " values (gen_random_uuid(), 'x', 'v1', 'text', 4, '[1,2,3,4]', '', '')"
    )
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation) as refused:
        connection.execute(write.encode())
    assert "set catalog_embeddings.fingerprint" in str(refused.value.diag.message_hint)


def test_a_declaration_ends_with_its_transaction(connection: Connection, version: EmbeddingVersion) -> None:
    with connection.transaction():
        item_embeddings.declare_version(connection, version)
    assert connection.execute("select current_setting('catalog_embeddings.fingerprint', true)").fetchone() == ("",)


def test_vectors_of_another_width_fail_as_a_whole(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    _plan(connection, "run-1", keys, TEXTS)
    with pytest.raises(psycopg.errors.CheckViolation):
        _apply(connection, lease, version, TEXTS, VECTORS[:, :3])
    assert _held(connection) == {}
    assert connection.execute("select count(*) from pipeline.load_packages").fetchone() == (0,)


def _replay(connection: Connection, keys: list[ItemKey], parts: list[int], texts: list[bytes]) -> None:
    replayed_rows.begin(connection)
    rows = [
        SealedRow(key.org_id, key.namespace, key.item_id, part, b"record", text, NOON, NOON + timedelta(seconds=1))
        for key, part, text in zip(keys, parts, texts, strict=True)
    ]
    replayed_rows.add(connection, 0, rows)
    replayed_rows.settle(connection, "v1")


def test_replayed_rows_come_back_as_they_were(
    connection: Connection, lease: Lease, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    # The catalog is not asked: a rebuild may come before its feed.
    connection.execute("truncate analytics.catalog_features_raw")
    _replay(connection, keys, [0, 0, 1], [TEXTS[0], TEXTS[1], TEXTS[1]])
    with connection.transaction():
        item_embeddings.declare_version(connection, version)
        assert item_embeddings.record_package(connection, "package-1", lease, 0, 2)
        written = item_embeddings.apply_replayed(
            connection, "package-1", version, [0], TEXTS[:2], halfvecs(VECTORS[:2])
        )
    assert written == 2
    # The third has the text of the second, but its vector lies in a part that is not in this package.
    assert _held(connection) == {"item-0": [1, 0, 0, 0], "item-1": [0.5, -0.25, 0.125, 2]}
    row = connection.execute(
        "select version, modality, dims, record_hash, content_hash, source_updated_at, generated_at"
        " from item_embeddings where item_id = 'item-1'"
    ).fetchone()
    assert row == ("v1", "text", 4, b"record", TEXTS[1], NOON, NOON + timedelta(seconds=1))
    assert connection.execute("select contents, loaded from pipeline.load_packages").fetchall() == [(2, 2)]
