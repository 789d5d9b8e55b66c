"""The table dead_letters: items that could not be embedded, with the reason and never with their text."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from catalog_embeddings.domain.item import ItemKey
from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("dead_letters")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An item that waits for its record to change; ``version`` is '*' where the import refused it."""

    version: str
    org_id: UUID
    namespace: str
    item_id: str
    stage: str
    reason: str
    detail: str
    attempts: int
    first_seen_at: datetime
    last_seen_at: datetime


def add_planned(
    connection: Connection, run_id: str, version: str, key: ItemKey, record_hash: bytes, refused: ItemRefused
) -> None:
    """An item was refused before any call."""
    row: dict[str, Any] = {
        "run_id": run_id,
        "version": version,
        "org_id": key.org_id,
        "namespace": key.namespace,
        "item_id": key.item_id,
        "stage": "plan",
        "reason": refused.reason,
        "detail": refused.detail,
        "record_hash": record_hash,
        "content_hash": None,
    }
    connection.execute(_QUERIES["add"], row)


def add_for_content(connection: Connection, run_id: str, version: str, content_hash: bytes, code: str) -> None:
    """The API refused a text: every planned item of that text becomes a dead letter."""
    connection.execute(
        _QUERIES["add_for_content"],
        {
            "run_id": run_id,
            "version": version,
            "content_hash": content_hash,
            "reason": "refused_by_api",
            "detail": code,
        },
    )


def resolve_settled(connection: Connection, run_id: str, version: str) -> None:
    """Items of this run that have their vector now are dead no more, nor is any item that left the catalog."""
    connection.execute(_QUERIES["resolve_loaded"], {"run_id": run_id, "version": version})
    connection.execute(_QUERIES["resolve_gone"], {"version": version})


def open_letters(connection: Connection) -> list[DeadLetter]:
    """Everything that is dead at present, latest first."""
    with connection.cursor(row_factory=class_row(DeadLetter)) as cursor:
        return cursor.execute(_QUERIES["open_letters"]).fetchall()
