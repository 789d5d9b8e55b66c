"""Whether a version gets its vector index, keeps it, or loses it, and what is recorded of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from catalog_embeddings.domain.vector_index import IndexReport
from catalog_embeddings.domain.version import VersionStatus
from catalog_embeddings.pipeline.index import INDEX_FROM_ROWS, index_version, make_way
from catalog_embeddings.postgres import vector_index
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.embedding_versions import find_version, set_status
from tests.many_rows import fill, register

ROWS = 12_000
NAME = "item_embeddings_v1_hnsw"

IndexIt = Callable[[int], IndexReport | None]


@pytest.fixture
def index_it(connection: Connection, database_url: str) -> IndexIt:
    """Indexes version v1, which has no rows yet, after so many changes."""
    register(connection)
    return lambda changes: index_version(
        connection, find_version(connection, "v1"), changes, lambda: connect(database_url)
    )


@pytest.fixture
def other_reader(database_url: str) -> Iterator[Connection]:
    """Somebody else, who may keep a transaction open."""
    with connect(database_url) as opened:
        yield opened


def _node(connection: Connection) -> Any:
    """Which file the index is in: another one once it was built anew."""
    row = connection.execute("select relfilenode from pg_class where relname = %s", [NAME]).fetchone()
    return row and row[0]


def _recorded(connection: Connection) -> Any:
    row = connection.execute("select index_report from embedding_versions where version = 'v1'").fetchone()
    return row and row[0]


def _is_valid(connection: Connection) -> list[bool]:
    return [index.valid for index in vector_index.indexes(connection, "v1")]


def test_few_rows_get_no_index_but_the_planner_knows_them(connection: Connection, index_it: IndexIt) -> None:
    fill(connection, INDEX_FROM_ROWS - 1)
    assert index_it(INDEX_FROM_ROWS - 1) is None
    assert vector_index.indexes(connection, "v1") == []
    known = "select reltuples from pg_class where relname = 'item_embeddings_v1'"
    assert connection.execute(known).fetchall() == [(INDEX_FROM_ROWS - 1,)]
    row = connection.execute("select xmin from embedding_versions").fetchall()
    assert index_it(0) is None
    assert connection.execute("select xmin from embedding_versions").fetchall() == row
    fill(connection, 1)
    assert index_it(1) is not None


def test_after_its_load_a_version_has_an_index_and_its_recall_is_known(
    connection: Connection, index_it: IndexIt
) -> None:
    fill(connection, ROWS)
    report = index_it(ROWS)
    assert report is not None
    assert _recorded(connection) == report.as_json()
    assert (report.index, report.rows, report.changes, report.sampled) == (NAME, ROWS, 0, 200)
    assert 0.97 <= report.recall_at_10 <= 1
    assert report.ef_search in {40, 100, 200, 400}
    assert (report.m, report.ef_construction, report.fits_memory) == (24, 128, True)
    assert report.bytes == vector_index.indexes(connection, "v1")[0].bytes
    assert _is_valid(connection) == [True]


def test_asked_again_it_changes_nothing_and_waits_for_nobody(
    connection: Connection, other_reader: Connection, index_it: IndexIt
) -> None:
    fill(connection, ROWS)
    first, node = index_it(ROWS), _node(connection)
    rows = "select xmin from embedding_versions"
    before = connection.execute(rows).fetchall()
    with vector_index.one_builder(other_reader):
        assert index_it(0) == first
    assert (_node(connection), connection.execute(rows).fetchall()) == (node, before)


def test_an_index_stays_while_little_is_written_and_is_built_anew_once_it_was_much(
    connection: Connection, index_it: IndexIt
) -> None:
    fill(connection, ROWS)
    first, node = index_it(ROWS), _node(connection)
    assert first is not None
    for changes in (600, 599):
        index_it(changes)
    assert _recorded(connection) == replace(first, changes=1_199).as_json()
    assert _node(connection) == node
    anew = index_it(1)
    assert anew is not None
    assert (anew.changes, anew.rows, anew.index) == (0, ROWS, NAME)
    assert _node(connection) != node
    assert _is_valid(connection) == [True]


def test_what_a_killed_builder_left_is_mended(
    connection: Connection, other_reader: Connection, index_it: IndexIt
) -> None:
    fill(connection, ROWS)
    other_reader.execute("begin isolation level repeatable read")
    other_reader.execute("select 1 from item_embeddings limit 1")
    connection.execute("set statement_timeout = '5s'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        index_it(ROWS)
    assert _is_valid(connection) == [False]
    other_reader.execute("rollback")
    connection.execute("reset statement_timeout")
    # Nothing was written since.
    assert index_it(0) is not None
    assert _is_valid(connection) == [True]


def test_an_index_that_the_server_finished_alone_is_measured_and_kept(
    connection: Connection, index_it: IndexIt
) -> None:
    fill(connection, ROWS)
    vector_index.build(connection, find_version(connection, "v1"), ROWS)
    node = _node(connection)
    report = index_it(0)
    assert report is not None
    assert (report.seconds, report.fits_memory, report.rows) == (None, None, ROWS)
    assert report.recall_at_10 >= 0.97
    assert _node(connection) == node


def test_more_dims_than_an_index_holds_get_none(
    connection: Connection, index_it: IndexIt, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    fill(connection, INDEX_FROM_ROWS)
    version = find_version(connection, "v1")
    wide = replace(version, spec=replace(version.spec, dims=4_001))
    assert index_version(connection, wide, INDEX_FROM_ROWS, lambda: connect(database_url)) is None
    assert "version v1 has 4001 dims, an index holds at most 4000" in caplog.text


@pytest.mark.parametrize(
    ("status", "changes", "dropped"),
    [
        ("candidate", 500, True),
        ("candidate", 499, False),
        ("building", 500, True),
        ("active", 100_000, False),
    ],
)
def test_an_index_makes_way_for_a_load_that_costs_more_with_it(
    connection: Connection, index_it: IndexIt, status: VersionStatus, changes: int, dropped: bool
) -> None:
    fill(connection, 2_000)
    vector_index.build(connection, find_version(connection, "v1"), 2_000)
    set_status(connection, "v1", status)
    assert make_way(connection, find_version(connection, "v1"), changes) is dropped
    assert _is_valid(connection) == ([] if dropped else [True])


def test_where_there_is_no_index_nothing_makes_way(connection: Connection, index_it: IndexIt) -> None:
    fill(connection, 100)
    assert not make_way(connection, find_version(connection, "v1"), 100)
