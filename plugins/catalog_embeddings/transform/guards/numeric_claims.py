"""Numbers that the record does not bear out: another worth, unit or version, or those of another of its parts.

`quantities` reads them, `evidence` knows what the record says, `nearness` how close is close enough, `meaning` of what
they speak.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.asides import in_context, is_aside
from catalog_embeddings.transform.guards.aspects import SHIPPED
from catalog_embeddings.transform.guards.evidence import Evidence, any_close
from catalog_embeddings.transform.guards.matching import NOUN_AFTER, same_number
from catalog_embeddings.transform.guards.meaning import around_item, measured, other_meant
from catalog_embeddings.transform.guards.named_things import thing_given_otherwise
from catalog_embeddings.transform.guards.nearness import lead_of
from catalog_embeddings.transform.guards.number_words import words_of
from catalog_embeddings.transform.guards.numerals import Quantity, folded
from catalog_embeddings.transform.guards.quantities import quantities
from catalog_embeddings.transform.guards.record import Record

#: Standards whose version must be the standard's own; of other names it is enough that the record has the number.
_STRICT = (
    "usb hdmi displayport bluetooth wifi pcie sata esata ddr thunderbolt windows android ios macos osx "
    "office opengl directx pcl postscript lga cat category ip ieee hdcp wpa raid dvb energystar"
)
# "Version 2.0" is not two of something.
_POINT = re.compile(r"\d\.\d")
_VERSION_NAMES = frozenset({"version", "ver", "v", "revision", "rev", "release"})
_STRICT_NAMES = frozenset(_STRICT.split())
# Enough to look for the very words: a unit, or digits that do not come by chance.
_WITH_UNIT = re.compile(r"\d\W?[^\W\d_]{2}|\d\s?[\"°%']")
_THREE_DIGITS = re.compile(r"\d{3}")
_PER_MINUTE = re.compile(r"\b(?:a|per|each|every|pro|par|por|al) minut", re.IGNORECASE)
_EACH = re.compile(r" ?(?:each|apiece|per|an?|every|(?:to|on|for) (?:the|an?|each|every))\b", re.IGNORECASE)
_ALTOGETHER = re.compile(
    r"(?: [^\W\d_]+)? (?:in (?:total|all)|altogether|together|combined|between them|(?:over|across|per|for|in) the"
    r" (?:\w+ )?(?:pack|set|box|kit))\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?]\s|;")
# A thing that is counted, in the plural: "512 shades".
_THING_AFTER = re.compile(r" (?!(?:series|printers|models|devices|processors|machines)\b)[^\W\d_]{3,}s\b")
_NAME_BEFORE = re.compile(r"[^\W\d_]+ ?$")
_MONTHS = r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]*\.?"
_MONTH_AFTER = re.compile(rf"(?:st|nd|rd|th|\.)?(?: of)? {_MONTHS}(?![^\W\d_])", re.IGNORECASE)
_MONTH_BEFORE = re.compile(rf"\b{_MONTHS} $", re.IGNORECASE)
# Of "a.m." the words about a number end at the first stop.
_HALF_OF_DAY = re.compile(r" ?([ap])(?:m\b|$)", re.IGNORECASE)
_WARRANTY = re.compile(r"warrant|guarant|garant", re.IGNORECASE)
_PREFIX_WORDS = {
    2.0: r"\b(?:dual|double|duo|twin|two|pair|duplex|stereo|both|2|zwei|deux|dos|due)(?![.,]?\d)",
    3.0: r"\b(?:triple|tri|three|3)(?![.,]?\d)",
    4.0: r"\b(?:quad\w*|four|4)(?![.,]?\d)",
}


def find(draft: Draft, record: Record) -> Iterator[Finding]:
    """Every number in a draft, in digits or words, that its record does not bear out."""
    evidence, words = Evidence(record), words_of(draft.description, record.locale)
    for place, passage in draft.passages():
        text = folded(passage)
        last: Quantity | None = None
        for read in quantities(text, words):
            claim = in_context(read, text)
            aside = is_aside(claim, text, evidence, in_use=place.startswith("use_cases"))
            reason = None if aside else _fault(claim, evidence, text)
            if reason and last is not None and _leaves_out_unit(claim, last, text):
                reason = _fault(replace(claim, units=last.units), evidence, text)
            last = claim
            if reason is not None:
                yield Finding("numeric_claim", place, claim.start, passage[claim.start : claim.end], reason)


def _fault(claim: Quantity, evidence: Evidence, text: str) -> str | None:
    """Why a number is not borne out, or None."""
    words = text[claim.start : claim.end].strip()
    unheard = f"the record does not say {words}"
    if claim.kind in ("code", "ratio", "standard"):
        return None if _named(claim, evidence, words) else unheard
    if claim.kind == "prefix" and evidence.holds_words(words + claim.after):
        return None
    around = around_item(text, claim)
    supporters = [
        stated
        for stated in evidence.supporters(claim, lead_of(text[: claim.start]) or lead_of(claim.before))
        if not (stated.aspects & SHIPPED) - around
    ]
    if claim.kind != "one" and not supporters and not _borne_out_otherwise(claim, evidence, words):
        return unheard
    if _WARRANTY.search(claim.after) and not _WARRANTY.search(evidence.text):
        return unheard
    if claim.kind == "ordinal":
        return None
    other = other_meant(claim, evidence, supporters, words, around)
    other = other or thing_given_otherwise(claim, text, evidence, supporters)
    return None if other is None else f"the record says otherwise of {other}"


def _leaves_out_unit(claim: Quantity, last: Quantity, text: str) -> bool:
    """Whether a number may have the unit of the one before it: `24 watts when printing and 2.7 asleep`."""
    between = text[last.end : claim.start]
    counts = NOUN_AFTER.match(claim.after) and all(reading.value.is_integer() for reading in claim.readings)
    bare = claim.kind in ("number", "word") and not claim.units and not counts
    return bare and measured(last) and not _SENTENCE_END.search(between)


def _named(claim: Quantity, evidence: Evidence, words: str) -> bool:
    """Whether a record has this name with its number: a code, a proportion, the version of a standard."""
    if claim.kind == "code":
        return evidence.holds_name(claim.name)
    if claim.kind == "ratio":
        return evidence.shows_ratio(claim) or evidence.holds(claim.name)
    if evidence.names_version(claim) or evidence.holds(words):
        return True
    if claim.name in _STRICT_NAMES:
        return False
    digits = _THREE_DIGITS.search(words) and evidence.holds(words.rpartition(" ")[2])
    borne = evidence.supporters(claim, "")
    if claim.name in _VERSION_NAMES and _POINT.search(words):
        borne = [stated for stated in borne if stated.standard or any(0 < one.step < 1 for one in stated.readings)]
    return bool(digits or borne)


def _borne_out_otherwise(claim: Quantity, evidence: Evidence, words: str) -> bool:
    """Whether a record bears a number out in another way than by stating it as a quantity."""
    if claim.kind == "prefix":
        pattern = _PREFIX_WORDS.get(claim.readings[0].value, rf"\b{re.escape(claim.name)}")
        return bool(re.search(pattern, evidence.text))
    if _MONTH_AFTER.match(claim.after) or _MONTH_BEFORE.search(claim.before):
        return evidence.dates(claim.readings[0].value)
    if half := _HALF_OF_DAY.match(claim.after):
        return evidence.gives_hour(claim.readings[0].value, half[1].casefold())
    return _derived(claim, evidence) or _said_so(claim, evidence, words)


def _derived(claim: Quantity, evidence: Evidence) -> bool:
    """Whether a reader gets the number from what the record says: megapixels, a list's length, the pins of a DB9."""
    dimensions = {unit.dimension for unit in claim.units}
    if "megapixels" in dimensions:
        return any_close(evidence.pixels(), claim)
    if ("energy" in dimensions and any_close(evidence.watt_hours(), claim)) or (
        "times" in dimensions and any(same_number(_in_percent(claim), stated) for stated in evidence.stated)
    ):
        return True
    if "count:pin" in dimensions:
        return bool(re.search(rf"[a-z][ -]?{claim.readings[0].value:g}(?!\d)", evidence.text))
    if _of_a_pack(claim, evidence):
        return True
    if _PER_MINUTE.search(claim.after) and evidence.by_the_minute(claim):
        return True
    return not measured(claim) and evidence.lists(claim)


def _of_a_pack(claim: Quantity, evidence: Evidence) -> bool:
    """Whether it is what a pack's pieces make together, or what falls to each of them."""
    if _ALTOGETHER.match(claim.after) and any_close(evidence.totals(claim.units), _in_base(claim)):
        return True
    return bool(_EACH.match(claim.after)) and any_close(evidence.shares(), claim)


def _in_base(claim: Quantity) -> Quantity:
    """The number in the base unit of its dimension."""
    factor = claim.units[0].factor if claim.units else 1.0
    return replace(claim, readings=tuple(replace(one, value=one.value * factor) for one in claim.readings))


def _in_percent(claim: Quantity) -> Quantity:
    """Four times is 400 percent."""
    return replace(claim, readings=tuple(replace(one, value=one.value * 100) for one in claim.readings))


def _said_so(claim: Quantity, evidence: Evidence, words: str) -> bool:
    """Whether the very words stand in the record: with their unit, behind their name, or three digits of them."""
    if claim.kind != "number" or any(reading.value < 0 for reading in claim.readings):
        return False
    if not claim.units and (name := _NAME_BEFORE.search(claim.before)) and evidence.holds(name.group() + words):
        return True
    if not claim.units and (noun := _THING_AFTER.match(claim.after)):
        same_kind = any(not stated.units for stated in evidence.stated if same_number(claim, stated))
        return same_kind or evidence.holds(words + noun.group())
    telling = _WITH_UNIT if claim.units else _THREE_DIGITS
    return bool(telling.search(words)) and evidence.holds(words)
