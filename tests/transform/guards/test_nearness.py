"""A careful writer's rounding is the same measure; anything more is another."""

import pytest

from catalog_embeddings.transform.guards.nearness import Lead, lead_of, near
from catalog_embeddings.transform.guards.numerals import Reading
from catalog_embeddings.transform.guards.units import units_named


def _near(claimed: float, step: float, unit: str, true: float, of: str, lead: Lead = "") -> bool:
    return near(Reading(float(claimed), step), Reading(float(true)), units_named(unit)[0], units_named(of)[0], lead)


@pytest.mark.parametrize(
    ("claimed", "step", "unit", "true", "of"),
    [
        (544, 1, "g", 1.2, "lb"),
        (2, 1, "TB", 2000, "GB"),
        (2, 1, "TB", 2048, "GB"),
        (2048, 1, "MB", 2, "GB"),
        (43.2, 0.1, "cm", 17, "in"),
        (43, 1, "cm", 17, "in"),
        (17, 1, "in", 17.3, "in"),
        (1.2, 0.1, "oz", 33, "g"),
        (104, 1, "°F", 40, "°C"),
        (24, 1, "month", 2, "year"),
        (1.2, 0.1, "kg", 1234, "g"),
    ],
)
def test_the_same_measure(claimed: float, step: float, unit: str, true: float, of: str) -> None:
    assert _near(claimed, step, unit, true, of)


@pytest.mark.parametrize(
    ("claimed", "step", "unit", "true", "of"),
    [
        (2, 1, "lb", 1.2, "lb"),
        (2, 1, "GHz", 2.4, "GHz"),
        (2000, 1, "GB", 2048, "GB"),
        (16, 1, "in", 15.4, "in"),
        (20, 1, "°C", -20, "°C"),
        (41, 1, "°C", 40, "°C"),
        (9, 1, "in", 240, "mm"),
        (1366, 1, "px", 1368, "px"),
    ],
)
def test_another_measure(claimed: float, step: float, unit: str, true: float, of: str) -> None:
    assert not _near(claimed, step, unit, true, of)


@pytest.mark.parametrize(
    ("before", "lead"),
    [("weighs about ", "about"), ("over ", "over"), ("just under ", "under"), ("mehr als ", "over"), ("moreover ", "")],
)
def test_a_lead_is_the_word_before(before: str, lead: str) -> None:
    assert lead_of(before) == lead


def test_a_lead_gives_room_on_its_own_side_only() -> None:
    assert _near(20000, 1, "page", 21500, "page", "over")
    assert not _near(20000, 1, "page", 19500, "page", "over")
    assert not _near(20000, 1, "page", 60000, "page", "over")
    assert _near(1, 1, "kg", 950, "g", "under")
    assert not _near(1, 1, "kg", 1400, "g", "under")
    assert _near(500, 1, "page", 480, "page", "about")
    assert not _near(500, 1, "page", 400, "page", "about")
