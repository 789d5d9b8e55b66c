"""The planned texts of a run: frozen with the plan, so that a resumed run never asks the source again."""

import hashlib
from collections.abc import Iterator

import pyarrow as pa

from catalog_embeddings.lake.layout import texts_key, texts_prefix
from catalog_embeddings.lake.parquet import decode, encode
from catalog_embeddings.lake.schemas import TEXTS
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.transform.batching import Text


def store_texts(lake: Lake, plan_id: str, shard: int, number: int, texts: list[Text]) -> None:
    """Store some of a shard's texts as its file of that number.

    Raises:
        ServerFailed: the lake did not take them.
    """
    rows = {
        "content_hash": pa.array([text.content_hash for text in texts], pa.binary(32)),
        "chunks": pa.array([list(text.chunks) for text in texts], pa.list_(pa.string())),
    }
    data = encode(pa.table(rows, schema=TEXTS))
    lake.create(texts_key(plan_id, shard, number, hashlib.sha256(data).hexdigest()), data)


def read_texts(lake: Lake, plan_id: str, shard: int) -> Iterator[Text]:
    """The texts of a shard in their planned order, one file in memory at a time.

    Raises:
        UntrustedAnswer: a file is damaged.
        ServerFailed: the lake does not answer.
    """
    for key in lake.keys(texts_prefix(plan_id, shard)):
        table = decode(lake.read(key), key)
        for content_hash, chunks in zip(table["content_hash"].to_pylist(), table["chunks"].to_pylist(), strict=True):
            yield Text(content_hash, tuple(chunks))
