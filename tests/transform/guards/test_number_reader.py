"""What a text says in numbers: digits, words, fractions, codes and versions, each with the unit behind it."""

import pytest

from catalog_embeddings.transform.guards.number_reader import NumberReader
from catalog_embeddings.transform.guards.number_words import NUMBER_WORDS
from catalog_embeddings.transform.guards.numerals import folded


def _read(text: str) -> list[tuple[str, str, float | None]]:
    plain = folded(text)
    found = NumberReader(plain, NUMBER_WORDS["en"], ".").read()
    return [(plain[one.start : one.end], one.kind, one.readings[0].value if one.readings else None) for one in found]


@pytest.mark.parametrize(
    ("text", "span", "kind", "value"),
    [
        ("17½″ wide", '17½"', "number", 17.5),
        ("a 1/4 inch bolt", "1/4 inch", "number", 0.25),
        ("17 1/2 inches", "17 1/2 inches", "number", 17.5),
        ("10k pages", "10k pages", "number", 10000),
        ("16.7 million colours", "16.7 million colours", "number", 16.7e6),
        ("-20 °C", "20 °C", "number", -20),
        ("minus 20 °C", "20 °C", "number", -20),
        ("twenty-five years", "twenty-five years", "word", 25),
        ("one and a half hours", "one and a half hours", "word", 1.5),
        ("half a metre", "half a metre", "word", 0.5),
        ("a dozen pages", "a dozen pages", "word", 12),
        ("two hundred and fifty sheets", "two hundred and fifty sheets", "word", 250),
        ("two-year", "two-year", "word", 2),
        ("dual-core", "dual", "prefix", 2),
        ("10th generation", "10th", "ordinal", 10),
        ("one port", "one port", "one", 1),
        ("16:9", "16:9", "ratio", 16 / 9),
        ("USB 3.0", "USB 3.0", "standard", 3),
        ("Wi-Fi 6", "Wi-Fi 6", "standard", 6),
        ("Core™2 Duo", "Core™2", "standard", 2),
        ("USB 5 V", "5 V", "number", 5),
        ("DDR4", "DDR4", "code", None),
        ("the RJ-45 plug", "RJ-45", "code", None),
        ("802.11g", "802.11g", "code", None),
        ("i7-4700 chip", "i7-4700", "code", None),
        ("a 2-in-1", "2-in-1", "code", None),
        ("1080p", "1080p", "code", None),
        ("4G", "4G", "code", None),
        ("a 6 in screen", "6 in", "number", 6),
        ("6 in total", "6", "number", 6),
    ],
)
def test_a_number_is_read_with_what_is_joined_to_it(text: str, span: str, kind: str, value: float | None) -> None:
    assert (span, kind, value) in [(words, what, worth and pytest.approx(worth)) for words, what, worth in _read(text)]


@pytest.mark.parametrize("text", ["a light lamp", "zero in on it", "half the price", "pair it", "first of all", "MP3"])
def test_figures_of_speech_are_no_numbers(text: str) -> None:
    assert _read(text) == []
