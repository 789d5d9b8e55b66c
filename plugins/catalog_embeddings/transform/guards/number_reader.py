"""The reader of numbers: digits, words, fractions, ratios, codes and versions, each with the unit behind it.

It looks at what is joined to a number. What numbers share with each other (ranges, lists) is left to `quantities`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from catalog_embeddings.transform.guards.number_words import PREFIXES, Words
from catalog_embeddings.transform.guards.numerals import TOKEN, Kind, Quantity, Reading, Token, readings_of, tokens_of
from catalog_embeddings.transform.guards.standards import standard_before
from catalog_embeddings.transform.guards.units import NO_UNIT, unit_after

_GLUE = "-._+"
_SEVERAL_IN_ONE = re.compile(r"\d{1,3}-in-\d(?![\w])", re.IGNORECASE)
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|ème|ª)(?![^\W_])", re.IGNORECASE)
_DECADE = re.compile(r"'?s(?![^\W_])")
_SENTENCE_ENDS = re.compile(r"\s*$|\s+[A-ZÄÖÜÉÈ\d]")
_MORE = re.compile(r"[ -](?:more|further|full|extra|additional|whole|long)\b")
_SO_MANY_OF = re.compile(r" [xX] ?[^\W\d_]")
_NUMBER_NEXT = re.compile(r"[ .]{0,2}\d")
# What follows "in" where it means inches; elsewhere it is a word: "5 in total".
_INCHES = re.compile(
    r"\s*(?:$|[^\w\s]|(?:wide|high|tall|deep|long|thick|x|by|screen|display|monitor|diagonal|diameter|notebook"
    r"|laptop)\b)"
)


class NumberReader:
    """Walks over the tokens of a text once; each method reads what begins at a token and says which comes next."""

    def __init__(self, text: str, words: Words, decimal: str) -> None:
        self._text = text
        self._decimal = decimal
        self._words = words
        self._tokens = tokens_of(text)

    def read(self) -> Iterator[Quantity]:
        """Every number, in order, each with the unit that stands behind it."""
        place = 0
        while place < len(self._tokens):
            token = self._tokens[place]
            if token.kind == "number":
                quantity = self._code(place) or self._ratio(place) or self._number(place)
            elif token.kind == "vulgar":
                quantity = self._measured(place, token.start, token.end, (Reading(unicodedata.numeric(token.text)),))
            elif token.kind == "word":
                quantity = self._word(place)
            else:
                quantity = None
            if quantity is not None:
                yield quantity
            end = token.end if quantity is None else quantity.end
            place += 1
            while place < len(self._tokens) and self._tokens[place].start < end:
                place += 1

    def _glued(self, place: int) -> bool:
        """Whether a token follows the one before it without a gap."""
        return 0 < place < len(self._tokens) and self._tokens[place - 1].end == self._tokens[place].start

    def _kind(self, place: int) -> str:
        return self._tokens[place].kind if 0 <= place < len(self._tokens) else ""

    def _code(self, place: int) -> Quantity | None:
        """A name with digits in it: `DDR4`, `RJ-45`, `802.11ac`, `i7-4700`."""
        token = self._tokens[place]
        if several := _SEVERAL_IN_ONE.match(self._text, token.start):
            return Quantity(token.start, several.end(), "code", name=several.group())
        first = self._code_begins(place)
        if first == place and not self._letters_follow(place):
            return None
        last = self._code_ends(place)
        while self._glued(first) and self._tokens[first - 1].text == "-" and self._named(first - 2):
            first -= 2
        start, end = self._tokens[first].start, self._tokens[last].end
        standard = standard_before(self._text, token.start) if "-" in self._text[start : token.start] else None
        if standard:
            readings = readings_of(token.text, self._decimal)
            return Quantity(standard.start, token.end, "standard", readings, name=standard.name)
        return Quantity(start, end, "code", name=self._text[start:end])

    def _code_begins(self, place: int) -> int:
        """Where the letters before a number begin that make a name of it; the number's own place where none do."""
        if not self._glued(place):
            return place
        before = self._tokens[place - 1]
        if before.kind == "word" and not self._times_sign(place - 1):
            return place - 1
        return place - 2 if before.text in _GLUE and self._glued(place - 1) and self._named(place - 2) else place

    def _code_ends(self, place: int) -> int:
        last = place
        while self._glued(last + 1):
            following = self._tokens[last + 1]
            if following.kind in ("word", "number"):
                last += 1
            elif following.text in _GLUE and self._glued(last + 2) and self._kind(last + 2) in ("word", "number"):
                last += 2
            else:
                break
        return last

    def _named(self, place: int) -> bool:
        """Whether a token is a name that may be joined to digits by a hyphen: not `mid-2020`, `sub-2`."""
        return self._kind(place) == "word" and (not self._tokens[place].text.islower())

    def _times_sign(self, place: int) -> bool:
        return self._tokens[place].text in ("x", "X") and self._kind(place - 1) in ("number", "vulgar")

    def _letters_follow(self, place: int) -> bool:
        """Whether letters that are no unit are joined to a number, or it has several points: `3.1.2`."""
        token = self._tokens[place]
        if not readings_of(token.text, self._decimal):
            return True
        if not self._glued(place + 1) or self._kind(place + 1) != "word":
            return False
        following = self._tokens[place + 1]
        is_k = following.text in ("k", "K")
        if is_k or _ORDINAL.match(self._text, token.end) or self._times_sign(place + 1):
            return is_k and token.text in ("2", "4", "5", "8") and self._kind(place + 2) != "number"
        if _DECADE.match(self._text, token.end) and len(token.text) == 4:
            return False
        mobile = token.text in ("2", "3", "4", "5") and following.text == "G"
        return mobile or token.text == "802.11" or unit_after(self._text, token.end) is None

    def _ratio(self, place: int) -> Quantity | None:
        """Two numbers about a colon: `16:9`, `1000:1`."""
        if not (self._glued(place + 1) and self._tokens[place + 1].text == ":" and self._glued(place + 2)):
            return None
        first, second = self._tokens[place], self._tokens[place + 2]
        if second.kind != "number" or not (over := readings_of(second.text, self._decimal)) or not over[0].value:
            return None
        readings = tuple(Reading(reading.value / over[0].value) for reading in readings_of(first.text, self._decimal))
        return Quantity(first.start, second.end, "ratio", readings, name=f"{first.text}:{second.text}")

    def _number(self, place: int) -> Quantity | None:
        token = self._tokens[place]
        readings, end = readings_of(token.text, self._decimal), token.end
        start = token.start
        if fraction := self._fraction(place):
            readings, end = fraction
        elif _DECADE.match(self._text, end) and len(token.text) == 4:
            end += 1
        elif ordinal := _ORDINAL.match(self._text, end):
            return Quantity(start, ordinal.end(), "ordinal", readings)
        if self._text[end : end + 1] in ("k", "K") and self._tokens[place + 1].text in ("k", "K"):
            readings = tuple(Reading(reading.value * 1e3, reading.step * 1e3) for reading in readings) + readings
            end += 1
        return self._measured(place, start, end, self._signed(token, readings))

    def _signed(self, token: Token, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
        """Readings below zero where a minus stands before them; `5 -10` may be a range."""
        lead = self._text[max(0, token.start - 6) : token.start]
        if lead.casefold().endswith("minus "):
            return tuple(Reading(-reading.value, reading.step) for reading in readings)
        if not lead.endswith("-") or (len(lead) > 1 and (lead[-2].isalnum() or lead[-2] in "\"'°%)")):
            return readings
        below = tuple(Reading(-reading.value, reading.step) for reading in readings)
        return below + readings if lead[:-1].rstrip()[-1:].isdigit() else below

    def _fraction(self, place: int) -> tuple[tuple[Reading, ...], int] | None:
        """A fraction, with the whole number before it: `1/4`, `17 1/2`, `17½`."""
        token = self._tokens[place]
        if self._kind(place + 1) == "vulgar" and self._tokens[place + 1].start - token.end <= 1:
            part = self._tokens[place + 1]
            return (Reading(float(token.text) + unicodedata.numeric(part.text)),), part.end
        if not token.text.isdigit() or len(token.text) > 3:
            return None
        if part_value := self._slashed(place):
            return (Reading(part_value[0]),), part_value[1]
        apart = self._kind(place + 1) == "number" and self._tokens[place + 1].start == token.end + 1
        if apart and (part_value := self._slashed(place + 1)):
            return (Reading(float(token.text) + part_value[0]),), part_value[1]
        return None

    def _slashed(self, place: int) -> tuple[float, int] | None:
        if not (self._glued(place + 1) and self._tokens[place + 1].text == "/" and self._glued(place + 2)):
            return None
        over, under = self._tokens[place].text, self._tokens[place + 2].text
        proper = over.isdigit() and under in ("2", "3", "4", "8", "16", "32", "64") and 0 < int(over) < int(under)
        if not proper or (self._glued(place + 3) and self._tokens[place + 3].text == "/"):
            return None
        unit = unit_after(self._text, self._tokens[place + 2].end)
        if unit is None or not any(one.dimension in ("length", "mass", "volume") for one in unit[1]):
            return None
        return int(over) / int(under), self._tokens[place + 2].end

    def _measured(self, place: int, start: int, end: int, readings: tuple[Reading, ...]) -> Quantity:
        """A number with what may follow it: a multiplier, then a unit; or with the standard before it."""
        readings, end = self._multiplied(readings, end)
        more = _MORE.match(self._text, end)
        unit = unit_after(self._text, end) or (unit_after(self._text, more.end()) if more else None)
        if unit and any(one.dimension == "times" for one in unit[1]) and _NUMBER_NEXT.match(self._text, unit[0]):
            unit = None
        if unit and _SO_MANY_OF.match(self._text, end):
            unit = None
        physical = unit and all(one.dimension and not one.counts for one in unit[1])
        if not physical and (standard := standard_before(self._text, start)):
            return Quantity(standard.start, end, "standard", readings, name=standard.name)
        kind: Kind = "number" if self._tokens[place].kind != "word" else "word"
        if unit is None:
            return Quantity(start, end, kind, readings)
        end, units = unit
        if self._text[end - 1] == "." and _SENTENCE_ENDS.match(self._text, end):
            end -= 1
        if NO_UNIT in units:
            units = units[:1] if _INCHES.match(self._text, end) or self._text[end - 3] != " " else ()
            end = end if units else unit[0] - 3
        if all(one.dimension not in ("temperature", "sound", "colour temperature", "angle", "") for one in units):
            readings = tuple(Reading(abs(reading.value), reading.step) for reading in readings)
        return Quantity(start, end, kind, readings, units)

    def _multiplied(self, readings: tuple[Reading, ...], end: int) -> tuple[tuple[Reading, ...], int]:
        while (found := TOKEN.match(self._text, end + 1)) and self._text[end] in " -":
            factor = self._words.multipliers.get(found.group().casefold())
            if factor is None:
                break
            readings = tuple(Reading(reading.value * factor, reading.step * factor) for reading in readings)
            end = found.end()
        return readings, end

    def _word(self, place: int) -> Quantity | None:
        token = self._tokens[place]
        word = token.text.casefold()
        if word in PREFIXES:
            return self._prefix(place, PREFIXES[word])
        if word in self._words.halves:
            return self._half(place)
        if word == "single":
            return Quantity(token.start, token.end, "one", (Reading(1.0),))
        value = self._words.values.get(word, self._words.multipliers.get(word))
        if word in self._words.articles or value is None:
            return self._article(place) if word in self._words.articles else None
        value, end = self._compound(place, value)
        quantity = self._measured(place, token.start, end, (Reading(value, float(value.is_integer())),))
        bare = not any(not one.counts for one in quantity.units)
        if bare and value == 0:
            return None
        return replace(quantity, kind="one") if value == 1 and bare else quantity

    def _prefix(self, place: int, value: float) -> Quantity | None:
        token = self._tokens[place]
        hyphened = self._glued(place + 1) and self._tokens[place + 1].text == "-"
        joined = self._text[token.end : token.end + 1] in (" ", "-") and self._kind(place + 1 + hyphened) == "word"
        if not joined and token.text.casefold() != "duo":
            return None
        return Quantity(token.start, token.end, "prefix", (Reading(value),), name=token.text.casefold())

    def _half(self, place: int) -> Quantity | None:
        """Half of the measure that follows, with or without an article: `half a metre`."""
        token = self._tokens[place]
        following = self._tokens[place + 1] if place + 1 < len(self._tokens) else None
        end = token.end
        if following and following.text.casefold() in (*self._words.articles, "dozen"):
            end = following.end if following.text.casefold() != "dozen" else end
        readings, end = self._multiplied((Reading(0.5),), end)
        unit = unit_after(self._text, end)
        if readings[0].value == 0.5 and (unit is None or any(one.counts for one in unit[1])):
            return None
        return Quantity(token.start, unit[0] if unit else end, "word", readings, unit[1] if unit else ())

    def _article(self, place: int) -> Quantity | None:
        """`a hundred`, `a dozen`: an article before a multiplier."""
        token = self._tokens[place]
        following = self._tokens[place + 1] if place + 1 < len(self._tokens) else None
        if following is None or following.text.casefold() not in {
            *self._words.multipliers,
            "dozen",
            "dutzend",
            "douzaine",
        }:
            return None
        if following.text.casefold() in ("hundred", "thousand"):
            value, end = self._compound(place, 1.0)
            return self._measured(place, token.start, end, (Reading(value),))
        factor = self._words.multipliers.get(following.text.casefold(), 12.0)
        return self._measured(place, token.start, following.end, (Reading(factor),))

    def _compound(self, place: int, value: float) -> tuple[float, int]:
        """`twenty-five`, `one and a half`, `a hundred and fifty`: its worth and where it ends."""
        end = self._tokens[place].end
        following = [token.text.casefold() for token in self._tokens[place + 1 : place + 5]]
        words = self._words
        if following[:1] == ["-"]:
            following, place = following[1:], place + 1
        if following and value in range(20, 100, 10) and 0 < words.values.get(following[0], 0) < 10:
            return value + words.values[following[0]], self._tokens[place + 1].end
        if following[:3] == ["and", "a", "half"]:
            return value + 0.5, self._tokens[place + 3].end
        if following[:1] in (["hundred"], ["thousand"]):
            factor, skip = words.multipliers[following[0]], 2 if following[1:2] == ["and"] else 1
            rest = words.values.get(following[skip]) if len(following) > skip else None
            if rest is not None and rest < factor:
                more, stop = self._compound(place + 1 + skip, rest)
                return value * factor + more, stop
            return value * factor, self._tokens[place + 1].end
        return value, end
