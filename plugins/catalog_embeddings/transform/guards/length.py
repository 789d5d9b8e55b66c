"""The guard of length: a description that says something and ends, tags that are tags, use cases that are phrases.

About 60 words are asked for. The bounds are far from that on purpose: a sparse record honestly described takes one
short sentence.
"""

import re
from collections.abc import Iterator

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.record import Record

MIN_WORDS = 5
MAX_WORDS = 150
MAX_TAGS = 15
MAX_TAG_WORDS = 6
MAX_TAG_CHARS = 60
MAX_USE_CASES = 10
MAX_USE_CASE_WORDS = 30

# A run of letters; scripts that are written without spaces count two signs as a word.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]{1,2}|[^\W\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]+(?:['’.,/-]?[^\W\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]+)*"
)
# What a sentence does not end with: it was cut off there.
_CUT_OFF = re.compile(
    r"(?:[,;(\[–—-]|(?<![\w.-])(?:the|a|an|and|or|with|of|for|to|from|its|by|at|which|der|die|das|und|oder|mit|für|von|zu|ein|eine"
    r"|le|la|les|et|ou|avec|de|du|des|pour|un|une|el|los|las|y|con|para|il|gli|e|per|di|het|een|en|van|voor|met))\s*\Z",
    re.IGNORECASE,
)
_TAIL = 24


def find(draft: Draft, record: Record) -> Iterator[Finding]:  # noqa: ARG001 - every guard is asked alike
    """What is too short, too long, or cut off. Of what is too long, the part beyond the bound."""
    yield from _description(draft.description)
    yield from _several("tags", draft.tags, MAX_TAGS, MAX_TAG_WORDS, MAX_TAG_CHARS)
    yield from _several("use_cases", draft.use_cases, MAX_USE_CASES, MAX_USE_CASE_WORDS, 10 * MAX_USE_CASE_WORDS)


def words(text: str) -> int:
    """How many words a text has."""
    return sum(1 for _ in _WORD.finditer(text))


def _description(text: str) -> Iterator[Finding]:
    ends = [match.end() for match in _WORD.finditer(text)]
    if len(ends) < MIN_WORDS:
        yield Finding("length", "description", 0, text, f"{len(ends)} words; at least {MIN_WORDS} say something")
    elif len(ends) > MAX_WORDS:
        start = ends[MAX_WORDS - 1]
        yield Finding("length", "description", start, text[start:], f"{len(ends)} words; {MAX_WORDS} are enough")
    elif cut := _CUT_OFF.search(text, max(0, len(text.rstrip()) - _TAIL)):
        span = text[cut.start() :].rstrip()
        yield Finding("length", "description", cut.start(), span, "the description ends in the middle of a sentence")


def _several(name: str, texts: tuple[str, ...], most: int, most_words: int, most_chars: int) -> Iterator[Finding]:
    for number, text in enumerate(texts):
        if reason := _unfit(number, text, most, most_words, most_chars):
            yield Finding("length", f"{name}[{number}]", 0, text, reason)


def _unfit(number: int, text: str, most: int, most_words: int, most_chars: int) -> str | None:
    if number >= most:
        return f"{most} are enough"
    if len(text) > most_chars:
        return f"{len(text)} characters; {most_chars} are enough"
    count = words(text)
    if count > most_words:
        return f"{count} words; {most_words} are enough"
    return None if count else "no word"
