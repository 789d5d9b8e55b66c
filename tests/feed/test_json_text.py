"""JSON in each of its shapes; a bad line costs that line, a broken document the file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.lines import MAX_LINE_CHARS, FeedLine
from catalog_embeddings.feed.reading import open_feed

Write = Callable[[str, bytes | str], Path]
Read = Callable[..., list[FeedLine]]

ITEMS: list[dict[str, Any]] = [{"item_id": "1", "size": [1, {"a": "}{]["}]}, {"item_id": "2", "title": "a\nb"}]


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        ("\n".join(map(json.dumps, ITEMS)), "jsonl"),
        ("\r\n\r\n".join(map(json.dumps, ITEMS)) + "\r\n", "jsonl"),
        (json.dumps(ITEMS), "json"),
        (json.dumps(ITEMS, indent=4), "json"),
        ("\n\n  " + json.dumps(ITEMS) + "\n ", "json"),
        ("[\n" + ",\n".join(map(json.dumps, ITEMS)) + ",\n]\n", "json"),
        ("\n".join(json.dumps(item, indent=2) for item in ITEMS), "json"),
        (",\n".join(json.dumps(item, indent=2) for item in ITEMS), "json"),
    ],
)
@pytest.mark.parametrize("name", ["products.json", "products.jsonl", "products"])
def test_every_shape_is_read(write: Write, content: str, shape: str, name: str) -> None:
    with open_feed(write(name, content)) as feed:
        assert feed.format == shape
        assert [line.fields for line in feed.lines] == ITEMS


def test_a_single_object_printed_over_lines_is_one_item(write: Write, read: Read) -> None:
    assert [line.fields for line in read(write("a.json", json.dumps(ITEMS[0], indent=2)))] == ITEMS[:1]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"item_id": "1", "ti', "invalid_json"),
        ("{'item_id': '1'}", "invalid_json"),
        ('{"item_id": ' + "9" * 5_000 + "}", "invalid_json"),
        ('"1"', "not_an_object"),
        ("7", "not_an_object"),
        ('{"item_id": "1", "a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested_too_deep"),
        ('{"item_id": "' + "1" * MAX_LINE_CHARS + '"}', "line_too_long"),
    ],
    ids=["cut off", "single quotes", "endless number", "text", "number", "deep", "long"],
)
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_bad_line_is_skipped(write: Write, read: Read, line: str, reason: str, place: str) -> None:
    good = [json.dumps(item) for item in ITEMS]
    lines = read(write("products.jsonl", "\n".join([line, *good] if place == "first" else [*good, line])))
    assert [line.fields for line in lines if not line.refused] == ITEMS
    assert [(line.number, line.refused.reason) for line in lines if line.refused] == [
        (1 if place == "first" else 3, reason)
    ]


def test_the_reason_quotes_nothing_of_the_line(write: Write, read: Read) -> None:
    [_, line] = read(write("products.jsonl", '{"item_id": "1"}\n{"item_id": "secret kettle'))
    assert line.refused is not None
    assert "secret" not in str(line.refused)


def test_the_last_of_equal_keys_counts(write: Write, read: Read) -> None:
    [line] = read(write("products.jsonl", '{"item_id": "1", "item_id": "2"}'))
    assert line.fields == {"item_id": "2"}


def test_a_raw_line_break_or_tab_in_a_text_is_taken(write: Write, read: Read) -> None:
    [line] = read(write("products.json", '[{"item_id": "1", "title": "a\tb\nc"}]'))
    assert line.fields["title"] == "a\tb\nc"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('[{"item_id": "1"}, {"item_id": ', "begins on line 1: not valid JSON"),
        ('[{"item_id": "1"}, ', "the array does not end"),
        ('[\n{"item_id": "1"},\n{"item_id" "2"}\n]', "begins on line 3: not valid JSON"),
        ('[{"item_id": "1"}]\n[{"item_id": "2"}]', "line 2: more text after the end"),
        ('{\n "item_id": "1",\n "title"\n}', "begins on line 1: not valid JSON"),
        ("[" * 100_000 + "]" * 100_000, "nested deeper"),
        ('{\n"products": ["' + "a" * MAX_LINE_CHARS + '"]}', "write one object an item"),
    ],
    ids=["cut off", "no end", "no colon", "two arrays", "object", "deep", "long"],
)
def test_a_broken_document_is_refused(write: Write, read: Read, content: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refusal:
        read(write("products.json", content))
    assert "item_id" not in str(refusal.value)


def test_an_element_that_is_no_object_costs_itself(write: Write, read: Read) -> None:
    lines = read(write("products.json", '[{"item_id": "1"},\n 12,\n null, {"item_id": "2"}]'))
    assert [(line.number, line.refused and line.refused.reason) for line in lines] == [
        (1, None),
        (2, "not_an_object"),
        (3, "not_an_object"),
        (3, None),
    ]


def test_an_array_is_read_through_a_window(write: Write, read: Read) -> None:
    # Values of many sizes, so that the window ends everywhere: within texts, numbers and gaps.
    items = [{"item_id": str(n), "n": n * 1_000_003, "text": "ä" * (n * 37 % 5_000)} for n in range(1_500)]
    lines = read(write("products.json", json.dumps(items, indent=1)))
    assert [line.fields for line in lines] == items
    assert [line.number for line in lines] == [2 + 5 * n for n in range(1_500)]
