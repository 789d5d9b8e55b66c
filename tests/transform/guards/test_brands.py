"""Brands: what the record names may be written; another brand is only what a product is compared with."""

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards.brands import find
from catalog_embeddings.transform.guards.record import Record

NOTEBOOK = {
    "title": "ThinkPad L420 notebook",
    "supplier": "Lenovo",
    "attr_t_processor_family": "Intel Core i5",
    "attr_t_operating_system": "Windows 7",
    "attr_t_graphics": "GeForce GT",
    "attr_t_compatibility": "HP LaserJet CP4005",
    "short_description": "for WorkCentre™ 7120",
}


def _spans(text: str) -> list[str]:
    return [finding.span for finding in find(Draft(text), Record.of(NOTEBOOK))]


@pytest.mark.parametrize(
    "text",
    [
        "The Lenovo ThinkPad runs Windows 7 on an Intel processor.",
        "It is smaller than its maker's IdeaPad and fits an IdeaCentre.",
        "NVIDIA graphics come with a GeForce.",
        "It prints on an HP or Hewlett-Packard LaserJet.",
        "It serves the WorkCentre 7120 by Xerox.",
        "Unlike the MacBook, it has a matt screen.",
        "Lighter than a Dell or an Acer.",
        "Comparable to models from Toshiba and Asus.",
        "An alternative to the Apple MacBook.",
        "As sturdy as a Panasonic Toughbook.",
        "Anders als ein Gerät von Sony ist es leise.",
        "A Moleskine-style cover.",
        "Sony and Toshiba make similar notebooks.",
        "It opens windows, shows sharp text, and is on target; we trust it.",
        "Sharp text on a matt screen.",
        "Available in orange.",
        "Made by hand, built by the book.",
    ],
)
def test_named_brands_and_comparisons_are_allowed(text: str) -> None:
    assert _spans(text) == []


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("It was made by Sony.", "Sony"),
        ("SAMSUNG quality.", "SAMSUNG"),
        ("It is compatible with Canon printers.", "Canon"),
        ("It works with your iPhone.", "iPhone"),
        ("A Sharp display shows text.", "Sharp"),
        ("Sharp LC-32 panels are used.", "Sharp"),
        ("It plays well with devices like Alexa.", "Alexa"),
        ("Like other Dell machines it is sturdy.", "Dell"),
        ("An AMD Ryzen drives it.", "AMD"),
        ("It was made by Zenvora.", "Zenvora"),
        ("Manufactured by Acme Dynamics in small numbers.", "Acme Dynamics"),
        ("The Inspiron keyboard is good.", "Inspiron"),
    ],
)
def test_another_brand_is_found(text: str, span: str) -> None:
    assert span in _spans(text)


def test_a_comparison_ends_with_its_clause() -> None:
    assert _spans("Unlike a Dell, it is black. A Toshiba drive is inside.") == ["Toshiba"]


def test_a_name_of_the_record_is_found_in_any_fact_and_spelling() -> None:
    record = Record.of({"title": "ink", "attributes": {"fits": "hp deskjet 3520"}})
    assert list(find(Draft("For HP DeskJet printers.", tags=("Hewlett-Packard",)), record)) == []
    assert [finding.place for finding in find(Draft("Ink.", tags=("ink", "epson")), record)] == ["tags[1]"]
