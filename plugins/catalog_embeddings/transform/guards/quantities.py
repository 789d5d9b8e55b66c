"""Every number of a text with its unit, also what ranges, lists and dimensions share, and the words about it.

It says what a text says. What of it a record supports is `numeric_claims`'s business.
"""

import re
from dataclasses import replace

from catalog_embeddings.transform.guards.number_reader import NumberReader
from catalog_embeddings.transform.guards.number_words import Words
from catalog_embeddings.transform.guards.numerals import Quantity
from catalog_embeddings.transform.guards.units import NO_UNIT, Unit, units_named

_LINK = re.compile(
    r"\s?(?:-|to|through|x|/|,|&|\+|and|or|by|bis|und|oder|mal|à|a|et|ou|sur|y|o|por|e|al)\s?-?\s?", re.IGNORECASE
)
_AGAIN = re.compile(
    r" ?(?:\(|/|,? or |,? which is |,? that is,? |, |=| - )(?:about |roughly |approximately |nearly |just \w+ |ca\. )?",
    re.IGNORECASE,
)
_ENUMERATES = re.compile(r"[,&+]|and|or|und|oder|et|ou")
# "Bluetooth 5.1, 5 ATM": what has letters behind it is no further version.
_UNIT_LIKE = re.compile(r" ?[A-Z]{1,5}\b")
# "The 3210 and 3220 by two years": digits and words are not of one measure.
_SETS_APART = re.compile(r"\b(?:by|and|or)\b", re.IGNORECASE)
_PAUSE = re.compile(
    r"[,;:.!?()\[\]\n]| - |\b(?:and|with|while|plus|und|mit|sowie|et|avec|y|con|e|but|or|at|for|from)\b", re.IGNORECASE
)
_PAUSE_BEFORE = re.compile(_PAUSE.pattern.replace(":", "", 1).replace("|at|for|from", ""), re.IGNORECASE)
_FEET, _INCHES, _POUNDS, _OUNCES, _HOURS, _MINUTES, _SECONDS = units_named("ft", "in", "lb", "oz", "h", "min", "s")
# How many of the lesser unit make one of the greater, where a measure is written in both.
_PARTS = {
    (_FEET, _INCHES): 12,
    (_POUNDS, _OUNCES): 16,
    (_HOURS, _MINUTES): 60,
    (_MINUTES, _SECONDS): 60,
}
_MIXED = frozenset(unit for pair in _PARTS for unit in pair)
_THEN = re.compile(r"(?: |, ?| and )?")
_REACH = 48
# What is given as so much by so much; "2 x 32 GB" is two of them.
_MULTIPLIED = frozenset({"length", "pixels", "density", "area", ""})


def quantities(text: str, words: Words, *, either_way: bool = False) -> list[Quantity]:
    """The numbers of a text that is `folded`, in order. Spans are offsets in it.

    `1,234` is read as the language of the words has it; in a feed, which has it from many hands, `either_way`.
    """
    found = list(NumberReader(text, words, "" if either_way else words.decimal).read())
    return _with_words_about(text, _linked(text, _summed(text, found), rising=either_way))


def _summed(text: str, found: list[Quantity]) -> list[Quantity]:
    """Measures in two units are one: `4 ft 8 in` is 56 inches, `2 lb 3 oz` 35 ounces, `1 h 30 min` 90 minutes."""
    out: list[Quantity] = []
    for this in found:
        last = out[-1] if out else None
        greater, lesser = _only(last), _only(this)
        parts = _PARTS.get((greater, lesser)) if greater and lesser else None
        if last is None or not parts or not _THEN.fullmatch(text, last.end, this.start):
            out.append(this)
            continue
        whole, rest = last.readings[0].value, this.readings[0]
        if not whole.is_integer() or not 0 <= rest.value < parts:
            out.append(this)
            continue
        out[-1] = replace(this, start=last.start, readings=(replace(rest, value=whole * parts + rest.value),))
    return out


def _only(quantity: Quantity | None) -> Unit | None:
    """A number's unit, where it can be no other; of feet and inches, whatever else they may be."""
    if quantity is None or not quantity.readings or quantity.kind not in ("number", "word"):
        return None
    return next((unit for unit in quantity.units if unit in _MIXED), None)


def _linked(text: str, found: list[Quantity], *, rising: bool) -> list[Quantity]:
    """Ranges, lists and dimensions share a unit: `30 x 20 x 10 cm`, `0 to 40 °C`; and a standard: `USB 2.0/3.0`.

    `rising`: a range that falls shares nothing, for feeds write "20-16 kHz".
    """
    out = list(found)
    for place in range(1, len(out)):
        last, this = out[place - 1], out[place]
        if this.units or this.kind != "number" or not _joined(text, last, this):
            continue
        if last.kind == "standard" and not (text[last.end] == "," and _UNIT_LIKE.match(text, this.end)):
            out[place] = replace(this, kind="standard", name=last.name)
        elif last.units and "x" in text[last.end : this.start].lower():
            out[place] = replace(this, units=last.units)
    for place in range(len(out) - 2, -1, -1):
        this, following = out[place], out[place + 1]
        if this.units or this.kind not in ("number", "word") or not _joined(text, this, following):
            continue
        between, shared = text[this.end : following.start].lower(), following.units
        falls = shared and not _rising(this, following) and not any(mark in between for mark in "x/")
        if falls and (rising or _ENUMERATES.search(between)):
            continue
        if "x" in between:
            shared = tuple(unit for unit in shared if unit.dimension in _MULTIPLIED)
        elif shared and "," in between:
            shared = (*shared, NO_UNIT)
        out[place] = replace(this, units=shared, linked=bool(shared) and NO_UNIT not in shared)
    return out


def _said_again(text: str, first: Quantity, second: Quantity) -> bool:
    """Whether a number is the one before it in another unit: `453.6 kg (1,000 lb)`, `15 kg or 33 lb`."""
    same = {unit.dimension for unit in first.units} & {unit.dimension for unit in second.units} - {""}
    near = second.start - first.end <= 24
    return bool(same) and near and _AGAIN.fullmatch(text, first.end, second.start) is not None


def _rising(first: Quantity, second: Quantity) -> bool:
    """Whether a range may run from one number to the other: in "20-16 kHz" it does not, so the unit is not shared."""
    return any(one.value <= other.value for one in first.readings for other in second.readings)


def _joined(text: str, first: Quantity, second: Quantity) -> bool:
    if second.start - first.end > 12 or not _LINK.fullmatch(text, first.end, second.start):
        return False
    mixed = {first.kind, second.kind} == {"number", "word"}
    return not (mixed and _SETS_APART.search(text, first.end, second.start))


def _with_words_about(text: str, found: list[Quantity]) -> list[Quantity]:
    """Each number with the words on either side, as far as the next number or pause; a range has one surrounding."""
    out: list[Quantity] = []
    measures = [quantity for quantity in found if quantity.kind not in ("standard", "code")]
    stops = [0, *(quantity.end for quantity in measures)]
    starts = [*(quantity.start for quantity in measures), len(text)]
    done, ahead = 0, 0
    for quantity in found:
        while stops[done + 1 :] and stops[done + 1] <= quantity.start:
            done += 1
        while starts[ahead] < quantity.end and ahead < len(measures):
            ahead += 1
        before = text[max(stops[done], quantity.start - _REACH) : quantity.start]
        after = text[quantity.end : min(starts[ahead], quantity.end + _REACH)]
        pauses, pause = list(_PAUSE_BEFORE.finditer(before)), _PAUSE.search(after)
        before = before[pauses[-1].end() if pauses else 0 :]
        out.append(replace(quantity, before=before, after=after[: pause.start() if pause else len(after)]))
    for place in range(1, len(out)):
        last, this = out[place - 1], out[place]
        if last.linked:
            out[place] = replace(this, before=last.before)
        elif _said_again(text, last, this):
            out[place] = replace(this, before=last.before, after=this.after if this.after.strip() else last.after)
    for place in range(len(out) - 2, -1, -1):
        if out[place].linked:
            out[place] = replace(out[place], after=out[place + 1].after)
    return out
