"""The table dead_letters: items that could not be embedded, with the reason and never with their text.

A letter is open until ``resolved_at``: while it is, dbt leaves its very record out of the version's change set.
The letters of an import are written by ``catalog_features``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from catalog_embeddings.domain.dead_letter import Refusal, Stage
from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries
from catalog_embeddings.postgres.run_plan import ChangedItem

_QUERIES = named_queries("dead_letters")
_COLUMNS = ("org_ids", "namespaces", "item_ids", "record_hashes", "content_hashes", "reasons", "details")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An item that waits for its record to change; ``version`` is '*' where the import refused it."""

    version: str
    org_id: UUID
    namespace: str
    item_id: str
    stage: Stage
    reason: str
    detail: str
    attempts: int
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """Which open letters are meant: by default all of them. ``version`` may be '*', the letters of an import."""

    reasons: tuple[str, ...] = ()
    version: str | None = None
    item_id: str | None = None


EVERY_LETTER = Selection()


@dataclass(frozen=True, slots=True)
class Redriven:
    """Letters by reason that the next run tries again, and how many were left: by an import, by an unfinished run."""

    reasons: dict[str, int]
    of_import: int
    of_unfinished_run: int


def add_planned(
    connection: Connection, run_id: str, version: str, refused: Sequence[tuple[ChangedItem, ItemRefused]]
) -> None:
    """Items were refused before any call."""
    rows = ((*_key(changed), changed.record_hash, None, refusal.reason, refusal.detail) for changed, refusal in refused)
    _add(connection, run_id, version, "plan", rows)


def add_for_contents(connection: Connection, run_id: str, version: str, refused: Sequence[Refusal]) -> None:
    """The API does not embed these texts: every planned item of them becomes a dead letter."""
    if not refused:
        return
    said = {refusal.content_hash: refusal for refusal in refused}
    items = connection.execute(_QUERIES["items_of_texts"], {"run_id": run_id, "content_hashes": list(said)})
    rows = (
        (*item, content_hash, said[content_hash].reason, said[content_hash].detail) for *item, content_hash in items
    )
    _add(connection, run_id, version, "embed", rows)


def resolve_settled(connection: Connection, run_id: str, version: str) -> None:
    """Close what is true no more: the item has its vector, left the catalog, or has died of something newer.

    To be called once the run's deletions are done; what dbt found last must be there to be read.
    """
    for query in ("resolve_loaded", "resolve_held", "resolve_gone", "resolve_superseded"):
        connection.execute(_QUERIES[query], {"run_id": run_id, "version": version})


def open_letters(
    connection: Connection, selection: Selection = EVERY_LETTER, limit: int | None = None
) -> list[DeadLetter]:
    """What is dead at present, latest first, at most ``limit`` of them."""
    with connection.cursor(row_factory=class_row(DeadLetter)) as cursor:
        return cursor.execute(_QUERIES["open_letters"], {**_where(selection), "at_most": limit}).fetchall()


def open_reasons(connection: Connection, selection: Selection = EVERY_LETTER) -> dict[str, int]:
    """How many letters are open by reason, the most frequent first."""
    return dict(connection.execute(_QUERIES["open_reasons"], _where(selection)).fetchall())


def reasons_of_run(connection: Connection, run_id: str, version: str) -> dict[str, int]:
    """Why items died in a run, in items by reason, the most frequent first."""
    return dict(connection.execute(_QUERIES["reasons_of_run"], {"run_id": run_id, "version": version}).fetchall())


def redrive(connection: Connection, selection: Selection, *, dry_run: bool) -> Redriven:
    """Close letters so that the next run counts their items as new or changed again; attempts keep counting.

    A dry run is the same work rolled back. Letters of an import are left: only a mended file helps them.
    """
    with connection.transaction():
        reasons: dict[str, int] = dict(connection.execute(_QUERIES["redrive"], _where(selection)).fetchall())
        left = connection.execute(_QUERIES["left_out"], _where(selection)).fetchone()
        redriven = Redriven(reasons, *(left or (0, 0)))
        if dry_run:
            raise psycopg.Rollback
    return redriven


def _add(connection: Connection, run_id: str, version: str, stage: Stage, rows: Iterable[tuple[Any, ...]]) -> None:
    columns = list(zip(*rows, strict=True))
    if columns:
        values = dict(zip(_COLUMNS, map(list, columns), strict=True))
        connection.execute(_QUERIES["add"], {"run_id": run_id, "version": version, "stage": stage, **values})


def _where(selection: Selection) -> dict[str, Any]:
    return {"reasons": list(selection.reasons) or None, "version": selection.version, "item_id": selection.item_id}


def _key(changed: ChangedItem) -> tuple[UUID, str, str]:
    key = changed.item.key
    return key.org_id, key.namespace, key.item_id
