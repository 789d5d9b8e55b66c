"""Answers: the one shape that is a draft, and why everything else is of no use."""

import json
from typing import Any

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.enrichment_answers import AnswerInvalid, read_answer
from catalog_embeddings.transform.enrichment_templates import load_enrichment

SCHEMA = load_enrichment("review.v1").schema
GOOD: dict[str, Any] = {"description": " A plain lamp. ", "tags": ["lamp", " steel "], "use_cases": ["reading"]}
SECRET = "zanzibar"


def reasons(content: str | None, finish_reason: str | None = "stop", refusal: str | None = None) -> tuple[str, ...]:
    with pytest.raises(AnswerInvalid) as caught:
        read_answer(content, finish_reason, refusal, SCHEMA)
    assert SECRET not in str(caught.value)
    return caught.value.reasons


def test_an_answer_is_a_draft() -> None:
    expected = Draft("A plain lamp.", ("lamp", "steel"), ("reading",))
    assert read_answer(json.dumps(GOOD), "stop", None, SCHEMA) == expected
    # Some servers do not say how they ended.
    assert read_answer(json.dumps(GOOD), None, None, SCHEMA) == expected


def test_a_profile_has_no_use_cases() -> None:
    content = json.dumps({"description": "A lamp. It is plain.", "tags": ["a", "b", "c", "d"]})
    assert read_answer(content, "stop", None, load_enrichment("profile.v1").schema).use_cases == ()


@pytest.mark.parametrize("count", [3, 6])
def test_a_profile_has_four_or_five_tags(count: int) -> None:
    content = json.dumps({"description": "A lamp.", "tags": ["a"] * count})
    with pytest.raises(AnswerInvalid, match=r"tags breaks the rule m..Items"):
        read_answer(content, "stop", None, load_enrichment("profile.v1").schema)


def test_how_it_ended_counts_before_what_it_says() -> None:
    assert reasons(json.dumps(GOOD), refusal="") == ("the model refused to answer",)
    assert "too long" in reasons(json.dumps(GOOD), "length")[0]
    assert "content filter" in reasons(json.dumps(GOOD), "content_filter")[0]


@pytest.mark.parametrize("content", [None, ""])
def test_nothing_is_no_answer(content: str | None) -> None:
    assert reasons(content) == ("the answer is empty",)


@pytest.mark.parametrize(
    "content",
    [
        "zanzibar",
        '{"description": "zanzibar',
        json.dumps(GOOD) + json.dumps(GOOD),
        f"```json\n{json.dumps(GOOD)}\n```",
        '{"description": "a", "description": "zanzibar", "tags": [], "use_cases": []}',
        "[" * 100_000,
    ],
)
def test_what_is_not_one_json_object_is_refused(content: str) -> None:
    assert reasons(content) == ("the answer is not a single JSON object",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"zanzibar": 1}, "the answer has fields that the schema does not have"),
        ({"description": ["zanzibar"]}, 'description breaks the rule type "string" of the schema'),
        ({"description": ""}, "description breaks the rule minLength 1 of the schema"),
        ({"description": "zanzibar " * 500}, "description breaks the rule maxLength 2000 of the schema"),
        ({"tags": "zanzibar"}, 'tags breaks the rule type "array" of the schema'),
        ({"tags": ["a", {"zanzibar": 1}]}, 'tags.1 breaks the rule type "string" of the schema'),
        ({"tags": ["zanzibar"] * 9}, "tags breaks the rule maxItems 8 of the schema"),
        ({"use_cases": None}, 'use_cases breaks the rule type "array" of the schema'),
    ],
)
def test_what_is_not_as_the_schema_has_it_is_refused(change: dict[str, Any], reason: str) -> None:
    assert reasons(json.dumps(GOOD | change)) == (reason,)


@pytest.mark.parametrize("answer", [None, 5, "zanzibar", [GOOD]])
def test_what_is_no_object_is_refused(answer: Any) -> None:
    assert reasons(json.dumps(answer)) == ('the answer breaks the rule type "object" of the schema',)


def test_what_is_missing_is_named() -> None:
    assert reasons('{"description": "a"}')[0] == "the answer lacks tags, use_cases"


@pytest.mark.parametrize("text", ["zanzibar\x00", "zanzibar\ud800"])
def test_what_cannot_be_stored_is_refused(text: str) -> None:
    assert reasons(json.dumps(GOOD | {"use_cases": [text]})) == ("use_cases[0] holds a NUL or half a character",)


def test_white_space_is_no_text() -> None:
    assert reasons(json.dumps(GOOD | {"tags": ["lamp", " \n"]})) == ("tags[1] is empty",)
