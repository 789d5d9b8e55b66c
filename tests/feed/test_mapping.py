"""Fields find their columns; what has no column becomes an attribute."""

import json
from typing import Any
from uuid import UUID

import pytest

from catalog_embeddings.errors import InputError, ItemRefused
from catalog_embeddings.feed.mapping import FeedItem, FieldMap, parse_field_map

ORG = UUID(int=0)


def _item(fields: dict[str, Any], field_map: FieldMap | None = None) -> FeedItem:
    chosen = field_map or FieldMap()
    return chosen.take_item(chosen.take_key(fields, ORG, "default"), fields)


def _attributes(fields: dict[str, Any], field_map: FieldMap | None = None) -> Any:
    return json.loads(_item(fields, field_map).attributes or "null")


def test_fields_named_like_columns_need_no_map() -> None:
    fields = {
        "org_id": str(UUID(int=9)),
        "item_id": 1,
        "namespace": "shoes",
        "title": "Boot",
        "tags": "a,b",
        "metadata_version": 3,
        "colour": "red",
    }
    item = _item(fields)
    assert (item.org_id, item.namespace, item.item_id) == (UUID(int=9), "shoes", "1")
    assert (item.title, item.tags, item.metadata_version) == ("Boot", ["a", "b"], "3")
    assert item.attributes == '{"colour": "red"}'


def test_a_mapped_field_is_no_attribute() -> None:
    field_map = parse_field_map(["item_id=id", "brand=supplier"], [], [])
    item = _item({"id": "1", "supplier": "Xerox", "brand": "ignored", "ean": "5"}, field_map)
    assert (item.brand, item.attributes) == ("Xerox", '{"ean": "5"}')


def test_the_first_source_with_a_value_counts_and_the_others_stay_attributes() -> None:
    field_map = parse_field_map(["category=product_type, type"], [], [])
    assert _item({"item_id": "1", "product_type": "", "type": "Toner"}, field_map).category == "Toner"
    both = {"item_id": "1", "product_type": "Notebook", "type": "Clamshell"}
    assert _item(dict(both), field_map).category == "Notebook"
    assert _attributes(both, field_map) == {"type": "Clamshell"}


def test_dropped_and_empty_fields_are_no_attributes() -> None:
    field_map = parse_field_map([], ["price"], [])
    assert _attributes({"item_id": "1", "price": 7, "stock": None, "size": 0}, field_map) == {"size": 0}
    assert _attributes({"item_id": "1", "price": 7}, field_map) is None


def test_a_prefix_is_cut_off_unless_the_name_is_taken() -> None:
    field_map = parse_field_map([], [], ["t_", "n_"])
    fields = {"item_id": "1", "t_weight": "heavy", "n_weight": 7, "t_size": "L", "size": 3, "t_": "bare"}
    assert _attributes(fields, field_map) == {"weight": "heavy", "n_weight": 7, "t_size": "L", "size": 3, "t_": "bare"}


def test_prose_is_freed_of_markup_and_attributes_are_not() -> None:
    item = _item(
        {"item_id": "<1>", "title": "A &amp; B", "description": "<p>5 < 6</p>", "brand": "<p></p>", "x": "<p>"}
    )
    assert (item.item_id, item.title, item.description, item.brand) == ("<1>", "A & B", "5 < 6", None)
    assert item.attributes == '{"x": "<p>"}'


@pytest.mark.parametrize("column", ["title", "locale", "image_url", "tags", "anything"])
@pytest.mark.parametrize(("text", "reason"), [("a\0", "nul_character"), ("\udfff", "lone_surrogate")])
def test_no_column_takes_what_no_database_takes(column: str, text: str, reason: str) -> None:
    with pytest.raises(ItemRefused, match=reason):
        _item({"item_id": "1", column: text})


def test_the_key_can_be_read_where_the_rest_cannot() -> None:
    fields = {"item_id": "1", "title": ["no", "text"]}
    key = FieldMap().take_key(fields, ORG, "shoes")
    assert (key.namespace, key.item_id) == ("shoes", "1")
    with pytest.raises(ItemRefused, match="wrong_type"):
        FieldMap().take_item(key, fields)


@pytest.mark.parametrize("text", ["item_id", "=id", "item_id=", "item_id= , ", "sku=id"])
def test_a_map_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_field_map([text], [], [])


def test_two_maps_are_one() -> None:
    first = parse_field_map(["item_id=id", "brand=supplier"], ["price"], ["t_"])
    both = first.overruled_by(parse_field_map(["brand=maker"], ["stock"], ["n_"]))
    assert both == parse_field_map(["item_id=id", "brand=maker"], ["price", "stock"], ["t_", "n_"])
    assert both.named_fields() == {"id", "maker"}
