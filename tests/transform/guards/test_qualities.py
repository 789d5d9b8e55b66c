"""Qualities need support: what the record affirms may be written, what it leaves out or denies may not."""

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards.qualities import find
from catalog_embeddings.transform.guards.record import Record

LAPTOP = {
    "title": "Lenovo ThinkPad L420 notebook",
    "attr_b_touchscreen": False,
    "attr_b_bluetooth": True,
    "attr_t_wi_fi_standards": "802.11g",
    "attr_b_wi_fi_protected_setup": False,
    "attr_t_product_colour": "Silver",
    "attr_t_housing_material": "Plastic",
    "attr_b_mouse_included": False,
    "attr_b_hdcp": False,
    "attr_n_hdmi_ports_quantity": 0.0,
}
BAG = {
    "title": "Faux leather bag",
    "description": "Not waterproof. The lining is water-resistant.",
    "attributes": {"material": "leather look polyester", "vegan": True, "rechargeable": "n/a"},
}
CAMERA = {
    "title": "Diving camera",
    "attributes": {"waterproof": True, "housing material": "Metal", "battery": "Li-Ion", "protection": "IP68"},
    "country_of_origin": "Japan",
}
SWITCH = {"title": "5-port PoE switch", "attributes": {"certification": "CE, FCC", "ports": "RJ-45 10/100Base-TX"}}


def _spans(record: dict, text: str) -> list[str]:
    return [finding.span for finding in find(Draft(text), Record.of(record))]


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (LAPTOP, "There is no touchscreen."),
        (LAPTOP, "No touchscreen or fingerprint reader is fitted."),
        (LAPTOP, "It does not have a webcam."),
        (LAPTOP, "It is reached by wireless networks and Bluetooth."),
        (LAPTOP, "WLAN is on board."),
        (LAPTOP, "The silver body is of plastic."),
        (LAPTOP, "It lacks HDMI and comes without a mouse."),
        (LAPTOP, "No mouse is included."),
        (LAPTOP, "It looks good on a wooden desk or beside a leather sofa."),
        (LAPTOP, "Unlike waterproof models it must be kept dry."),
        (LAPTOP, "Without a leather case it weighs less."),
        (BAG, "A faux leather bag, vegan and not waterproof."),
        (BAG, "A water-repellent lining."),
        (BAG, "A pocket for storing HDMI cables; the strap carries wireless headsets."),
        (CAMERA, "It is waterproof to IP68, dustproof and made in Japan."),
        (CAMERA, "A rechargeable battery drives the metal camera."),
        (CAMERA, "Das Gehäuse ist wasserdicht."),
        (SWITCH, "It is certified, carries the CE mark and links copper Ethernet cables."),
        (SWITCH, "It works without a PoE injector."),
    ],
)
def test_what_the_record_supports_may_be_written(record: dict, text: str) -> None:
    assert _spans(record, text) == []


@pytest.mark.parametrize(
    ("record", "text", "span"),
    [
        (LAPTOP, "It has a touchscreen.", "touchscreen"),
        (LAPTOP, "An HDMI port feeds a screen.", "HDMI"),
        (LAPTOP, "The case is WATER-PROOF.", "WATER-PROOF"),
        (LAPTOP, "The case is water\u2011proofed.", "water\u2011proofed"),
        (LAPTOP, "It is anything but heavy and waterproof.", "waterproof"),
        (LAPTOP, "The body is brushed aluminium.", "aluminium"),
        (LAPTOP, "Its walnut finish is nice.", "walnut"),
        (LAPTOP, "It is gluten-free.", "gluten-free"),
        (LAPTOP, "It was handmade.", "handmade"),
        (LAPTOP, "A mouse is included.", "mouse is included"),
        (LAPTOP, "It speaks HDCP.", "HDCP"),
        (LAPTOP, "Une coque étanche.", "étanche"),
        (LAPTOP, "La funda es de cuero.", "cuero"),
        (BAG, "A leather bag.", "leather"),
        (BAG, "It is waterproof.", "waterproof"),
        (BAG, "It is rechargeable.", "rechargeable"),
        (CAMERA, "It is rated IP67.", "IP67"),
        (CAMERA, "It was made in Germany.", "made in Germany"),
        (CAMERA, "A plastic housing protects it.", "plastic"),
        (SWITCH, "It is Energy Star certified.", "Energy Star"),
        (SWITCH, "It offers wireless access.", "wireless"),
    ],
)
def test_what_the_record_does_not_support_is_found(record: dict, text: str, span: str) -> None:
    assert _spans(record, text) == [span]


@pytest.mark.parametrize(
    ("record", "text", "span"),
    [
        (LAPTOP, "It comes without Bluetooth.", "Bluetooth"),
        (LAPTOP, "There is no Wi-Fi on board.", "Wi-Fi"),
        (LAPTOP, "No plastic parts are used.", "plastic"),
        (CAMERA, "It is not waterproof.", "waterproof"),
    ],
)
def test_what_the_record_affirms_may_not_be_denied(record: dict, text: str, span: str) -> None:
    assert _spans(record, text) == [span]


def test_water_resistant_is_not_waterproof_and_waterproof_is_water_resistant() -> None:
    assert _spans({"title": "watch", "attr_b_water_resistant": True}, "It is waterproof.") == ["waterproof"]
    assert _spans({"title": "watch", "attr_b_waterproof": True}, "It is water-resistant.") == []


def test_a_finding_names_its_place_and_the_very_words() -> None:
    draft = Draft("A bag.", tags=("bag", "genuine leather"), use_cases=("rain, as it is waterproof",))
    found = list(find(draft, Record.of(BAG)))
    assert [(finding.rule, finding.place, finding.start, finding.span, finding.reason) for finding in found] == [
        ("unsupported_quality", "tags[1]", 8, "leather", "the record does not say leather"),
        ("unsupported_quality", "use_cases[0]", 15, "waterproof", "the record says it is not so: waterproof"),
    ]


CAMERA_SCANNER = {
    "title": "Acme scanner",
    "attr_b_film_scanning": False,
    "attr_b_sloping_ceiling_support": False,
    "attr_b_adjustable_keyboard_height": True,
    "attr_t_finish_type": "Matte",
}


@pytest.mark.parametrize("text", ["Its height is adjustable.", "An adjustable height helps.", "No film is scanned."])
def test_words_in_one_fact_support_a_quality_in_any_order(text: str) -> None:
    assert _spans(CAMERA_SCANNER, text) == []


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Films are scanned, too.", "Films are scanned"),
        ("It scans film.", "scans film"),
        ("It supports a sloping ceiling.", "supports a sloping ceiling"),
        ("A glossy finish.", "glossy"),
        ("Whisper-quiet keys.", "Whisper-quiet"),
        ("The cord is braided.", "braided"),
        ("RGB lights are built in.", "RGB lights"),
    ],
)
def test_what_is_refused_or_the_opposite_or_unheard_of_is_found(text: str, span: str) -> None:
    assert _spans(CAMERA_SCANNER, text) == [span]


def test_a_use_may_name_things_that_have_a_quality() -> None:
    for use_case in ("Cordless phones", "Stage microphones", "RAID arrays"):
        assert list(find(Draft("A battery.", (), (use_case,)), Record.of({"title": "Battery"}))) == []
    assert list(find(Draft("A battery.", (), ("Wireless work",)), Record.of({"title": "Battery"})))


@pytest.mark.parametrize(
    "text",
    [
        "Bluetooth and Ethernet are absent.",
        "Wi-Fi, Bluetooth and a webcam are not fitted.",
        "It is a cable for a microphone stand.",
        "The record states no HDMI version.",
    ],
)
def test_a_list_may_be_denied_as_a_whole(text: str) -> None:
    assert _spans({"title": "HDMI cable", "attr_b_bluetooth": False}, text) == []


def test_a_use_may_connect_a_microphone_and_a_draft_may_not_build_one_in() -> None:
    lead, use = Record.of({"title": "XLR lead"}), ("connecting a microphone to a mixer",)
    assert list(find(Draft("A lead.", use_cases=use), lead)) == []
    assert [finding.span for finding in find(Draft("It has a microphone."), lead)] == ["microphone"]


def test_charging_in_minutes_needs_support() -> None:
    assert _spans({"title": "Battery"}, "It recharges fully in minutes.") == ["recharges fully in minutes"]


def test_what_an_item_joins_may_be_of_the_other_side() -> None:
    coupler = {"title": "RCA coupler F/F"}
    assert _spans(coupler, "A coupler that connects two male plugs.") == []
    assert _spans(coupler, "A coupler that connects by two male plugs.") == ["male"]
    assert _spans(coupler, "A coupler with two male plugs.") == ["male"]
