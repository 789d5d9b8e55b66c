"""Numbers of the use rather than of the item need no record; the same words about the item do."""

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards.numeric_claims import find
from catalog_embeddings.transform.guards.record import Record

SWITCH = {
    "title": "6-port desktop switch",
    "attr_n_rj_45_ports_quantity": 6.0,
    "attr_t_led_indicators": "Link,Power,Speed",
    "attr_t_connector_gender": "Male connector/Male connector",
    "attr_t_processor_operating_modes": "32-bit",
    "attr_t_operating_temperature": "-10 - 45",
    "attr_n_swivel_angle": 90.0,
    "attr_n_width": 254.0,
    "attr_n_depth": 101.6,
}


def _spans(description: str = "", use_case: str = "") -> list[str]:
    return [finding.span for finding in find(Draft(description, (), (use_case,)), Record.of(SWITCH))]


@pytest.mark.parametrize(
    "use_case",
    [
        "Homework for three children",
        "Bridging two floors of a house",
        "Joining two recorders",
        "A workshop with twelve people",
        "A fair of four days",
        "Linking five notebooks and a printer",
    ],
)
def test_a_use_may_tell_of_people_places_and_days(use_case: str) -> None:
    assert _spans(use_case=use_case) == []


@pytest.mark.parametrize(
    ("use_case", "span"), [("Nine laptops at one switch", "Nine"), ("Runs of 400 m between halls", "400 m")]
)
def test_a_use_may_not_ask_more_of_the_item_than_it_has(use_case: str, span: str) -> None:
    assert _spans(use_case=use_case) == [span]


@pytest.mark.parametrize(
    "description",
    [
        "Three lights tell of link, power and speed.",
        "Plugs sit on its two ends.",
        "There is no 64-bit mode and no USB 3.0.",
        "Keep it working between minus 10 and 45 degrees.",
        "It swivels by 90 degrees.",
        "In inches it measures 10 x 4.",
    ],
)
def test_what_is_listed_denied_or_given_a_unit_elsewhere_is_borne_out(description: str) -> None:
    assert _spans(description) == []


@pytest.mark.parametrize(
    ("description", "span"),
    [
        ("Four lights tell how it is.", "Four"),
        ("It has a 64-bit mode.", "64-bit"),
        ("Keep it working at up to 65 degrees.", "65 degrees"),
        ("It swivels by 45 degrees.", "45 degrees"),
        ("In inches it measures 12 x 4.", "12"),
    ],
)
def test_the_same_words_with_another_number_are_found(description: str, span: str) -> None:
    assert _spans(description) == [span]


@pytest.mark.parametrize(
    ("use_case", "found"),
    [
        ("a present for a boy of nine", []),
        ("play for a six-year-old", []),
        ("a present for a boy of three", ["three"]),
        ("for a child of fourteen", ["fourteen"]),
        ("in a single-storey house", []),
    ],
)
def test_a_use_may_name_an_age_for_which_the_item_is(use_case: str, found: list[str]) -> None:
    toy = Record.of({"title": "Doll", "recommended age (min)": 6, "recommended age (max)": 12})
    assert [finding.span for finding in find(Draft("A doll.", use_cases=(use_case,)), toy)] == found


@pytest.mark.parametrize(
    ("use_case", "found"),
    [
        ("toys that take two cells", []),
        ("a dual-processor server", []),
        ("a two-socket workstation from 2008", []),
        ("a 24-inch screen in a kitchen", []),
        ("a 40-inch screen in a kitchen", ["40-inch"]),
        ("charging nine phones", ["nine"]),
    ],
)
def test_a_use_may_tell_of_the_parts_and_the_size_of_other_things(use_case: str, found: list[str]) -> None:
    mount = Record.of({"title": "Wall mount", "attr_n_maximum_screen_size_compatibility": 30.0})
    assert [finding.span for finding in find(Draft("A mount.", use_cases=(use_case,)), mount)] == found
