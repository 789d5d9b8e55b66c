"""Units are read behind a number however they are spelled, and one letter's case tells two of them apart."""

import pytest

from catalog_embeddings.transform.guards.units import unit_after, units_named


def _unit(text: str) -> tuple[str, float] | None:
    found = unit_after(text, len(text) - len(text.lstrip("0123456789")))
    return (found[1][0].dimension, found[1][0].factor) if found else None


@pytest.mark.parametrize(
    ("text", "dimension", "factor"),
    [
        ("5 kg", "mass", 1.0),
        ("5-inch", "length", 0.0254),
        ('5"', "length", 0.0254),
        ("5''", "length", 0.0254),
        ("5Mb/s", "rate", 1e6),
        ("5MB/s", "rate", 8e6),
        ("5 mW", "power", 1e-3),
        ("5 MW", "power", 1e6),
        ("5 g/m²", "grammage", 1.0),
        ("5 cd/m2", "luminance", 1.0),
        ("5 pages per minute", "print speed", 1.0),
        ("5 Seiten", "count:page", 1.0),
        ("5 pulgadas", "length", 0.0254),
        ("5 WATTS", "power", 1.0),
    ],
)
def test_a_unit_is_known_by_its_spelling(text: str, dimension: str, factor: float) -> None:
    assert _unit(text) == (dimension, factor)


@pytest.mark.parametrize("text", ["5 kgs of", "5 kgx", "5 to 10", "5 he", "5 C19", "5a", "5"])
def test_what_only_begins_like_a_unit_is_none(text: str) -> None:
    assert _unit(text) == (("mass", 1.0) if text.startswith("5 kgs") else None)


def test_a_table_may_name_units() -> None:
    assert [unit.factor for unit in units_named("GB", "MB")] == [1e9, 1e6]
    with pytest.raises(KeyError):
        units_named("furlong")
