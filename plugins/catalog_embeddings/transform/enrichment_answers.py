"""What a language model's answer to an enrichment says, where it is what was asked for.

Knows the finish reasons, the JSON and the schema; whether what it says is true is left to the guards.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from catalog_embeddings.domain.enrichment import Draft

_UNFINISHED = {
    "length": "the answer was cut short because it was too long",
    "content_filter": "the answer was withheld by the content filter",
}

# Neither can be stored: Postgres takes no NUL, and a lone surrogate is no character.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# So many rules of the schema broken are enough to remind of.
_MOST_REASONS = 5


class AnswerInvalid(ValueError):
    """An answer of no use. ``reasons`` are sentences that the model can be reminded of; none repeats the answer."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def read_answer(
    content: str | None, finish_reason: str | None, refusal: str | None, schema: Mapping[str, Any]
) -> Draft:
    """The draft that an answer holds.

    Raises:
        AnswerInvalid: it was refused, cut short or withheld, is no JSON, or is not as the schema has it.
    """
    if refusal is not None:
        raise AnswerInvalid("the model refused to answer")
    if finish_reason in _UNFINISHED:
        raise AnswerInvalid(_UNFINISHED[finish_reason])
    if not content:
        raise AnswerInvalid("the answer is empty")
    try:
        answer = json.loads(content, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise AnswerInvalid("the answer is not a single JSON object") from None
    if reasons := list(_broken_rules(answer, schema)):
        raise AnswerInvalid(*reasons[:_MOST_REASONS])
    draft = Draft(
        description=answer["description"].strip(),
        tags=tuple(tag.strip() for tag in answer["tags"]),
        use_cases=tuple(use.strip() for use in answer.get("use_cases", ())),
    )
    if reasons := [f"{place} is empty" for place, text in draft.passages() if not text]:
        raise AnswerInvalid(*reasons)
    if reasons := [f"{place} holds a NUL or half a character" for place, text in draft.passages() if _unstorable(text)]:
        raise AnswerInvalid(*reasons)
    return draft


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that says each thing once: of two values for a name, readers differ in which they believe."""
    if len(pairs) != len({name for name, _ in pairs}):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _broken_rules(answer: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    import jsonschema  # noqa: PLC0415 - it takes a tenth of a second, and most commands read no answer

    for error in jsonschema.Draft202012Validator(schema).iter_errors(answer):
        place = ".".join(map(str, error.absolute_path)) or "the answer"
        match error.validator:
            case "required":
                lacking = [name for name in error.validator_value if name not in error.instance]
                yield f"{place} lacks {', '.join(lacking)}"
            case "additionalProperties":
                yield f"{place} has fields that the schema does not have"
            case rule:
                yield f"{place} breaks the rule {rule} {json.dumps(error.validator_value)[:80]} of the schema"


def _unstorable(text: str) -> bool:
    return bool(_UNSTORABLE.search(text))
