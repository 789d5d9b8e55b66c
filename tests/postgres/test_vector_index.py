"""The vector index of a partition: built beside others, watched, told from a broken one, and asked."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import numpy as np
import psycopg
import pytest
from psycopg import sql

from catalog_embeddings.domain.vector_index import IndexBuild, IndexReport
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.postgres import vector_index
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.embedding_versions import find_version
from tests.many_rows import fill, register

ROWS = 1_500
NAME = "item_embeddings_v1_hnsw"


@pytest.fixture
def filled(connection: Connection) -> EmbeddingVersion:
    """Version v1 with its rows, and no index."""
    register(connection)
    fill(connection, ROWS)
    return find_version(connection, "v1")


def _ask(connection: Connection, question: str) -> list[tuple[Any, ...]]:
    return connection.execute(question.encode()).fetchall()


def _break_off_a_build(connection: Connection, other_connection: Connection) -> None:
    """Begin an index, and give up while it waits for a reader: what is left of it is not valid."""
    with other_connection.transaction():
        other_connection.execute("set transaction isolation level repeatable read")
        other_connection.execute("select 1 from item_embeddings limit 1")
        connection.execute("set statement_timeout = 500")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute(
                "create index concurrently item_embeddings_v1_hnsw on item_embeddings_v1"
                " using hnsw ((vector::halfvec(8)) halfvec_cosine_ops)"
            )
        connection.execute("reset statement_timeout")


def test_an_index_is_built_over_halfvecs_of_the_versions_dims(connection: Connection, filled: EmbeddingVersion) -> None:
    assert vector_index.indexes(connection, "v1") == []
    built = vector_index.build(connection, filled, ROWS)
    [index] = vector_index.indexes(connection, "v1")
    assert (index.name, index.valid, index.m, index.ef_construction) == (NAME, True, 24, 128)
    assert index.bytes > ROWS * 16
    [(definition,)] = _ask(connection, f"select pg_get_indexdef('{NAME}'::regclass)")
    assert "hnsw (((vector)::halfvec(8)) halfvec_cosine_ops) WITH (m='24', ef_construction='128')" in definition
    assert built.fits_memory
    assert built.memory_mb == 128
    assert built.workers == 2


@pytest.mark.parametrize(("told", "known"), [("", (16, 64)), ("with (m = 8, ef_construction = 32)", (8, 32))])
def test_an_index_that_was_made_otherwise_is_known_as_it_is(
    connection: Connection, filled: EmbeddingVersion, told: str, known: tuple[int, int]
) -> None:
    columns = f"using hnsw ((vector::halfvec(8)) halfvec_cosine_ops) {told}"
    connection.execute(f"create index {NAME} on item_embeddings_v1 {columns}".encode())
    vector_index.rebuild(connection, filled, ROWS)
    assert [(index.m, index.ef_construction) for index in vector_index.indexes(connection, "v1")] == [known]


def test_a_build_leaves_the_session_as_it_was(connection: Connection, filled: EmbeddingVersion) -> None:
    settings = "select name, setting from pg_settings where source = 'session' order by name"
    before = _ask(connection, settings)
    # So many rows would want more memory than the server allows by itself.
    built = vector_index.build(connection, filled, 500_000)
    assert built.memory_mb == 675
    assert _ask(connection, settings) == before


def test_a_build_takes_a_quarter_of_the_memory_that_the_server_believes_it_has(
    connection: Connection, filled: EmbeddingVersion
) -> None:
    # One process takes its memory as it needs it, several all of it at once.
    connection.execute("set max_parallel_maintenance_workers = 0")
    for believed, memory_mb in (("4GB", 1_024), ("16GB", 4_096), ("40GB", 6_752)):
        connection.execute(sql.SQL("set effective_cache_size = {}").format(believed))
        assert vector_index.build(connection, filled, 5_000_000).memory_mb == memory_mb
        vector_index.drop(connection, NAME)


def test_a_build_that_outgrows_its_memory_says_so(connection: Connection, filled: EmbeddingVersion) -> None:
    # Less than the server allows anyway, and less than a build would ask for.
    connection.execute("set maintenance_work_mem = '1MB'")
    statement = sql.SQL("create index on item_embeddings_v1 using hnsw ((vector::halfvec(8)) halfvec_cosine_ops)")
    assert not vector_index._timed(connection, sql.Composed([statement])).fits_memory


def test_where_shared_memory_is_short_one_process_builds(connection: Connection, filled: EmbeddingVersion) -> None:
    connection.execute(
        "create function refuse_workers() returns event_trigger language plpgsql as $$ begin"
        " if current_setting('max_parallel_maintenance_workers')::int > 0 then"
        " raise exception 'could not resize shared memory segment' using errcode = 'disk_full'; end if; end $$;"
        "create event trigger refuse_workers on ddl_command_start when tag in ('CREATE INDEX')"
        " execute function refuse_workers()"
    )
    settings = "select name, setting from pg_settings where source = 'session' order by name"
    before = _ask(connection, settings)
    assert vector_index.build(connection, filled, ROWS).workers == 0
    assert [index.valid for index in vector_index.indexes(connection, "v1")] == [True]
    assert _ask(connection, settings) == before


def test_analyze_looks_at_no_vector(connection: Connection, filled: EmbeddingVersion) -> None:
    for _ in range(2):
        vector_index.analyze(connection, "v1")
        assert _ask(connection, "select reltuples from pg_class where relname = 'item_embeddings_v1'") == [(ROWS,)]
        known = "select tablename, attname from pg_stats where tablename ~ '^item_embeddings_v1' order by attname"
        assert ("item_embeddings_v1", "org_id") in _ask(connection, known)
        assert "vector" not in {column for _, column in _ask(connection, known)}
        assert not any(table.endswith("hnsw") for table, _ in _ask(connection, known))
        if not vector_index.indexes(connection, "v1"):
            vector_index.build(connection, filled, ROWS)


def test_what_a_broken_build_leaves_is_told_apart_and_can_be_dropped(
    connection: Connection, other_connection: Connection, filled: EmbeddingVersion
) -> None:
    _break_off_a_build(connection, other_connection)
    [index] = vector_index.indexes(connection, "v1")
    assert (index.name, index.valid) == (NAME, False)
    vector_index.drop(connection, index.name)
    assert vector_index.indexes(connection, "v1") == []


def test_a_rebuilt_index_keeps_its_name_and_what_it_was_told(connection: Connection, filled: EmbeddingVersion) -> None:
    vector_index.build(connection, filled, ROWS)
    node, target = (
        f"select relfilenode from pg_class where relname = '{NAME}'",
        f"select attstattarget from pg_attribute where attrelid = '{NAME}'::regclass",
    )
    before = _ask(connection, node)
    vector_index.rebuild(connection, filled, ROWS)
    assert _ask(connection, node) != before
    assert _ask(connection, target) == [(0,)]
    assert _ask(connection, "select vacuum_count from pg_stat_user_tables where relname = 'item_embeddings_v1'") == [
        (1,)
    ]
    assert [index.valid for index in vector_index.indexes(connection, "v1")] == [True]


def test_who_waits_for_a_builder_does_not_keep_it_waiting(
    connection: Connection, other_connection: Connection, filled: EmbeddingVersion
) -> None:
    order: list[str] = []
    waits = threading.Event()

    def second() -> None:
        waits.set()
        with vector_index.one_builder(other_connection):
            order.append("second")

    with ThreadPoolExecutor(1) as pool:
        with vector_index.one_builder(connection):
            waiting = pool.submit(second)
            assert waits.wait(10)
            vector_index.build(connection, filled, ROWS)
            order.append("first")
        waiting.result(30)
    assert order == ["first", "second"]


def test_a_build_is_watched(connection: Connection, filled: EmbeddingVersion, database_url: str) -> None:
    told: list[IndexBuild] = []
    reader = connect(database_url)
    reader.execute("begin isolation level repeatable read")
    reader.execute("select 1 from item_embeddings limit 1")

    def on_progress(build: IndexBuild) -> None:
        told.append(build)
        # The build has been waiting for this reader.
        reader.close()

    with vector_index.watched(lambda: connect(database_url), "v1", on_progress):
        vector_index.build(connection, filled, ROWS)
    assert told[0].phase.startswith("waiting for")
    assert [index.valid for index in vector_index.indexes(connection, "v1")] == [True]


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_build_goes_on_when_nobody_can_watch_it(connection: Connection, filled: EmbeddingVersion) -> None:
    nowhere = "postgresql://127.0.0.1:1/nowhere"
    with vector_index.watched(lambda: connect(nowhere), "v1", lambda _build: None):
        vector_index.build(connection, filled, ROWS)
    assert [index.valid for index in vector_index.indexes(connection, "v1")] == [True]


def test_only_the_owner_may_build(connection: Connection, filled: EmbeddingVersion) -> None:
    guest = sql.Identifier(f"guest_{uuid4().hex[:8]}")
    connection.execute(sql.SQL("create role {}").format(guest))
    connection.execute(sql.SQL("set role {}").format(guest))
    with pytest.raises(ConfigurationError, match="only the owner of a version's partition may index it"):
        vector_index.build(connection, filled, ROWS)
    connection.execute("reset role")
    connection.execute(sql.SQL("drop role {}").format(guest))


def test_the_index_is_asked_and_finds_what_an_exact_search_finds(
    connection: Connection, filled: EmbeddingVersion
) -> None:
    vector_index.build(connection, filled, ROWS)
    uses = "select idx_scan from pg_stat_user_indexes where indexrelname = 'item_embeddings_v1_hnsw'"
    with vector_index.snapshot(connection):
        asked = vector_index.sample(connection, filled, 5)
        pieces = list(vector_index.all_vectors(connection, filled))
        found = vector_index.found_scores(connection, filled, asked, 10, 400)
    rows = np.concatenate(pieces).astype(np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    own = asked.astype(np.float64)
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    exact = -np.sort(-(own @ rows.T), axis=1)[:, :10]
    assert np.allclose(found, exact, atol=1e-4)
    connection.execute("select pg_stat_force_next_flush()")
    assert _ask(connection, uses) == [(5,)]


def test_all_vectors_come_in_pieces(connection: Connection, filled: EmbeddingVersion) -> None:
    fill(connection, 4_000)
    with vector_index.snapshot(connection):
        assert [piece.shape for piece in vector_index.all_vectors(connection, filled)] == [(5_000, 8), (500, 8)]


def test_the_sample_is_the_same_every_time(connection: Connection, filled: EmbeddingVersion) -> None:
    first = vector_index.sample(connection, filled, 200)
    assert first.shape == (200, 8)
    connection.execute("cluster item_embeddings_v1 using item_embeddings_v1_pkey")
    assert np.array_equal(vector_index.sample(connection, filled, 200), first)
    assert len(vector_index.sample(connection, filled, ROWS + 1)) == ROWS


def test_a_report_comes_back_as_it_was_recorded(connection: Connection, filled: EmbeddingVersion) -> None:
    assert vector_index.find_report(connection, "v1") is None
    report = IndexReport(
        NAME, 16, 64, 100, ROWS, 0, 1.5, 4096, 64, 2, True, 0.995, 200, measured_at="2026-01-01T00:00:00+00:00"
    )
    vector_index.record(connection, "v1", report)
    assert vector_index.find_report(connection, "v1") == report
    assert _ask(connection, "select index_report ->> 'recall_at_10' from embedding_versions") == [("0.995",)]
    vector_index.record(connection, "v1", None)
    assert vector_index.find_report(connection, "v1") is None
