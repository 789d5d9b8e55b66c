"""Opening connections. Knows libpq's options; leaves what is said over a connection to the table modules."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from catalog_embeddings.errors import ConfigurationError, RunPaused, ServerFailed

# What a row holds is known to the statement, not to the type checker.
Connection = psycopg.Connection[tuple[Any, ...]]

_SESSION_OPTIONS = "-c timezone=UTC -c idle_in_transaction_session_timeout=600000"


def connect(database_url: str, *, application_name: str = "catalog-embeddings") -> Connection:
    """Open a connection in autocommit mode; multi-statement work asks for ``connection.transaction()``.

    Raises:
        ConfigurationError: the address is malformed.
        ServerFailed: nothing answers there, or it refuses us.
    """
    try:
        conninfo_to_dict(database_url)
    except psycopg.ProgrammingError:
        # libpq's own sentence may quote the address, and the address may hold a password.
        raise ConfigurationError(
            "CATALOG_EMBEDDINGS_DATABASE_URL is not a PostgreSQL address; "
            "it looks like postgresql://user:password@host:5432/database"
        ) from None
    try:
        return psycopg.connect(
            database_url,
            autocommit=True,
            application_name=application_name,
            options=_SESSION_OPTIONS,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
    except psycopg.OperationalError as error:
        raise ServerFailed(f"cannot connect to Postgres: {_reason(error)}") from error


@contextmanager
def explained() -> Iterator[None]:
    """Turn what befalls a server at work into our errors; what a statement did wrong passes as it is.

    Raises:
        ServerFailed: the connection was lost, or the server is going down or overloaded.
        RunPaused: the server has no room left.
        ConfigurationError: the database was never brought to this schema.
    """
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction) as error:
        raise ConfigurationError("the database lacks this schema: run `catalog-embeddings migrate` first") from error
    except psycopg.errors.DiskFull as error:
        raise RunPaused(f"Postgres has no room left ({_reason(error)}): make room, then run again") from error
    except psycopg.OperationalError as error:
        raise ServerFailed(f"Postgres did not answer to the end: {_reason(error)}; what is committed stays") from error


def _reason(error: psycopg.Error) -> str:
    """The first line is the reason; the others guess at its cause."""
    return str(error).strip().partition("\n")[0]
