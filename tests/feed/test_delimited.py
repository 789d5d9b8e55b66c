"""CSV as it comes: any common delimiter, line breaks within quotes, and rows that do not fit the header."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.delimited import find_delimiter, line_end
from catalog_embeddings.feed.lines import MAX_LINE_CHARS, FeedLine

Write = Callable[[str, bytes | str], Path]
Read = Callable[..., list[FeedLine]]


def _bad(lines: list[FeedLine]) -> list[tuple[int, str]]:
    return [(line.number, line.refused.reason) for line in lines if line.refused]


def _good(lines: list[FeedLine]) -> list[dict[str, str]]:
    return [line.fields for line in lines if not line.refused]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(write: Write, read: Read, delimiter: str) -> None:
    rows = delimiter.join(["item_id", "title"]) + "\r\n" + delimiter.join(["1", "Kettle"]) + "\r\n"
    assert _good(read(write("products.csv", rows))) == [{"item_id": "1", "title": "Kettle"}]


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [
        ('id;"price, net";title\n1;2;3', ";"),
        ("id|price (EUR, net)|title\n", "|"),
        ("item_id\n1\n", ","),
        ("sep=^\nid^title\n", "^"),
        ("\n\nid\ttitle\n", "\t"),
    ],
)
def test_the_header_decides_the_delimiter(head: str, delimiter: str) -> None:
    assert find_delimiter(head) == delimiter


@pytest.mark.parametrize(("head", "end"), [("a\r\nb", "\n"), ("a\nb", "\n"), ("a\rb", "\r"), ("a", "\n")])
def test_a_lone_carriage_return_ends_a_line_where_nothing_else_does(head: str, end: str) -> None:
    assert line_end(head) == end


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ('item_id,title\n1,"two\nlines"\n', [{"item_id": "1", "title": "two\nlines"}]),
        ('item_id,title\n1,"a ""b"", c"\n', [{"item_id": "1", "title": 'a "b", c'}]),
        ("item_id,title\r1,a\r2,b\r", [{"item_id": "1", "title": "a"}, {"item_id": "2", "title": "b"}]),
        ("sep=;\nitem_id;title\n1;a\n", [{"item_id": "1", "title": "a"}]),
        (",item_id,title\n0,1,a\n", [{"item_id": "1", "title": "a"}]),
        ("item_id,title,\n1,a,\n", [{"item_id": "1", "title": "a"}]),
        ("item_id,title\n1,a,,\n", [{"item_id": "1", "title": "a"}]),
        (" item_id , title \n1,a\n", [{"item_id": "1", "title": "a"}]),
        ("item_id,title\n\n1,\n,,\n\n", [{"item_id": "1"}]),
        ('item_id\ttitle\n1\t5" screen\n', [{"item_id": "1", "title": '5" screen'}]),
        ("item_id,title\n1,007\n", [{"item_id": "1", "title": "007"}]),
    ],
)
def test_common_shapes_are_read(write: Write, read: Read, content: str, rows: list[dict[str, str]]) -> None:
    lines = read(write("products.csv", content))
    assert (_good(lines), _bad(lines)) == (rows, [])


def test_a_row_that_does_not_fit_the_header_keeps_its_id(write: Write, read: Read) -> None:
    lines = read(write("products.csv", "item_id,title\n1,a,b\n2\n3,c\n"))
    assert _bad(lines) == [(2, "wrong_field_count"), (3, "wrong_field_count")]
    assert [line.fields["item_id"] for line in lines] == ["1", "2", "3"]


def test_rows_joined_by_a_quote_belong_to_nobody(write: Write, read: Read) -> None:
    lines = read(write("products.csv", 'item_id,title\n1,"a\n2,b\n3,c",d\n4,e\n'))
    assert _bad(lines) == [(2, "wrong_field_count")]
    assert [line.fields.get("item_id") for line in lines] == [None, "4"]


@pytest.mark.parametrize("row", ['1,"a" b', '1,"a'])
def test_loose_quotes_make_a_bad_line(write: Write, read: Read, row: str) -> None:
    lines = read(write("products.csv", f"item_id,title\n0,a\n{row}\n"))
    assert _bad(lines) == [(3, "broken_quoting")]
    assert len(_good(lines)) == 1


def test_lines_are_counted_as_an_editor_counts_them(write: Write, read: Read) -> None:
    lines = read(write("products.csv", 'item_id,title\n1,"a\nb\nc"\n\n2,d\n'))
    assert [line.number for line in lines] == [2, 6]


def test_a_quote_that_never_closes_costs_bounded_memory(write: Write, read: Read) -> None:
    swallowed = f"2,{'b' * 9_997}\n" * (MAX_LINE_CHARS // 10_000)
    lines = read(write("products.csv", f'item_id,title\n1,"a\n{swallowed}3,c\n'))
    assert _bad(lines) == [(2, "line_too_long")]
    assert lines[-1].fields == {"item_id": "3", "title": "c"}


def test_many_fields_of_line_breaks_are_one_record_too_long(write: Write, read: Read) -> None:
    endless = f'"{"x" * 9_996}\n",' * (MAX_LINE_CHARS // 10_000 + 1)
    lines = read(write("products.csv", f"item_id,title\n{endless}\n"))
    assert _bad(lines)[0] == (2, "line_too_long")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("item_id,title,title\n1,a,b\n", "more than one column is named title"),
        ('item_id,"a\n', "header cannot be read"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(write: Write, read: Read, content: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read(write("products.csv", content))


def test_a_header_alone_holds_no_rows(write: Write, read: Read) -> None:
    assert read(write("products.csv", "item_id,title\n")) == []
