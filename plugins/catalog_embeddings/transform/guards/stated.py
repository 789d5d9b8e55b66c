"""The numbers that a record states: in the values of its facts, in what their names imply, and in its texts."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from catalog_embeddings.transform.guards.aspects import aspects
from catalog_embeddings.transform.guards.fact_units import identifies, name_in_words, units_of
from catalog_embeddings.transform.guards.number_words import Words, words_of
from catalog_embeddings.transform.guards.numerals import Quantity, Reading, folded
from catalog_embeddings.transform.guards.quantities import quantities
from catalog_embeddings.transform.guards.record import Fact, Record
from catalog_embeddings.transform.guards.units import Unit, units_named

DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T[\d:.]+Z?)?$")
#: Things that are told apart; others are counted as pieces are: a 4-port hub joins four devices.
APART = frozenset({"count:page", "count:sheet", "count:label", "count:core", "count:thread", "count:transistor"})
_QUARTER = re.compile(r"Q[1-4]'(\d\d)\b")
_ORDER = re.compile(r"dimensions.*? ([wdhl]) ?x ?([wdhl]) ?x ?([wdhl])\b")
_SIDES = {"w": "width", "d": "depth", "h": "height", "l": "length"}
_HOLDS = re.compile(r"\b(?:capacity|size)\b")
_CONTACTS = re.compile(r"(?<!\d)(\d{1,3})[PC](?![a-z])")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_VERSIONS = re.compile(r"\b(?:version|versions|revision|socket|chipset|model|standards?|raid levels|protocols?|gen)\b")
_PRINTS = re.compile(r"\b(?:print cartridges|print(?:ing)? speed|print quality|duty cycle|print resolution)\b")
_OWN_MEMORY = re.compile(r"(?:(?:maximum|standard) )?(?:internal )?memory")
_FEW = 16
# "12x IEC 320 C13" is twelve of them, "12x zoom" is not.
_ENLARGED = re.compile(r"\s?(?:zoom|optical|digital|speed|magnif\w*|faster|more|dvd|cd|bd|blu)", re.IGNORECASE)
_THING = re.compile(r"\s[A-Za-z]")
_WIRED = (
    (re.compile(r"\b(\d+)(?=(?:/\d+)*\s?base)", re.IGNORECASE), units_named("Mbit/s"), None),
    (re.compile(r"\b(\d+)\s?Gbase", re.IGNORECASE), units_named("Gbit/s"), None),
    (re.compile(r"\bgigabit|\bgbe\b", re.IGNORECASE), units_named("Gbit/s"), 1.0),
    (re.compile(r"\bfast ethernet", re.IGNORECASE), units_named("Mbit/s"), 100.0),
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A number that a record states. `units` is empty where neither text nor name tells; `standard` is a version's."""

    readings: tuple[Reading, ...]
    units: tuple[Unit, ...]
    aspects: frozenset[str]
    name: str
    in_text: bool
    standard: str = ""
    shared: bool = False


def stated_by(record: Record) -> list[Stated]:
    """Every number that a record states."""
    words = words_of(record.text, record.locale)
    return _of_printer(_pinned([one for fact in record.facts for one in _stated(fact, words)]))


def _stated(fact: Fact, words: Words) -> Iterator[Stated]:
    name = name_in_words(fact.name)
    if isinstance(fact.value, bool) or identifies(name) or "://" in fact.text:
        return
    about = aspects(name)
    if not isinstance(fact.value, str):
        value = float(fact.value)
        units = units_of(name, value)
        share = 0 < value <= 1 and any(unit.dimension == "percent" for unit in units)
        readings = (Reading(value), Reading(round(value * 100, 6))) if share else (Reading(value),)
        yield Stated(readings, units, about, name, in_text=False)
    elif date := DATE.match(fact.value):
        yield Stated((Reading(float(date[1])),), (), about, name, in_text=True)
    else:
        yield from _stated_in(plain(fact.value), name, about, words)
    if numbered := re.search(r"[^\W\d_]{3,} (\d)$", name):
        yield Stated((Reading(float(numbered[1])),), units_named("piece"), about, name, in_text=True)


def _stated_in(text: str, name: str, about: frozenset[str], words: Words) -> Iterator[Stated]:
    alone = _LETTERS.search(text) is None
    numbers = quantities(text, words, either_way=True)
    greatest = max((one.value for quantity in numbers for one in quantity.readings), default=0.0)
    implied = units_of(name, greatest) if alone else ()
    order = _ORDER.search(name) if len(numbers) == 3 else None
    for place, quantity in enumerate(numbers):
        if quantity.kind == "code":
            for digits in _CONTACTS.findall(quantity.name):
                yield Stated((Reading(float(digits)),), units_named("piece"), about, name, in_text=True)
        elif quantity.kind in ("standard", "ratio"):
            standard = quantity.name if quantity.kind == "standard" else "ratio"
            yield Stated(quantity.readings, (), about, name, in_text=True, standard=standard)
        elif not quantity.units and alone and _VERSIONS.search(name):
            yield Stated(quantity.readings, (), about, name, in_text=True, standard="version")
        else:
            side = frozenset({_SIDES[order[place + 1]]}) if order else frozenset()
            units = quantity.units or implied
            units += units_named("piece") if _counts_things(quantity) else ()
            here = about | side | _aspects_here(quantity, units)
            yield Stated(quantity.readings, units, here, name, in_text=not alone, shared=quantity.linked)
    yield from _said_in_words(text, name, about)


def _counts_things(quantity: Quantity) -> bool:
    times = any(unit.dimension == "times" for unit in quantity.units)
    return times and bool(_THING.match(quantity.after)) and not _ENLARGED.match(quantity.after)


def _aspects_here(quantity: Quantity, units: tuple[Unit, ...]) -> frozenset[str]:
    here = aspects(quantity.after) or aspects(quantity.before)
    return here | {"weight"} if any(unit.dimension == "mass" for unit in units) else here


def _said_in_words(text: str, name: str, about: frozenset[str]) -> Iterator[Stated]:
    """Numbers that names stand for: Gigabit Ethernet, the first quarter of a year."""
    for pattern, units, value in _WIRED:
        for found in pattern.finditer(text):
            readings = (Reading(value if value is not None else float(found[1])),)
            yield Stated(readings, units, about, name, in_text=True)
    for found in _QUARTER.finditer(text):
        yield Stated((Reading(2000.0 + int(found[1])),), (), about, name, in_text=True)


def _pinned(stated: list[Stated]) -> list[Stated]:
    """A number that stands alone in one fact and with a unit in another has that unit."""
    told = {
        (reading.value, unit)
        for one in stated
        if len(one.units) == 1 and one.in_text and not one.shared
        for reading in one.readings
        for unit in one.units
    }

    counted = {
        reading.value: one.units
        for one in stated
        if not one.in_text and any(unit.dimension in APART for unit in one.units)
        for reading in one.readings
    }

    def narrowed(one: Stated) -> Stated:
        if one.in_text and not one.units and not one.standard:
            return replace(one, units=next((counted[r.value] for r in one.readings if r.value in counted), ()))
        # What the carton measures is not what a title tells of the item.
        settled = one.in_text or "package" in one.aspects or len(one.units) == 1 or one.standard
        if settled or not (one.units or _HOLDS.search(one.name)):
            return one
        units = tuple(unit for value, unit in told if any(value == reading.value for reading in one.readings))
        units = tuple(unit for unit in units if not one.units or unit in one.units) or _worth_what_is_told(one, told)
        return replace(one, units=units) if units else one

    return [narrowed(one) for one in stated]


def _of_printer(stated: list[Stated]) -> list[Stated]:
    """A printer's memory is in megabytes, unless so few that they may be gigabytes, or a text of it says otherwise."""
    if not any(_PRINTS.search(one.name) for one in stated):
        return stated

    def in_megabytes(one: Stated) -> Stated:
        if one.in_text or not _OWN_MEMORY.fullmatch(one.name):
            return one
        if len(one.units) > 1:
            return replace(one, units=units_named("MB"))
        few = all(reading.value < _FEW for reading in one.readings)
        return replace(one, units=units_named("GB", "MB")) if few else one

    return [in_megabytes(one) for one in stated]


def _worth_what_is_told(one: Stated, told: set[tuple[float, Unit]]) -> tuple[Unit, ...]:
    """The units in which a lone number is worth what another fact gives: 0.48 where a text has 480 Mbps."""
    return tuple(
        unit
        for unit in one.units
        if any(
            unit.dimension == other.dimension and math.isclose(reading.value * unit.factor, value * other.factor)
            for reading in one.readings
            for value, other in told
        )
    )


def plain(value: str) -> str:
    """A value, folded; feeds write ends of lines as two characters."""
    return folded(value.replace("\\n", "\n"))
