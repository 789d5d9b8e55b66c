"""The command ``versions index``: what it builds, what it says, and when there is nothing to do."""

from collections.abc import Callable

import pytest

from catalog_embeddings.pipeline.index import INDEX_FROM_ROWS
from catalog_embeddings.postgres import vector_index
from catalog_embeddings.postgres.connection import Connection
from tests.cli.conftest import Ended
from tests.many_rows import fill, register


@pytest.fixture
def version(connection: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A registered version without rows, in the database that the environment names."""
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", database_url)
    register(connection)
    return "v1"


def test_a_version_of_many_rows_gets_its_index(connection: Connection, version: str, cli: Callable[..., Ended]) -> None:
    fill(connection, INDEX_FROM_ROWS)
    built = cli("versions", "index", version, "--json").answer
    assert (built["version"], built["index"]["rows"]) == (version, INDEX_FROM_ROWS)
    assert [index.valid for index in vector_index.indexes(connection, version)] == [True]
    again = cli("versions", "index", version)
    assert again.code == 0
    assert f"Vector index of version {version}" in again.out
    assert str(built["index"]["recall_at_10"]) in again.out


def test_a_version_of_few_rows_needs_none(version: str, cli: Callable[..., Ended]) -> None:
    assert cli("versions", "index", version, "--json").answer == {"version": version, "index": None}
    assert f"Version {version} needs no index" in cli("versions", "index", version).out


def test_what_is_no_version_is_refused(version: str, cli: Callable[..., Ended]) -> None:
    refused = cli("versions", "index", "v9", "--json")
    assert (refused.code, refused.out) == (2, "")
    assert "there is no embedding version 'v9'" in refused.err
