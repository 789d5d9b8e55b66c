"""What a record answers with no (``duplex printing: no``), looked for in a text that affirms it in like words.

Knows how the name of a fact is found again in a sentence, whatever the endings and the order of its words. Which
qualities have words of their own is `quality_words`'.
"""

import re
from collections.abc import Iterator

from catalog_embeddings.transform.guards.mentions import manner_at
from catalog_embeddings.transform.guards.record import Fact, Record

_NO = frozenset({"n", "false", "nein"})
# None is a no, and so is a feed's 0 for false; 0 degrees are not.
_NOUGHT = frozenset({"0", "0.0"})
_MEASURES = frozenset(
    (
        "c",
        "f",
        "k",
        "celsius",
        "fahrenheit",
        "degrees",
        "temperature",
        "mm",
        "cm",
        "m",
        "in",
        "inch",
        "g",
        "kg",
        "lb",
        "v",
        "w",
    )
)
_BEGINS_WITH_NO = re.compile(r"(?:no|not|non|none|without|kein\w*)\b", re.IGNORECASE)

# What a feed puts before a name, and words that say nothing of what is named.
_PREFIXES = frozenset({"attr", "b", "t", "n", "attribute", "attributes", "feature", "features"})
_PARTICLES = frozenset(
    {"is", "are", "was", "a", "an", "the", "s", "too", "also", "in", "of", "with", "for", "and", "or"}
)
# A name of one word is looked for only where the word is of no other use.
_TELLING = "autocutter cuda equalizer expandable hdcp karaoke magnetic multipack nvme physx thermometer widescreen wwan"
_WORD = re.compile(r"[^\W_]+")
_ENDING = re.compile(r"(?:ability|ibility|able|ible|ment|ations?|ions?|ing|ies|ed|es|s|e|y)$")
# "Scanning", "scans".
_DOUBLED = re.compile(r"([bdgmnpt])\1$")
# Words that end a sentence, or turn it round between the words of the name: "a mouse is not included".
_TURNED = re.compile(
    r"[.;:!?](?:\s|$)|n['’]t\b|\b(?:no|not|nor|never|without|but|nicht|kein\w*|ohne|sans|pas|sin)\b", re.IGNORECASE
)
# "The telephone line is well protected": so many words may stand between those of the name.
_LOOSE = 2


def refused(fact: Fact) -> bool:
    """Whether a fact answers with no, or begins its answer with it."""
    value = fact.text.strip().casefold()
    if value in _NOUGHT:
        return _MEASURES.isdisjoint(fact.name.split())
    return value in _NO or _BEGINS_WITH_NO.match(value) is not None


def affirmed_though_refused(text: str, record: Record) -> Iterator[tuple[int, int, str]]:
    """Where a text affirms what the record says no to: start, end and the record's name of it."""
    words = [(_stem(match[0].casefold()), *match.span()) for match in _WORD.finditer(text)]
    words = [word for word in words if word[0] not in _PARTICLES]
    stems = {stem for stem, _, _ in words}
    for name, of_name in _refusals(record):
        if of_name <= stems:
            for start, end in _together(words, of_name):
                if _affirmed(text, start, end):
                    yield start, end, name


def _refusals(record: Record) -> Iterator[tuple[str, frozenset[str]]]:
    """The names that are answered with no and that no value of the record mentions, with the stems of their words."""
    said = " ".join(_stems(" ".join(fact.text for fact in record.facts)))
    for fact in record.facts:
        if refused(fact):
            words = fact.name.split()
            while words and words[0] in _PREFIXES:
                del words[0]
            stems = _stems(" ".join(words))
            if (len(set(stems)) > 1 or (stems and " ".join(words) in _TELLING.split())) and " ".join(stems) not in said:
                yield " ".join(words), frozenset(stems)


def _together(words: list[tuple[str, int, int]], stems: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where all the stems stand close to each other: the start of the first and the end of the last."""
    reach, ended = len(stems) + _LOOSE, 0
    for place, (stem, start, _) in enumerate(words):
        near = words[place : place + reach]
        if stem not in stems or start < ended or not stems <= {other for other, _, _ in near}:
            continue
        ended = max(next(end for other, _, end in near if other == wanted) for wanted in stems)
        yield start, ended


def _affirmed(text: str, start: int, end: int) -> bool:
    return not _TURNED.search(text, start, end) and manner_at(text, start, end) == "affirmed"


def _stems(text: str) -> list[str]:
    return [stem for word in _WORD.findall(text.casefold()) if (stem := _stem(word)) not in _PARTICLES]


def _stem(word: str) -> str:
    if len(word) <= 4:
        return word
    stem = _ENDING.sub("", word.removesuffix("s") if not word.endswith(("ss", "ies")) else word)
    return stem[:-1] if _DOUBLED.search(stem) else stem
