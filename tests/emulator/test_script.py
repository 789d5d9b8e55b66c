"""Scripted answers are valid against their schema, take their facts from the message, and never vary."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_embeddings.emulator.script import UnsupportedSchema, scripted_text, scripted_value

MESSAGE = """Describe this product.
Brand: Xerox
Product name: 006R90321 toner cartridge, original black
Pages: 23000
It suits CopyCentre C65 and is recyclable."""

TREE = {
    "type": "object",
    "properties": {
        "label": {"type": "string"},
        "parent": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
        "children": {"type": "array", "items": {"$ref": "#"}, "maxItems": 2},
    },
    "required": ["label", "parent", "children"],
    "additionalProperties": False,
}

SCHEMAS: dict[str, dict[str, Any]] = {
    "flat": {"type": "object", "properties": {"brand": {"type": "string"}}, "required": ["brand"]},
    "short string": {"type": "string", "maxLength": 5},
    "long string": {"type": "string", "minLength": 500},
    "pattern": {"type": "string", "pattern": "^[0-9]+$"},
    "date": {"type": "string", "format": "date"},
    "enum": {"enum": ["red", "black", 7, None]},
    "const": {"const": 0},
    "many": {"type": "array", "items": {"type": "string"}, "minItems": 50},
    "few": {"type": "array", "items": {"type": "string"}, "maxItems": 1},
    "unique": {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True, "minItems": 2},
    "range": {"type": "integer", "minimum": 1, "maximum": 5},
    "open range": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.01},
    "below": {"type": "integer", "exclusiveMaximum": -3},
    "step": {"type": "number", "multipleOf": 0.25, "minimum": 0.3},
    "boolean": {"type": "boolean"},
    "nothing": {"type": "null"},
    "nullable": {"type": ["null", "integer"]},
    "anything": {},
    "required only": {"type": "object", "required": ["a"]},
    "referred": {"$defs": {"c": {"enum": ["x"]}}, "type": "array", "items": {"$ref": "#/$defs/c"}},
    "tagged": {"oneOf": [{"properties": {"t": {"const": 1}}, "required": ["t"]}, {"type": "null"}]},
    "tree": TREE,
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("message", [MESSAGE, "", "?!", "7"])
def test_the_value_is_valid(name: str, message: str) -> None:
    schema = SCHEMAS[name]
    value = scripted_value(schema, message)
    jsonschema.validate(value, schema, format_checker=jsonschema.FormatChecker())
    assert value == scripted_value(schema, message)


LEAVES = st.sampled_from([schema for name, schema in SCHEMAS.items() if name not in ("referred", "tree")])


@given(
    schema=st.recursive(
        LEAVES,
        lambda inner: st.one_of(
            inner.map(lambda items: {"type": "array", "items": items}),
            st.dictionaries(st.sampled_from(["brand", "pages", "is_new"]), inner).map(
                lambda fields: {"type": "object", "properties": fields, "required": sorted(fields)}
            ),
        ),
        max_leaves=6,
    ),
    message=st.text(max_size=60),
)
def test_any_mixture_is_valid(schema: dict[str, Any], message: str) -> None:
    jsonschema.validate(scripted_value(schema, message), schema)


def test_facts_come_from_the_message() -> None:
    fields = {
        "brand": {"type": "string"},
        "product_name": {"type": "string"},
        "colour": {"enum": ["red", "black"]},
        "pages": {"type": "integer", "minimum": 100},
        "recyclable": {"type": "boolean"},
        "edible": {"type": "boolean"},
        "keywords": {"type": "array", "items": {"type": "string"}},
    }
    value: Any = scripted_value({"type": "object", "properties": fields}, MESSAGE)
    assert value == {
        "brand": "Xerox",
        "product_name": "006R90321 toner cartridge, original black",
        "colour": "black",
        "pages": 23000,
        "recyclable": True,
        "edible": False,
        "keywords": ["Describe", "this", "product"],
    }


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "string", "pattern": "^zz{9}$"}, "answer"),
        ({"type": "string", "format": "hologram"}, "hologram"),
        ({"type": "unicorn"}, "unicorn"),
        ({"not": {"type": "string"}}, "not"),
        ({"$ref": "#/$defs/missing"}, "leads nowhere"),
        ({"$ref": "#"}, "without an end"),
        ({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "without an end"),
        ({"type": "integer", "minimum": 5, "maximum": 1}, "bounds"),
        ({"type": "array", "items": {"const": 1}, "uniqueItems": True, "minItems": 2}, "different"),
        ({"type": "object", "properties": 5}, "well formed"),
        ({"type": "string", "pattern": "("}, "well formed"),
        ({"type": "integer", "minimum": "low"}, "well formed"),
        ({"type": "array", "items": False}, "no schema"),
    ],
)
def test_what_cannot_be_answered_is_refused(schema: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnsupportedSchema, match=reason):
        scripted_value(schema, MESSAGE)


def test_plain_text_quotes_the_message() -> None:
    assert scripted_text("A lamp, made of brass.") == "A lamp made of brass"
    assert scripted_text("") == "Nothing was said."
