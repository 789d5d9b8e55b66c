"""Which thing the words about a number mean, and whether the record gives the number to another: width to height."""

import math
import re

from catalog_embeddings.transform.guards.aspects import AROUND, RIVALS, aspects
from catalog_embeddings.transform.guards.evidence import Evidence
from catalog_embeddings.transform.guards.matching import NOUN_AFTER, comparable
from catalog_embeddings.transform.guards.numerals import Quantity
from catalog_embeddings.transform.guards.stated import Stated

# Digits above this that have no unit are a name's (`10/100 Ethernet`) rather than a count of things.
_COUNTED_AT_MOST = 48
# What is counted stands close behind its number.
_NEAR_WORDS = re.compile(r"\W{0,3}(?:(?:of|in|for|on) )?(?:\W{0,3}\w{1,30}){0,2}")
_FEW_WORDS = re.compile(r"(?:\W{0,3}\w{1,30}){0,4}")
_SENTENCE_END = re.compile(r"[.!?]\s|\n")
_REACH = 120
# "A 22-inch screen" is as long as its diagonal, whatever else is 22 inches long.
_INCH_SIZED = re.compile(r"\d-inch|\d ?\"$")
_CLOCKS = frozenset({"frequency", "transfers"})
_SIDES = frozenset({"width", "height", "depth", "length", "thickness"})
# What has a resolution of its own; where a fact names none, it is that of all.
_WORK = frozenset({"print", "scan", "copy", "fax"})
_PROSE = frozenset({"title", "name", "short description", "description", "summary"})
_PREPOSITION = re.compile(r"\b(?:of|in|for|on|with|at|to|by|from|per|that|which|is|are)\b")
# So many facts count these that none is the fact of them.
_COMMON_THINGS = frozenset(
    {
        "ports",
        "slots",
        "connectors",
        "outputs",
        "inputs",
        "sockets",
        "pieces",
        "units",
        "items",
        "packs",
        "modes",
        "levels",
    }
)
_EXCLUDED = re.compile(r"\b(?:without|excluding|minus|ohne|sans) (?:(?:its|the|an?) )?\w+", re.IGNORECASE)
_BOX = re.compile(r"\b(?:box(?:ed|es)?|packs?|case|bundle)\b", re.IGNORECASE)
_CASE = re.compile(
    r"\b(?:outer|master|per|each|full|whole) (?:case|box|pack)\b|\bcases of\b"
    r"|\b(?:in|to|into|the|per) (?:an? )?(?:case|carton)\b",
    re.IGNORECASE,
)


def around_item(text: str, claim: Quantity) -> frozenset[str]:
    """What is around the item and spoken of in a number's sentence, as far as that is near: its pack, its pallet."""
    before = _SENTENCE_END.split(text[max(0, claim.start - _REACH) : claim.start])[-1]
    sentence = before + _SENTENCE_END.split(text[claim.end : claim.end + _REACH])[0]
    named = aspects(sentence) & AROUND
    named |= {"carton"} if _CASE.search(sentence) else frozenset()
    return named | {"package"} if _BOX.search(sentence) else named


def other_meant(
    claim: Quantity, evidence: Evidence, supporters: list[Stated], words: str, around: frozenset[str]
) -> str | None:
    """The name of the fact that the words about a number mean, where the number is another fact's.

    What is around the item (its pack, its pallet) is meant only where the sentence speaks of it.
    """
    if plainly := _counted_elsewhere(claim, evidence, supporters) or _diagonal(words, evidence, supporters):
        return plainly
    left_out = aspects(" ".join(_EXCLUDED.findall(claim.before))) & AROUND
    if supporters and all(stated.aspects & left_out for stated in supporters):
        return supporters[0].name
    about = _meant(claim, words) - evidence.subjects
    if not about - AROUND:
        return None

    def fits(stated: Stated) -> float:
        return len(about & stated.aspects) - (0 if around else 0.5 * len(stated.aspects & AROUND))

    if rival := _rival(claim, evidence, about, supporters):
        return rival
    if any(unit.dimension == "density" for unit in claim.units) and any(not (s.aspects & _WORK) for s in supporters):
        return None
    borne = max((math.inf if _said_outright(s, claim) else fits(s) for s in supporters), default=0.0)
    rest = [s for s in evidence.stated if s not in supporters and not s.in_text and comparable(s, claim)]
    best = max((s for s in rest if s.aspects & (about - AROUND)), key=fits, default=None)
    return None if best is None or fits(best) < 1 or fits(best) <= borne else best.name


def _counted_elsewhere(claim: Quantity, evidence: Evidence, supporters: list[Stated]) -> str | None:
    """The name of the fact that counts what a number counts, where only facts of other things bear it out."""
    if measured(claim) or claim.kind not in ("number", "word") or not supporters:
        return None
    few = _FEW_WORDS.match(claim.after)
    for noun in re.findall(r"[^\W\d_]{4,}", _PREPOSITION.split(few.group())[0].casefold() if few else ""):
        stem = noun.removesuffix("s")
        if noun == stem or noun in _COMMON_THINGS:
            continue
        if any(stem in stated.name or stated.name in _PROSE for stated in supporters):
            return None
        told = [s for s in evidence.stated if re.search(rf"\bnumber of {stem}|\b{stem}s? quantity", s.name)]
        if told:
            return told[0].name
    return None


def _diagonal(words: str, evidence: Evidence, supporters: list[Stated]) -> str | None:
    """The name of the diagonal that `22-inch` speaks of, where only the item's sides, or its pack's, are so long."""
    if not _INCH_SIZED.search(words) or any(not _side(s) for s in supporters):
        return None
    return next((s.name for s in evidence.stated if "diagonal" in s.name or "screen size" in s.name), None)


def _side(stated: Stated) -> bool:
    """Whether a length is only that of a side, or in a text a metric one."""
    if stated.in_text:
        return all(unit.system != "imperial" for unit in stated.units)
    return bool(stated.aspects & (_SIDES | AROUND))


def _said_outright(stated: Stated, claim: Quantity) -> bool:
    """Whether a text of the record gives the very measure and does not say of what."""
    return measured(claim) and stated.in_text and not stated.aspects


def _rival(claim: Quantity, evidence: Evidence, about: frozenset[str], supporters: list[Stated]) -> str | None:
    """The name of what alone bears a number out where the words are of its rival: width of height, input of output."""
    dimensions = {unit.dimension for unit in claim.units}
    for measured, rivals in RIVALS:
        mine = about & rivals
        told = any(s.aspects & rivals == mine and comparable(s, claim) for s in evidence.stated if not s.in_text)
        theirs = [s.aspects & rivals for s in supporters if s.aspects & rivals or not (told and s.in_text)]
        # Of one frequency only, "clocked at" says too little.
        if dimensions & _CLOCKS and not told:
            continue
        if mine and dimensions & measured and theirs and all(other and not other & mine for other in theirs):
            return supporters[0].name
    return None


def _meant(claim: Quantity, words: str) -> frozenset[str]:
    """What the words about a number say it is of; a weight without more is the item's own.

    Where a noun follows (`the cable ends in a 3.5 mm plug`), what stands before is of something else.
    """
    if not measured(claim):
        if any(unit.dimension == "count:colour" for unit in claim.units):
            return frozenset()
        if not claim.units and claim.kind == "number" and claim.readings[0].value > _COUNTED_AT_MOST:
            return frozenset()
        few = _FEW_WORDS.match(claim.after)
        return aspects(words + (few.group() if few else ""))
    near = _NEAR_WORDS.match(claim.after)
    about = aspects(near.group() if near else "")
    if not about and not NOUN_AFTER.match(claim.after):
        about = aspects(_EXCLUDED.sub(" ", claim.before))
    before = _EXCLUDED.sub(" ", claim.before)
    about |= aspects(before) & AROUND - {"stand"}
    own_weight = "capacity" not in about and any(unit.dimension == "mass" for unit in claim.units)
    return about | {"weight"} if own_weight else about


def measured(claim: Quantity) -> bool:
    """Whether a number has a unit of measure; otherwise it counts."""
    return any(not unit.counts for unit in claim.units)
