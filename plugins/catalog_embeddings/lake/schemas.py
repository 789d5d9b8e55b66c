"""The arrow schemas of what lies in the lake."""

import pyarrow as pa


def vectors_schema(dims: int) -> pa.Schema:
    """One row a chunk: which text it is of, which piece of it, how many bytes long, and its raw vector."""
    return pa.schema(
        [
            pa.field("content_hash", pa.binary(32), nullable=False),
            pa.field("chunk", pa.int16(), nullable=False),
            pa.field("weight", pa.int32(), nullable=False),
            pa.field("vector", pa.list_(pa.field("element", pa.float32(), nullable=False), dims), nullable=False),
        ]
    )


#: One row a distinct text of a plan, as the chunks that are sent.
TEXTS = pa.schema(
    [
        pa.field("content_hash", pa.binary(32), nullable=False),
        pa.field("chunks", pa.list_(pa.string()), nullable=False),
    ]
)

#: One row a planned item, as its run left it; a tombstone has no part. The modality is the version's.
ROWS = pa.schema(
    [
        pa.field("org_id", pa.binary(16), nullable=False),
        pa.field("namespace", pa.string(), nullable=False),
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("part", pa.int32()),
        pa.field("record_hash", pa.binary()),
        pa.field("content_hash", pa.binary(32)),
        pa.field("source_updated_at", pa.timestamp("us", tz="UTC")),
        pa.field("generated_at", pa.timestamp("us", tz="UTC")),
    ]
)

#: One row a record that a language model is to be asked about, as the JSON that is sent.
WORKLIST = pa.schema(
    [
        pa.field("record_hash", pa.binary(32), nullable=False),
        pa.field("record", pa.string(), nullable=False),
    ]
)

#: One row, the answer to one request about one record, with all that a later check of it needs.
ANSWER = pa.schema(
    [
        pa.field("record_hash", pa.binary(32), nullable=False),
        pa.field("attempt", pa.int16(), nullable=False),
        pa.field("record", pa.string(), nullable=False),
        pa.field("raw", pa.binary(), nullable=False),
        pa.field("content", pa.string()),
        pa.field("finish_reason", pa.string()),
        pa.field("refusal", pa.string()),
        pa.field("prompt_tokens", pa.int32(), nullable=False),
        pa.field("completion_tokens", pa.int32(), nullable=False),
    ]
)
