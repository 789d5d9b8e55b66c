"""The tables run_plan, run_texts and run_shards: what a run set out to do, and how far it has come."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.errors import ConfigurationError, ItemRefused
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("run_plan")
_COPY_TYPES = ("text", "uuid", "text", "text", "text", "bytea", "bytea", "timestamptz")


@dataclass(frozen=True, slots=True)
class ChangeCounts:
    """What dbt found for a version in a slice, in items; ``refused`` ones failed before and are unchanged since.

    ``slice_buckets`` and ``slice_salt`` are None where it looked at the whole catalog.
    """

    items: int
    new: int
    changed: int
    unchanged: int
    deleted: int
    refused: int
    slice_buckets: int | None = None
    slice_salt: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """An item whose record differs from what the version holds; ``defect`` says why it cannot even be read."""

    item: CatalogItem
    change: Literal["new", "changed"]
    record_hash: bytes
    source_updated_at: datetime | None
    defect: ItemRefused | None = None


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """A line of the plan: ``content_hash`` is None for an item that was refused before any call."""

    changed: ChangedItem
    content_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How the items of a plan ended, read from what the tables hold rather than from what a run believes.

    ``unpaid`` ones have a row whose content no indexed part holds.
    """

    planned: int
    loaded: int
    dead: int
    deleted: int
    attempted: int
    unpaid: int = 0

    @property
    def unresolved(self) -> int:
        """Items that ended in no way at all: 0 when a run is done."""
        return self.planned - self.loaded - self.dead - self.deleted


def change_counts(connection: Connection, version: str) -> ChangeCounts:
    """What the last dbt build found for a version.

    Raises:
        ConfigurationError: it did not know the version.
    """
    row = connection.execute(_QUERIES["change_counts"], [version]).fetchone()
    if row is None:
        raise ConfigurationError(f"dbt has not looked at version {version} yet: is it retired?")
    return ChangeCounts(*row)


def changed_items(
    connection: Connection, version: str, within: Slice | None, batch_size: int
) -> Iterator[list[ChangedItem]]:
    """The changed items of a slice in batches, through a server-side cursor: memory does not grow with their number.

    Must be read inside a transaction. The slice is asked for again, although dbt has looked at no other: a run must
    never pay for more than it was given, whoever looked at the catalog in between.
    """
    where = {
        "version": version,
        "slice_buckets": within.buckets if within else None,
        "slice_salt": within.salt if within else None,
    }
    with connection.cursor(name="changed_items", binary=True, row_factory=as_changed_items) as cursor:
        cursor.execute(_QUERIES["changed_items"], where)
        while items := cursor.fetchmany(batch_size):
            yield items


def add_items(connection: Connection, run_id: str, items: Iterable[PlannedItem]) -> None:
    """Write lines of the plan. The server stores those that have come while the next are made."""
    with connection.cursor() as cursor, cursor.copy(_QUERIES["copy_items"]) as copy:
        copy.set_types(_COPY_TYPES)
        for line in items:
            key = line.changed.item.key
            copy.write_row(
                (
                    run_id,
                    key.org_id,
                    key.namespace,
                    key.item_id,
                    line.changed.change,
                    line.changed.record_hash,
                    line.content_hash,
                    line.changed.source_updated_at,
                )
            )


def put_item(connection: Connection, run_id: str, line: PlannedItem, shard: int) -> bool:
    """Add one item to a plan that is frozen already, or bring its line up to date; its text counts as loaded.

    Returns whether the plan had not loaded that text before.
    """
    key = line.changed.item.key
    row = connection.execute(
        _QUERIES["put_item"],
        {
            "run_id": run_id,
            "org_id": key.org_id,
            "namespace": key.namespace,
            "item_id": key.item_id,
            "change": line.changed.change,
            "record_hash": line.changed.record_hash,
            "content_hash": line.content_hash,
            "source_updated_at": line.changed.source_updated_at,
            "shard": shard,
        },
    ).fetchone()
    return bool(row and row[0])


def add_deleted(connection: Connection, run_id: str, version: str) -> None:
    """Plan the deletion of every item that the source no longer has."""
    connection.execute(_QUERIES["plan_deleted"], {"run_id": run_id, "version": version})


def add_texts(connection: Connection, run_id: str, shard: int, content_hashes: Sequence[bytes]) -> dict[bytes, bool]:
    """Add texts to a shard; returns those the plan did not have yet, and whether each is already paid for."""
    rows = connection.execute(
        _QUERIES["add_texts"], {"run_id": run_id, "shard": shard, "content_hashes": list(content_hashes)}
    )
    return dict(rows.fetchall())


def add_shard(connection: Connection, run_id: str, shard: int, texts: int) -> None:
    """Add a shard of so many distinct texts."""
    connection.execute(_QUERIES["add_shard"], {"run_id": run_id, "shard": shard, "texts": texts})


def analyze(connection: Connection) -> None:
    """Tell the planner how large the plan is; the statements of the load depend on it."""
    connection.execute(_QUERIES["analyze"])


def pending_shards(connection: Connection, run_id: str) -> list[int]:
    """The shards that are not loaded yet."""
    return [row[0] for row in connection.execute(_QUERIES["pending_shards"], [run_id])]


def paid_texts(connection: Connection, run_id: str, shard: int) -> list[tuple[bytes, str]]:
    """The texts of a shard that have no outcome yet but are paid for, each with its part, part by part."""
    return connection.execute(_QUERIES["paid_texts"], {"run_id": run_id, "shard": shard}).fetchall()


def unpaid_among(connection: Connection, run_id: str, content_hashes: Sequence[bytes]) -> set[bytes]:
    """Which of these texts have no outcome yet and are not paid for either."""
    rows = connection.execute(_QUERIES["unpaid_among"], {"run_id": run_id, "content_hashes": list(content_hashes)})
    return {row[0] for row in rows}


def settle_texts(
    connection: Connection, run_id: str, content_hashes: Sequence[bytes], outcome: Literal["loaded", "dead"]
) -> None:
    """Record how texts ended."""
    connection.execute(
        _QUERIES["settle_texts"],
        {"run_id": run_id, "content_hashes": list(content_hashes), "outcome": outcome},
    )


def add_progress(
    connection: Connection, run_id: str, shard: int, *, embedded: int, reused: int, loaded: int, spent: Spent
) -> None:
    """Add to what a shard has done and spent."""
    connection.execute(
        _QUERIES["progress"],
        {
            "run_id": run_id,
            "shard": shard,
            "embedded": embedded,
            "reused": reused,
            "loaded": loaded,
            "requests": spent.requests,
            "retries": spent.retries,
            "tokens": spent.tokens,
        },
    )


def mark_shard_loaded(connection: Connection, run_id: str, shard: int) -> None:
    """A shard is done: it is not pending any more."""
    connection.execute(_QUERIES["shard_loaded"], {"run_id": run_id, "shard": shard})


def shard_counts(connection: Connection, run_id: str, shard: int) -> dict[str, int]:
    """What a shard has done so far, by name."""
    cursor = connection.execute(_QUERIES["shard_counts"], {"run_id": run_id, "shard": shard})
    names = [column.name for column in cursor.description or ()]
    return dict(zip(names, cursor.fetchone() or (), strict=True))


def outcomes(connection: Connection, run_id: str, version: str) -> Outcomes:
    """How the items of a run ended."""
    cursor = connection.execute(_QUERIES["outcomes"], {"run_id": run_id, "version": version})
    names = [column.name for column in cursor.description or ()]
    return Outcomes(**dict(zip(names, cursor.fetchone() or (), strict=True)))


def as_changed_items(_cursor: object) -> Callable[[Sequence[Any]], ChangedItem]:
    """Makes each row of a cursor an item: ``changed_item`` as a row factory."""
    return changed_item


def changed_item(row: Sequence[Any]) -> ChangedItem:
    """An item as the queries of this table and of ``catalog_items`` give it."""
    org_id, namespace, item_id, change, record_hash, source_updated_at, *fields = row
    title, description, brand, category, attributes, tags, locale, image_url = fields
    defect = None
    try:
        attributes = None if attributes is None else json.loads(attributes)
    except (RecursionError, ValueError):
        # Postgres takes JSON that is nested deeper, and numbers that are longer, than Python reads.
        attributes, defect = None, ItemRefused("attributes_unreadable")
    item = CatalogItem(
        key=ItemKey(org_id, namespace, item_id),
        title=title,
        description=description,
        brand=brand,
        category=category,
        attributes=attributes,
        tags=tuple(tags or ()),
        locale=locale,
        image_url=image_url,
    )
    return ChangedItem(item, change, record_hash, source_updated_at, defect)
