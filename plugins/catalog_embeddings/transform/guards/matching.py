"""Whether one number that a record states bears out one that is claimed, and whether the two measure alike."""

import math
import re
from dataclasses import replace

from catalog_embeddings.transform.guards.nearness import Lead, near
from catalog_embeddings.transform.guards.numerals import Quantity
from catalog_embeddings.transform.guards.stated import APART, Stated
from catalog_embeddings.transform.guards.units import Unit

_NO_NOUN = (
    "in of on to when per net total or as each by is are under during max maximum only and the a an its it they this "
    "that which with for so but while more again others apiece each"
)
#: The word behind a number that says of what it is so many or so much.
NOUN_AFTER = re.compile(rf"[ -]?(?!(?:{_NO_NOUN.replace(' ', '|')})\b)[^\W\d_]{{3}}", re.IGNORECASE)

_WORD_BEFORE = re.compile(rf"\b(?!(?:{_NO_NOUN.replace(' ', '|')})\b)([^\W\d_]{{3,}}) $", re.IGNORECASE)
# Memory without its unit is clocked at least so fast, in megahertz.
_LEAST_CLOCK = 200
_WORD_AFTER = re.compile(r"[ -]([^\W\d_]{4,})")


def supports(stated: Stated, claim: Quantity, lead: Lead) -> bool:
    """Whether one stated number bears out a claimed one: the same worth, and a unit that may be the same."""
    if stated.standard:
        return not claim.units and stated.standard != "ratio" and same_number(claim, stated) and not _noun(claim)
    if not claim.units:
        return _as_bare(stated, claim)
    return any(_in_unit(stated, claim, unit, lead) for unit in claim.units)


def _as_bare(stated: Stated, claim: Quantity) -> bool:
    measure = bool(stated.units) and all(not unit.counts for unit in stated.units)
    return same_number(claim, stated) and not (measure and _noun(claim) and not _of_its_name(claim, stated))


def _in_unit(stated: Stated, claim: Quantity, mine: Unit, lead: Lead) -> bool:
    if not mine.dimension:
        return _as_bare(stated, claim)
    if mine.counts:
        millions = mine.dimension == "count:transistor" and _in_millions(claim, stated)
        millions = millions or (mine.dimension == "count:colour" and _in_colours(claim, stated))
        each = replace(mine, factor=1.0)
        return millions or (_counts_as(mine, stated) and _near_any(claim, stated, mine, each, lead))
    if not stated.units:
        if mine.dimension == "data" and not stated.in_text and _in_thousands(claim, stated):
            return True
        return same_number(claim, stated) and (not stated.in_text or _goes_without(mine, stated))
    # What feeds give in inches, and do not say so, nobody has converted.
    first = stated.units[0]
    units = [one for one in stated.units if one == first or one.system in (mine.system, first.system, "si")]
    return any(_one_dimension(mine, unit) and _near_any(claim, stated, mine, unit, lead) for unit in units)


def comparable(stated: Stated, claim: Quantity) -> bool:
    """Whether two numbers measure alike, so that one may have been taken for the other."""
    if not claim.units or any(unit.counts or not unit.dimension for unit in claim.units):
        return bool(stated.units) and all(unit.counts for unit in stated.units)
    return any(_one_dimension(mine, unit) for mine in claim.units for unit in stated.units)


def _near_any(claim: Quantity, stated: Stated, mine: Unit, theirs: Unit, lead: Lead) -> bool:
    return any(near(one, other, mine, theirs, lead) for one in claim.readings for other in stated.readings)


def same_number(claim: Quantity, stated: Stated) -> bool:
    """Whether two numbers are equal whatever their units."""
    return any(
        math.isclose(one.value, other.value, rel_tol=1e-9) for one in claim.readings for other in stated.readings
    )


def _in_millions(claim: Quantity, stated: Stated) -> bool:
    """Feeds count transistors by the million and do not say so."""
    return any(one.value == other.value * 1e6 for one in claim.readings for other in stated.readings)


def _in_colours(claim: Quantity, stated: Stated) -> bool:
    """Whether colours are as many but for how they are rounded: 2 to the 24th is 16.7, 16.77 or 16.78 million."""
    return any(
        math.isclose(one.value, other.value, rel_tol=6e-3) for one in claim.readings for other in stated.readings
    )


def _in_thousands(claim: Quantity, stated: Stated) -> bool:
    """Whether a capacity is said in the next greater unit: `1.6 TB` of a fact's 1600."""
    return any(math.isclose(one.value * 1e3, other.value) for one in claim.readings for other in stated.readings)


def _goes_without(mine: Unit, stated: Stated) -> bool:
    """Whether texts leave this unit out: `1400 x 1050`, `15.6 WXGA`, `DDR3 2133/1600`."""
    clock = mine.dimension in ("frequency", "transfers") and mine.factor == 1e6
    if mine.dimension in ("pixels", "gauge") or (
        clock and any(reading.value >= _LEAST_CLOCK for reading in stated.readings)
    ):
        return True
    return mine.system == "imperial" and any(not reading.value.is_integer() for reading in stated.readings)


def _of_its_name(claim: Quantity, stated: Stated) -> bool:
    """Whether the word on either side is one of the fact's name: `42 columns` of `printing width columns`, `AWG 26`."""
    beside = _WORD_AFTER.match(claim.after), _WORD_BEFORE.search(claim.before)
    return any(word is not None and word[1][:5].casefold() in stated.name for word in beside)


def _noun(claim: Quantity) -> bool:
    """Whether a word follows that says what is counted."""
    return bool(NOUN_AFTER.match(claim.after)) or claim.kind == "prefix"


def _counts_as(mine: Unit, stated: Stated) -> bool:
    if not stated.units:
        return True
    for unit in stated.units:
        apart = mine.dimension != unit.dimension and {mine.dimension, unit.dimension} & APART
        if unit.counts and (not apart or "count:piece" in (mine.dimension, unit.dimension)):
            return True
    return False


def _one_dimension(mine: Unit, theirs: Unit) -> bool:
    pair = {mine.dimension, theirs.dimension}
    return len(pair) == 1 or pair == {"frequency", "transfers"}
