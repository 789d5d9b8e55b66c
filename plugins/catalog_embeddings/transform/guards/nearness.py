"""When two measures are one: the rounding that a careful writer does, by how many digits the writer shows.

In one unit a number is the record's, or that rounded to the digits shown; between scales and systems of units, a
little more; 1,000 and 1,024 are both a kilo in data; "over" and "about" bear what a reader takes them to bear.
"""

import math
import re
from typing import Literal

from catalog_embeddings.transform.guards.numerals import Reading
from catalog_embeddings.transform.guards.units import Unit

Lead = Literal["", "about", "over", "under"]

_LEADS: tuple[tuple[Lead, str], ...] = (
    ("over", r"just over|over|more than|above|exceed(?:s|ing)|beyond|mehr als|über|plus d[e']|más de|più di|oltre"),
    (
        "under",
        r"under|not quite|less than|below|nearly|almost|just under|unter|weniger als|fast|knapp|moins d[e']|près d[e']"
        r"|menos de|casi|meno di|quasi",
    ),
    (
        "about",
        r"about|close to|around|approximately|approx\.?|roughly|circa|ca\.?|some|~|≈|etwa|rund|ungefähr|environ"
        r"|aproximadamente|unos|alrededor de",
    ),
)
_LEAD = re.compile(
    r"(?:" + "|".join(rf"(?P<{lead}>{words})" for lead, words in _LEADS) + r")\s*(?:an?\s)?$", re.IGNORECASE
)


def lead_of(before: str) -> Lead:
    """What the words before a number let it be: `over`, `under` or `about` the true one; else nothing."""
    found = _LEAD.search(before[-24:])
    if found is None or (found.start() and before[-24:][found.start() - 1].isalnum()):
        return ""
    return next(lead for lead, _ in _LEADS if found[lead])


def near(claimed: Reading, true: Reading, mine: Unit, theirs: Unit, lead: Lead) -> bool:
    """Whether a claimed number in my unit may stand for a true one in theirs."""
    value = (true.value + theirs.offset) * theirs.factor / mine.factor - mine.offset
    if math.isclose(claimed.value, value, rel_tol=1e-6, abs_tol=1e-12):
        return True
    if mine.dimension == "temperature":
        return mine.offset != theirs.offset and abs(claimed.value - value) <= max(0.6, claimed.step / 2)
    if value == 0 or claimed.value == 0 or (value > 0) != (claimed.value > 0):
        return False
    if mine.dimension == "data" and mine.factor != theirs.factor and _binary(claimed.value, value, mine, theirs):
        return True
    if abs(claimed.value - value) <= _room(claimed, value, mine, theirs):
        return True
    return _led(claimed, value, lead)


def _room(claimed: Reading, value: float, mine: Unit, theirs: Unit) -> float:
    half = claimed.step / 2 * (1 + 1e-9)
    if mine.system != theirs.system:
        return max(min(half, (0.03 if claimed.step >= 1 else 0.07) * abs(value)), 0.015 * abs(value))
    if mine.factor != theirs.factor:
        return max(min(half, 0.05 * abs(value)), 0.002 * abs(value))
    return min(half, 0.03 * abs(value))


def _binary(claimed: float, value: float, mine: Unit, theirs: Unit) -> bool:
    steps = round(math.log10(theirs.factor / mine.factor) / 3)
    return math.isclose(claimed, value * 1.024**steps, rel_tol=2e-3)


def _led(claimed: Reading, value: float, lead: Lead) -> bool:
    """Whether "about", "over" or "under" what is claimed is what is true: within the last digit that is not nought."""
    figure = _last_figure(claimed)
    if lead == "about":
        return abs(claimed.value - value) <= min(figure / 2, 0.1 * abs(value)) * (1 + 1e-9)
    if lead == "over":
        return claimed.value < value < claimed.value + min(figure, 0.3 * abs(value))
    if lead == "under":
        return claimed.value - min(figure, 0.3 * abs(value)) < value < claimed.value
    return False


def _last_figure(claimed: Reading) -> float:
    if claimed.step < 1 and claimed.step:
        return claimed.step
    value, figure = abs(claimed.value), 1.0
    while value and value.is_integer() and value % (figure * 10) == 0:
        figure *= 10
    return figure
