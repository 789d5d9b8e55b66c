"""A fact's name tells which unit its bare number may have."""

import pytest

from catalog_embeddings.transform.guards.fact_units import identifies, name_in_words, units_of


@pytest.mark.parametrize(
    ("name", "value", "dimensions"),
    [
        ("attr n weight", 33.0, {"mass"}),
        ("attr n display diagonal", 17.0, {"length"}),
        ("attr n usb 2 0 ports quantity", 4.0, {"count:piece"}),
        ("attr n processor frequency", 2.4, {"frequency"}),
        ("attr n black toner page yield", 6000.0, {"count:page"}),
        ("attr t operating temperature  t t ", 40.0, {"temperature"}),
        ("attr n number of memory slots", 4.0, {"count:piece"}),
        ("attr n typical backup time at half load", 9.0, {"time"}),
        ("attr n number of years", 3.0, {"time"}),
        ("attr n something else", 3.0, set()),
    ],
)
def test_a_name_implies_a_dimension(name: str, value: float, dimensions: set[str]) -> None:
    assert {unit.dimension for unit in units_of(name_in_words(name), value)} == dimensions


def test_how_large_a_number_is_tells_grams_from_kilograms() -> None:
    assert [unit.factor for unit in units_of("weight", 850.0)] == [1e-3]
    assert {unit.factor for unit in units_of("weight", 1.2)} == {1e-3, 1.0}
    assert next(unit.factor for unit in units_of("weight imperial", 1.2)) == pytest.approx(0.4536, abs=1e-4)


def test_what_only_names_an_item_measures_nothing() -> None:
    assert identifies("ean")
    assert identifies("price")
    assert identifies("processor ark id")
    assert not identifies("width")
