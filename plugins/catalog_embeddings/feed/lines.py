"""The lines of a feed: what a reader hands on for each, and reading text line by line in bounded memory."""

from io import TextIOWrapper
from typing import Any, NamedTuple

from catalog_embeddings.errors import ItemRefused

#: The longest line, in characters; a row of CSV counts as one even where it has line breaks.
MAX_LINE_CHARS = 10_000_000


class FeedLine(NamedTuple):
    """One record of a file, by the number of the line (in parquet: the row) it begins on, from 1.

    ``refused`` says why it is a bad line; ``fields`` then holds what could be read of it all the same.
    """

    number: int
    fields: dict[str, Any]
    refused: ItemRefused | None = None


class TextLines:
    """The lines of a text, each with its line end.

    Taking the next raises ItemRefused (``line_too_long``) and can go on after it, so it is no generator.
    """

    def __init__(self, text: TextIOWrapper, newline: str = "\n") -> None:
        self._text = text
        self._newline = newline
        self._record_chars = 0
        self.number = 0

    def begin_record(self) -> None:
        """What follows is a new record, with all the length it may have."""
        self._record_chars = 0

    def __iter__(self) -> "TextLines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE_CHARS)
        if not line:
            raise StopIteration
        self.number += 1
        self._record_chars += len(line)
        if len(line) == MAX_LINE_CHARS and not line.endswith(self._newline):
            self._skip_rest()
        elif self._record_chars <= MAX_LINE_CHARS:
            return line
        raise ItemRefused("line_too_long", f"more than {MAX_LINE_CHARS:,} characters")

    def _skip_rest(self) -> None:
        while (rest := self._text.readline(MAX_LINE_CHARS)) and not rest.endswith(self._newline):
            pass
