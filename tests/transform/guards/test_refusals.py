"""What a record says no to is found again in a text, whatever the endings and the order of the words."""

import pytest

from catalog_embeddings.transform.guards.record import Fact, Record
from catalog_embeddings.transform.guards.refusals import affirmed_though_refused, refused

STRIP = Record.of(
    {
        "title": "Surge strip with a card slot",
        "attr_b_telephone_line_protection": False,
        "attr_b_height_adjustment": False,
        "attr_b_wall_mountable": True,
        "attr_b_card_slot": False,
        "attr_b_hdcp": False,
        "attr_b_cover": False,
        "attributes": {"mouse included": "none", "gps receiver": "No integrated GPS"},
    }
)


def _found(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in affirmed_though_refused(text, STRIP)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The telephone line is protected too.", "telephone line is protected"),
        ("It protects the telephone line.", "protects the telephone line"),
        ("A height-adjustable strip.", "height-adjustable"),
        ("It adjusts in height.", "adjusts in height"),
        ("A mouse is included.", "mouse is included"),
        ("It has HDCP.", "HDCP"),
    ],
)
def test_what_is_refused_may_not_be_affirmed(text: str, words: str) -> None:
    assert _found(text) == [words]


@pytest.mark.parametrize(
    "text",
    [
        "The telephone line is not protected.",
        "There is no protection of a telephone line.",
        "A mouse is not included.",
        "Protection is for the coax line. A telephone has none.",
        "The strip is wall-mountable and has a card slot.",  # granted, and said in the title
        "It comes with a cover.",  # one common word tells nothing
        "The line of telephones on the desk needs power, while surge protection is for the strip.",
    ],
)
def test_what_is_denied_granted_or_far_apart_is_let_be(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize("value", [False, "no", "N", "None", "No integrated GPS", 0, 0.0, "without"])
def test_many_ways_to_say_no(value: object) -> None:
    assert Record.of({"gps": value}).facts[0].value is not None
    assert refused(Record.of({"gps": value}).facts[0])


@pytest.mark.parametrize("value", [True, "yes", "Y", "notebook", "Nokia", 1.0, "0.5"])
def test_a_word_that_begins_like_a_no_is_none(value: str | float) -> None:
    assert not refused(Fact("gps", value))


@pytest.mark.parametrize("name", ["comfort_c", "operating temperature", "attr_n_depth_mm"])
def test_nought_on_a_scale_is_no_refusal(name: str) -> None:
    assert not refused(Record.of({name: 0}).facts[0])
