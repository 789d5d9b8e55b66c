"""Indexing by the name of a version, in an environment like a user's."""

import pytest
from psycopg.types.json import Jsonb

from catalog_embeddings import bootstrap
from catalog_embeddings.bootstrap.indexing import index_after, make_way
from catalog_embeddings.errors import ConfigurationError, InputError, RunHeld
from catalog_embeddings.pipeline.index import INDEX_FROM_ROWS
from catalog_embeddings.postgres import runs, vector_index
from catalog_embeddings.postgres.connection import Connection
from tests.many_rows import fill, register


@pytest.fixture
def filled(connection: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """A database whose version v1 has rows enough for an index; the environment points to it."""
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", database_url)
    register(connection)
    fill(connection, INDEX_FROM_ROWS)
    return connection


def test_a_version_is_indexed_by_its_name(filled: Connection) -> None:
    report = bootstrap.index_version("v1")
    assert report is not None
    assert (report["rows"], report["index"]) == (INDEX_FROM_ROWS, "item_embeddings_v1_hnsw")
    assert bootstrap.index_version("v1") == report
    with pytest.raises(InputError, match="no embedding version 'v9'"):
        bootstrap.index_version("v9")


def test_a_run_gives_up_the_index_for_a_large_load_and_gets_it_back(filled: Connection) -> None:
    bootstrap.index_version("v1")
    with bootstrap.open_platform() as platform:
        make_way(platform, "v1", {"new": 100, "changed": 100, "deleted": INDEX_FROM_ROWS})
        assert len(vector_index.indexes(filled, "v1")) == 1
        make_way(platform, "v1", {"new": 0, "changed": INDEX_FROM_ROWS, "deleted": 0})
        assert vector_index.indexes(filled, "v1") == []
        summary = {"version": "v1", "loaded": INDEX_FROM_ROWS, "deleted": 0}
        assert index_after(platform, summary) is None
        assert len(vector_index.indexes(filled, "v1")) == 1


def _ended(connection: Connection, state: str, summary: dict[str, int] | None) -> str:
    run_id = f"a run that is {state}"
    runs.open_run(connection, run_id, "v1", "a test")
    connection.execute(
        "update pipeline.runs set state = %s, summary = %s, error = 'the quota' where run_id = %s",
        [state, summary and Jsonb(summary), run_id],
    )
    return run_id


def test_a_run_is_indexed_as_a_step_of_its_own_and_again_changes_nothing(filled: Connection) -> None:
    run_id = _ended(filled, "verified", {"loaded": INDEX_FROM_ROWS, "deleted": 0})
    report = bootstrap.index_run(run_id)
    assert report is not None
    assert report["rows"] == INDEX_FROM_ROWS
    (built,) = vector_index.indexes(filled, "v1")
    nothing = _ended(filled, "previewed", None)
    assert bootstrap.index_run(nothing) is None
    assert vector_index.indexes(filled, "v1") == [built]


def test_a_run_that_ended_badly_is_indexed_and_fails_the_step(filled: Connection) -> None:
    run_id = _ended(filled, "failed", {"loaded": INDEX_FROM_ROWS, "deleted": 0})
    with pytest.raises(RunHeld, match="a run that is failed of version v1 is failed: the quota"):
        bootstrap.index_run(run_id)
    assert len(vector_index.indexes(filled, "v1")) == 1


def test_a_run_that_was_left_unfinished_is_not_indexed_yet(filled: Connection) -> None:
    with pytest.raises(RunHeld, match="of version v1 is paused: the quota"):
        bootstrap.index_run(_ended(filled, "paused", None))
    assert vector_index.indexes(filled, "v1") == []


def test_what_stops_an_index_is_no_reason_to_lose_the_runs_summary(filled: Connection) -> None:
    with bootstrap.open_platform() as platform:
        filled.execute("alter table item_embeddings_v1 owner to pg_database_owner")
        # The test's user is a superuser, who may index anything: the session steps down to one who may not.
        platform.connection.execute("set role pg_read_all_data")
        error = index_after(platform, {"version": "v1", "loaded": 0, "deleted": 0})
    assert isinstance(error, ConfigurationError)
    assert "run this as the user who created the version" in str(error)
