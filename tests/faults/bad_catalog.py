"""The tables of ``bad_input`` as catalogs: items sent by three kinds of file, and by a feed that writes the table.

Says of every item how it has to end, by cleaning its texts with a second hand. Each value stands in every field of
an item of its own, beside an innocent item.
"""

import csv
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.domain.version import Chunking
from catalog_embeddings.feed.markup import strip_markup
from catalog_embeddings.transform.prompts import load_template
from tests.faults import bad_input

#: The feed that writes the table itself. The other ways are kinds of file.
FEED = "feed"
WAYS = ("jsonl", "csv", "parquet", FEED)
ORG = UUID(int=0)
PROSE = ("title", "description", "brand")
TEMPLATE = "product.v2"

Columns = dict[str, Any]

_BLANKS = re.compile("[\x01-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_CONTROLS = re.compile("[\x01-\x1f]")
_FLOOD = re.compile("[\u0300-\u036f]{31}")


@dataclass(frozen=True)
class Sent:
    """An item as it is sent, and how it ends.

    ``refused_line``: why a file's line is refused; ``reason``: why a run refuses the item; else ``text`` is embedded.
    """

    item_id: str
    columns: Columns
    text: str | None = None
    reason: str | None = None
    refused_line: str | None = None


def sent_by(way: str) -> list[Sent]:
    """Every item that is sent this way."""
    items = [*_texts(way), *_ids(way)]
    return [*items, *_attributes(), *_times()] if way == FEED else items


def stored(way: str, columns: Columns) -> Columns:
    """What the catalog holds of what was sent: a file's markup is gone, and nothing else."""
    if way == FEED:
        return columns
    return {name: strip_markup(value) or None if name in PROSE else value for name, value in columns.items()}


def as_literal(value: Any) -> str | None:
    """A column's value as text: attributes become JSON, unless they are that already."""
    return json.dumps(value) if isinstance(value, dict) else value


def write_file(way: str, path: Path, items: list[Sent]) -> dict[int, str]:
    """Write the items as a file of that kind; returns the lines that have to be refused, each with its reason."""
    rows = [{"item_id": item.item_id, **item.columns} for item in items]
    begins = list(range(1, len(rows) + 1))
    if way == "jsonl":
        bad = list(_bad_lines())
        lines = [*(json.dumps(row, ensure_ascii=False) for row in rows), *(line for line, _ in bad)]
        path.write_text("\n".join(lines), encoding="utf-8", newline="")
        refused = {number: reason for number, (_, reason) in enumerate(bad, len(rows) + 1)}
    else:
        refused = {}
        names = ("item_id", *PROSE, "attributes")
        flat = [{name: as_literal(value) for name, value in row.items()} for row in rows]
        if way == "parquet":
            pq.write_table(pa.table({name: [row.get(name) for row in flat] for name in names}), path)
        else:
            begins = _write_csv(path, names, flat)
    return refused | {line: item.refused_line for line, item in zip(begins, items, strict=True) if item.refused_line}


def _write_csv(path: Path, names: tuple[str, ...], rows: list[Columns]) -> list[int]:
    begins = [2]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for row in rows:
            writer.writerow(row)
            begins.append(begins[-1] + 1 + sum(value.count("\n") for value in row.values()))
    return begins[:-1]


def _texts(way: str) -> Iterator[Sent]:
    # A megabyte takes a second to clean, and cleaning does not ask which way it came.
    texts = bad_input.TEXTS | (bad_input.TOO_LONG if way in {"jsonl", FEED} else {})
    for case, value in (texts | {case: html for case, (html, _) in bad_input.MARKUP.items()}).items():
        fields: dict[str, Columns] = {column: {column: value} for column in PROSE}
        fields |= {"attribute": {"attributes": {"named": value}}, "name": {"attributes": {value: "named"}}}
        for name, columns in fields.items():
            text = "" if case in bad_input.SILENT else _embedded(stored(way, columns))
            too_long = len(text.encode()) > Chunking().max_text_bytes
            reason = "text_too_long" if too_long else None if text else "empty_text"
            yield Sent(f"{case} as {name}", columns, None if reason else text, reason)
        yield _innocent(way, f"beside {case}")


def _ids(way: str) -> Iterator[Sent]:
    ids = dict(bad_input.IDS)
    taken = {item_id for item_id, _, _ in ids.values()}
    for case, value in bad_input.TEXTS.items():
        size = len(value.encode())
        # Postgres itself takes no longer ones, unless they can be compressed.
        if value not in taken and size <= 2_000:
            by_file = "item_id_too_long" if size > 512 else None if value.strip() else "item_id_missing"
            ids[f"id of {case}"] = (value, by_file, None)
    for case, (item_id, by_file, by_feed) in ids.items():
        title = f"An innocent lamp with the id {case}, by {way}"
        if way == FEED:
            yield Sent(item_id, {"title": title}, None if by_feed else title, by_feed)
        else:
            yield Sent(item_id, {"title": title}, None if by_file else title, refused_line=by_file)


def _attributes() -> Iterator[Sent]:
    for case, (attributes, reason, details) in bad_input.ATTRIBUTES.items():
        title = f"A lamp with attributes {case}"
        text = f"{title}\nDetails: {details}" if details else title
        columns = {"title": title, "attributes": attributes}
        yield Sent(f"attributes {case}", columns, None if reason else text, reason)
        yield _innocent(FEED, f"beside attributes {case}")


def _times() -> Iterator[Sent]:
    for time in bad_input.TIMES:
        title = f"A lamp of the time {time}"
        yield Sent(f"time {time}", {"title": title, "updated_at": time}, title)


def _innocent(way: str, case: str) -> Sent:
    title = f"An innocent lamp {case}, by {way}"
    return Sent(case, {"title": title}, title)


def _bad_lines() -> Iterator[tuple[str, str]]:
    """Lines of JSON that are refused, each with its reason."""
    plain = {"item_id": "bad line", "title": "zanzibar"}
    for value, reason in bad_input.UNREADABLE.values():
        for name in ("item_id", *PROSE):
            yield json.dumps(plain | {name: value}), reason
        yield json.dumps(plain | {"attributes": {"named": value}}), reason
        yield json.dumps(plain | {"attributes": {value: 1}}), reason
    for literal, reason in bad_input.NO_TEXTS.values():
        for name in ("item_id", *PROSE):
            yield json.dumps(plain | {name: "?"}).replace('"?"', literal), reason


def _embedded(columns: Columns) -> str:
    attributes = columns.get("attributes")
    prose: dict[str, Any] = {column: _one_line(columns.get(column) or "") for column in PROSE}
    item = CatalogItem(
        ItemKey(ORG, "", ""),
        **prose,
        attributes=attributes and {_plain(name): _plain(value) for name, value in attributes.items()},
    )
    return load_template(TEMPLATE).render(item)


def _one_line(value: str) -> str | None:
    return _BLANKS.sub(" ", _composed(value)).strip(" ") or None


def _plain(value: str) -> str:
    return _composed(_CONTROLS.sub(" ", value))


def _composed(value: str) -> str:
    # Putting a flood of marks in order takes time by its square: it is left as it stands.
    return value if _FLOOD.search(value) else unicodedata.normalize("NFC", value)
