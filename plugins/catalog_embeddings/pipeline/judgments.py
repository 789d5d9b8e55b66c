"""Reading what people judged: which items answer a query, and how well; and how often items were chosen at all.

Knows the formats: TREC qrels, and tables (CSV, JSON lines, whatever ``feed`` reads) with a column ``rating``. A
mistake is told with its line, because a file that is half understood would give figures nobody can trust.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog_embeddings.errors import InputError, ItemRefused
from catalog_embeddings.feed.reading import open_feed
from catalog_embeddings.feed.source import ExpansionLimit, inspect_file
from catalog_embeddings.feed.values import as_item_id, as_text

# Query, iteration, item, rating, divided by white space and without a heading: trec.nist.gov/data/qrels_eng.
_QRELS_LINE = re.compile(r"\s*(?P<query_id>\S+)\s+\S+\s+(?P<item_id>\S+)\s+(?P<rating>-?\d+)\s*")
_TOPIC_LINE = re.compile(r"(?P<query_id>[^\t]+)\t(?P<query>[^\t]+)")


@dataclass(frozen=True, slots=True)
class Judgment:
    """How well an item answers a query: 0 for not at all."""

    item_id: str
    rating: float


@dataclass(frozen=True, slots=True)
class JudgedText:
    """A query as it is asked, and what was judged for it."""

    query_id: str
    query: str
    judgments: tuple[Judgment, ...]


def read_judgments(path: Path, queries: Path | None = None) -> list[JudgedText]:
    """The judged queries of a file, in the order in which they first appear.

    TREC qrels name queries by id, so ``queries`` must hold their texts. A table has the columns item_id and rating,
    and query or query_id. A rating below 0, which some qrels have for junk, counts as 0.

    Raises:
        InputError: a line cannot be read, a query has no text, or an item has two ratings for one query.
    """
    texts = dict(_read_queries(queries)) if queries else {}
    rated: dict[str, dict[str, float]] = {}
    for place, query_id, item_id, rating in _judgments(path, texts):
        if query_id not in texts:
            raise InputError(f"{place}: no text for query {query_id!r}; name a file that has it with --queries")
        known = rated.setdefault(query_id, {}).setdefault(item_id, rating)
        if known != rating:
            raise InputError(
                f"{place}: item {item_id!r} is rated {rating:g} here and {known:g} further up for the same query; "
                "keep one of the lines"
            )
    if not rated:
        raise InputError(f"{path} holds no judgments")
    return [
        JudgedText(query_id, texts[query_id], tuple(Judgment(*pair) for pair in items.items()))
        for query_id, items in rated.items()
    ]


def read_popularity(path: Path) -> dict[str, float]:
    """How often each item was chosen: a table with item_id, and count where a line stands for more than one choice.

    Raises:
        InputError: a line cannot be read.
    """
    counts: dict[str, float] = {}
    for place, fields in _rows(path):
        item_id = _item_id(place, fields)
        chosen = _number(place, "count", fields["count"]) if "count" in fields else 1.0
        counts[item_id] = counts.get(item_id, 0.0) + chosen
    if not counts:
        raise InputError(f"{path} holds no interactions")
    return counts


def _judgments(path: Path, texts: dict[str, str]) -> Iterator[tuple[str, str, str, float]]:
    """Place, query id, item and rating of each line; a query that a table spells out is added to ``texts``."""
    if _QRELS_LINE.fullmatch(_first_line(path)):
        for place, line in _lines(path):
            if not (match := _QRELS_LINE.fullmatch(line)):
                raise InputError(f"{place}: a line of qrels is QUERY_ID 0 ITEM_ID RATING")
            yield place, match["query_id"], match["item_id"], max(0.0, float(match["rating"]))
        return
    for place, fields in _rows(path):
        query = _text(place, "query", fields)
        query_id = _text(place, "query_id", fields) or query
        if query_id is None:
            raise InputError(f"{place}: neither query nor query_id is filled; a table needs one of these columns")
        if "rating" not in fields:
            raise InputError(f"{place}: no rating; a table of judgments has the columns query, item_id, rating")
        if query and texts.setdefault(query_id, query) != query:
            raise InputError(f"{place}: query {query_id!r} has another text here than further up")
        yield place, query_id, _item_id(place, fields), max(0.0, _number(place, "rating", fields["rating"]))


def _read_queries(path: Path) -> Iterator[tuple[str, str]]:
    first = _TOPIC_LINE.fullmatch(_first_line(path))
    if first and first["query_id"].strip() != "query_id":
        for place, line in _lines(path):
            if not (match := _TOPIC_LINE.fullmatch(line)) or not match["query"].strip():
                raise InputError(f"{place}: a line of queries is QUERY_ID, a tab, and the query")
            yield match["query_id"].strip(), match["query"].strip()
        return
    for place, fields in _rows(path):
        query_id, query = _text(place, "query_id", fields), _text(place, "query", fields)
        if query_id is None or query is None:
            raise InputError(f"{place}: a query needs its query_id and its query")
        yield query_id, query


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with open_feed(path) as feed:
        for line in feed.lines:
            place = f"{path}, line {line.number}"
            if line.refused:
                raise InputError(f"{place}: {line.refused}")
            yield place, line.fields


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8-sig") as text:
            for number, line in enumerate(text, start=1):
                if line.strip():
                    yield f"{path}, line {number}", line.rstrip("\r\n")
    except UnicodeError:
        raise InputError(f"{path} is not UTF-8; convert it, or write it as CSV with a heading") from None


def _first_line(path: Path) -> str:
    """The first line that says something, as far as it can be read: only its shape matters."""
    inspect_file(path, ExpansionLimit())
    with path.open(encoding="utf-8-sig", errors="replace") as text:
        return next((line.rstrip("\r\n") for line in text if line.strip()), "")


def _text(place: str, column: str, fields: dict[str, Any]) -> str | None:
    try:
        text = as_text(column, fields.get(column))
    except ItemRefused as refused:
        raise InputError(f"{place}: {refused}") from None
    return (text or "").strip() or None


def _item_id(place: str, fields: dict[str, Any]) -> str:
    try:
        return as_item_id(fields.get("item_id"))
    except ItemRefused as refused:
        raise InputError(f"{place}: {refused}") from None


def _number(place: str, column: str, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{place}: {column} is not a number")
    return number
