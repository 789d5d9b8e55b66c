"""What tells the variants of one product apart: the attributes that only say colour, size or pack.

Which attributes those are a template declares, by patterns of their names. Feeds repeat the same values in titles, so
they are taken out there too, where they stand as whole words. How the rest of a record is written is
``enrichment_templates``'.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

# Who prints in four colours says what it can do, not which of its variants it is.
_MOST_COLOURS = 3

_LISTED = re.compile(r"\s*[,/;&|+]\s*|\s+and\s+", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_COUNT = re.compile(r"\d{1,6}(?:\.0+)?")
_PIECES = r"(?:pc\(s\)|pcs?|pieces?|packs?|stück|stk|pièces?|piezas?)"

# What is left where a word was taken out: empty brackets, doubled spaces and separators, separators at the ends.
_DEBRIS = (
    (re.compile(r"\(\s*[,/;&|-]*\s*\)|\[\s*\]"), " "),
    (re.compile(r"\s+(?=[,;.)\]])"), ""),
    (re.compile(r"([,;/|])(?:\s*[,;/|])+"), r"\1"),
    (re.compile(r"\s[-–/|](?=\s+[-–/|]\s)"), ""),
    (re.compile(r"^[\s,;/|&–-]+|[\s,;/|&–-]+$"), ""),
    (re.compile(r"\s{2,}"), " "),
)


@dataclass(frozen=True)
class VariantFields:
    """Patterns of the attribute names that tell variants apart, such as ``*_colour``, by kind.

    A name is compared in lower case, with ``_`` for every space and dash.
    """

    colour: tuple[str, ...] = ()
    size: tuple[str, ...] = ()
    pack: tuple[str, ...] = ()

    def facts(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the attributes that are a variant's own."""
        return {name: value for name, value in attributes.items() if self._kind(name, value)}

    def shared(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A normalised record without what is a variant's own: what it has in common with the others.

        Beside those attributes, their values go out of the title, and out of what repeats the title or a part of it.
        Any other text stays as it is: "prints in black" may be the product, not the variant.
        """
        attributes = record.get("attributes", {})
        own = self.facts(attributes)
        if not own:
            return dict(record)
        title, words = record.get("title", ""), self._words(own)
        stripped = self._without(title, own, record.get("brand"))

        def reworded(value: Any) -> Any:
            if not isinstance(value, str) or not title:
                return value
            if value.casefold() in title.casefold():
                return self._without(value, own, record.get("brand"))
            return value.replace(title, stripped)

        common = {**record, "title": stripped, "description": reworded(record.get("description"))}
        common["attributes"] = {name: reworded(fact) for name, fact in attributes.items() if name not in own}
        common["tags"] = [tag for tag in record.get("tags", ()) if tag.casefold() not in words]
        return {field: common[field] for field in record if common[field]}

    def _without(self, text: str, own: Mapping[str, Any], brand: str | None) -> str:
        """A text without a variant's colour, its size and ``6 pc(s)``, where they stand as whole words.

        They are not taken out of the brand's name, and never are all there is.
        """
        patterns = [*_mentioned(self._words(own)), *_counted(self._counts(own))]
        if not patterns:
            return text
        # What stands first is kept: a match within the brand's name is the brand's.
        kept = rf"(?P<kept>{re.escape(brand)})|" if brand else ""
        stripped = re.sub(
            f"{kept}{'|'.join(patterns)}",
            lambda match: match[0] if match.groupdict().get("kept") else " ",
            text,
            flags=re.IGNORECASE,
        )
        if stripped == text:
            return text
        for debris, instead in _DEBRIS:
            stripped = debris.sub(instead, stripped)
        return stripped or text

    def _words(self, own: Mapping[str, Any]) -> set[str]:
        """The colours and sizes among the values, in lower case; a whole value, and each of what it lists."""
        return {
            word.strip().casefold()
            for name, value in own.items()
            if isinstance(value, str) and self._kind(name, value) in ("colour", "size")
            for word in (value, *_LISTED.split(value))
            # A lone letter or a number may mean anything in a title: "S", "42".
            if len(word.strip()) > 1 and _LETTER.search(word)
        }

    def _kind(self, name: str, value: Any) -> str | None:
        # "colour: yes" says what a printer can do, "colour: 600 x 600" how well.
        if _matches(name, self.colour) and isinstance(value, str) and not _DIGIT.search(value):
            return "colour" if len(_LISTED.split(value)) <= _MOST_COLOURS else None
        if _matches(name, self.size) and isinstance(value, str | int | float) and not isinstance(value, bool):
            return "size"
        return "pack" if _matches(name, self.pack) else None

    def _counts(self, attributes: Mapping[str, Any]) -> set[int]:
        return {
            int(float(str(value)))
            for name, value in attributes.items()
            if self._kind(name, value) == "pack" and _COUNT.fullmatch(str(value))
        }


# A feed has a few thousand names for the attributes of all its items.
@lru_cache(maxsize=20_000)
def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    known = re.sub(r"[\s_-]+", "_", name.casefold()).strip("_")
    return any(fnmatchcase(known, pattern) for pattern in patterns)


def _mentioned(words: set[str]) -> Iterator[str]:
    if words:
        word = "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
        yield rf"(?<![\w-])(?:{word})(?:\s*[/,&+]\s*(?:{word}))*(?![\w-])"


def _counted(counts: set[int]) -> Iterator[str]:
    if counts:
        number = "|".join(map(str, sorted(counts)))
        yield rf"(?<![\w.,-])(?:{number})(?:\s*x)?[\s-]*{_PIECES}(?![\w(])"
        yield rf"\bpack\s+of\s+(?:{number})(?![\w.,])"
