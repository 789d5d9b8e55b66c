"""pgvector: old releases are told apart from new ones, and a person is told what to do."""

import pytest

from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.migrations import migrate
from catalog_embeddings.postgres.pgvector import require_pgvector, why_not


@pytest.mark.parametrize(
    ("installed", "available", "sentence"),
    [
        (None, None, "this Postgres server has no pgvector: install release 0.8 or newer on it"),
        (None, "0.7.4", "this Postgres server has pgvector 0.7.4: install release 0.8 or newer on it"),
        ("0.7.4", "0.8.0", "needed: `alter extension vector update`"),
        ("0.5.1", "0.7.4", "this database has pgvector 0.5.1, and 0.8 or newer is needed: install 0.8 or newer on"),
        ("0.7.4", None, "install 0.8 or newer on the server, then update it"),
    ],
)
def test_what_is_too_old_or_missing_is_said(installed: str | None, available: str | None, sentence: str) -> None:
    assert sentence in (why_not(installed, available) or "")


@pytest.mark.parametrize(
    ("installed", "available"), [(None, "0.8.0"), ("0.8.0", "0.8.5"), ("0.10.0", "0.7.4"), ("1.0", None)]
)
def test_what_is_new_enough_passes(installed: str | None, available: str | None) -> None:
    assert why_not(installed, available) is None


def test_a_database_of_this_release_passes(connection: Connection, empty_database_url: str) -> None:
    require_pgvector(connection)
    with connect(empty_database_url) as empty:
        require_pgvector(empty)


def test_a_deploy_on_an_old_release_is_refused_before_anything_is_made(empty_database_url: str) -> None:
    with connect(empty_database_url) as connection:
        connection.execute("create extension vector")
        connection.execute("update pg_extension set extversion = '0.7.4' where extname = 'vector'")
        with pytest.raises(ConfigurationError, match=r"pgvector 0\.7\.4, and 0\.8 .*`alter extension vector update`"):
            migrate(empty_database_url)
        assert connection.execute("select to_regclass('pipeline.migration_hashes')").fetchone() == (None,)
