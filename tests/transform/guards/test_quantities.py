"""Ranges, lists and dimensions share what stands once; each number has the words about it."""

import pytest

from catalog_embeddings.transform.guards.number_words import NUMBER_WORDS
from catalog_embeddings.transform.guards.numerals import Quantity, folded
from catalog_embeddings.transform.guards.quantities import quantities


def _read(text: str) -> list[Quantity]:
    return quantities(folded(text), NUMBER_WORDS["en"])


@pytest.mark.parametrize(
    ("text", "dimensions"),
    [
        ("10-30 V", ["voltage", "voltage"]),
        ("between 0 and 40 °C", ["temperature", "temperature"]),
        ("30 x 20 x 10 cm", ["length", "length", "length"]),
        ("30 mm x 20 x 10", ["length", "length", "length"]),
        ("10/100/1000 Mbit/s", ["rate", "rate", "rate"]),
        ("2 x 32 GB", [None, "data"]),
        ("1440 × 900 pixels", ["pixels", "pixels"]),
    ],
)
def test_a_unit_is_shared(text: str, dimensions: list[str | None]) -> None:
    assert [one.units[0].dimension if one.units else None for one in _read(text)] == dimensions


def test_a_falling_range_shares_nothing_in_a_feed() -> None:
    first, second = quantities("20-16 kHz", NUMBER_WORDS["en"], either_way=True)
    assert not first.units
    assert second.units
    assert [one.units[0].dimension for one in _read("2000-80 %")] == ["percent", "percent"]


def test_a_standard_is_shared() -> None:
    assert [(one.kind, one.name) for one in _read("USB 2.0/3.0")] == [("standard", "usb")] * 2


def test_the_words_about_a_number_end_at_the_next_one_and_at_a_pause() -> None:
    first, second = _read("a width of 100 mm and a height of 50 mm, all told")
    assert (first.before.strip(), first.after.strip()) == ("a width of", "")
    assert (second.before.strip(), second.after.strip()) == ("a height of", "")


def test_a_number_said_again_in_another_unit_has_the_same_words_about_it() -> None:
    first, second = _read("It bears 453.6 kg (1,000 lb) with ease")
    assert second.before == first.before


def test_long_rows_of_digits_are_read_in_one_walk() -> None:
    assert len(_read("1 2 " * 5000)) == 10000
    assert len(_read("123 " * 5000)) == 1
    assert _read("1-" * 10000)
