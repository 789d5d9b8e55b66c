"""A catalog file that `demo` and `up` bring in without asking: which preset fits, and what its first items are.

Everything that a person can say about a file is said to `import`; here it is found out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.feed.mapping import FieldMap
from catalog_embeddings.feed.preset import load_preset, preset_names
from catalog_embeddings.feed.reading import open_feed
from catalog_embeddings.pipeline.import_catalog import ImportOptions, ImportReport, import_catalog
from catalog_embeddings.postgres.connection import Connection


@dataclass(frozen=True)
class CatalogFile:
    """A file and how to read it; ``preset`` is None where its fields are named like our columns."""

    path: Path
    preset: str | None

    @classmethod
    def recognised(cls, path: Path, preset: str | None = None) -> "CatalogFile":
        """The file with the preset that is given, or the one that its first line looks made for.

        Raises:
            InputError: it is no catalog file.
        """
        if preset is not None:
            return cls(path, preset)
        with open_feed(path) as feed:
            fields = next((line.fields for line in feed.lines), {})
        return cls(path, next((name for name in preset_names() if _fits(load_preset(name), fields)), None))

    @property
    def options(self) -> ImportOptions:
        """How it is imported."""
        return ImportOptions(field_map=load_preset(self.preset) if self.preset else FieldMap())

    def bring_in(self, connection: Connection, progress: Callable[[int], None] | None = None) -> ImportReport:
        """Import it.

        Raises:
            InputError: it cannot be read, or too much of it is bad; nothing was changed.
        """
        return import_catalog(connection, self.path, self.options, progress)

    def first_item_ids(self, lines: int) -> list[str]:
        """The items that its first lines are about."""
        options, found = self.options, []
        with open_feed(self.path) as feed:
            for line in islice(feed.lines, lines):
                try:
                    found.append(options.field_map.take_key(line.fields, options.org_id, options.namespace).item_id)
                except ItemRefused:
                    continue
        return found


def _fits(preset: FieldMap, fields: dict[str, Any]) -> bool:
    """A line fits where it has the preset's key instead of ours, and most of the fields that are mapped."""
    if "item_id" in fields or not any(name in fields for name in preset.sources.get("item_id", ())):
        return False
    mapped = [any(name in fields for name in names) for names in preset.sources.values()]
    return sum(mapped) * 2 > len(mapped)
