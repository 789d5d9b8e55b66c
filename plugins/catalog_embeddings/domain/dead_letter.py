"""The reasons of dead letters: a closed vocabulary, so that a person can ask for one and count by it.

A reason says what kind of thing is wrong and ``detail`` says more: the API's own code, a size, a column. Neither
repeats what the item says. Who finds a reason is named here; how it is found, in ``feed``, ``embeddable`` and ``ask``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from catalog_embeddings.errors import InputError

#: The stage in which an item died: its line of a file, its record, or its text at the API.
Stage = Literal["import", "plan", "embed"]

EmbedReason = Literal["refused_by_api", "context_too_long", "failed_by_api"]

#: Every reason, with what it means; the stages come in the order of an item's way.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        # import: a line of a file
        "bad_timestamp": "a time that cannot be read",
        "broken_quoting": "a quote in the line is never closed",
        "invalid_json": "the line is no JSON",
        "item_id_missing": "the line does not say of which item it is",
        "item_id_too_long": "the item_id does not fit an index",
        "line_too_long": "the line is longer than any item",
        "namespace_too_long": "the namespace does not fit an index",
        "nested_too_deep": "JSON nested deeper than is read",
        "not_an_object": "the line is JSON, but no object",
        "number_out_of_range": "a number that cannot be kept as it is",
        "unreadable_value": "a value of the file that cannot be read",
        "wrong_field_count": "more or fewer fields than the header names",
        "wrong_type": "a value of another kind than its field holds",
        # import and plan: characters that nothing further on takes
        "lone_surrogate": "half of a character",
        "nul_character": "a NUL character",
        # plan: a record
        "attributes_not_object": "attributes are JSON, but no object",
        "attributes_unreadable": "attributes that are nested too deep or hold a number too long to be read",
        "empty_text": "nothing in the record that the version's template uses",
        "text_too_long": "a text longer than is embedded",
        # embed: a text, alone in its request; detail is the API's code
        "refused_by_api": "the API refuses this very text",
        "context_too_long": "too long for the model, also in smaller pieces",
        "failed_by_api": "the API fails on this text and answers others: server_failed or untrusted_answer",
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A text that the API does not embed; ``detail`` is the API's own code."""

    content_hash: bytes
    reason: EmbedReason
    detail: str


def check_reasons(reasons: Sequence[str]) -> None:
    """Refuse to look for a reason that no letter can have.

    Raises:
        InputError: one of them is unknown; the message lists those that are.
    """
    if unknown := [reason for reason in reasons if reason not in REASONS]:
        raise InputError(f"there is no reason {unknown[0]!r}; there are: {', '.join(REASONS)}")
