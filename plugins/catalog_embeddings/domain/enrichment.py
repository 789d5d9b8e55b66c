"""What a language model writes of a record, and what its check comes to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

#: Why a draft, or a part of it, is not believed. One guard each; docs/guards.md is their table.
Rule = Literal[
    "numeric_claim",
    "unsupported_quality",
    "brand",
    "promotional",
    "offer",
    "injection",
    "personal_data",
    "language",
    "length",
    "repetition",
    "markup",
]

#: accepted: as it was written. repaired: without the sentences and tags that were found wanting. rejected: of no use.
Verdict = Literal["accepted", "repaired", "rejected"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written of a record: a description, tags and use cases, in the order they were written."""

    description: str
    tags: tuple[str, ...] = ()
    use_cases: tuple[str, ...] = ()

    def passages(self) -> Iterator[tuple[str, str]]:
        """Every text with the name of its place: ``description``, ``tags[0]``, ``use_cases[2]``."""
        yield "description", self.description
        yield from ((f"tags[{place}]", text) for place, text in enumerate(self.tags))
        yield from ((f"use_cases[{place}]", text) for place, text in enumerate(self.use_cases))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a guard found: the rule broken, where, the very words (``text[start:start + len(span)]``), and why."""

    rule: Rule
    place: str
    start: int
    span: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of a draft comes to; ``draft`` is what may be used of it, None where it was rejected."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    draft: Draft | None


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What came of asking about a record; kept for good, a rejected one too.

    ``record_hash`` is that of the record as it was sent, ``reason`` says why there is nothing usable.
    ``answer_keys`` are where the lake holds the answers, ``attempts`` of them; tokens are what those were billed.
    """

    record_hash: bytes
    checked: Checked
    reason: str = ""
    attempts: int = 0
    answer_keys: tuple[str, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
