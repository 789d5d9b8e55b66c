"""The sample catalog stays what the demo and other tests count on: families, twins, tongues and known flaws."""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from catalog_embeddings.resources import SAMPLE_CATALOG

Item = dict[str, Any]

EMBEDDED_FIELDS = ("title", "description", "brand", "category", "attributes", "tags")
COLUMNS = {"item_id", "namespace", *EMBEDDED_FIELDS, "locale", "updated_at"}
EXPECTED_NEIGHBOURS = Path(__file__).parent.parent / "data" / "expected_neighbours.json"
FAMILIES = {
    "kitchen": {
        "Bakeware",
        "Blenders",
        "Cast-Iron Pans",
        "Chef's Knives",
        "Cutting Boards",
        "Espresso Machines",
        "Food Storage",
        "Kettles",
        "Kitchen Scales",
        "Moka Pots",
        "Non-Stick Pans",
        "Stand Mixers",
    },
    "outdoor": {
        "Backpacks",
        "Camping Stoves",
        "Climbing Ropes",
        "Hammocks",
        "Headlamps",
        "Hiking Boots",
        "Rain Jackets",
        "Sleeping Bags",
        "Sleeping Mats",
        "Tents",
        "Trekking Poles",
        "Water Bottles & Filters",
    },
}


@pytest.fixture(scope="module")
def catalog() -> list[Item]:
    return [json.loads(line) for line in SAMPLE_CATALOG.read_text(encoding="utf-8").splitlines()]


def _embedded(item: Item, *, without_colour: bool = False) -> str:
    fields = {name: item.get(name) for name in EMBEDDED_FIELDS}
    if without_colour and isinstance(fields["attributes"], dict):
        fields["title"] = None
        fields["attributes"] = {name: value for name, value in fields["attributes"].items() if name != "colour"}
    return json.dumps(fields, sort_keys=True)


def _has_text(item: Item) -> bool:
    return any(item.get(name) for name in EMBEDDED_FIELDS)


def _is_object(item: Item) -> bool:
    return isinstance(item.get("attributes"), dict)


def _alike(catalog: list[Item], *, without_colour: bool = False) -> list[set[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for item in catalog:
        if item.get("description"):
            groups[_embedded(item, without_colour=without_colour)].add(item["item_id"])
    return [group for group in groups.values() if len(group) > 1]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str):
        yield value


def test_every_line_is_one_object_with_columns_of_the_feed_table() -> None:
    content = SAMPLE_CATALOG.read_bytes()
    assert len(content) < 250_000
    assert content.endswith(b"\n")
    assert b"\r" not in content
    for line in content.decode("utf-8").removesuffix("\n").split("\n"):
        item = json.loads(line)
        assert {"item_id", "namespace", "updated_at"} <= item.keys() <= COLUMNS
        assert datetime.fromisoformat(item["updated_at"]).tzinfo is not None


def test_there_are_three_hundred_items_half_in_each_namespace(catalog: list[Item]) -> None:
    assert Counter(item["namespace"] for item in catalog) == {"kitchen": 150, "outdoor": 150}
    assert len({item["item_id"] for item in catalog}) == 300


def test_each_namespace_has_its_families_of_about_a_dozen(catalog: list[Item]) -> None:
    for namespace, families in FAMILIES.items():
        sizes = Counter(item["category"] for item in catalog if item["namespace"] == namespace and "category" in item)
        assert set(sizes) == families
        assert all(8 <= size <= 14 for size in sizes.values()), sizes


def test_rich_and_sparse_items_stand_side_by_side(catalog: list[Item]) -> None:
    rich = [item for item in catalog if len(item.get("description", "")) > 100 and len(item.get("attributes", ())) >= 4]
    sparse = [item for item in catalog if item.keys() & set(EMBEDDED_FIELDS) in ({"title"}, {"title", "brand"})]
    assert len(rich) >= 200
    assert len(sparse) >= 20


def test_six_pairs_say_exactly_the_same(catalog: list[Item]) -> None:
    assert sorted(map(sorted, _alike(catalog))) == [
        ["bag-lodda-liner", "bag-lodda-liner-0"],
        ["blender-zephyrine-cordless", "blender-zephyrine-cordless-b2b"],
        ["board-sorrel-bamboo-3", "board-sorrel-bamboo-3-web"],
        ["knife-tilda-chef-18", "knife-tilda-chef-18-b"],
        ["mat-hexa-foam", "mat-hexa-foam-tray"],
        ["stove-emberlynx-gas-230", "stove-emberlynx-gas-230-tray"],
    ]


def test_many_items_differ_in_nothing_but_the_colour(catalog: list[Item]) -> None:
    colours = {item["item_id"]: item["attributes"].get("colour") for item in catalog if _is_object(item)}
    groups = [group for group in _alike(catalog, without_colour=True) if len({colours[name] for name in group}) > 1]
    assert len(groups) >= 15
    assert {"moka-pot-6", "moka-pot-6-red"} in groups


def test_other_languages_say_which_they_are(catalog: list[Item]) -> None:
    locales = Counter(item["locale"] for item in catalog if not item.get("locale", "en").startswith("en"))
    assert locales.total() >= 20
    assert {"ar", "de-DE", "es-ES", "fr-FR", "it-IT", "ja-JP", "ko-KR", "zh-CN"} <= locales.keys()
    scripts = {"ar": "ARABIC", "ja-JP": "HIRAGANA", "ko-KR": "HANGUL", "zh-CN": "CJK"}
    for item in catalog:
        if script := scripts.get(item.get("locale", "")):
            assert any(unicodedata.name(letter, "").startswith(script) for letter in item["description"])


def test_some_text_is_as_messy_as_in_a_real_feed(catalog: list[Item]) -> None:
    described = {item["item_id"]: item["title"] + item["description"] for item in catalog if item.get("description")}
    assert {name for name, text in described.items() if re.search(r"</\w+>", text)} == {"jacket-html", "pan-html"}
    decomposed = {name for name, text in described.items() if not unicodedata.is_normalized("NFC", text)}
    assert decomposed == {"kitchen-0113"}
    assert "\t" in described["kitchen-0078"]
    assert "\u200b" in described["kitchen-0078"]
    assert "🏠" in described["kitchen-0078"]


def test_four_items_cannot_be_embedded(catalog: list[Item]) -> None:
    assert {item["item_id"] for item in catalog if not _has_text(item)} == {"kitchen-0149", "outdoor-0150"}
    strange = {item["item_id"]: type(item["attributes"]) for item in catalog if "attributes" in item}
    assert {name: kind for name, kind in strange.items() if kind is not dict} == {
        "mixer-knetta-hand": list,
        "rope-tressel-protector": str,
    }


def test_no_item_speaks_of_a_price(catalog: list[Item]) -> None:
    price = re.compile(r"price|[€$£¥]|\b(?:eur|usd|gbp)\b", re.IGNORECASE)
    assert [item["item_id"] for item in catalog if any(map(price.search, _strings(item)))] == []


def test_expected_neighbours_are_asked_of_items_that_exist(catalog: list[Item]) -> None:
    checks = json.loads(EXPECTED_NEIGHBOURS.read_text(encoding="utf-8"))
    families = {(item["namespace"], item["item_id"]): item.get("category") for item in catalog}
    assert len(checks["sample"]) == len(checks["icecat"]) == 10
    for check in checks["sample"]:
        assert families[check["namespace"], check["item_id"]] == check["expect_category"]
