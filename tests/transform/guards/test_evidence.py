"""Names with digits are found however they are joined; versions, ratios and lists as a reader would find them."""

from typing import Any

import pytest

from catalog_embeddings.transform.guards.evidence import Evidence, any_close
from catalog_embeddings.transform.guards.number_words import NUMBER_WORDS
from catalog_embeddings.transform.guards.numerals import Quantity
from catalog_embeddings.transform.guards.quantities import quantities
from catalog_embeddings.transform.guards.record import Record

_RECORD: dict[str, Any] = {
    "title": "Dock ABX-9000, RJ45, Cat5e, 802.11b/g/n, 3840 x 2160, contrast 1000:1",
    "attr_t_bluetooth_version": "5.0",
    "attr_t_compatibility": "iR C2880/3880\\nEB-G5150NL",
    "attr_n_usb_2_0_ports_quantity": 4.0,
    "attr_t_cas_latency": "9",
    "attr_t_product_colour": "Black,Silver",
    "attr_t_usb_version": "3.2 Gen 1",
    "date_released": "2019-05-02T00:00:00Z",
    "attr_n_print_speed": 24.0,
}


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence(Record.of(_RECORD))


def _claim(text: str) -> Quantity:
    return quantities(text, NUMBER_WORDS["en"])[0]


@pytest.mark.parametrize(
    "name",
    ["ABX-9000", "abx9000", "RJ-45", "Cat 5e", "802.11n", "4K", "2160p", "C3880", "EB-G5150NL", "CL9", "RJ45-based"],
)
def test_a_name_is_held(evidence: Evidence, name: str) -> None:
    assert evidence.holds_name(name)


@pytest.mark.parametrize("name", ["ABX-900", "ABX-90000", "Cat5", "Cat6", "802.11ac", "1080p", "C4880", "CL5", "DDR4"])
def test_another_name_is_not(evidence: Evidence, name: str) -> None:
    assert not evidence.holds_name(name)


@pytest.mark.parametrize(
    ("claim", "known"),
    [("Bluetooth 5.0", True), ("Bluetooth 5", True), ("Bluetooth 4.2", False), ("USB 3", True), ("USB 3.1", False)],
)
def test_a_version_is_the_standard_s_own(evidence: Evidence, claim: str, known: bool) -> None:
    assert evidence.names_version(_claim(claim)) is known


def test_what_a_reader_derives(evidence: Evidence) -> None:
    assert evidence.lists(_claim("two colours"))
    assert not evidence.lists(_claim("three colours"))
    assert evidence.shows_ratio(_claim("1000:1"))
    assert not evidence.shows_ratio(_claim("3000:1"))
    assert evidence.dates(2)
    assert not evidence.dates(5)
    assert evidence.by_the_minute(_claim("24 pages a minute"))
    assert any_close(evidence.pixels(), _claim("8.3 megapixels"))
    assert evidence.supporters(_claim("24 ppm"), "")
