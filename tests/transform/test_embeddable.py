"""What can be embedded: each reason against it, its limits, and that none of them repeats what the item says."""

from typing import Any
from uuid import UUID

import pytest

from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.domain.version import Chunking
from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.transform.embeddable import MAX_DEPTH, EarlyStop, check_item, check_text

KEY = ItemKey(UUID(int=1), "default", "1")


@pytest.mark.parametrize("attributes", [None, {}, {"colour": "red"}])
def test_attributes_may_be_an_object_or_missing(attributes: Any) -> None:
    check_item(CatalogItem(KEY, attributes=attributes))


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [([], "array"), ("zanzibar", "string"), ("", "string"), (7, "number"), (0.5, "number"), (False, "boolean")],
)
def test_attributes_of_another_kind_are_refused(attributes: Any, kind: str) -> None:
    with pytest.raises(ItemRefused) as refused:
        check_item(CatalogItem(KEY, attributes=attributes))
    assert refused.value.reason == "attributes_not_object"
    assert refused.value.detail == f"attributes is a JSON {kind}"


def _nested(levels: int, kind: type) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value] if kind is list else {"a": value}
    return value


@pytest.mark.parametrize("kind", [list, dict])
def test_attributes_may_be_nested_as_deeply_as_can_be_rendered_anywhere(kind: type) -> None:
    check_item(CatalogItem(KEY, attributes={"a": _nested(MAX_DEPTH - 1, kind), "wide": [{}] * 1_000}))
    with pytest.raises(ItemRefused) as refused:
        check_item(CatalogItem(KEY, attributes={"a": _nested(MAX_DEPTH, kind)}))
    assert refused.value.reason == "nested_too_deep"


@pytest.mark.parametrize("text", ["a", "A chair.\nBrand: Acme", "椅子", "🪑", "\u200b"])
def test_ordinary_text_passes(text: str) -> None:
    check_text(text, Chunking())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty_text"),
        ("zanzibar\x00chair", "nul_character"),
        ("zanzibar\ud800chair", "lone_surrogate"),
        ("zanzibar\udfff", "lone_surrogate"),
        ("zanzibar" * 25_001, "text_too_long"),
    ],
)
def test_text_that_cannot_be_embedded_is_refused_without_quoting_it(text: str, reason: str) -> None:
    with pytest.raises(ItemRefused) as refused:
        check_text(text, Chunking())
    assert refused.value.reason == reason
    assert "zanzibar" not in str(refused.value)


@pytest.mark.parametrize("character", ["a", "é", "椅", "🪑"])
def test_the_length_limit_counts_bytes_and_includes_itself(character: str) -> None:
    size = len(character.encode())
    check_text(character * 10, Chunking(max_text_bytes=10 * size))
    with pytest.raises(ItemRefused, match=f"text_too_long: {10 * size} bytes, at most {10 * size - 1}"):
        check_text(character * 10, Chunking(max_text_bytes=10 * size - 1))


def _counted(embedded: int, refused: int) -> EarlyStop:
    early = EarlyStop()
    early.count(embedded, refused)
    return early


@pytest.mark.parametrize(
    ("embedded", "refused", "stops"),
    [
        (0, 0, False),
        (0, 99, False),
        (0, 100, True),
        (50, 50, False),
        (49, 51, True),
        (50, 51, True),
        (51, 51, False),
        (100, 0, False),
        (500_000_000_000_000_000, 500_000_000_000_000_000, False),
        (500_000_000_000_000_000, 500_000_000_000_000_001, True),
    ],
)
def test_spending_stops_when_more_than_half_of_a_hundred_are_refused(embedded: int, refused: int, stops: bool) -> None:
    assert _counted(embedded, refused).stops is stops


def test_outcomes_add_up_and_a_bad_start_can_be_made_up_for() -> None:
    early = _counted(10, 89)
    early.count(0, 1)
    assert (early.outcomes, early.refused, early.stops) == (100, 90, True)
    early.count(80, 0)
    assert (early.outcomes, early.refused, early.stops) == (180, 90, False)
