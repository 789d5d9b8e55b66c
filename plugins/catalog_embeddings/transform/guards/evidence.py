"""What a record says, as far as numbers go: which support a claim, which names and versions stand in it.

Whether a number speaks of the same thing is `meaning`'s question.
"""

import math
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from catalog_embeddings.transform.guards.aspects import SUBJECTS, aspects
from catalog_embeddings.transform.guards.fact_units import name_in_words
from catalog_embeddings.transform.guards.matching import same_number, supports
from catalog_embeddings.transform.guards.nearness import Lead
from catalog_embeddings.transform.guards.numerals import Quantity
from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.guards.stated import APART, DATE, Stated, plain, stated_by
from catalog_embeddings.transform.guards.units import Unit

_OF_SERIES = re.compile(r"(?:.*[\W_])?([^\W\d_]+)[\W_]?(\d{3,}[^\W_]*)")
_LISTED = re.compile(r"\s*(?:[,;/+&]|\band\b|\bund\b)\s*")
_VALUES_LISTED = re.compile(r"\s*[,;/]\s*")
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS_APART = re.compile(r"(?<=\d)(?<!gen \d) (?=\d)")
# Between a standard and one of its versions: "usb 3.2 gen 1 (3.1 gen 1)", "usb type-a 3.0".
_OTHER_VERSIONS = r"(?:[\s./(),&-]|gen(?:eration)?|type|and|or|\b[abc]\b|\d){0,16}"
_PIECES = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_PIECES_OF_PACK = re.compile(r"\b(?:quantity per pack|media sheets per pack|cartridges quantity)")
_SHORT_NAMES = {
    "4k": ("3840 x 2160", "4096 x 2160", "uhd", "2160p"),
    "8k": ("7680 x 4320",),
    "5k": ("5120 x 2880",),
    "2k": ("2560 x 1440", "2048 x 1080"),
    "1080p": ("1920 x 1080", "full hd"),
    "720p": ("1280 x 720",),
    "1440p": ("2560 x 1440",),
    "2160p": ("3840 x 2160", "4k"),
}


class Evidence:
    """The numbers of one record, read once for all passages of a draft."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.stated = stated_by(record)

    @cached_property
    def text(self) -> str:
        """All that it says, folded, for what must stand in it as it is; links and numbers of the item apart."""
        lines = (
            f"{_DIGITS_APART.sub('.', name_in_words(fact.name))}: {fact.text}"
            for fact in self._record.facts
            if "://" not in fact.text
        )
        return plain("\n".join(lines)).casefold()

    @cached_property
    def subjects(self) -> frozenset[str]:
        """What the item itself is, by its name: that a sentence speaks of it tells no number from another."""
        named = (fact.text for fact in self._record.facts if fact.name in ("title", "name", "attr t product type"))
        return SUBJECTS.intersection(*(aspects(text) for text in named)) if self._record.facts else frozenset()

    def supporters(self, claim: Quantity, lead: Lead) -> list[Stated]:
        """What it states that bears out a number with its unit."""
        return [stated for stated in self.stated if supports(stated, claim, lead)]

    def holds(self, words: str) -> bool:
        """Whether words with digits stand in it, however their parts are joined: `RJ45` is `RJ-45`."""
        pieces = _PIECES.findall(words.casefold())
        if not pieces:
            return False
        start = r"(?<!\d)(?<!\d[.,])" if pieces[0][0].isdigit() else r"(?<![^\W\d_])"
        end = r"(?!\d|[.,]\d|[a-e](?![^\W\d_]))" if pieces[-1][0].isdigit() else r"(?![^\W\d_])"
        return bool(re.search(start + r"[\W_]{0,3}".join(map(re.escape, pieces)) + end, self.text))

    def holds_words(self, phrase: str) -> bool:
        """Whether the first two words of a phrase stand in it together: `dual-channel`, `quad band`."""
        first = [word.casefold() for word in _LETTERS.findall(phrase)[:2]]
        return len(first) == 2 and re.search(rf"\b{first[0]}[\W_]{{0,3}}{first[1]}", self.text) is not None

    def names_thing(self, noun: str) -> bool:
        """Whether it has a word that begins as this one does, whatever its ending."""
        return re.search(rf"\b{re.escape(noun[:5].casefold())}", self.text) is not None

    def counts(self, noun: str) -> bool:
        """Whether a number of such things is among its facts."""
        stem = noun[:5].casefold()
        return any(stem in stated.name and stated.units and stated.units[0].counts for stated in self.stated)

    def lists_so_many(self, count: float) -> bool:
        """Whether a fact has as many values: `LED indicators: Charging, Operation`."""
        return any(
            len(_VALUES_LISTED.split(fact.text)) == count
            for fact in self._record.facts
            if fact.name.rpartition(" ")[2] not in ("title", "name", "description")
        )

    def holds_name(self, name: str) -> bool:
        """Whether it has a name with digits (`T8300-based`: `T8300`), or what the name is short for."""
        plain = name.casefold()
        trimmed = re.sub(r"(?:-[^\W\d_]{3,})+$", "", plain)
        if any(self.holds(form) for form in {plain, trimmed}):
            return True
        if memory := re.fullmatch(r"(ddr\d)-(\d{3,4})", plain):
            return self.holds(memory[1]) and self.holds(memory[2])
        if latency := re.fullmatch(r"cl(\d+)", plain):
            return bool(re.search(rf"latency: {latency[1]}\b", self.text))
        if (series := _OF_SERIES.fullmatch(plain)) and re.search(rf"[/,&] ?{series[2]}(?![^\W_])", self.text):
            return re.search(rf"(?<![^\W\d_]){series[1]}[\W_]{{0,3}}\d", self.text) is not None
        if wireless := re.fullmatch(r"802\.11([a-z]{1,2})", plain):
            return bool(re.search(rf"802\.11[a-z/,\s.\d-]{{0,40}}\b{wireless[1]}\b", self.text))
        return any(other in self.text.replace("×", "x") for other in _SHORT_NAMES.get(trimmed, ()))

    def names_version(self, claim: Quantity) -> bool:
        """Whether it gives a standard this version: `USB 3` of `USB 3.2`, `Bluetooth 5.0` of `bluetooth version: 5`."""
        versions = "|".join(re.escape(f"{reading.value:g}") for reading in claim.readings)
        named = rf"(?<![^\W_]){re.escape(claim.name)}\b{_OTHER_VERSIONS}"
        if re.search(rf"{named}(?<![\d.])(?:{versions})(?![.\d])", self.text):
            return True
        return any(
            _same_version(mine.value, theirs.value)
            for stated in self.stated
            if stated.standard == claim.name or (not stated.units and _about(claim.name, stated))
            for mine in claim.readings
            for theirs in stated.readings
        )

    def gives_hour(self, hour: float, half: str) -> bool:
        """Whether an hour of the day stands in it, before noon (`a`) or after (`p`): `8am-5pm`."""
        return re.search(rf"(?<![\d.:]){hour:g}(?:[.:]00)? ?{half}\.?m\b", self.text) is not None

    def shows_ratio(self, claim: Quantity) -> bool:
        """Whether it states two numbers in this proportion, or the greater of them alone."""
        return any(
            math.isclose(mine.value, theirs.value, rel_tol=1e-3)
            for stated in self.stated
            for mine in claim.readings
            for theirs in stated.readings
            if stated.standard == "ratio" or any(unit.dimension == "times" for unit in stated.units)
        )

    def lists(self, claim: Quantity) -> bool:
        """Whether a fact of that name has as many values, apart by commas: `colours: Black, White` are two colours."""
        noun = re.match(r"[ -]?([^\W\d_]{3,})", claim.after)
        told = [unit.dimension.removeprefix("count:") for unit in claim.units if unit.counts]
        told += noun.groups() if noun else ()
        return any(
            any(re.search(rf"\b{re.escape(thing[:5].casefold())}", fact.name) for thing in told)
            and len(_LISTED.split(fact.text)) == reading.value
            for fact in self._record.facts
            for reading in claim.readings
        )

    def by_the_minute(self, claim: Quantity) -> bool:
        """Whether it states so many a minute: pages, turns, cubic feet."""
        return any(
            same_number(claim, stated)
            for stated in self.stated
            if any(unit.dimension in ("print speed", "rotation", "airflow", "frequency") for unit in stated.units)
        )

    def dates(self, day: float) -> bool:
        """Whether a date that it gives is of this day of the month."""
        return any(int(found[3]) == day for fact in self._record.facts if (found := DATE.match(fact.text)))

    def is_for_age(self, years: float) -> bool:
        """Whether it gives an age from which, or up to which, it is meant, and this is one of those."""
        ages = [stated for stated in self.stated if re.search(r"\bages?\b", stated.name)]
        least = [r.value for stated in ages for r in stated.readings if not re.search(r"\bmax", stated.name)]
        most = [r.value for stated in ages for r in stated.readings if re.search(r"\bmax", stated.name)]
        return bool(least or most) and min(least, default=0) <= years <= max(most, default=math.inf)

    def fits(self, size: float) -> bool:
        """Whether it says of screens or devices that such a size, or a greater one, fits."""
        return any(
            reading.value >= size
            for stated in self.stated
            if re.search(r"\bcompatibility\b|\bmaximum (?:screen|notebook) size", stated.name)
            for reading in stated.readings
        )

    def watt_hours(self) -> Iterator[float]:
        """The watt-hours of what it gives in ampere-hours and volts."""
        for charge in self._in_base("charge"):
            yield from (charge * volts for volts in self._in_base("voltage"))

    def shares(self) -> Iterator[float]:
        """What falls to each of several: the pages of a pack by the pieces in it, its labels by the sheets."""
        pieces = {r.value for s in self.stated if _PIECES_OF_PACK.search(s.name) for r in s.readings if r.value > 1}
        for stated in self.stated:
            if any(unit.dimension in APART for unit in stated.units):
                yield from (reading.value / piece for reading in stated.readings for piece in pieces)

    def totals(self, units: tuple[Unit, ...]) -> Iterator[float]:
        """What several make together, in the base unit: a pack's pieces times what one holds or weighs."""
        pieces = {r.value for s in self.stated if _PIECES_OF_PACK.search(s.name) for r in s.readings if r.value > 1}
        for dimension in {unit.dimension for unit in units}:
            yield from (amount * piece for amount in self._in_base(dimension) for piece in pieces)

    def _in_base(self, dimension: str) -> Iterator[float]:
        for stated in self.stated:
            for unit in stated.units:
                if unit.dimension == dimension:
                    yield from (reading.value * unit.factor for reading in stated.readings)

    def pixels(self) -> Iterator[float]:
        """The megapixels of what it gives as so many by so many pixels."""
        for found in re.finditer(r"(?<!\d)(\d{3,5}) ?x ?(\d{3,5})(?!\d)", self.text):
            yield int(found[1]) * int(found[2]) / 1e6


def _same_version(mine: float, theirs: float) -> bool:
    return math.isclose(mine, theirs) or (mine.is_integer() and mine == math.floor(theirs))


def _about(standard: str, stated: Stated) -> bool:
    """Whether a bare number's fact is named after the standard: `bluetooth version: 5.0`."""
    return standard in stated.name.replace(" ", "").replace("-", "")


def any_close(values: Iterable[float], claim: Quantity) -> bool:
    """Whether a claimed number is one of these, give or take a twentieth."""
    return any(math.isclose(value, reading.value, rel_tol=0.05) for value in values for reading in claim.readings)
