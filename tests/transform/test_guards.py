"""Guards: each reason, its limits, and that none of them repeats what the item says."""

from typing import Any
from uuid import UUID

import pytest

from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.domain.version import Chunking
from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.transform.guards import check_item, check_text

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
