"""Reading a catalog file of any known kind: which reader fits, and what was found out about the file."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.delimited import line_end, read_delimited
from catalog_embeddings.feed.encoding import Encoding, detect_encoding, named_encoding, open_text
from catalog_embeddings.feed.json_text import is_document, read_json_document, read_json_lines
from catalog_embeddings.feed.lines import FeedLine
from catalog_embeddings.feed.parquet_rows import ParquetRows
from catalog_embeddings.feed.source import ExpansionLimit, FeedFile, inspect_file

Format = Literal["csv", "jsonl", "json", "parquet"]

_HEAD_CHARS = 1 << 16
_JSON_NAMES = {".json", ".jsonl", ".ndjson"}
_DELIMITED_NAMES = {".csv", ".tsv", ".tab", ".psv", ".txt"}


@dataclass(frozen=True)
class Feed:
    """An open catalog file. ``lines`` can be gone through once; ``position`` is in bytes of the file on disk.

    ``encoding`` is None for parquet. ``json`` is one document: an array, or objects one after another.
    """

    format: Format
    encoding: Encoding | None
    lines: Iterator[FeedLine]
    position: Callable[[], int]


@contextmanager
def open_feed(path: Path, *, encoding: str | None = None, limit: ExpansionLimit | None = None) -> Iterator[Feed]:
    """Open a catalog file; ``encoding`` overrules what the file looks like.

    Raises:
        InputError: it is no catalog file, or, while its lines are read, turns out to be a broken one.
    """
    file = inspect_file(path, limit or ExpansionLimit())
    if file.parquet:
        with closing(ParquetRows(path, file.limit)) as rows:
            yield Feed("parquet", None, iter(rows), rows.position)
        return
    chosen = named_encoding(encoding) if encoding else detect_encoding(file)
    head = _head(file, chosen)
    kind = _format_of(path, head)
    text, raw = open_text(file, chosen, line_end(head) if kind == "csv" else "\n")
    with closing(text):
        if kind == "csv":
            lines = read_delimited(text, head, path)
        elif kind == "json":
            lines = read_json_document(text, path)
        else:
            lines = read_json_lines(text)
        yield Feed(kind, chosen, _decodable(lines, path, chosen), raw.position)


def _head(file: FeedFile, encoding: Encoding) -> str:
    text, _ = open_text(file, encoding)
    with closing(text):
        try:
            head = text.read(_HEAD_CHARS)
        except UnicodeError:
            raise _undecodable(file.path, encoding) from None
    if not head.strip():
        raise InputError(f"{file.path} holds nothing but white space")
    return head


def _format_of(path: Path, head: str) -> Literal["csv", "jsonl", "json"]:
    """By name if that says it, else by the first character."""
    suffix = next((name for name in reversed(path.suffixes) if name.lower() != ".gz"), "").lower()
    if suffix in _DELIMITED_NAMES or (suffix not in _JSON_NAMES and not head.lstrip().startswith(("{", "["))):
        return "csv"
    return "json" if is_document(head) else "jsonl"


def _decodable(lines: Iterator[FeedLine], path: Path, encoding: Encoding) -> Iterator[FeedLine]:
    try:
        yield from lines
    except UnicodeError:
        raise _undecodable(path, encoding) from None


def _undecodable(path: Path, encoding: Encoding) -> InputError:
    return InputError(f"{path} is no text in {encoding.name}, or is cut off; --encoding names another encoding")
