"""How far a run has come, for whoever looks on from outside: another process does the work."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("run_progress")


@dataclass(frozen=True, slots=True)
class RunProgress:
    """A run as it stands: ``plan`` is None until it is frozen, ``summary`` until it has ended."""

    run_id: str
    state: str
    plan: dict[str, Any] | None
    summary: dict[str, Any] | None
    error: str | None
    texts_done: int


def database_clock(connection: Connection) -> datetime:
    """The database's own time, which its rows carry."""
    row = connection.execute(_QUERIES["clock"]).fetchone()
    return cast("tuple[datetime]", row)[0]


def taken_up_since(connection: Connection, since: datetime) -> RunProgress | None:
    """The run that was begun or resumed last, None when none was since then."""
    row = connection.execute(_QUERIES["taken_up_since"], {"since": since}).fetchone()
    return RunProgress(*row) if row else None
