"""Which field of a feed becomes which column. Fields without a column become attributes.

Knows the columns of the catalog and the order in which a feed's fields are asked for them; what becomes of a value
is left to ``values``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from catalog_embeddings.domain.item import ItemKey
from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.markup import strip_markup
from catalog_embeddings.feed.values import (
    as_attributes,
    as_item_id,
    as_namespace,
    as_org_id,
    as_tags,
    as_text,
    as_timestamp,
    check_characters,
)


class FeedItem(NamedTuple):
    """An item as a file has it, in the columns of the catalog; ``attributes`` is JSON text."""

    org_id: UUID
    item_id: str
    namespace: str
    title: str | None
    description: str | None
    brand: str | None
    category: str | None
    attributes: str | None
    tags: list[str] | None
    image_url: str | None
    locale: str | None
    metadata_version: str | None
    updated_at: datetime | None


@dataclass(frozen=True)
class FieldMap:
    """Where the columns come from: of a column's ``sources`` the first that has a value.

    A column without sources comes from the field of its own name. A field whose value was taken, one named like a
    column, and one in ``drop`` is no attribute; every other is, without the first of ``attribute_prefixes`` that it
    begins with, unless that name is taken.

    Raises:
        InputError: a target is no column.
    """

    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    attribute_prefixes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for target in self.sources:
            if target not in FeedItem._fields:
                raise InputError(f"there is no column {target!r} to map to; there are {', '.join(FeedItem._fields)}")

    def overruled_by(self, other: "FieldMap") -> "FieldMap":
        """Both together: the other's sources count where it has some."""
        return FieldMap(
            sources={**self.sources, **other.sources},
            drop=self.drop | other.drop,
            attribute_prefixes=self.attribute_prefixes + other.attribute_prefixes,
        )

    def named_fields(self) -> set[str]:
        """Every field that a person has named a source."""
        return {name for names in self.sources.values() for name in names}

    def take_key(self, fields: dict[str, Any], org_id: UUID, namespace: str) -> ItemKey:
        """Take the key out of the fields; the org and the namespace are those given where the line has none.

        Raises:
            ItemRefused: it cannot be told which item this is.
        """
        return ItemKey(
            as_org_id(self._take(fields, "org_id"), org_id),
            as_namespace(self._take(fields, "namespace"), namespace),
            as_item_id(self._take(fields, "item_id")),
        )

    def take_item(self, key: ItemKey, fields: dict[str, Any]) -> FeedItem:
        """Take everything else out of the fields.

        Raises:
            ItemRefused: a value cannot be what its column needs.
        """
        texts = {column: as_text(column, self._take(fields, column)) for column in _TEXTS}
        for column in _PROSE:
            if text := texts[column]:
                texts[column] = strip_markup(text) or None
        tags = as_tags(self._take(fields, "tags"))
        updated_at = as_timestamp(self._take(fields, "updated_at"))
        attributes = as_attributes(self._take(fields, "attributes"), self._other_fields(fields))
        check_characters([*filter(None, texts.values()), *(tags or ()), attributes or ""])
        return FeedItem(
            org_id=key.org_id,
            item_id=key.item_id,
            namespace=key.namespace,
            attributes=attributes,
            tags=tags,
            updated_at=updated_at,
            **texts,
        )

    def _take(self, fields: dict[str, Any], column: str) -> Any:
        for source in self.sources.get(column, (column,)):
            if fields.get(source) not in (None, ""):
                return fields.pop(source)
        return None

    def _other_fields(self, fields: dict[str, Any]) -> dict[str, Any]:
        others: dict[str, Any] = {}
        for name, value in fields.items():
            if value is None or name in self.drop or name in FeedItem._fields:
                continue
            short = self._without_prefix(name)
            others[name if short in others or (short != name and short in fields) else short] = value
        return others

    def _without_prefix(self, name: str) -> str:
        for prefix in self.attribute_prefixes:
            if name.startswith(prefix) and name != prefix:
                return name[len(prefix) :]
        return name


def parse_field_map(maps: Iterable[str], drop: Iterable[str], attribute_prefixes: Iterable[str]) -> FieldMap:
    """A field map as a person writes it: ``target=source``, or ``target=first,second`` to fall back.

    Raises:
        InputError: one of them is not written like that, or names no column.
    """
    sources: dict[str, tuple[str, ...]] = {}
    for text in maps:
        target, sign, names = text.partition("=")
        wanted = tuple(name.strip() for name in names.split(",") if name.strip())
        if not sign or not wanted:
            raise InputError(f"--map {text!r} is not TARGET=SOURCE, such as --map item_id=id")
        sources[target.strip()] = wanted
    return FieldMap(sources, frozenset(drop), tuple(attribute_prefixes))


_TEXTS = ("title", "description", "brand", "category", "image_url", "locale", "metadata_version")
# Written for people, so feeds put HTML into them.
_PROSE = ("title", "description", "brand", "category")
