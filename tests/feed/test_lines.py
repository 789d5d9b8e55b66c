"""Lines are bounded: one that is too long is refused without being held, and the next is read as ever."""

import io

import pytest

from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.feed.lines import MAX_LINE_CHARS, TextLines


def _lines(text: str, newline: str = "\n") -> TextLines:
    return TextLines(io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8", newline=newline), newline)


def test_a_line_that_is_too_long_is_passed_over() -> None:
    lines = _lines("a" * (2 * MAX_LINE_CHARS + 5) + "\nshort\n")
    with pytest.raises(ItemRefused, match="line_too_long"):
        next(lines)
    lines.begin_record()
    assert (next(lines), lines.number) == ("short\n", 2)


def test_a_line_of_just_the_limit_is_kept() -> None:
    assert len(next(_lines("a" * (MAX_LINE_CHARS - 1) + "\nb"))) == MAX_LINE_CHARS


def test_a_record_of_many_lines_has_the_limit_of_one() -> None:
    lines = _lines(("a" * (MAX_LINE_CHARS // 2) + "\n") * 3)
    next(lines)
    with pytest.raises(ItemRefused, match="line_too_long"):
        next(lines)
    lines.begin_record()
    assert next(lines).startswith("a")


@pytest.mark.parametrize(("text", "newline"), [("a\x0bb\u2028c\r\nd", "\n"), ("a\nb\rc", "\r")])
def test_only_the_line_end_ends_a_line(text: str, newline: str) -> None:
    assert "".join(_lines(text, newline)) == text
    assert len(list(_lines(text, newline))) == 2
