"""Named queries: a file of statements becomes statements by name."""

from pathlib import Path

import pytest

from catalog_embeddings.postgres.queries import named_queries
from catalog_embeddings.resources import sql_directory

FILES = sorted((sql_directory() / "queries").glob("*.sql"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_block_of_a_file_is_one_statement(path: Path) -> None:
    queries = named_queries(path.stem)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(queries) == sum(line.startswith("-- name: ") for line in lines) > 0
    assert all(statement and not statement.endswith(";") for statement in queries.values())
    assert not any("-- name:" in statement for statement in queries.values())


def test_a_query_is_what_stands_below_its_name() -> None:
    assert named_queries("locks")["acquire"] == "select pg_advisory_lock(hashtextextended(%s, 0))"


def test_a_table_without_a_file_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        named_queries("no_such_table")
