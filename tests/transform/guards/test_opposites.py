"""A draft that claims one side contradicts a record that says the other, and only then."""

import pytest

from catalog_embeddings.transform.guards.opposites import contradictions
from catalog_embeddings.transform.guards.record import Record

_CASES = [
    ({"attr_t_buffered_memory_type": "Registered (buffered)"}, "These are unbuffered modules.", "unbuffered"),
    (
        {"attr_t_buffered_memory_type": "Unregistered (unbuffered)"},
        "Registered memory for servers.",
        "Registered memory",
    ),
    ({"attr_b_ecc": True}, "It is non-ECC memory.", "non-ECC"),
    ({"attr_t_cooling_type": "Passive"}, "Active cooling keeps it going.", "Active cooling"),
    ({"attr_t_cable_shielding": "U/UTP (UTP)"}, "The shielded pairs are stranded.", "shielded"),
    ({"attr_t_cable_shielding": "S/FTP (S-STP)"}, "An unshielded cable.", "unshielded"),
    ({"attr_t_printing": "Mono printing"}, "Colour printing is its strength.", "Colour printing"),
    ({"attr_t_finish_type": "Matte"}, "The glossy sheets dry fast.", "glossy"),
    ({"title": "Acme 2 TB internal hard drive"}, "An external hard drive.", "external hard drive"),
    ({"attr_t_print_technology": "Laser"}, "Its inkjet technology is proven.", "inkjet technology"),
    ({"attr_t_connector_gender": "N", "title": "Lead F/F"}, "Both plugs are male.", "male"),
    ({"attr_t_keyboard_layout": "QWERTZ"}, "A QWERTY keyboard.", "QWERTY"),
    ({"attr_t_connectivity_technology": "Wireless"}, "A wired headset.", "wired headset"),
]


def _spans(record: dict, text: str) -> list[str]:
    return [text[start:end] for start, end, _ in contradictions(text, Record.of(record))]


@pytest.mark.parametrize(("record", "text", "span"), _CASES)
def test_the_other_side_is_found(record: dict, text: str, span: str) -> None:
    assert _spans(record, text) == [span]


@pytest.mark.parametrize(("record", "text", "span"), _CASES)
def test_a_record_that_says_nothing_or_both_contradicts_nothing(record: dict, text: str, span: str) -> None:
    assert _spans({"title": "Acme item"}, text) == []
    assert _spans(record | {"remark": f"Also {span}"}, text) == []


def test_what_is_denied_or_compared_is_no_claim() -> None:
    assert _spans({"attr_t_finish_type": "Matte"}, "It is not glossy.") == []
    assert _spans({"attr_t_cooling_type": "Passive"}, "Quieter than active cooling.") == []
