"""What is too short, too long or cut off; the bounds leave room for a sparse record and for a talkative one."""

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards import length
from catalog_embeddings.transform.guards.length import find, words
from catalog_embeddings.transform.guards.record import Record

RECORD = Record.of({"title": "Lamp"})
HONEST = "The lamp is black and weighs 1.2 lb."


@pytest.mark.parametrize(
    "text",
    [HONEST, "The ABX-9000 weighs 1.2 lb.", "这是一个黑色的键盘。", "word " * length.MAX_WORDS, f"{HONEST} It is 5 in"],
)
def test_what_is_long_enough(text: str) -> None:
    assert list(find(Draft(text), RECORD)) == []


@pytest.mark.parametrize("text", ["", "  ", "A lamp.", "Battery for HP printers.", "..."])
def test_what_says_nothing(text: str) -> None:
    (finding,) = find(Draft(text), RECORD)
    assert (finding.place, finding.span) == ("description", text)


def test_of_what_is_too_long_the_rest_is_found() -> None:
    text = "It is black. " * 40 + HONEST
    (finding,) = find(Draft(text * 2), RECORD)
    assert words((text * 2)[: finding.start]) == length.MAX_WORDS
    assert (text * 2)[finding.start :] == finding.span


@pytest.mark.parametrize("end", ["and has a", "with", "which comes in black,", "und der", "avec", "("])
def test_what_was_cut_off(end: str) -> None:
    (finding,) = find(Draft(f"{HONEST} It is small {end}"), RECORD)
    assert "middle of a sentence" in finding.reason


def test_tags_and_use_cases() -> None:
    draft = Draft(
        HONEST,
        (*[f"tag {number}" for number in range(length.MAX_TAGS)], "one too many"),
        ("", "Reading in bed", "word " * (length.MAX_USE_CASE_WORDS + 1)),
    )
    assert [finding.place for finding in find(draft, RECORD)] == [
        f"tags[{length.MAX_TAGS}]",
        "use_cases[0]",
        "use_cases[2]",
    ]
    assert [finding.reason for finding in find(Draft(HONEST, ("a b c d e f g", "x" * 61, "!")), RECORD)] == [
        "7 words; 6 are enough",
        "61 characters; 60 are enough",
        "no word",
    ]
