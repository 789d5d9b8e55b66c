"""The guard against repetition: a sentence said twice, a loop of words, a tag that is another one again."""

import re
from collections import Counter
from collections.abc import Hashable, Iterator

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.guards.sentences import sentences

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[\u3040-\u30ff\u3400-\u9fff]|[^\W\d_\u3040-\u30ff\u3400-\u9fff]+")
# So many words make a sentence that is not said twice by chance: "It is black." may be.
_SENTENCE_WORDS = 4
# A word, or a phrase of up to so many, is a loop when it follows itself so often.
_LOOP_WORDS = 8
_LOOP_TIMES = 3
_WORD_TIMES = 4
# A phrase so long is no coincidence when it stands so often, wherever.
_PHRASE_WORDS = 5
_PHRASE_TIMES = 4


def find(draft: Draft, record: Record) -> Iterator[Finding]:
    """Repetitions in a draft: the second of two, and the whole of a loop that the record does not have itself."""
    yield from _sentences(draft.description)
    for place, text in draft.passages():
        if (loop := _loop(text)) and text[slice(*loop)].casefold() not in record.folded:
            yield Finding("repetition", place, loop[0], text[slice(*loop)], "the same words over and over")
    yield from _phrases(draft.description)
    yield from _several("tags", draft.tags)
    yield from _several("use_cases", draft.use_cases)


def _sentences(text: str) -> Iterator[Finding]:
    seen: set[Hashable] = set()
    for start, end in sentences(text):
        sentence = text[start:end].strip()
        # The same words in another order are the same sentence; other figures make it another.
        said = frozenset(Counter(_words(sentence)).items())
        if sum(count for _, count in said) >= _SENTENCE_WORDS:
            if said in seen:
                yield Finding("repetition", "description", text.index(sentence, start), sentence, "said before")
            seen.add(said)


def _loop(text: str) -> tuple[int, int] | None:
    """Where a phrase follows itself too often; the first such place."""
    found = [(match[0].casefold(), match.start(), match.end()) for match in _WORD.finditer(text)]
    for period in range(1, _LOOP_WORDS + 1):
        most = _WORD_TIMES if period == 1 else _LOOP_TIMES
        alike = 0
        for place in range(period, len(found)):
            alike = alike + 1 if found[place][0] == found[place - period][0] else 0
            # Figures repeat in honest text: 1 x 1 x 1.
            if alike == period * (most - 1) and any(found[place - step][0].isalpha() for step in range(period)):
                return found[place - alike - period + 1][1], _end_of_loop(found, place, period)
    return None


def _end_of_loop(found: list[tuple[str, int, int]], place: int, period: int) -> int:
    while place + 1 < len(found) and found[place + 1][0] == found[place + 1 - period][0]:
        place += 1
    return found[place][2]


def _phrases(text: str) -> Iterator[Finding]:
    found = [(match[0].casefold(), match.start(), match.end()) for match in _WORD.finditer(text)]
    times: Counter[tuple[str, ...]] = Counter()
    until = 0
    for place in range(len(found) - _PHRASE_WORDS + 1):
        phrase = tuple(word for word, _, _ in found[place : place + _PHRASE_WORDS])
        times[phrase] += 1
        start, end = found[place][1], found[place + _PHRASE_WORDS - 1][2]
        if times[phrase] >= _PHRASE_TIMES and start >= until:
            yield Finding("repetition", "description", start, text[start:end], "the same phrase again and again")
            until = end


def _several(name: str, texts: tuple[str, ...]) -> Iterator[Finding]:
    seen: dict[frozenset[str], str] = {}
    for number, text in enumerate(texts):
        key = frozenset(_stem(word) for word in _words(text))
        if key and key in seen:
            yield Finding("repetition", f"{name}[{number}]", 0, text, f"the same as {seen[key]!r}")
        seen.setdefault(key, text)


def _words(text: str) -> list[str]:
    return [match[0].casefold() for match in _WORD.finditer(text)]


def _stem(word: str) -> str:
    """A word without its plural: enough to see that two tags are one."""
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word
