"""Connections: how they are opened, and that a failure never shows the address."""

from urllib.parse import urlsplit

import psycopg
import pytest

from catalog_embeddings.errors import ConfigurationError, ServerFailed
from catalog_embeddings.postgres.connection import Connection, connect, explained


def _setting(connection: Connection, name: str) -> str:
    row = connection.execute("select current_setting(%s)", [name]).fetchone()
    return str(row[0]) if row else ""


def test_a_connection_says_who_it_is_and_tells_the_time_in_utc(database_url: str) -> None:
    with connect(database_url, application_name="a test") as connection:
        assert connection.autocommit
        assert _setting(connection, "timezone") == "UTC"
        assert _setting(connection, "application_name") == "a test"
        assert _setting(connection, "idle_in_transaction_session_timeout") == "10min"


@pytest.mark.parametrize("address", ["nonsense secret", "postgresql://me:secret@host/x?color=blue", "secret=1"])
def test_a_malformed_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ConfigurationError, match="postgresql://user:password@host") as refused:
        connect(address)
    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_server_that_is_not_there_is_a_failure_that_may_pass() -> None:
    with pytest.raises(ServerFailed, match="cannot connect to Postgres") as failed:
        connect("postgresql://me:secret@127.0.0.1:1/nothing")
    assert "secret" not in str(failed.value)


def test_a_database_that_is_not_there_is_named(database_url: str) -> None:
    with pytest.raises(ServerFailed, match='database "nowhere" does not exist'):
        connect(urlsplit(database_url)._replace(path="/nowhere").geturl())


@pytest.mark.parametrize("asked", ["select * from pipeline.runs", "select similar_items('x')"])
def test_a_database_that_was_never_migrated_says_what_to_do(empty_database_url: str, asked: str) -> None:
    with connect(empty_database_url) as connection:
        with pytest.raises(ConfigurationError, match="run `catalog-embeddings migrate` first"), explained():
            connection.execute(asked.encode())
        with pytest.raises(psycopg.errors.SyntaxError), explained():
            connection.execute("selec 1")
