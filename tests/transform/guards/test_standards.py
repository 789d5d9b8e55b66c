"""A number behind the name of a standard is its version."""

import pytest

from catalog_embeddings.transform.guards.standards import standard_before


@pytest.mark.parametrize(
    ("lead", "name"),
    [
        ("with USB ", "usb"),
        ("PCI Express ", "pcie"),
        ("Wi-Fi ", "wifi"),
        ("Windows ", "windows"),
        ("Bluetooth v", "bluetooth"),
        ("HDMI version ", "hdmi"),
        ("Core™", "core"),
    ],
)
def test_a_name_is_known_before_its_number(lead: str, name: str) -> None:
    found = standard_before(lead + "3", len(lead))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("lead", ["weighs ", "Diabus ", "USB, ", ""])
def test_other_words_are_no_standards(lead: str) -> None:
    assert standard_before(lead + "3", len(lead)) is None
