"""A catalog item: what the source says of it, cleaned by dbt. Knows its key and its fields, nothing else."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

#: The item fields that a prompt template may use, in the canonical order of the record hash.
PROMPT_FIELDS = ("title", "description", "brand", "category", "attributes", "tags", "locale", "image_url")


@dataclass(frozen=True, slots=True)
class ItemKey:
    """Which item: unique within the catalog."""

    org_id: UUID
    namespace: str
    item_id: str


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """One row of ``catalog_items``. Text fields are None rather than empty.

    ``attributes`` is whatever JSON the feed sent: a guard decides whether it is an object.
    """

    key: ItemKey
    title: str | None = None
    description: str | None = None
    brand: str | None = None
    category: str | None = None
    attributes: Any = None
    tags: tuple[str, ...] = field(default=())
    locale: str | None = None
    image_url: str | None = None
