"""Vector parts: one API answer each, durable before anything else happens to it, named by its own hash."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.lake.layout import part_key, sha256_in
from catalog_embeddings.lake.parquet import decode, encode
from catalog_embeddings.lake.schemas import vectors_schema
from catalog_embeddings.lake.store import Lake


@dataclass(frozen=True)
class Part:
    """The raw vectors of some texts, chunk by chunk, in columns.

    ``content_hashes``: one 32-byte hash a text. ``owners``: (chunks,) int64, the text of each chunk, ascending.
    ``weights``: (chunks,) int64, bytes of each chunk. ``vectors``: (chunks, dims) float32, as the API sent them.
    """

    content_hashes: list[bytes]
    owners: NDArray[np.int64]
    weights: NDArray[np.int64]
    vectors: NDArray[np.float32]


def store_part(lake: Lake, run_id: str, shard: int, part: Part) -> StoredPart:
    """Make a part durable and say where it lies.

    Raises:
        ServerFailed: the lake did not take it.
    """
    dims = part.vectors.shape[1]
    hashes = np.frombuffer(b"".join(part.content_hashes), dtype="S32")[part.owners]
    starts = np.flatnonzero(np.diff(part.owners, prepend=-1))
    chunk = np.arange(len(part.owners)) - starts[part.owners]
    schema = vectors_schema(dims)
    table = pa.table(
        {
            "content_hash": pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(32), len(hashes), [None, pa.py_buffer(hashes.tobytes())]
            ),
            "chunk": pa.array(chunk.astype(np.int16)),
            "weight": pa.array(part.weights.astype(np.int32)),
            "vector": pa.FixedSizeListArray.from_arrays(
                pa.array(np.ascontiguousarray(part.vectors).reshape(-1)), type=schema.field("vector").type
            ),
        },
        schema=schema,
    )
    data = encode(table, float_column="vector")
    digest = hashlib.sha256(data).hexdigest()
    key = part_key(run_id, shard, digest)
    lake.create(key, data)
    return StoredPart(key=key, sha256=digest, size=len(data), content_hashes=part.content_hashes)


def read_part(lake: Lake, key: str) -> Part:
    """A part from the lake, its hash and every page checked.

    Raises:
        ObjectMissing: the lake does not hold it.
        UntrustedAnswer: it is not the bytes that were stored.
    """
    return _part(lake.read(key), key)


def find_part(lake: Lake, key: str) -> StoredPart:
    """What lies at a key: as ``store_part`` said when it stored it, after the same checks as ``read_part``.

    Raises:
        ObjectMissing: the lake does not hold it.
        UntrustedAnswer: it is not the bytes that were stored.
    """
    data = lake.read(key)
    return StoredPart(key, sha256_in(key), len(data), _part(data, key).content_hashes)


def only(part: Part, wanted: set[bytes]) -> Part:
    """The part without the texts that nobody wants."""
    keep = np.array([content_hash in wanted for content_hash in part.content_hashes])
    if keep.all():
        return part
    chunks = keep[part.owners]
    return Part(
        content_hashes=[each for each, kept in zip(part.content_hashes, keep, strict=True) if kept],
        owners=(np.cumsum(keep) - 1)[part.owners[chunks]],
        weights=part.weights[chunks],
        vectors=part.vectors[chunks],
    )


def _part(data: bytes, key: str) -> Part:
    table = decode(data, key).combine_chunks()
    raw = table["content_hash"].to_pylist()
    chunk = table["chunk"].to_numpy()
    owners = np.cumsum(chunk == 0) - 1
    vectors = table["vector"].chunk(0)
    return Part(
        content_hashes=[raw[start] for start in np.flatnonzero(chunk == 0)],
        owners=owners.astype(np.int64),
        weights=table["weight"].to_numpy().astype(np.int64),
        vectors=vectors.values.to_numpy().reshape(len(raw), -1),
    )
