"""Parquet bytes: what goes in comes out, and what is damaged does not, even under a name that fits the damage."""

import hashlib
import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog_embeddings.errors import UntrustedAnswer
from catalog_embeddings.lake.parquet import decode, encode

FLIPS = 300


def named(data: bytes) -> str:
    return f"somewhere/{hashlib.sha256(data).hexdigest()}.parquet"


def vectors(rows: int, dims: int) -> pa.Table:
    values = np.random.default_rng(7).standard_normal(rows * dims).astype(np.float32)
    column = pa.FixedSizeListArray.from_arrays(pa.array(values), dims)
    return pa.table({"number": pa.array(range(rows), pa.int64()), "vector": column})


@pytest.mark.parametrize("rows", [0, 1, 1_000])
def test_a_table_is_read_as_it_was_written(rows: int) -> None:
    table = vectors(rows, dims=5)
    data = encode(table, float_column="vector")
    assert decode(data, named(data)).equals(table)


def test_the_same_table_gives_the_same_bytes() -> None:
    assert encode(vectors(10, 5)) == encode(vectors(10, 5))


def test_floats_are_stored_byte_by_byte_and_compressed() -> None:
    table = vectors(1_000, dims=5)
    group = pq.read_metadata(pa.BufferReader(encode(table, float_column="vector"))).row_group(0)
    assert "BYTE_STREAM_SPLIT" in group.column(1).encodings
    assert {group.column(number).compression for number in (0, 1)} == {"ZSTD"}


def test_no_flipped_bit_is_believed() -> None:
    data = encode(vectors(40, dims=6), float_column="vector")
    key, dice = named(data), random.Random(7)
    for _ in range(FLIPS):
        damaged = bytearray(data)
        damaged[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        with pytest.raises(UntrustedAnswer, match="is damaged"):
            decode(bytes(damaged), key)


def test_a_page_checks_itself() -> None:
    # Under a name made of the damaged bytes nothing but the checksum of the page can tell.
    data = encode(vectors(400, dims=6), float_column="vector")
    column = pq.read_metadata(pa.BufferReader(data)).row_group(0).column(1)
    # The page's header stands in the first bytes; what follows are the values.
    first, last = column.data_page_offset + 100, column.data_page_offset + column.total_compressed_size
    dice = random.Random(7)
    for _ in range(FLIPS):
        damaged = bytearray(data)
        damaged[dice.randrange(first, last)] ^= 1 << dice.randrange(8)
        with pytest.raises(UntrustedAnswer, match="not the parquet file"):
            decode(bytes(damaged), named(bytes(damaged)))


@pytest.mark.parametrize("junk", [b"", b"PAR1", b"<html>welcome</html>", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_other_bytes_are_no_table(junk: bytes) -> None:
    with pytest.raises(UntrustedAnswer):
        decode(junk, named(junk))


def test_a_table_that_lies_under_another_name_is_not_believed() -> None:
    data = encode(vectors(3, dims=2))
    with pytest.raises(UntrustedAnswer, match="elsewhere"):
        decode(data, f"elsewhere/{'0' * 64}.parquet")
