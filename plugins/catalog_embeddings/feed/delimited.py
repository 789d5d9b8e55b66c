"""Reading CSV and its relatives: the delimiter is found in the header, quoting is taken strictly.

Strictly, because a stray quote would otherwise swallow the rows after it without a word. Values stay the text
they are: a guess would make 7 of 007.
"""

import csv
import io
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from catalog_embeddings.errors import InputError, ItemRefused
from catalog_embeddings.feed.lines import MAX_LINE_CHARS, FeedLine, TextLines

_DELIMITERS = ",;\t|"
_DECLARATION = "sep="


def line_end(head: str) -> str:
    """What ends a line; a carriage return alone where the file knows nothing else."""
    return "\r" if "\r" in head and "\n" not in head else "\n"


def find_delimiter(head: str) -> str:
    """The delimiter that divides the header into the most columns, or the one that the file declares."""
    if head.startswith(_DECLARATION) and len(head) > len(_DECLARATION):
        return head[len(_DECLARATION)]
    return max(_DELIMITERS, key=lambda delimiter: len(_first_row(head, delimiter)))


def read_delimited(text: TextIOWrapper, head: str, path: Path) -> Iterator[FeedLine]:
    """The rows below the header; an empty value is no value.

    Raises:
        InputError: the header cannot be used.
    """
    csv.field_size_limit(MAX_LINE_CHARS)
    lines = TextLines(text, line_end(head))
    if head.startswith(_DECLARATION):
        next(lines, None)
    rows = csv.reader(lines, delimiter=find_delimiter(head), strict=True)
    header = _header(rows, path)
    while True:
        lines.begin_record()
        first = lines.number + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except ItemRefused as refused:
            yield FeedLine(first, {}, refused)
        except csv.Error as error:
            yield FeedLine(first, {}, ItemRefused("broken_quoting", str(error)))
        else:
            if any(row):
                yield _line(first, header, row, whole=lines.number == first)


def _line(number: int, header: list[str], row: list[str], *, whole: bool) -> FeedLine:
    surplus = len(row) - len(header)
    if surplus < 0 or (surplus and any(row[len(header) :])):
        refused = ItemRefused("wrong_field_count", f"{len(row)} fields below a header of {len(header)}")
        # Over several lines it is likely that a quote has joined rows: whose would the item_id be?
        return FeedLine(number, dict(zip(header, row, strict=False)) if whole else {}, refused)
    # A column without a name is the row number of some program.
    return FeedLine(number, {name: value for name, value in zip(header, row, strict=False) if value and name})


def _header(rows: Iterator[list[str]], path: Path) -> list[str]:
    try:
        header = [name.strip() for name in next(filter(any, rows), [])]
    except (ItemRefused, csv.Error) as error:
        raise InputError(f"{path}: the header cannot be read ({error})") from None
    names = [name for name in header if name]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InputError(f"{path}: more than one column is named {', '.join(twice)}; rename them in the header")
    return header


def _first_row(head: str, delimiter: str) -> list[str]:
    try:
        return next(filter(any, csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)), [])
    except csv.Error:
        return []
