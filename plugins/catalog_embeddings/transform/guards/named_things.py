"""Numbers whose words name one thing, where the record gives that very thing another: `a 9 W bulb`, `4 kg per shelf`.

Knows the three ways in which a text ties a measure to a thing more closely than by a word of measure. What such words
(width, height, memory) tell apart is `meaning`'s.
"""

import re
from collections.abc import Iterator

from catalog_embeddings.transform.guards.aspects import aspects
from catalog_embeddings.transform.guards.evidence import Evidence
from catalog_embeddings.transform.guards.matching import comparable
from catalog_embeddings.transform.guards.meaning import measured
from catalog_embeddings.transform.guards.numerals import Quantity
from catalog_embeddings.transform.guards.stated import Stated

# What a part may have a number of besides the item's. Of lengths there are too many: 3.5 mm is no plug's side.
_DIMENSIONS = frozenset({"power", "mass", "data", "energy", "volume", "voltage", "current"})
# What the name of a fact holds besides the thing: "maximum lamp power".
_MEASURES = frozenset(
    {"power", "wattage", "weight", "capacity", "memory", "size", "energy", "volume", "voltage", "current"}
    | {"maximum", "max", "minimum", "nominal", "rated", "typical", "output", "input", "total"}
)
_WORDS_AFTER = re.compile(r"[ -]([^\W\d_]+)(?![\w-])")
# Shorter words are as often of the current (AC) as of a thing.
_LEAST_LETTERS, _MOST_WORDS = 4, 3
_THING_BEFORE = re.compile(
    r"\b([^\W\d_]{4,}) (?:of|at|rated at|draws|uses|takes|consumes|weighs|holds) $", re.IGNORECASE
)
_EACH_OF = re.compile(
    r"\b(?:each|every|per|je|pro|jede[rs]?|par|chaque|por|cada|per ogni) ([^\W\d_]{4,})", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?]\s|[;\n]")
_OF_ITS_OWN = re.compile(r"\s(?:of )?(?:(?:its|their) own|dedicated|own) (?:\w+ )?memory\b", re.IGNORECASE)
_REACH = 80


def thing_given_otherwise(claim: Quantity, text: str, evidence: Evidence, supporters: list[Stated]) -> str | None:
    """The name of the fact of the thing that a measure is tied to, where only facts of other things bear it out."""
    if not measured(claim) or not supporters or not {unit.dimension for unit in claim.units} & _DIMENSIONS:
        return None
    rest = [stated for stated in evidence.stated if stated not in supporters and comparable(stated, claim)]
    return (
        _of_each(claim, evidence, supporters, rest)
        or _of_part(claim, supporters, rest)
        or _of_graphics(claim, text, supporters, rest)
    )


def _of_each(claim: Quantity, evidence: Evidence, supporters: list[Stated], rest: list[Stated]) -> str | None:
    """`Each shelf bears 20 kg`, where a fact `maximum load per shelf` says 4."""
    for thing in _EACH_OF.findall(claim.before) + _EACH_OF.findall(claim.after):
        stem = re.escape(thing.casefold().removesuffix("s"))
        each = re.compile(rf"\b(?:per|each|every) {stem}")
        # In a text, and not in the name of a fact.
        told = re.search(rf"(?:\b(?:per|each|every) |/ ?){stem}\w*(?![\w ]*: )", evidence.text)
        if told is None and not any(each.search(stated.name) for stated in supporters):
            return next((stated.name for stated in rest if each.search(stated.name)), None)
    return None


def _of_part(claim: Quantity, supporters: list[Stated], rest: list[Stated]) -> str | None:
    """`The 40 W bulb`, where a fact `bulb power` says 9 and the 40 is the power consumption."""
    if any(stated.in_text for stated in supporters):
        return None
    for thing in _things(claim):
        named = (s.name for s in rest if not s.in_text and thing and thing == frozenset(s.name.split()) - _MEASURES)
        told = next(named, None)
        if told and not any((thing | {"rms"}).intersection(stated.name.split()) for stated in supporters):
            return told
    return None


def _things(claim: Quantity) -> Iterator[frozenset[str]]:
    """The words of the thing right behind a number, and of the one that has it before: `AC adapter`, `lamp of 5 W`."""
    words: list[str] = []
    end = 0
    while len(words) < _MOST_WORDS and (found := _WORDS_AFTER.match(claim.after, end)):
        words.append(found[1].casefold())
        end = found.end()
        if len(words[-1]) >= _LEAST_LETTERS:
            yield frozenset(words) - _MEASURES
    if before := _THING_BEFORE.search(claim.before):
        yield frozenset({before[1].casefold()}) - _MEASURES


def _of_graphics(claim: Quantity, text: str, supporters: list[Stated], rest: list[Stated]) -> str | None:
    """`A Radeon with 16 GB of its own memory`, where the 16 are the computer's."""
    if not _OF_ITS_OWN.match(claim.after) or any("graphics" in stated.aspects for stated in supporters):
        return None
    sentence = _SENTENCE_END.split(text[max(0, claim.start - _REACH) : claim.start])[-1]
    if "graphics" not in aspects(sentence + claim.after):
        return None
    return next((stated.name for stated in rest if "graphics" in stated.aspects), None)
