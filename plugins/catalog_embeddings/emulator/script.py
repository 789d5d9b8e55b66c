"""Scripted answers: a value valid against a JSON schema, made of the words of a message.

Pure and deterministic, no model behind it. Facts come from the message: a field named like a label in it
(``Brand: Xerox``) gets that label's value, enums and numbers take what the message mentions, other strings
quote it. Knows JSON schema as far as structured output uses it, and refuses the rest instead of guessing.
"""

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

Schema = Mapping[str, Any]

_PHRASE = 12  # words in a free string
_ITEMS = 3  # entries in an array that may be of any length
_DEEP = 6  # from here on only what is required, so that recursive schemas end
_TOO_DEEP = 40
_WORD = re.compile(r"\w[\w.,'-]*\w|\w")
_LABEL = re.compile(r"(?m)^[\w ]{1,30}:")
_NUMBER = re.compile(r"(?<![\w.])-?\d{1,15}(?:\.\d{1,15})?(?![\w.])")
_FORMATS = {
    "date": "2024-01-01",
    "date-time": "2024-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "duration": "P1D",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_LAST_RESORTS = ("0", "a", "A", *_FORMATS.values())  # for a pattern that no word of the message fits
_REFUSED = {"allOf", "not", "if", "dependentSchemas", "patternProperties", "contains", "prefixItems"}


class UnsupportedSchema(ValueError):
    """No value can be made for this schema; the message names the field and the reason."""


def scripted_text(message: str) -> str:
    """A plain answer: the first words of the message."""
    return " ".join(_WORD.findall(message)[: 2 * _PHRASE]) or "Nothing was said."


def scripted_value(schema: Schema, message: str) -> object:
    """A value valid against ``schema``; raises UnsupportedSchema."""
    try:
        return _Writer(schema, message).value(schema, _Place("answer"))
    except (TypeError, AttributeError, ArithmeticError, re.error) as error:
        raise UnsupportedSchema(f"it is not well formed ({type(error).__name__})") from error


class _Place(NamedTuple):
    """Where a value stands: the field's name, how deep, and which entry of an array, if it is one."""

    name: str
    depth: int = 0
    entry: int | None = None

    @property
    def nth(self) -> int:
        return self.entry or 0

    @property
    def is_deep(self) -> bool:
        return self.depth >= _DEEP


class _Writer:
    """Walks one schema with one message."""

    def __init__(self, root: Schema, message: str) -> None:
        self.root = root
        self.message = message
        self.words = list(dict.fromkeys(_WORD.findall(_LABEL.sub("", message)))) or ["nothing"]
        self.numbers = [Decimal(number) for number in _NUMBER.findall(message)]
        self.writers: dict[str, Callable[[Schema, _Place], object]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": self._integer,
            "number": self._number,
            "boolean": self._boolean,
            "null": lambda _schema, _place: None,
        }

    def value(self, schema: object, place: _Place) -> object:
        schema = self._resolved(schema, place)
        if choices := [schema["const"]] if "const" in schema else schema.get("enum"):
            return self._choice(choices, place)
        kind = _type(schema, place)
        if kind not in self.writers:
            raise UnsupportedSchema(f"{place.name} has the unknown type {kind!r}")
        return self.writers[kind](schema, place)

    def _resolved(self, schema: object, place: _Place) -> Schema:
        """The schema with its reference followed and one branch of its alternatives taken."""
        for _ in range(_TOO_DEEP - place.depth):
            if not isinstance(schema, Mapping):
                raise UnsupportedSchema(f"{place.name} has no schema to go by")
            if refused := _REFUSED & schema.keys():
                raise UnsupportedSchema(f"{place.name} uses {', '.join(sorted(refused))}")
            rest = {key: part for key, part in schema.items() if key not in ("$ref", "anyOf", "oneOf")}
            if "$ref" in schema:
                schema = rest | self._referred(schema["$ref"])
            elif branches := schema.get("anyOf") or schema.get("oneOf"):
                schema = rest | _null_last(branches, {"type": "null"}, place)
            else:
                return schema
        raise UnsupportedSchema(f"{place.name} is nested without an end")

    def _referred(self, reference: str) -> dict[str, Any]:
        node: Any = self.root
        for step in reference.split("/")[1:]:
            node = node.get(step, {})
        if not node:
            raise UnsupportedSchema(f"the reference {reference} leads nowhere")
        return dict(node)

    def _choice(self, choices: list[object], place: _Place) -> object:
        said = self.message.lower()
        mentioned_first = sorted(choices, key=lambda choice: str(choice).lower() not in said)
        return mentioned_first[place.nth % len(choices)]

    def _object(self, schema: Schema, place: _Place) -> dict[str, object]:
        required = schema.get("required", [])
        properties = {name: {"type": "string"} for name in required} | schema.get("properties", {})
        wanted = required if place.is_deep else properties
        return {name: self.value(properties[name], _Place(name, place.depth + 1)) for name in wanted}

    def _array(self, schema: Schema, place: _Place) -> list[object]:
        fewest, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        length = fewest if place.is_deep else min(max(_ITEMS, fewest), most)
        items = schema.get("items", {})
        entries = [self.value(items, _Place(place.name, place.depth + 1, nth)) for nth in range(length)]
        if schema.get("uniqueItems"):
            entries = [entry for nth, entry in enumerate(entries) if entry not in entries[:nth]]
        if len(entries) < fewest:
            raise UnsupportedSchema(f"{place.name} wants {fewest} different entries")
        return entries

    def _string(self, schema: Schema, place: _Place) -> str:
        if form := schema.get("format"):
            if form not in _FORMATS:
                raise UnsupportedSchema(f"{place.name} has the unknown format {form!r}")
            return _FORMATS[form]
        start = place.nth % len(self.words)
        phrase = " ".join(self.words[start:][: _PHRASE if place.entry is None else 1])
        shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
        for text in [*self._labelled(place.name), phrase, *self.words, *_LAST_RESORTS]:
            fitted: str = (text * max(1, math.ceil(shortest / len(text))))[:longest]
            if re.search(schema.get("pattern", ""), fitted):
                return fitted
        raise UnsupportedSchema(f"nothing in the message fits the pattern of {place.name}")

    def _labelled(self, name: str) -> list[str]:
        label = re.escape(name).replace("_", "[ _]")
        return re.findall(rf'(?im)^\W*{label}"?[ \t]*:[ \t]*"?(\S.*?)[",]*$', self.message)

    def _boolean(self, _schema: Schema, place: _Place) -> bool:
        """True where the message speaks of it."""
        return place.name.replace("_", " ").lower() in self.message.lower()

    def _integer(self, schema: Schema, place: _Place) -> int:
        return int(self._decimal({"multipleOf": 1} | dict(schema), place))

    def _number(self, schema: Schema, place: _Place) -> float:
        return float(self._decimal(schema, place))

    def _decimal(self, schema: Schema, place: _Place) -> Decimal:
        step = Decimal(str(schema.get("multipleOf", "0.001")))
        bounds = {key: Decimal(str(schema[key])) for key in _BOUNDS if key in schema}
        edges = list(bounds.values()) or [Decimal(0)]
        steps = (place.nth, place.nth + 1, -place.nth - 1)
        made = [(edge // step + offset) * step for edge in edges for offset in steps]
        for number in [*self.numbers[place.nth :], *made]:
            if number % step == 0 and all(_BOUNDS[key](number, bound) for key, bound in bounds.items()):
                return number
        raise UnsupportedSchema(f"no number fits the bounds of {place.name}")


_BOUNDS = {
    "minimum": Decimal.__ge__,
    "maximum": Decimal.__le__,
    "exclusiveMinimum": Decimal.__gt__,
    "exclusiveMaximum": Decimal.__lt__,
}


def _null_last(options: list[Any], null: object, place: _Place) -> Any:
    """The first option that is not null, until null is the way out of a recursive schema."""
    return sorted(options, key=lambda option: option == null, reverse=place.is_deep)[0]


def _type(schema: Schema, place: _Place) -> str:
    if isinstance(kinds := schema.get("type"), list):
        return str(_null_last(kinds, "null", place))
    guess = "object" if "properties" in schema else "array" if "items" in schema else "string"
    return str(kinds or guess)
