"""Variants: what goes because it is one variant's own, what stays because it is the product's."""

from typing import Any

import pytest

from catalog_embeddings.transform.variants import VariantFields

FIELDS = VariantFields(
    colour=("colour", "*_colour", "printing_colours"), size=("size",), pack=("pack_*", "quantity_per_*")
)


def title(text: str, brand: str = "Acme", **attributes: Any) -> Any:
    return FIELDS.shared({"title": text, "brand": brand, "attributes": attributes}).get("title")


@pytest.mark.parametrize(
    ("name", "value", "is_own"),
    [
        ("product_colour", "Black", True),
        ("Product Colour", "Black,Silver", True),
        ("COLOUR", "Midnight blue", True),
        ("printing_colours", "Black, cyan, magenta, yellow", False),
        ("colour", True, False),
        ("print_resolution_colour", "600 x 600", False),
        ("colour_depth", "deep", False),
        ("size", "XL", True),
        ("size", 42, True),
        ("size", True, False),
        ("hdd_size", "3.5", False),
        ("quantity_per_pack", 6, True),
        ("pack-weight", 3.5, True),
        ("backpack", "yes", False),
    ],
)
def test_which_attributes_are_a_variants_own(name: str, value: Any, is_own: bool) -> None:
    assert FIELDS.facts({name: value, "weight": 3}) == ({name: value} if is_own else {})


@pytest.mark.parametrize(
    ("text", "attributes", "left"),
    [
        ("Xerox 006R90321 toner Original Black 6 pc(s)", {"colour": "Black", "quantity_per_pack": 6.0}, None),
        ("Xerox 006R90321 toner Original (black)", {"colour": "Black"}, None),
        ("Black Xerox 006R90321 toner Original", {"colour": "black"}, None),
        ("Xerox 006R90321 toner Original, Black/Silver", {"colour": "Black,Silver"}, None),
        ("Xerox 006R90321 toner Original - Midnight Blue", {"colour": "Midnight blue"}, None),
        ("Xerox 006R90321 toner Original, XL", {"size": "XL"}, None),
        ("Xerox 006R90321 toner Original pack of 3", {"quantity_per_pack": 3}, None),
        ("Xerox 006R90321 toner Original 3-pack", {"quantity_per_pack": "3"}, None),
        ("Xerox, black, 006R90321 toner", {"colour": "Black"}, "Xerox, 006R90321 toner"),
        ("Cable 3 m black - black", {"colour": "Black"}, "Cable 3 m"),
    ],
)
def test_its_words_go_from_the_title(text: str, attributes: dict[str, Any], left: str | None) -> None:
    assert title(text, **attributes) == (left or "Xerox 006R90321 toner Original")


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("Blackberry phone", {"colour": "Black"}),
        ("Blu-ray player", {"colour": "Blu"}),
        ("Cable 16 pc(s)", {"quantity_per_pack": 6}),
        ("Cable 6 pcie slots", {"quantity_per_pack": 6}),
        ("Cable 2.6 pack", {"quantity_per_pack": 6}),
        ("Cable 6 m", {"quantity_per_pack": 6}),
        ("Shoe 42 trail", {"size": 42}),
        ("L-shaped desk L", {"size": "L"}),
        ("Black", {"colour": "Black"}),
        ("A lamp", {"colour": "A"}),
        ("Plain lamp", {"colour": "Red"}),
    ],
)
def test_nothing_else_goes(text: str, attributes: dict[str, Any]) -> None:
    assert title(text, **attributes) == text


def test_a_brand_keeps_its_name() -> None:
    assert title("Black & Decker drill Black", "Black & Decker", colour="Black") == "Black & Decker drill"


def test_what_repeats_the_title_is_reworded_with_it_and_other_texts_are_not() -> None:
    record = {
        "title": "C2G patch cable 3 m Blue",
        "description": "C2G patch cable 3 m Blue. Prints blue on white.",
        "attributes": {"name": "patch cable 3 m blue", "note": "a blue cable", "colour": "Blue", "length": 3},
        "tags": ["Blue", "cable"],
    }
    assert FIELDS.shared(record) == {
        "title": "C2G patch cable 3 m",
        "description": "C2G patch cable 3 m. Prints blue on white.",
        "attributes": {"name": "patch cable 3 m", "note": "a blue cable", "length": 3},
        "tags": ["cable"],
    }


def test_a_record_without_variants_stays_as_it_is() -> None:
    record = {"title": "Black lamp 6 pc(s)", "attributes": {"base": "steel"}, "tags": ["black"]}
    assert FIELDS.shared(record) == record
    assert VariantFields().shared({"title": "Lamp", "attributes": {"colour": "red"}})["attributes"] == {"colour": "red"}


def test_what_is_empty_without_them_is_left_out() -> None:
    assert FIELDS.shared({"attributes": {"colour": "red"}, "tags": ["red"]}) == {}


@pytest.mark.parametrize("value", [".*", "(", "[a-", "\\", "a|b", "(?i)x"])
def test_a_value_is_no_pattern(value: str) -> None:
    assert title("A lamp of steel", value, colour=value) == "A lamp of steel"
