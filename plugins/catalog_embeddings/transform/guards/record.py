"""A record as the guards read it: every fact with its name, whatever the shape of the JSON it came in."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

# Composed, 17½ would be read as 171/2.
_FRACTION_AFTER_DIGIT = re.compile(r"(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e])")

# Where a feed says who made an item; the key of a fact that ends so.
_BRAND_NAMES = frozenset({"brand", "supplier", "manufacturer", "maker", "vendor"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a record says: ``name`` in words (``display diagonal``), ``value`` text, number or yes and no."""

    name: str
    value: str | int | float | bool

    @property
    def text(self) -> str:
        """The value as text; yes and no are words."""
        return ("yes" if self.value else "no") if isinstance(self.value, bool) else str(self.value)


@dataclass(frozen=True)
class Record:
    """What a record says. Names and texts are as they came, but in Unicode's composed compatibility form."""

    facts: tuple[Fact, ...]

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Record":
        """The record of a JSON object; nested keys become one name, in words."""
        return cls(tuple(_facts("", fields)))

    @cached_property
    def text(self) -> str:
        """Everything it says, a fact a line: ``display diagonal: 17.3``."""
        return "\n".join(f"{fact.name}: {fact.text}" for fact in self.facts)

    @cached_property
    def folded(self) -> str:
        """``text`` without regard to case."""
        return self.text.casefold()

    @cached_property
    def brands(self) -> tuple[str, ...]:
        """Who it says made the item."""
        return tuple(fact.text for fact in self.facts if fact.name.rpartition(" ")[2] in _BRAND_NAMES)

    @cached_property
    def locale(self) -> str | None:
        """The language it says it is in, such as ``de_DE``."""
        return next((fact.text for fact in self.facts if fact.name == "locale"), None)


def composed(text: str) -> str:
    """Text in Unicode's composed compatibility form: one spelling for what looks the same."""
    return unicodedata.normalize("NFKC", _FRACTION_AFTER_DIGIT.sub(" ", text))


def _facts(name: str, value: Any) -> Iterator[Fact]:
    match value:
        case None | "":
            return
        case bool() | int() | float():
            yield Fact(name, value)
        case str():
            # Feeds that were escaped twice spell a line's end so; it would glue two words together.
            yield Fact(name, composed(value.replace("\\n", "\n")))
        case Mapping():
            for key, inner in value.items():
                words = " ".join(composed(str(key)).replace("_", " ").casefold().split())
                yield from _facts(f"{name} {words}".strip(), inner)
        case list() | tuple():
            for inner in value:
                yield from _facts(name, inner)
