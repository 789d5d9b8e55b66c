"""Session locks by name: one holder at a time, gone with the block or with the holder."""

from contextlib import suppress

import psycopg
import pytest

from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.locks import held_lock


def _is_free(connection: Connection, name: str) -> bool:
    """Whether this connection could take the lock; it lets go of it at once."""
    row = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name]).fetchone()
    free = bool(row and row[0])
    if free:
        connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [name])
    return free


def test_a_lock_is_held_for_the_block(connection: Connection, other_connection: Connection) -> None:
    with held_lock(connection, "house"):
        assert not _is_free(other_connection, "house")
        assert _is_free(other_connection, "garden")
    assert _is_free(other_connection, "house")


def test_an_error_lets_go_of_it(connection: Connection, other_connection: Connection) -> None:
    with suppress(ZeroDivisionError), held_lock(connection, "house"):
        raise ZeroDivisionError
    assert _is_free(other_connection, "house")


def test_a_dead_holder_holds_nothing(connection: Connection, database_url: str) -> None:
    holder = connect(database_url)
    lock = held_lock(holder, "house")
    lock.__enter__()
    assert not _is_free(connection, "house")
    connection.execute("select pg_terminate_backend(%s, 5000)", [holder.info.backend_pid])
    assert _is_free(connection, "house")
    with pytest.raises(psycopg.OperationalError):
        lock.__exit__(None, None, None)
