"""The words about a number say what it is of; another thing's number is found out."""

from typing import Any

import pytest

from catalog_embeddings.transform.guards.evidence import Evidence
from catalog_embeddings.transform.guards.meaning import around_item, measured, other_meant
from catalog_embeddings.transform.guards.number_words import NUMBER_WORDS
from catalog_embeddings.transform.guards.quantities import quantities
from catalog_embeddings.transform.guards.record import Record

_RECORD: dict[str, Any] = {
    "attr_n_width": 210.0,
    "attr_n_height": 297.0,
    "attr_n_package_weight": 1200.0,
    "attr_n_weight": 1000.0,
    "attr_n_internal_memory": 4.0,
    "attr_n_discrete_graphics_adapter_memory": 8.0,
    "attr_n_usb_2_0_ports_quantity": 4.0,
    "attr_n_hdmi_ports_quantity": 2.0,
}


def _other(text: str) -> str | None:
    claim, evidence = quantities(text, NUMBER_WORDS["en"])[0], Evidence(Record.of(_RECORD))
    around = around_item(text, claim)
    return other_meant(claim, evidence, evidence.supporters(claim, ""), text[claim.start : claim.end], around)


@pytest.mark.parametrize(
    "text",
    [
        "297 mm wide",
        "a height of 210 mm",
        "it weighs 1.2 kg",
        "8 GB of memory",
        "two USB ports",
        "four HDMI ports",
    ],
)
def test_a_swap_is_found(text: str) -> None:
    assert _other(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "210 mm wide",
        "a height of 297 mm",
        "the package weighs 1.2 kg",
        "in its box it weighs 1.2 kg",
        "it weighs 1 kg",
        "8 GB of graphics memory",
        "4 GB of memory",
        "four USB ports",
        "two HDMI ports",
        "297 mm",
    ],
)
def test_the_right_thing_is_no_swap(text: str) -> None:
    assert _other(text) is None


def test_counts_are_no_measures() -> None:
    length, count = quantities("5 mm, then 5 pages", NUMBER_WORDS["en"])
    assert measured(length)
    assert not measured(count)
