"""Promotional language: hype and calls to act are found, honest praise and names of products are not."""

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards.promotional import find
from catalog_embeddings.transform.guards.record import Record

PAPER = {
    "title": "Premium Quality Paper for Windows 7 Ultimate",
    "short_description": "Superb paper of the Amazing Series for the SHINYPRINT system",
    "attributes": {"line": "Outstanding"},
}


def _spans(text: str) -> list[str]:
    return [finding.span for finding in find(Draft(text), Record.of(PAPER))]


@pytest.mark.parametrize(
    "text",
    [
        "A compact, reliable and versatile paper that works best in dry rooms.",
        "Premium quality paper, also for Windows 7 Ultimate.",
        "It belongs to the Amazing Series and the Outstanding line.",
        "A good fit for photos; well suited to everyday use.",
        "Excellent contrast! It is easy to handle.",
        "It prints JPEG, TIFF and SDRAM lists over HDMI and VGA.",
        "Made for SHINYPRINT machines.",
        "It may be the first in a set of two.",
        "In order to print now, load the tray.",
    ],
)
def test_honest_words_and_names_are_allowed(text: str) -> None:
    assert _spans(text) == []


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("It is the best in class.", "best in class"),
        ("Unbeatable sharpness.", "Unbeatable"),
        ("A must-have for offices.", "must-have"),
        ("The world's best paper.", "The world's best"),
        ("The most advanced paper on the market.", "The most advanced paper on the market"),
        ("A true game-changer.", "game-changer"),
        ("Buy now and save trees.", "Buy now"),
        ("Don’t miss it.", "Don’t miss it"),
        ("The ULTIMATE experience.", "The ULTIMATE"),
        ("State-of-the-art coating.", "State-of-the-art"),
        ("You will love it.", "You will love"),
        ("superb colours", "superb"),
        ("So white!!!", "!!!"),
        ("It is AMAZINGLY white.", "AMAZINGLY"),
        ("BRIGHT WHITE sheets.", "BRIGHT WHITE"),
        ("Ein einzigartiges Papier.", "einzigartiges"),
        ("Jetzt kaufen.", "Jetzt kaufen"),
        ("Un papier incontournable.", "incontournable"),
        ("Un papel increíble.", "increíble"),
        ("Una carta imperdibile.", "imperdibile"),
    ],
)
def test_advertising_is_found(text: str, span: str) -> None:
    assert span in _spans(text)


def test_a_finding_names_its_place() -> None:
    found = list(find(Draft("Paper.", tags=("paper", "top-notch")), Record.of(PAPER)))
    assert [(finding.rule, finding.place, finding.start, finding.span) for finding in found] == [
        ("promotional", "tags[1]", 0, "top-notch")
    ]
