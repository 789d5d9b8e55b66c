"""Verdicts: which answer is believed, when to ask again, and that a changed guard is noticed."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from catalog_embeddings.domain.enrichment import Checked, Draft, Verdict
from catalog_embeddings.transform.enrichment_templates import load_enrichment
from catalog_embeddings.transform.enrichment_verdict import (
    MOST_ATTEMPTS,
    Judged,
    best_of,
    judge,
    judging_version,
    settle,
)
from catalog_embeddings.transform.guards.record import Record

RECORD = {"title": "Aurora desk lamp", "brand": "Aurora", "attributes": {"weight": "1.2 lb", "colour": "black"}}
HONEST = (
    "This desk lamp by Aurora comes in black and weighs 1.2 lb. It suits a desk on which light is needed for reading "
    "and writing, and the record names no further details of it."
)


def _judge(description: str | None, finish_reason: str = "stop", refusal: str | None = None) -> Judged:
    draft: Mapping[str, Any] = {"description": description, "tags": ["desk lamp"], "use_cases": ["reading at a desk"]}
    content = None if description is None else json.dumps(draft)
    return judge(content, finish_reason, refusal, load_enrichment("review.v1").schema, Record.of(RECORD))


def _judged(verdict: Verdict, name: str = "") -> Judged:
    draft = None if verdict == "rejected" else Draft(name)
    return Judged(Checked(verdict, (), draft), (name,), name)


def test_a_faithful_answer_is_believed() -> None:
    judged = _judge(HONEST)
    assert (judged.checked.verdict, judged.errors, judged.reason) == ("accepted", (), "")


def test_a_false_claim_is_named_to_the_model_and_not_to_anybody_else() -> None:
    judged = _judge(f"{HONEST} It weighs 9 kg.")
    assert judged.checked.verdict == "repaired"
    assert judged.checked.draft is not None
    assert "9 kg" not in judged.checked.draft.description
    assert any("9 kg" in error for error in judged.errors)
    assert judged.reason == ""


@pytest.mark.parametrize(
    ("finish_reason", "refusal"), [("length", None), ("content_filter", None), ("stop", "I can't")]
)
def test_an_answer_of_no_use_says_why(finish_reason: str, refusal: str | None) -> None:
    judged = _judge(None, finish_reason, refusal)
    assert judged.checked == Checked("rejected", (), None)
    assert judged.errors
    assert judged.reason


def test_what_is_no_json_is_rejected() -> None:
    judged = judge("Sure! Here it is", "stop", None, load_enrichment("review.v1").schema, Record.of(RECORD))
    assert judged.checked.verdict == "rejected"
    assert "Sure" not in judged.reason


def test_an_accepted_answer_settles_it_and_another_is_asked_again() -> None:
    assert settle([]) is None
    assert settle([_judged("accepted", "a")]) == _judged("accepted", "a")
    assert settle([_judged("repaired")]) is None
    assert settle([_judged("rejected")]) is None
    assert MOST_ATTEMPTS == 2


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        ("repaired", "accepted", "b"),
        ("repaired", "repaired", "b"),
        ("repaired", "rejected", "a"),
        ("rejected", "repaired", "b"),
        ("rejected", "rejected", "b"),
    ],
)
def test_of_two_the_better_one_is_believed_and_of_equals_the_later(
    first: Verdict, second: Verdict, chosen: str
) -> None:
    both = [_judged(first, "a"), _judged(second, "b")]
    assert settle(both) == best_of(both)
    assert best_of(both).reason == chosen


def test_the_version_of_the_judging_is_stable() -> None:
    assert judging_version() == judging_version()
    assert len(judging_version()) == 16
