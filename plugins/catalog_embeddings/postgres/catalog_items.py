"""The view catalog_items, which dbt makes: items as they are embedded, read without asking what has changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries
from catalog_embeddings.postgres.run_plan import ChangedItem, as_changed_items, changed_item

_QUERIES = named_queries("catalog_items")


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item as the catalog has it now, and whether the version holds a vector of this very record."""

    changed: ChangedItem
    is_held: bool


def all_items(connection: Connection, batch_size: int) -> Iterator[list[ChangedItem]]:
    """Every item in batches, as if it had changed; its record_hash is left empty. Must be read in a transaction."""
    with connection.cursor(name="all_items", binary=True, row_factory=as_changed_items) as cursor:
        cursor.execute(_QUERIES["all_items"])
        while items := cursor.fetchmany(batch_size):
            yield items


def drawn_items(connection: Connection, at_most: int) -> list[ChangedItem]:
    """Items drawn evenly from the catalog, always the same ones; their record_hash is left empty.

    Raises:
        InputError: dbt has not looked at the catalog yet.
    """
    if connection.execute(_QUERIES["is_there"]).fetchone() == (None,):
        raise InputError("dbt has not looked at the catalog yet: `catalog-embeddings plan` lets it, and costs nothing")
    with connection.cursor(row_factory=as_changed_items) as cursor:
        return cursor.execute(_QUERIES["drawn_items"], [at_most]).fetchall()


def find_item(
    connection: Connection,
    version: EmbeddingVersion,
    item_id: str,
    namespace: str | None = None,
    org_id: UUID | None = None,
) -> FoundItem:
    """The one item of that name, with the record_hash that dbt will find for the version.

    Raises:
        InputError: there is none, or several.
    """
    where = {"item_id": item_id, "namespace": namespace, "org_id": org_id}
    rows = connection.execute(
        _QUERIES["find_item"],
        {
            **where,
            "version": version.version,
            "modality": version.spec.modality,
            "record_fields": list(version.spec.record_fields),
        },
    ).fetchall()
    if not rows:
        raise InputError(f"the catalog has no item {item_id!r}{_within(namespace, org_id)}: the feed writes it first")
    if len(rows) > 1:
        places = ", ".join(sorted(f"{row[1]} of {row[0]}" for row in rows))
        raise InputError(f"there are several items {item_id!r} ({places}): say which with --namespace and --org-id")
    *row, held_record_hash = rows[0]
    changed = changed_item(tuple(row))
    return FoundItem(changed, held_record_hash == changed.record_hash)


def _within(namespace: str | None, org_id: UUID | None) -> str:
    said = [f"namespace {namespace}"] if namespace is not None else []
    said += [f"org {org_id}"] if org_id is not None else []
    return f" in {' of '.join(said)}" if said else ""
