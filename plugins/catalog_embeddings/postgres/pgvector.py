"""The extension pgvector: which release of it this schema asks for, and whether a database has it."""

import re

from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("pgvector")

#: The first that searches on where a filter leaves too few rows (hnsw.iterative_scan).
LEAST_RELEASE = (0, 8)


def require_pgvector(connection: Connection) -> None:
    """Refuse a database whose pgvector is missing, or older than the reader functions need.

    Raises:
        ConfigurationError: and what to do about it.
    """
    row = connection.execute(_QUERIES["releases"]).fetchone()
    if why := why_not(*(row or (None, None))):
        raise ConfigurationError(why)


def why_not(installed: str | None, available: str | None) -> str | None:
    """What is wrong with the release in a database, or the one that its server would install; None: nothing."""
    needed = ".".join(map(str, LEAST_RELEASE))
    if installed is None and available is None:
        return f"this Postgres server has no pgvector: install release {needed} or newer on it"
    if installed is not None and _release(installed) < LEAST_RELEASE:
        ready = available is not None and _release(available) >= LEAST_RELEASE
        way = "`alter extension vector update`" if ready else f"install {needed} or newer on the server, then update it"
        return f"this database has pgvector {installed}, and {needed} or newer is needed: {way}"
    if installed is None and available is not None and _release(available) < LEAST_RELEASE:
        return f"this Postgres server has pgvector {available}: install release {needed} or newer on it"
    return None


def _release(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))
