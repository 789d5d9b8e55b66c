"""Digits have the worth that their separators allow; folding changes no offset."""

import pytest

from catalog_embeddings.transform.guards.numerals import folded, readings_of, tokens_of


@pytest.mark.parametrize(
    ("digits", "decimal", "values"),
    [
        ("1,234.5", ".", [1234.5]),
        ("1.234,5", ",", [1234.5]),
        ("1,234", ".", [1234]),
        ("1,234", ",", [1.234]),
        ("1.234", ",", [1234]),
        ("1,5", ".", [1.5]),
        ("0.125", ",", [0.125]),
        ("1'234", ".", [1234]),
        ("23 000", ".", [23000]),
        ("1,234,567", ".", [1234567]),
        ("3.1.2", ".", []),
        ("10,100", "", [10100, 10.1, 10, 100]),
    ],
)
def test_digits_are_read_as_the_language_has_them(digits: str, decimal: str, values: list[float]) -> None:
    assert [reading.value for reading in readings_of(digits, decimal)] == values


def test_the_step_is_one_of_the_last_digit_shown() -> None:
    assert [reading.step for reading in readings_of("1.25", ".")] == [pytest.approx(0.01)]


def test_lists_are_several_numbers() -> None:
    assert [token.text for token in tokens_of("800,1066,1333") if token.kind == "number"] == ["800", "1066", "1333"]
    assert [token.text for token in tokens_of("2.5,3.5") if token.kind == "number"] == ["2.5", "3.5"]
    assert [token.text for token in tokens_of("1,234,567")] == ["1,234,567"]
    assert [token.text for token in tokens_of("RJ45 100W") if token.kind == "number"] == ["45", "100"]


def test_folding_keeps_every_offset() -> None:
    text = "17½\u2033 \uff15\u00a0kg – 30×20 ﬁt ™ 24/7, ｍ²"
    assert len(folded(text)) == len(text)
    assert folded("5\u2033 × 5\u00a0m²") == '5" x 5 m2'


def test_sayings_are_no_numbers() -> None:
    assert not [token for token in tokens_of(folded("24/7, all in one, one or two people")) if token.kind == "number"]
    assert "two" not in folded("in two words")
