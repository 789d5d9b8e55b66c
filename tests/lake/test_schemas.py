"""The schemas, spelled out: other programs read the lake by them."""

import pyarrow as pa
import pytest

from catalog_embeddings.lake.schemas import ROWS, TEXTS, vectors_schema


@pytest.mark.parametrize("dims", [1, 3072])
def test_a_row_of_vectors_is_a_chunk(dims: int) -> None:
    schema = vectors_schema(dims)
    assert schema.names == ["content_hash", "chunk", "weight", "vector"]
    assert schema.field("content_hash").type == pa.binary(32)
    assert schema.field("vector").type.list_size == dims
    assert schema.field("vector").type.value_type == pa.float32()
    assert not any(field.nullable for field in schema)


def test_a_row_of_texts_is_a_text() -> None:
    assert TEXTS.names == ["content_hash", "chunks"]
    assert TEXTS.field("content_hash").type == pa.binary(32)
    assert TEXTS.field("chunks").type == pa.list_(pa.string())


def test_a_sealed_row_is_a_planned_item_without_its_text() -> None:
    assert [(field.name, field.type) for field in ROWS] == [
        ("org_id", pa.binary(16)),
        ("namespace", pa.string()),
        ("item_id", pa.string()),
        ("part", pa.int32()),
        ("record_hash", pa.binary()),
        ("content_hash", pa.binary(32)),
        ("source_updated_at", pa.timestamp("us", tz="UTC")),
        ("generated_at", pa.timestamp("us", tz="UTC")),
    ]
    assert [field.name for field in ROWS if not field.nullable] == ["org_id", "namespace", "item_id"]
