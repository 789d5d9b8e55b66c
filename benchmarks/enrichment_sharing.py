"""How many calls variants save: distinct records of a catalog file, as an enrichment template sends them.

    python benchmarks/enrichment_sharing.py CATALOG [--preset icecat] [--enrichment review.v1] [--show 5]

Three ways to count the calls are compared: one for each item, one for each distinct whole record, and one for each
distinct record without what is a variant's own, which is what is paid for. ``--show`` prints the titles of the largest
groups of items that share one call although their records differ. Nothing is sent anywhere.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.table import Table

from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.feed.mapping import FieldMap
from catalog_embeddings.feed.preset import load_preset
from catalog_embeddings.feed.reading import open_feed
from catalog_embeddings.transform.embeddable import check_item
from catalog_embeddings.transform.enrichment_templates import EnrichmentTemplate, load_enrichment, record_hash
from catalog_embeddings.transform.variants import VariantFields

ORG = UUID(int=0)


def main() -> None:
    """Count, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--preset")
    parser.add_argument("--enrichment", default="review.v1")
    parser.add_argument("--show", type=int, default=0, metavar="GROUPS")
    asked = parser.parse_args()
    template = load_enrichment(asked.enrichment)
    blind = replace(template, variant_fields=VariantFields())
    items = list(_items(asked.catalog, load_preset(asked.preset) if asked.preset else FieldMap()))
    whole = _groups(items, blind)
    shared = _groups(items, template)
    _print(len(items), len(whole), len(shared), sum(bool(template.variant_facts(item)) for item in items))
    several = [members for members in shared.values() if len({record_hash(blind.record(item)) for item in members}) > 1]
    console = Console(highlight=False, markup=False)
    for members in sorted(several, key=len, reverse=True)[: asked.show]:
        console.print(f"\n{len(members)} items, one call:")
        for title in sorted({item.title or "" for item in members})[:6]:
            console.print(f"  {title}", overflow="ignore", crop=False)


def _items(catalog: Path, fields: FieldMap) -> Iterator[CatalogItem]:
    """The items of a file as an import makes them; what it would skip is skipped."""
    with open_feed(catalog) as feed:
        for line in feed.lines:
            try:
                row = fields.take_item(fields.take_key(line.fields, ORG, "default"), line.fields)
                item = CatalogItem(
                    ItemKey(row.org_id, row.namespace, row.item_id),
                    title=row.title,
                    description=row.description,
                    brand=row.brand,
                    category=row.category,
                    attributes=json.loads(row.attributes) if row.attributes else None,
                    tags=tuple(row.tags or ()),
                    locale=row.locale,
                )
                check_item(item)
            except ItemRefused:
                continue
            yield item


def _groups(items: list[CatalogItem], template: EnrichmentTemplate) -> dict[bytes, list[CatalogItem]]:
    groups = defaultdict(list)
    for item in items:
        if record := template.record(item):
            groups[record_hash(record)].append(item)
    return groups


def _print(items: int, whole: int, shared: int, with_variants: int) -> None:
    table = Table(title="LLM calls", title_justify="left")
    for column in ("one call for each", "calls", "saved"):
        table.add_column(column, justify="left" if column.startswith("one") else "right")
    for name, calls in (("item", items), ("whole record", whole), ("record without a variant's own", shared)):
        table.add_row(name, f"{calls:,}", f"{1 - calls / items:.1%}")
    console = Console()
    console.print(table)
    console.print(f"{with_variants:,} of {items:,} items have attributes that are a variant's own.")


if __name__ == "__main__":
    main()
