"""Sentences said twice, loops and tags that are one; not the repetitions of honest text."""

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.guards.repetition import find

RECORD = Record.of({"title": "Beep beep beep beep lamp"})


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("It fits a small desk. It is red. It fits a small desk.", "It fits a small desk."),
        ("It fits a small desk. A SMALL desk it fits!", "A SMALL desk it fits!"),
        ("A lamp lamp lamp lamp lamp for you.", "lamp lamp lamp lamp lamp"),
        (
            "So good for all, so good for all, so good for all. Yes.",
            "So good for all, so good for all, so good for all",
        ),
        ("好灯好灯好灯好灯，真的。", "好灯好灯好灯好灯"),
        ("Made in Vietnam. Made in Vietnam. Made in Vietnam.", "Made in Vietnam. Made in Vietnam. Made in Vietnam"),
    ],
)
def test_what_is_said_again(text: str, span: str) -> None:
    found = list(find(Draft(text), RECORD))
    assert [(finding.span, finding.place) for finding in found] == [(span, "description")]
    assert text[found[0].start :].startswith(span)


def test_a_phrase_that_comes_back_all_the_time() -> None:
    text = " ".join(
        f"The {colour} one is the lamp for every desk." for colour in ("red", "blue", "green", "grey", "pink")
    )
    assert {finding.reason for finding in find(Draft(text), RECORD)} == {"the same phrase again and again"}


@pytest.mark.parametrize(
    "text",
    [
        "It has 4 USB ports. It has 2 HDMI ports.",
        "It is black. The case is black. It is black.",
        "The box is 1 x 1 x 1 m and holds 10/10/10 pieces.",
        "Again and again and again it lights up.",
        "It goes beep beep beep beep.",
        "The lamp has a switch, a cable and a foot. The lamp has a switch on the cable.",
    ],
)
def test_what_honest_text_repeats(text: str) -> None:
    assert list(find(Draft(text), RECORD)) == []


def test_tags_that_are_one() -> None:
    draft = Draft("", ("desk lamp", "lamp", "Desk-Lamps", "lamp desk", "glass", "LED"), ("Reading", "reading!", "Work"))
    assert [(finding.place, finding.span) for finding in find(draft, RECORD)] == [
        ("tags[2]", "Desk-Lamps"),
        ("tags[3]", "lamp desk"),
        ("use_cases[1]", "reading!"),
    ]
