"""Prompts: what each template says of an item, of half an item, and of an item that tries to be a template."""

from dataclasses import replace
from itertools import chain, combinations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.domain.item import PROMPT_FIELDS, CatalogItem, ItemKey
from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.transform.prompts import DEFAULT_TEMPLATE, facts, load_template, template_names

KEY = ItemKey(UUID(int=1), "default", "1")
FULL: dict[str, Any] = {
    "title": "Oak chair",
    "description": "A plain wooden chair.",
    "brand": "Acme",
    "category": "Chairs",
    "attributes": {"seat_height": 45.0, "foldable": False, "woods": ["oak", "ash"], "maker": None},
    "tags": ("kitchen", "solid wood"),
    "locale": "en-GB",
    "image_url": "https://shop.example/1.jpg",
}
# label -> the fields that its line is made of
LINES = {
    "product.v1": {"Product": {"brand", "category"}, "Description": {"description"}},
    "product.v2": {
        "": {"title"},
        "Product": {"brand", "category"},
        "Description": {"description"},
        "Details": {"attributes"},
        "Tags": {"tags"},
    },
    "product.v3": {"": {"title"}},
}
# Without an enrichment, what is written for one reads as the plain record does.
LINES["product.v4"] = LINES["product.v2"]
EVERY_SUBSET = list(chain.from_iterable(combinations(PROMPT_FIELDS, size) for size in range(len(PROMPT_FIELDS) + 1)))


def render(name: str, **present: Any) -> str:
    return load_template(name).render(CatalogItem(KEY, **present))


def test_v1_of_a_full_item() -> None:
    assert render("product.v1", **FULL) == "Product: Acme Chairs\nDescription: A plain wooden chair."


def test_v2_of_a_full_item() -> None:
    assert render("product.v2", **FULL).splitlines() == [
        "Oak chair",
        "Product: Acme Chairs",
        "Description: A plain wooden chair.",
        "Details: seat height: 45; foldable: no; woods: oak, ash",
        "Tags: kitchen, solid wood",
    ]


DRAFT = Draft("It folds flat.", tags=("chair", "Kitchen"), use_cases=("small flats", "guests"))


def enriched(draft: Draft | None = DRAFT, variant: dict[str, Any] | None = None, **present: Any) -> str:
    return load_template("product.v4").render(CatalogItem(KEY, **present), draft, variant)


def test_v4_of_a_full_item() -> None:
    assert enriched(variant={"foldable": False}, **FULL).splitlines() == [
        "Oak chair",
        "Product: Acme Chairs",
        "Description: A plain wooden chair.",
        "About: It folds flat.",
        "Use cases: small flats; guests",
        "Variant: foldable: no",
        "Details: seat height: 45; woods: oak, ash",
        "Tags: kitchen, solid wood, chair",
    ]


def test_v4_without_an_enrichment_is_the_plain_record() -> None:
    twice = FULL | {"tags": ("kitchen", "Kitchen", "kitchen")}
    for subset in EVERY_SUBSET:
        present = {field: twice[field] for field in subset}
        assert enriched(None, {"foldable": False}, **present) == render("product.v2", **present), subset


def test_an_enrichment_may_be_all_there_is_to_say() -> None:
    assert enriched() == "About: It folds flat.\nUse cases: small flats; guests\nTags: chair, Kitchen"
    assert enriched(Draft("It folds flat."), {"colour": "red"}) == "About: It folds flat.\nVariant: colour: red"


def test_an_enrichment_that_looks_like_a_template_stays_data() -> None:
    assert enriched(Draft("{{ 7 * 7 }}"), {"{% raw %}": "{{ 6 }}"}) == "About: {{ 7 * 7 }}\nVariant: {% raw %}: {{ 6 }}"


def test_only_a_template_that_reads_an_enrichment_changes_with_it() -> None:
    item = CatalogItem(KEY, **FULL)
    for name in template_names():
        template = load_template(name)
        assert template.reads_enrichment == (template.render(item, DRAFT) != template.render(item)), name
        assert not {"enrichment", "variant_facts"} & set(template.record_fields)


@pytest.mark.parametrize("name", LINES)
def test_no_missing_field_leaves_debris(name: str) -> None:
    for subset in EVERY_SUBSET:
        text = render(name, **{field: FULL[field] for field in subset})
        expected = [label for label, fields in LINES[name].items() if fields & set(subset)]
        lines = text.split("\n") if text else []
        assert [line.partition(": ")[0] if ": " in line else "" for line in lines] == expected, subset
        assert all(line.partition(": ")[2] for line in lines if ": " in line), subset
        assert all(line == " ".join(line.split()) and not line.endswith((":", ",", ";")) for line in lines), subset
        assert "None" not in text


@pytest.mark.parametrize("name", LINES)
def test_record_fields_are_just_those_that_move_the_text(name: str) -> None:
    other = FULL | {field: "another" for field, value in FULL.items() if isinstance(value, str)}
    other |= {"attributes": {"seat_height": 50}, "tags": ("garden",)}
    moving = {field for field in FULL if render(name, **FULL | {field: other[field]}) != render(name, **FULL)}
    record_fields = load_template(name).record_fields
    assert set(record_fields) == moving
    assert list(record_fields) == [field for field in PROMPT_FIELDS if field in moving]


def test_the_wording_of_a_template_is_frozen() -> None:
    # Versions in the field refuse another wording under the same name: write a new file instead.
    assert {name: load_template(name).template_hash for name in template_names()} == {
        "product.v1": "f1faabb66d41f9877a7c11c462fe175785c76fca85a96f352e39c3c45e80b5f1",
        "product.v2": "3d2ae4c3ebefaea0e08d73e8430320a2bb3fa9d1c2c84e6d9b3f8da58f6d5ce6",
        "product.v3": "f7a60617e8d80ae57fc0de767d1b59444df67863f1271dca45d7a22420b94a0d",
        "product.v4": "b1d373c28c86c7e8e6e1c3d3a6f3e6ba5f41bed518053e785f4faead72b78b23",
    }


def test_the_default_template_ships() -> None:
    assert DEFAULT_TEMPLATE in template_names()
    assert load_template(DEFAULT_TEMPLATE).name == DEFAULT_TEMPLATE


@pytest.mark.parametrize("name", ["product.v0", "", "product.v2.j2", "../prompts"])
def test_an_unknown_template_is_refused_with_the_names_of_those_there_are(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"product\.v1, product\.v2"):
        load_template(name)


@pytest.mark.parametrize("field", ["title", "description", "brand", "category"])
def test_a_text_field_that_looks_like_a_template_stays_data(field: str) -> None:
    hostile = "{{ 7 * 7 }} {% for x in y %} {# gone #} {{ config.__class__ }}"
    assert hostile in render("product.v2", **FULL | {field: hostile})


def test_attributes_and_tags_that_look_like_a_template_stay_data() -> None:
    text = render("product.v2", attributes={"{{ 7 * 7 }}": "{% raw %}"}, tags=("{{ 6 * 7 }}",))
    assert text == "Details: {{ 7 * 7 }}: {% raw %}\nTags: {{ 6 * 7 }}"


def test_nothing_is_escaped_for_html() -> None:
    assert render("product.v2", title="R&D <b>'desk'</b>") == "R&D <b>'desk'</b>"


# Of each kind of what no eye sees: controls, formats, spaces, line ends, fillers, joiners, selectors.
UNSEEN = (
    "\x07\x9f",
    "\u200b\u2060\ufeff",
    "\u202e\u2066",
    "\u00a0\u3000",
    "\u2028",
    "\u3164\u2800",
    "\u034f",
    "\ufe0f",
)


@pytest.mark.parametrize("unseen", UNSEEN)
@pytest.mark.parametrize("name", sorted(LINES))
def test_a_field_that_nobody_can_see_is_none(name: str, unseen: str) -> None:
    fields = {"title": unseen, "description": unseen, "brand": unseen, "category": unseen, "tags": (unseen,)}
    assert render(name, **fields, attributes={"a": unseen}) == ""
    assert render("product.v2", title="Lamp", brand=unseen, tags=(unseen, "a")) == "Lamp\nTags: a"


@pytest.mark.parametrize("text", ["a\u200bb", "\U0001f468\u200d\U0001f469", "\u0301", "\ue000", "\uffff", "\u2060x"])
def test_what_can_be_seen_keeps_what_cannot(text: str) -> None:
    assert render("product.v2", title=text) == text


@given(st.sampled_from(sorted(LINES)), st.data())
def test_whatever_the_fields_hold_lines_are_clean(name: str, data: st.DataObject) -> None:
    texts = {field: data.draw(st.none() | st.text()) for field in ("title", "description", "brand", "category")}
    lines = render(name, **texts).split("\n")
    assert lines == [""] or all(line and line == " ".join(line.split()) for line in lines)


def test_the_text_depends_on_nothing_but_the_fields() -> None:
    template = load_template("product.v2")
    item = CatalogItem(KEY, **FULL)
    elsewhere = replace(item, key=ItemKey(UUID(int=2), "other", "2"), locale=None, image_url=None)
    assert template.render(item) == template.render(elsewhere)


@pytest.mark.parametrize(
    ("attributes", "prose"),
    [
        (None, ""),
        ({}, ""),
        ({"colour": "red"}, "colour: red"),
        ({"colour": "  red "}, "colour: red"),
        ({"screen_size": 17}, "screen size: 17"),
        ({"weight": 1.25}, "weight: 1.25"),
        ({"weight": 17.0}, "weight: 17"),
        ({"count": 0}, "count: 0"),
        ({"weight": -0.0}, "weight: 0"),
        ({"touch": True, "foldable": False}, "touch: yes; foldable: no"),
        ({"ports": ["HDMI", "USB", None, ""]}, "ports: HDMI, USB"),
        ({"sizes": [[1, 2], [3]]}, "sizes: 1, 2, 3"),
        ({"size": {"inner_width": 3, "depth": 4}}, "size: inner width 3, depth 4"),
        ({"battery": [{"type": "AA", "count": 2}]}, "battery: type AA, count 2"),
        ({"a": None, "b": "", "c": [], "d": {}, "e": [None], "f": {"g": None}, "h": " "}, ""),
        ({"": "lost", "_": "lost", " ": "lost", "size": {"": 3}}, ""),
        ({"b": 1, "a": 2}, "b: 1; a: 2"),
        ({"a": 10**400, "b": float("inf"), "c": float("-inf"), "d": 1}, f"a: 1{'0' * 400}; d: 1"),
        ({"\u200b": "lost", "a": "\u2060\ufeff", "b": ["\u3164", "c"]}, "b: c"),
    ],
)
def test_attributes_of_every_json_kind_become_prose(attributes: dict[str, Any] | None, prose: str) -> None:
    assert facts(attributes) == prose


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_any_attributes_render_without_debris(attributes: dict[str, Any]) -> None:
    lines = render("product.v2", attributes=attributes).split("\n")
    assert lines == [""] or (lines[0].startswith("Details: ") and all(lines))
