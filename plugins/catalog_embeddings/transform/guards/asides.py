"""Numbers that say nothing of the item's measures: of where it is used, of the halves of a thing, of what it lacks.

Knows the words that tell such a number from a claim, and the unit that a sentence names before its numbers. What a
record bears out is `evidence`'s.
"""

import re
from dataclasses import replace

from catalog_embeddings.transform.guards.aspects import aspects
from catalog_embeddings.transform.guards.evidence import Evidence
from catalog_embeddings.transform.guards.meaning import measured
from catalog_embeddings.transform.guards.mentions import manner_at
from catalog_embeddings.transform.guards.numerals import Quantity
from catalog_embeddings.transform.guards.units import unit_after, units_named

# People, places and what stands about there: a use case tells how many there are, and no record does.
_ABOUT_THE_USE = re.compile(
    r"\s(?:[^\W\d_]+\s)?(?:(?:class)?rooms?|halls?|schools?|kitchens?|cars?|vehicles?|walls?|tables?|teams?"
    r"|families|households?|buildings?|offices?|floors?|stor(?:ey|ie)s?|desks?|sites?|places?|locations?|houses?|homes?"
    r"|people|persons?|colleagues|employees|staff|children|kids|friends|adults|guests|students|pupils|members|players"
    r"|classes|departments|branches|shops|workplaces|workstations|sides|ends|points|spots|occasions|days|weeks)\b",
    re.IGNORECASE,
)
# Between two switches, two computers at one desk: one at each end of a cable.
_ANY_TWO = re.compile(
    r"\b(?:so that|lets?|letting|between|joining|joins?|linking|links?|connect(?:s|ing)?|bridg(?:es?|ing)"
    r"|switch(?:es|ing)? between|shar(?:es?|ing)(?: \w+){0,4} between|transfer(?:s|ring)?(?: \w+){0,3} between)"
    r"\s(?:the\s|any\s)?$",
    re.IGNORECASE,
)
# Kinds of things that a record lists rather than counts.
_LISTED = re.compile(
    r"[\s-](?:sizes|colou?rs?|tones?|shades|finishes|lamps?|lights?|indicators?|leds|plugs|kinds|types"
    r"|formats|versions|standards|systems|materials|modes|settings|levels|languages|interfaces|methods|functions"
    r"|technologies|options|certificates|certifications|marks|approvals)\b",
    re.IGNORECASE,
)
_DEVICES = re.compile(
    r"\s(?:\w+\s)?(?:pcs?|computers|devices|machines|printers|notebooks|laptops|phones|servers|screens|monitors)\b",
    re.IGNORECASE,
)
_HALVES = re.compile(r"\s(?:\w+\s)?(?:ends|sides|halves|parts)\b", re.IGNORECASE)
_FIGURE_UNIT_BEFORE = re.compile(r"\b(?:in|measured in|expressed in)\s(?=(?P<unit>[^\W\d_]+)\b)", re.IGNORECASE)
_OF_WARMTH = re.compile(
    r"\b(?:temperatures?|stor(?:e[sd]?|ing|age)|works?|working|operat\w+|runs?|running|used?|using|tolerat\w+"
    r"|withstands?|rated"
    r"|print(?:s|ing)?|heat\w*|cold|warm\w*|cool\w*|minus|below zero|kept|keeps?|between|from)\b",
    re.IGNORECASE,
)
_OF_ANGLES = re.compile(
    r"\b(?:angles?|tilt\w*|swivel\w*|rotat\w+|turn\w*|pan\w*|pivot\w*|view\w*|lens|fold\w*|bend\w*)\b", re.IGNORECASE
)
# "10 gigabit", but not "two Gigabit ports", which are two.
_NETWORK_SPEED = re.compile(r"[ -](giga|mega)bit\b", re.IGNORECASE)
# "LGA 1150 and 1156 sockets": so many are kinds of them.
_KIND_OF_SOCKET = re.compile(r"\d{3,}")
_BELOW_ZERO = re.compile(r" (?:degrees? )?(?:below (?:zero|freezing)|unter null)", re.IGNORECASE)
_TO_ONE = re.compile(r" to (?:one|1)(?![\w.,]*\d)\b", re.IGNORECASE)
_ONE_OF_RATIO = re.compile(r"\bto $")
# "A girl of seven": one of those whom the item is for.
_AGED = re.compile(
    r"\b(?:child|girl|boy|kid|toddler|pupil|son|daughter|niece|nephew|grandson|granddaughter|baby)"
    r"(?: (?:of|aged|who is|turning))? (?:about )?$",
    re.IGNORECASE,
)
_YEAR_OLD = re.compile(r"[ -](?:year|years)[ -]olds?\b", re.IGNORECASE)
# What a use is made with has numbers of its own: "toys that take two cells", "a dual-processor server", "from 2008".
_TAKEN_BEFORE = re.compile(r"\b(?:that|which) (?:takes?|needs?|uses?|runs? on|requires?) $", re.IGNORECASE)
_BUILT_WITH = re.compile(
    r"[ -](?P<part>socket|processor|cpu|screen|monitor|person|seat|bay|room|stor(?:e)?y)\b", re.IGNORECASE
)
_YEAR_BEFORE = re.compile(r"\b(?:from|of|since|around) $", re.IGNORECASE)
_SCREEN_AFTER = re.compile(
    r"(?:[ -]\w+)?[ -](?:screens?|monitors?|tvs?|televisions?|displays?|notebooks?|laptops?)\b", re.IGNORECASE
)
_GAUGE_BEFORE = re.compile(r"\bAWG $", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?]\s|;")
_UNIT_REACH = 80
_A_DAY, _A_FORTNIGHT = 86400.0, 14
_SEVERAL = 4
_FIRST_YEAR, _LAST_YEAR = 1970, 2049
# What is written as so much to one is no less: `a contrast of 1000 to 1`.
_LEAST_RATIO = 30


def is_aside(claim: Quantity, text: str, evidence: Evidence, *, in_use: bool) -> bool:
    """Whether a number claims no measure or count of the item that a record would have to bear out."""
    if _denied(claim, text):
        return True
    if claim.kind not in ("word", "number"):
        # "A single-processor server" is where it is used.
        return in_use and (claim.kind == "one" or (claim.kind == "prefix" and _of_what_serves(claim, evidence)))
    return (in_use and _of_the_use(claim, evidence)) or (not measured(claim) and _of_few(claim, evidence))


def _of_the_use(claim: Quantity, evidence: Evidence) -> bool:
    """Whether a number in a use case is of the people, the places or the devices there."""
    if _of_an_age(claim, evidence) or _of_what_serves(claim, evidence):
        return True
    if claim.units and all(unit.dimension == "count:person" for unit in claim.units):
        return not any(evidence.names_thing(word) for word in ("person", "people", "users", "players"))
    if claim.units:
        days = all(unit.dimension == "time" and unit.factor >= _A_DAY for unit in claim.units)
        return days and claim.kind == "word" and claim.readings[0].value <= _A_FORTNIGHT
    noun = _noun(claim)
    other_two = claim.readings[0].value == 2 and noun and not aspects(noun) and not evidence.counts(noun)
    return bool(other_two) or _served(claim, evidence) or _of_the_surroundings(claim, evidence)


def _of_few(claim: Quantity, evidence: Evidence) -> bool:
    """Whether a small number in words is of halves, of any two things joined, or of kinds that the record lists."""
    value, noun = claim.readings[0].value, _noun(claim)
    if claim.kind != "word" or claim.units or value > _SEVERAL:
        return False
    if value == 2 and (_HALVES.match(claim.after) or _of_any_two(claim, noun, evidence)):
        return True
    return bool(_LISTED.match(claim.after)) and not evidence.counts(noun) and evidence.lists_so_many(value)


def _of_what_serves(claim: Quantity, evidence: Evidence) -> bool:
    """Whether a number is of another thing that the use names: its parts, its year, the size of what the item holds."""
    value = claim.readings[0].value
    if _SCREEN_AFTER.match(claim.after) and any(unit.system == "imperial" for unit in claim.units):
        return evidence.fits(value)
    if measured(claim):
        return False
    if part := _BUILT_WITH.match(claim.after):
        told = re.compile(rf"\bnumber of {part['part']}|\b{part['part']}s? (?:quantity|supported)", re.IGNORECASE)
        return claim.kind != "number" and not any(told.search(stated.name) for stated in evidence.stated)
    year = claim.kind == "number" and _FIRST_YEAR <= value <= _LAST_YEAR and _YEAR_BEFORE.search(claim.before)
    return bool(year or _TAKEN_BEFORE.search(claim.before))


def _of_an_age(claim: Quantity, evidence: Evidence) -> bool:
    """Whether a number is the age of somebody whom the item is for: `a girl of seven` where it is for 6 to 12."""
    return bool(_AGED.search(claim.before) or _YEAR_OLD.match(claim.after)) and evidence.is_for_age(
        claim.readings[0].value
    )


def _served(claim: Quantity, evidence: Evidence) -> bool:
    """Whether so many devices, and more, find a place at the item: four computers at a switch of five ports."""
    return bool(_DEVICES.match(claim.after)) and any(
        any(place in stated.name for place in ("port", "outlet", "slot", "socket", "user", "controlled", "output"))
        and any(reading.value >= claim.readings[0].value for reading in stated.readings)
        and stated.units
        and stated.units[0].counts
        for stated in evidence.stated
    )


def in_context(claim: Quantity, text: str) -> Quantity:
    """The number with the unit that its sentence gives it: `in inches it is 1.9 x 0.7`, `store at 0 to 40 degrees`."""
    sentence = _SENTENCE.split(text[max(0, claim.start - _UNIT_REACH) : claim.start])[-1]
    if any(unit.dimension == "angle" for unit in claim.units):
        turned = _OF_ANGLES.search(sentence) or _OF_ANGLES.search(claim.after)
        warm = _OF_WARMTH.search(sentence) and not turned
        return replace(claim, units=(*claim.units, *units_named("°C"))) if warm else claim
    if (meant := _otherwise_meant(claim, text)) is not None:
        return meant
    if claim.units or claim.kind != "number":
        return claim
    if network := _NETWORK_SPEED.match(claim.after):
        return replace(claim, units=units_named("Gbit/s" if network[1].casefold() == "giga" else "Mbit/s"))
    for found in reversed(list(_FIGURE_UNIT_BEFORE.finditer(sentence))):
        unit = unit_after(found["unit"], 0) if len(found["unit"]) > 1 else None
        if unit and unit[0] == len(found["unit"]) and all(one.dimension in ("length", "mass") for one in unit[1]):
            return replace(claim, units=unit[1])
    return claim


def _otherwise_meant(claim: Quantity, text: str) -> Quantity | None:
    """The number for which its words stand: a kind of socket, a ratio to one, degrees below zero."""
    outlets = any(unit.dimension == "count:outlet" for unit in claim.units)
    if outlets and (kind := _KIND_OF_SOCKET.match(text, claim.start, claim.end)):
        return replace(claim, end=kind.end(), units=())
    if claim.kind not in ("word", "number"):
        return None
    if claim.readings[0].value >= _LEAST_RATIO and _TO_ONE.match(text, claim.end):
        return replace(claim, kind="ratio", units=(), name=f"{claim.readings[0].value:.0f}:1")
    if below := _BELOW_ZERO.match(text, claim.end):
        readings = tuple(replace(one, value=-one.value) for one in claim.readings)
        return replace(claim, readings=readings, after=text[below.end() : claim.end + len(claim.after)])
    gauge = not claim.units and claim.kind == "number" and _GAUGE_BEFORE.search(claim.before)
    return replace(claim, units=units_named("AWG")) if gauge else None


def _denied(claim: Quantity, text: str) -> bool:
    """Whether a text says that a version or a width in bits is wanting: `without 64-bit support`, `no USB 3.0`."""
    bits = any(unit.dimension == "bits" for unit in claim.units)
    return (bits or claim.kind in ("standard", "code")) and manner_at(text, claim.start, claim.end) == "denied"


def _of_the_surroundings(claim: Quantity, evidence: Evidence) -> bool:
    found = _ABOUT_THE_USE.match(claim.after)
    return found is not None and not evidence.names_thing(found.group().split()[-1])


def _of_any_two(claim: Quantity, noun: str, evidence: Evidence) -> bool:
    return bool(noun and _ANY_TWO.search(claim.before) and not evidence.counts(noun))


def _noun(claim: Quantity) -> str:
    found = re.match(r"\s([^\W\d_]{3,})", claim.after)
    return found[1] if found else ""
