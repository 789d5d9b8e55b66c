"""Opening connections. Knows libpq's options; leaves what is said over a connection to the table modules."""

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from catalog_embeddings.errors import ConfigurationError, ServerFailed

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
        # The first line is the reason; the others guess at its cause.
        reason = str(error).strip().splitlines()[0]
        raise ServerFailed(f"cannot connect to Postgres: {reason}") from error
