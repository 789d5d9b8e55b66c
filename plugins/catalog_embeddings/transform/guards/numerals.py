"""Digits and what they may be worth; what a number in a text is made of. The marks of many keyboards become one."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from catalog_embeddings.transform.guards.units import Unit

#: `one` is "one" and "single", which count now and then only; `prefix` the "dual" of "dual-core".
Kind = Literal["number", "word", "ordinal", "prefix", "one", "standard", "code", "ratio"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a number may be worth: `1.234` has two. `step` is one of its last digit shown: the rounding it bears."""

    value: float
    step: float = 0.0


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text, with where it stands and the words about it, up to the next number or pause."""

    start: int
    end: int
    kind: Kind
    readings: tuple[Reading, ...] = ()
    units: tuple[Unit, ...] = ()
    name: str = ""
    before: str = ""
    after: str = ""
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of text: a `number`, a `vulgar` fraction, a `word` or a `mark`."""

    kind: str
    start: int
    end: int
    text: str


TOKEN = re.compile(
    r"(?P<number>(?<![^\W\d_])\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?(?![\d]|[.,]\d)"
    r"|\d+(?:[.,]\d+|'\d{3})*|(?<![\w.,])\.\d+)"
    r"|(?P<vulgar>[\u00bc-\u00be\u2150-\u215e])|(?P<word>[^\W\d_\u00bc-\u00be\u2150-\u215e]+)|(?P<mark>[^\w\s]|_)"
)
_LIST = re.compile(r"\d+(?:,\d+){2,}|\d+\.\d+(?:,\d+(?:\.\d+)?)+|\d+(?:,\d+\.\d+)+")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("‘’‛′ʹ´`", "'"),
        **dict.fromkeys("“”„‟″ʺ", '"'),
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u200a\u202f\t", " "),
        **dict.fromkeys("×✕✖⨯", "x"),
        "º": "°",
        "⁄": "/",
    }
)
# Figures of speech. What they cover is left out of the reading.
_SAYINGS = re.compile(
    r"\b24\s?/\s?7(?:/365)?\b|\b(?:nine|9)[ -]to[ -](?:five|5)\b|\b(?:one|two)(?:,| or| to) (?:two|three)\b"
    r"|\b(?:one|two|three|four|six)[ -](?:words?|ways?|hands?|reasons?|things?|ideas?|settings|scenarios|situations"
    r"|examples)\b|\b(?:all|two|three)[ -]in[ -]one\b|\bpair of (?:head|ear|scissors|glasses|gloves|shoes|pliers|tongs)"
    r"|\bpair(?! of)|\bsecond to none\b|\bin (?:one|two) minds\b|\b(?:one|two) at (?:once|a time)\b|\btwo birds\b"
    r"|\b(?:one|two|three)[ -](?:thirds?|quarters|fifths)\b|\bfour corners\b|\bfive[ -]star\b|\bfifty[ -]fifty\b"
    r"|\b19[ -]?(?:inch|\")(?= (?:\w+ )?(?:racks?|cabinets?|enclosures?)\b)"
    r"|\bten ?fold\b|\bten[ -]key(?:less)?\b|\b[PO]S/2\b|\bB2B\b|\b[23]D\b|\bMP[34]\b|\bCO2\b"
    r"|(?m:^\s*\(?\d{1,2}[.)] )",
    re.IGNORECASE,
)


def folded(text: str) -> str:
    """Text of the same length in which what looks alike is alike: dashes, quotes, spaces, wide and raised digits."""
    if not text.isascii():
        flat = ((char, unicodedata.normalize("NFKC", char)) for char in text.translate(_ALIKE))
        text = "".join(plain if len(plain) == 1 else char for char, plain in flat).translate(_ALIKE)
    return _SAYINGS.sub(lambda saying: " " * len(saying.group()), text.replace("\t", " "))


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, in order; what only looks like one number is several: `800,1066,1333`."""
    tokens: list[Token] = []
    for found in TOKEN.finditer(text):
        if found.lastgroup == "number" and _LIST.fullmatch(found.group()) and not _GROUPED.fullmatch(found.group()):
            for part in re.finditer(r"\d+(?:\.\d+)?|,", found.group()):
                start, end = (found.start() + at for at in part.span())
                tokens.append(Token("mark" if part.group() == "," else "number", start, end, part.group()))
        else:
            tokens.append(Token(str(found.lastgroup), found.start(), found.end(), found.group()))
    return tokens


def readings_of(text: str, decimal: str) -> tuple[Reading, ...]:
    """What digits may be worth: separators are decimal or thousands as the digits about them and the language allow."""
    plain = text.replace("'", "")
    if " " in plain:
        joined = readings_of(plain.replace(" ", ""), decimal)
        last = plain.rpartition(" ")[2]
        return joined + (readings_of(last, decimal) if last.strip("0") else ())
    marks = [char for char in plain if char in ".,"]
    if not marks:
        return (Reading(float(plain), 1.0),)
    parts = re.split(r"[.,]", plain)
    grouped = 1 <= len(parts[0]) <= 3 and parts[0] != "0" and all(len(part) == 3 for part in parts[1:])
    whole = Reading(float("".join(parts)), 1.0)
    broken = Reading(float("".join(parts[:-1]) + "." + parts[-1]), 10.0 ** -len(parts[-1]))
    if len(marks) == 1:
        if grouped and not decimal:
            listed = parts if marks[0] == "," else []
            return (whole, broken, *(Reading(float(part), 1.0) for part in listed))
        return (whole,) if grouped and marks[0] != decimal else (broken,)
    if len(set(marks)) == 1:
        listed = parts if grouped and not decimal and marks[0] == "," else []
        return (whole, *(Reading(float(part), 1.0) for part in listed)) if grouped else ()
    return (broken,) if len(set(marks[:-1])) == 1 and marks[-1] != marks[0] else ()
