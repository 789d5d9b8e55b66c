"""Importing a catalog file: everything that is good in it, or nothing when too much is bad.

Goes through the file line by line in flat memory and leaves reading to ``feed``, merging to ``postgres``.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from catalog_embeddings.errors import InputError, ItemRefused
from catalog_embeddings.feed.lines import FeedLine
from catalog_embeddings.feed.mapping import FieldMap
from catalog_embeddings.feed.reading import Feed, open_feed
from catalog_embeddings.feed.source import ExpansionLimit
from catalog_embeddings.postgres.catalog_features import Staging, merge, staging
from catalog_embeddings.postgres.connection import Connection

DEFAULT_ORG = UUID(int=0)
DEFAULT_NAMESPACE = "default"

_SHOWN_BAD_LINES = 100
_LISTED_BAD_LINES = 10
_PROGRESS_EVERY_LINES = 1_000


@dataclass(frozen=True)
class ImportOptions:
    """How a file is imported. ``max_bad`` is the fraction of bad lines that is put up with.

    ``org_id`` and ``namespace`` are those of lines that name none. With ``full`` the file is a snapshot: what it
    lacks is deleted. ``encoding`` overrules what the file looks like.
    """

    org_id: UUID = DEFAULT_ORG
    namespace: str = DEFAULT_NAMESPACE
    full: bool = False
    max_bad: float = 0.01
    field_map: FieldMap = field(default_factory=FieldMap)
    encoding: str | None = None
    expansion: ExpansionLimit = field(default_factory=ExpansionLimit)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line (in parquet: a row) that was skipped, and why; ``reason`` is a stable code."""

    line: int
    reason: str
    detail: str

    def __str__(self) -> str:
        return f"line {self.line:,}: {self.reason}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True)
class ImportReport:
    """What an import did, in lines of the file; ``deleted`` is in items.

    Every line that was read is one of inserted, updated, unchanged, stale, duplicates and bad. ``bad_lines`` holds
    the first hundred of them, ``notes`` what a person should know besides.
    """

    read: int
    inserted: int
    updated: int
    unchanged: int
    stale: int
    deleted: int
    duplicates: int
    bad: int
    bad_lines: list[BadLine]
    notes: list[str]
    encoding: str | None
    format: str
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The report as an object of plain values."""
        return asdict(self)


def import_catalog(
    connection: Connection, path: Path, options: ImportOptions, progress: Callable[[int], None] | None = None
) -> ImportReport:
    """Import a file in one transaction; ``progress`` is told how far into the file it is, in bytes.

    Raises:
        InputError: the file cannot be read, holds no items, or too many of its lines are bad; nothing was changed.
    """
    began = time.monotonic()
    with (
        open_feed(path, encoding=options.encoding, limit=options.expansion) as feed,
        connection.transaction(),
    ):
        with staging(connection) as staged:
            tally = _stage(feed, staged, options, progress or (lambda _position: None))
        _refuse_bad_file(path, tally, options.max_bad)
        # A line that does not say whose it is may be any item's: then nothing can be called missing.
        snapshot = options.full and not tally.unattributed
        counts = merge(connection, snapshot=snapshot)
    return ImportReport(
        read=tally.read,
        inserted=counts.inserted,
        updated=counts.updated,
        unchanged=counts.unchanged,
        stale=counts.stale,
        deleted=counts.deleted,
        duplicates=counts.duplicates,
        bad=tally.bad,
        bad_lines=tally.bad_lines,
        notes=_notes(feed, tally, options),
        encoding=feed.encoding.name if feed.encoding else None,
        format=feed.format,
        seconds=round(time.monotonic() - began, 3),
    )


@dataclass
class _Tally:
    """What was seen of a file so far; ``unseen`` are fields that were asked for and never had a value."""

    unseen: set[str]
    read: int = 0
    bad: int = 0
    unattributed: int = 0
    bad_lines: list[BadLine] = field(default_factory=list)

    def add_bad(self, line: int, refused: ItemRefused) -> None:
        self.bad += 1
        if len(self.bad_lines) < _SHOWN_BAD_LINES:
            self.bad_lines.append(BadLine(line, refused.reason, refused.detail))


def _stage(feed: Feed, staged: Staging, options: ImportOptions, progress: Callable[[int], None]) -> _Tally:
    tally = _Tally(unseen=options.field_map.named_fields())
    for line in feed.lines:
        tally.read += 1
        if tally.unseen:
            tally.unseen -= line.fields.keys()
        _stage_line(line, staged, options, tally)
        if tally.read % _PROGRESS_EVERY_LINES == 0:
            progress(feed.position())
    progress(feed.position())
    return tally


def _stage_line(line: FeedLine, staged: Staging, options: ImportOptions, tally: _Tally) -> None:
    try:
        key = options.field_map.take_key(line.fields, options.org_id, options.namespace)
    except ItemRefused as refused:
        tally.unattributed += 1
        tally.add_bad(line.number, line.refused or refused)
        return
    try:
        if line.refused:
            raise line.refused
        staged.add_good(line.number, options.field_map.take_item(key, line.fields))
    except ItemRefused as refused:
        staged.add_bad(line.number, key, refused)
        tally.add_bad(line.number, refused)


def _refuse_bad_file(path: Path, tally: _Tally, max_bad: float) -> None:
    if not tally.read:
        raise InputError(f"{path} holds no items; nothing was changed")
    if tally.bad <= max_bad * tally.read:
        return
    listed = tally.bad_lines[:_LISTED_BAD_LINES]
    message = [
        f"{path}: {tally.bad:,} of {tally.read:,} lines are bad and at most {100 * max_bad:.4g} % may be (--max-bad), "
        "so nothing was imported. The first ones:",
        *map(str, listed),
    ]
    if any(bad.reason == "item_id_missing" for bad in listed):
        message.append("Say --map item_id=FIELD if the item_id is in a field of another name.")
    raise InputError("\n  ".join(message))


def _notes(feed: Feed, tally: _Tally, options: ImportOptions) -> list[str]:
    notes = []
    if feed.encoding and feed.encoding.assumed:
        notes.append(f"{feed.encoding.name} was assumed; --encoding names another encoding")
    if tally.unseen:
        notes.append(f"fields that no line had: {', '.join(sorted(tally.unseen))}")
    if options.full and tally.unattributed:
        notes.append(f"nothing was deleted: {tally.unattributed:,} bad lines do not say of which item they are")
    return notes
