"""Reading JSON: one object a line, an array of objects, or objects one after another, however they are printed.

In lines, a bad one is skipped. In a document nobody can tell where the next item begins after a mistake, so the
file is refused. Where a key stands twice in an object the last one counts, as for every JSON parser.
"""

import json
import re
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from catalog_embeddings.errors import InputError, ItemRefused
from catalog_embeddings.feed.lines import MAX_LINE_CHARS, FeedLine, TextLines

# Not strict: a raw tab or line break within a text is a common slip and does no harm.
_DECODER = json.JSONDecoder(strict=False)
_CHUNK_CHARS = 1 << 20
_GAP = re.compile(r"[\s,]*")
_TOO_DEEP = "nested deeper than any catalog item"


def is_document(head: str) -> bool:
    """Whether text that begins like this is one document rather than an object a line."""
    lines = [line for line in head.split("\n", 1000) if not line.isspace()][:2]
    if head.lstrip().startswith("["):
        return True
    try:
        _DECODER.decode(lines[0])
    except (ValueError, RecursionError):
        # Of an object printed over several lines the second begins with a key; in JSON lines, with a brace.
        return len(lines) > 1 and not lines[1].lstrip().startswith("{")
    return False


def read_json_lines(text: TextIOWrapper) -> Iterator[FeedLine]:
    """One object a line; blank lines are passed over."""
    lines = TextLines(text)
    while True:
        lines.begin_record()
        try:
            line = next(lines)
        except StopIteration:
            return
        except ItemRefused as refused:
            yield FeedLine(lines.number, {}, refused)
            continue
        if not line.isspace():
            yield _parse_line(lines.number, line)


def read_json_document(text: TextIOWrapper, path: Path) -> Iterator[FeedLine]:
    """The objects of an array, or objects one after another, over a window of bounded size.

    Raises:
        InputError: the text is not JSON, ends in the middle, or holds a value that is too long.
    """
    window = _Window(text, path)
    is_array = window.skip_gap() and window.take("[")
    while window.skip_gap():
        if is_array and window.take("]"):
            if window.skip_gap():
                raise InputError(f"{path}, line {window.line}: more text after the end of the array")
            return
        number = window.line
        yield _as_line(number, window.decode_value())
    if is_array:
        raise InputError(f"{path}: the array does not end; the file is cut off, so fetch it again")


class _Window:
    """A stretch of the text, moved along as values are taken from its beginning."""

    def __init__(self, text: TextIOWrapper, path: Path) -> None:
        self._text = text
        self._path = path
        self._chars = ""
        self._at = 0
        self._ended = False
        self.line = 1

    def skip_gap(self) -> bool:
        """Go to the next character that means something; False when there is none."""
        while True:
            match = _GAP.match(self._chars, self._at)
            self._advance(match.end() if match else self._at)
            if self._at < len(self._chars):
                return True
            if self._ended:
                return False
            self._extend()

    def take(self, character: str) -> bool:
        """Pass over this character, if it comes next."""
        found = self._chars[self._at] == character
        self._at += found
        return found

    def decode_value(self) -> Any:
        """The JSON value that begins here."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._chars, self._at)
            except RecursionError:
                raise InputError(f"{self._where()}: {_TOO_DEEP}") from None
            except ValueError as error:
                if self._ended:
                    raise InputError(
                        f"{self._where()}: not valid JSON ({_why(error)}); if the file is cut off, fetch it again"
                    ) from None
                end = len(self._chars)
            if end - self._at > MAX_LINE_CHARS:
                raise InputError(
                    f"{self._where()}: no JSON value of at most {MAX_LINE_CHARS:,} characters; "
                    "write one object an item, as lines or as an array"
                )
            # A number at the very end may go on beyond it.
            if end < len(self._chars) or self._ended:
                self._advance(end)
                return value
            self._extend()

    def _where(self) -> str:
        return f"{self._path}, in the value that begins on line {self.line}"

    def _extend(self) -> None:
        rest = self._chars[self._at :]
        # As much again as is there, so that a long value is not parsed anew for every little piece.
        more = self._text.read(max(_CHUNK_CHARS, len(rest)))
        self._ended = not more
        self._chars, self._at = rest + more, 0

    def _advance(self, end: int) -> None:
        self.line += self._chars.count("\n", self._at, end)
        self._at = end


def _parse_line(number: int, line: str) -> FeedLine:
    try:
        return _as_line(number, _DECODER.decode(line))
    except RecursionError:
        return FeedLine(number, {}, ItemRefused("nested_too_deep", _TOO_DEEP))
    except ValueError as error:
        return FeedLine(number, {}, ItemRefused("invalid_json", _why(error)))


def _as_line(number: int, value: Any) -> FeedLine:
    if isinstance(value, dict):
        return FeedLine(number, value)
    return FeedLine(number, {}, ItemRefused("not_an_object", "an item is a JSON object"))


def _why(error: ValueError) -> str:
    """The parser's reason without the text it stumbled on."""
    return f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "a number is too long"
