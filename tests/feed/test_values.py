"""Values become what a column holds, or are refused with a code and without being quoted."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.feed.values import (
    MAX_KEY_BYTES,
    as_attributes,
    as_item_id,
    as_namespace,
    as_org_id,
    as_tags,
    as_text,
    as_timestamp,
    check_characters,
)
from catalog_embeddings.transform.embeddable import MAX_DEPTH

ORG = UUID(int=7)


def _reason(convert: Callable[[], object]) -> str:
    with pytest.raises(ItemRefused) as refusal:
        convert()
    return refusal.value.reason


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("3920564", "3920564"),
        (3920564, "3920564"),
        (3920564.0, "3920564"),
        (Decimal("3920564.00"), "3920564"),
        ("3920564.0", "3920564.0"),
        (1.5, "1.5"),
        (" a ", " a "),
        ("é" * (MAX_KEY_BYTES // 2), "é" * (MAX_KEY_BYTES // 2)),
    ],
)
def test_an_id_is_text(value: Any, text: str) -> None:
    assert as_item_id(value) == text


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "item_id_missing"),
        ("", "item_id_missing"),
        (" \t", "item_id_missing"),
        (True, "wrong_type"),
        (["1"], "wrong_type"),
        ({}, "wrong_type"),
        (b"1", "wrong_type"),
        (float("nan"), "number_out_of_range"),
        (float("inf"), "number_out_of_range"),
        (1e300, "number_out_of_range"),
        ("é" * (MAX_KEY_BYTES // 2) + "a", "item_id_too_long"),
        ("a\0b", "nul_character"),
        ("a\ud800", "lone_surrogate"),
    ],
)
def test_what_is_no_id_is_refused(value: Any, reason: str) -> None:
    assert _reason(lambda: as_item_id(value)) == reason


def test_the_rest_of_the_key_has_defaults() -> None:
    assert as_namespace(None, "shoes") == "shoes"
    assert as_namespace("books", "shoes") == "books"
    assert _reason(lambda: as_namespace("n" * 513, "shoes")) == "namespace_too_long"
    assert as_org_id(None, ORG) == ORG
    assert as_org_id(str(UUID(int=8)), ORG) == UUID(int=8)
    assert _reason(lambda: as_org_id("acme", ORG)) == "wrong_type"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *(("a", "a"), ("", None), (None, None), (date(2024, 2, 29), "2024-02-29")),
        *((7, "7"), (2.50, "2.5"), (-0.0, "0"), (10**400, f"1{'0' * 400}")),
    ],
)
def test_text_columns_hold_text(value: Any, text: str | None) -> None:
    assert as_text("title", value) == text


def test_a_refusal_names_the_column_and_quotes_nothing() -> None:
    with pytest.raises(ItemRefused, match="brand is a list") as refusal:
        as_text("brand", ["secret"])
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2025-03-11T15:05:00Z", datetime(2025, 3, 11, 15, 5, tzinfo=UTC)),
        ("2025-03-11 15:05:00+02", datetime(2025, 3, 11, 13, 5, tzinfo=UTC)),
        ("2025-03-11T15:05:00.123456", datetime(2025, 3, 11, 15, 5, 0, 123456, tzinfo=UTC)),
        (" 2025-03-11 ", datetime(2025, 3, 11, tzinfo=UTC)),
        (datetime.fromisoformat("2025-03-11T15:05:00"), datetime(2025, 3, 11, 15, 5, tzinfo=UTC)),
        (date(2025, 3, 11), datetime(2025, 3, 11, tzinfo=UTC)),
        (None, None),
        ("", None),
    ],
)
def test_times_are_iso_8601_in_utc(value: Any, moment: datetime | None) -> None:
    assert as_timestamp(value) == moment


@pytest.mark.parametrize(
    "value",
    [
        *("infinity", "-infinity", "now", "today", "epoch", "0044-03-15 BC", "10000-01-01", "2025-02-30", "11.3.2025"),
        *("0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", 1741705500, ["2025-03-11"]),
    ],
)
def test_what_is_no_such_time_is_refused(value: Any) -> None:
    assert _reason(lambda: as_timestamp(value)) == "bad_timestamp"


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        (["a", "b, c", None, "", 7], ["a", "b, c", "7"]),
        ("a, b ,,c", ["a", "b", "c"]),
        ("a, b|c", ["a, b", "c"]),
        ('["a", "b"]', ["a", "b"]),
        ("[a, b", ["[a", "b"]),
        ("alone", ["alone"]),
        ([], None),
        ("", None),
        (None, None),
    ],
)
def test_tags_come_as_a_list_or_as_text(value: Any, tags: list[str] | None) -> None:
    assert as_tags(value) == tags


@pytest.mark.parametrize("value", [{"a": 1}, 7, [["a"]], [True]])
def test_what_are_no_tags_is_refused(value: Any) -> None:
    assert _reason(lambda: as_tags(value)) == "wrong_type"


@pytest.mark.parametrize(
    ("value", "others", "attributes"),
    [
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"a": 2, "b": 3}, {"a": 1, "b": 3}),
        ('{"a": 1}', {"b": 3}, {"a": 1, "b": 3}),
        (None, {"b": [1.5, True, None, "é"]}, {"b": [1.5, True, None, "é"]}),
        ("", {}, None),
        (None, {}, None),
        ({}, {}, {}),
        (["a"], {"b": 3}, ["a"]),
        ("70 cm, canvas", {"b": 3}, "70 cm, canvas"),
        (7, {}, 7),
        (None, {"price": Decimal("12.50"), "on": date(2024, 2, 29)}, {"price": 12.5, "on": "2024-02-29"}),
    ],
)
def test_attributes_keep_their_types(value: Any, others: dict[str, Any], attributes: Any) -> None:
    text = as_attributes(value, others)
    assert (json.loads(text) if text else None) == attributes


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return {"a": value}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"a": float("nan")}, "number_out_of_range"),
        ({"a": [float("-inf")]}, "number_out_of_range"),
        (json.loads('{"a": 1e400}'), "number_out_of_range"),
        (_nested(MAX_DEPTH), "nested_too_deep"),
        (_nested(100_000), "nested_too_deep"),
        ({"a": "x\0y"}, "nul_character"),
        ({"a\0": 1}, "nul_character"),
        ({"a": b"\xff"}, "wrong_type"),
    ],
)
def test_attributes_that_no_database_takes_are_refused(value: Any, reason: str) -> None:
    assert _reason(lambda: as_attributes(value, {})) == reason


def test_a_spelled_out_escape_is_no_nul_and_width_is_no_depth() -> None:
    assert as_attributes({"a": "x\\u0000"}, {}) == '{"a": "x\\\\u0000"}'
    assert as_attributes(_nested(MAX_DEPTH - 1), {}) is not None
    assert as_attributes({"a": [{}] * 1_000}, {}) is not None


def test_characters_are_checked() -> None:
    check_characters(["a", "😀", "\ufffd"])
    assert _reason(lambda: check_characters(["a", "b\0"])) == "nul_character"
    assert _reason(lambda: check_characters(["\ud83d", "\ude00"])) == "lone_surrogate"
