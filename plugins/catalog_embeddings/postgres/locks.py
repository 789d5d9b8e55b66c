"""Session locks by name: they are gone the moment their holder dies."""

from collections.abc import Iterator
from contextlib import contextmanager

from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("locks")


@contextmanager
def held_lock(connection: Connection, name: str) -> Iterator[None]:
    """Wait for the lock of that name, and hold it meanwhile."""
    connection.execute(_QUERIES["acquire"], [name])
    try:
        yield
    finally:
        connection.execute(_QUERIES["release"], [name])
