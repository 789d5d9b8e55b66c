"""Numbers as people word them, against one record: what it bears out, and the same words with another number."""

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards.numeric_claims import find
from catalog_embeddings.transform.guards.record import Record

_WORKSHOP_RECORD = Record.of(
    {
        "title": "Acme B7 board, 1200 x 600 DPI, 16/2 wire",
        "attr_t_supported_memory_clock_speeds": "400,533,667",
        "attr_t_processor_socket": "LGA 1150,LGA 1151,LGA 1155",
        "attr_t_processor_system_buses_supported": "1066",
        "attr_t_operating_temperature__t_t_": "10 - 30",
        "attr_t_storage_temperature__t_t_": "-20 - 60",
        "attr_t_contrast_ratio__dynamic_": "2000000:1",
        "attr_t_print_speed": "60 ft²/hr",
        "attr_t_maximum_resolution": "1200 x 600",
        "attr_n_print_quality__black__draft_quality_": 600.0,
        "attr_n_height": 1676.4,
        "attr_n_weight": 36.3,
        "attr_n_weight_with_stand": 41.2,
        "attr_n_outer_diameter": 5.8,
        "attr_n_black_ink_volume": 350.0,
        "attr_n_quantity_per_pack": 4.0,
        "attr_n_labels_per_pack": 480.0,
        "attr_n_media_sheets_per_package": 20.0,
        "attr_n_quantity_per_master__outer__case": 48.0,
        "attr_n_page_yield": 3000.0,
        "attr_n_number_of_m_2__m__slots": 2.0,
        "attr_t_hdmi_version": "1.3",
        "attr_n_number_of_hdmi_outputs": 2.0,
        "attr_t_memory_layout__slots_x_size_": "2 x 8",
        "attr_n_toothbrush_frequency": 31000.0,
        "attr_t_display_number_of_colours": "16.78 million colours",
        "attr_n_cable_length": 150.0,
        "attr_t_cabling_technology": "10/100/1000Base-T(X)",
        "attr_n_maximum_refresh_rate": 300.0,
    }
)


@pytest.mark.parametrize(
    "text",
    [
        "Memory may run at 400, 533 or 667 MHz.",
        "It seats chips of the 1150, 1151 and 1155 sockets.",
        "Two processors share a 1066 MHz bus.",
        "Keep it between 10 and 30 degrees while it works.",
        "It may be stored from twenty below zero to 60 °C.",
        "The contrast is two million to one.",
        "It prints 60 square feet an hour.",
        "It prints at 1200 by 600 dpi.",
        "It is 5 ft 6 in high.",
        "It weighs 36.3 kg, or 80 lb.",
        "Without its stand it weighs 36.3 kg.",
        "The cord is 5.8 mm in diameter.",
        "A bottle holds about twelve US fluid ounces.",
        "That is 1.4 litres altogether.",
        "There are two dozen to the sheet.",
        "Forty-eight go into a case.",
        "It lasts for six reams of paper.",
        "Two M.2 slots are on the board.",
        "Two slots of 8 GB each are filled.",
        "It vibrates 31,000 times a minute.",
        "It shows 16.7 million colours.",
        "The wire is of 16 gauge.",
        "A ten-key pad is at the side.",
        "A hundred and fifty metres are on the reel.",
        "It carries 10, 100 and 1000 Mbit/s.",
        "It refreshes three hundred times a second.",
        "It is meant for 19-inch racks.",
    ],
)
def test_a_number_may_be_worded_in_many_ways(text: str) -> None:
    assert _spans_of(text, _WORKSHOP_RECORD) == []


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Memory may run at 400, 533 or 800 MHz.", "800 MHz"),
        ("It seats chips of the 1150 and 1156 sockets.", "1156"),
        ("It may be stored from ten below zero to 60 °C.", "ten"),
        ("The contrast is three million to one.", "three million"),
        ("It prints 80 square feet an hour.", "80 square feet"),
        ("It prints at 2400 by 600 dpi.", "2400"),
        ("It is 5 ft 11 in high.", "5 ft 11 in"),
        ("Without its stand it weighs 41.2 kg.", "41.2 kg"),
        ("That is 2.4 litres altogether.", "2.4 litres"),
        ("There are three dozen to the sheet.", "three dozen"),
        ("It lasts for nine reams of paper.", "nine reams"),
        ("The HDMI outputs are of version 2.0.", "version 2.0"),
        ("It vibrates 25,000 times a minute.", "25,000 times"),
        ("The wire is of 14 gauge.", "14 gauge"),
        ("A hundred and twenty metres are on the reel.", "A hundred and twenty metres"),
        ("It refreshes two hundred times a second.", "two hundred times a second"),
    ],
)
def test_another_number_in_such_words_is_found(text: str, span: str) -> None:
    assert span in _spans_of(text, _WORKSHOP_RECORD)


def _spans_of(text: str, record: Record) -> list[str]:
    return [finding.span for finding in find(Draft(text), record)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Help from 9 am to 6 pm.", []),
        ("Help from 9 a.m. to 6 p.m. on weekdays.", []),
        ("Help from 9 am to 7 pm.", ["7"]),
        ("Help from 6 am.", ["6"]),
    ],
)
def test_hours_of_the_day_are_the_record_s(text: str, found: list[str]) -> None:
    record = Record.of({"title": "Support contract", "short_description": "Phone support 9am-6pm on weekdays"})
    assert [finding.span for finding in find(Draft(text), record)] == found


def test_a_measure_tied_to_a_thing_is_that_thing_s() -> None:
    record = Record.of({"title": "Desk lamp", "attr_n_bulb_power": 9.0, "attr_n_power_consumption__typical_": 48.0})
    assert [finding.reason for finding in find(Draft("It has a 48 W bulb."), record)] == [
        "the record says otherwise of bulb power"
    ]
    assert list(find(Draft("It has a 9 W bulb and draws 48 W."), record)) == []
