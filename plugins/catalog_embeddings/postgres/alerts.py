"""The table alerts: what a person should be told of a run, once, and whether that was done."""

from dataclasses import dataclass

from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("alerts")


@dataclass(frozen=True, slots=True)
class Alert:
    """A sentence or two about a run, without catalog text."""

    run_id: str
    message: str


def add(connection: Connection, alert: Alert) -> None:
    """Record an alert; a run that has one keeps it."""
    connection.execute(_QUERIES["add"], {"run_id": alert.run_id, "message": alert.message})


def claim(connection: Connection) -> Alert | None:
    """The oldest alert that is not sent yet, for this transaction alone; None when there is nothing to send."""
    row = connection.execute(_QUERIES["claim"]).fetchone()
    return Alert(*row) if row else None


def mark_sent(connection: Connection, run_id: str) -> None:
    """The alert of a run has reached whom it is for."""
    connection.execute(_QUERIES["mark_sent"], [run_id])
