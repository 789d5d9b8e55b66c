"""A package's vectors as one parameter: a ``halfvec[]`` in Postgres' binary form, laid out by numpy.

Row by row a vector costs hundreds of microseconds as text, and a temporary table writes every vector once more than
needed. Knows the two binary formats, arrays' and pgvector's; which statement takes the array is its caller's business.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("item_embeddings")

# PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_recv: dimensions, flags, the elements' type, and of the one
# dimension its length and lower bound.
_HEADER = np.dtype([("dimensions", ">i4"), ("nulls", ">i4"), ("oid", ">u4"), ("length", ">i4"), ("first", ">i4")])


class HalfvecArray:
    """Vectors ready to be sent; ``data`` is the array in binary form."""

    def __init__(self, data: Buffer) -> None:
        """An array of these bytes."""
        self.data = data


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: HalfvecArray) -> Buffer:
        return obj.data


def halfvec_array(connection: Connection, vectors: Sequence[NDArray[np.float32]]) -> HalfvecArray:
    """Vectors as a parameter of type ``halfvec[]``; the statement says so: ``%(vectors)b::halfvec[]``.

    Args:
        connection: learns how to send it.
        vectors: (rows, dims) float32 in any number of pieces; numbers are rounded to float16.
    """
    connection.adapters.register_dumper(HalfvecArray, _AsItIs)
    rows = sum(len(piece) for piece in vectors)
    if not rows:
        # An array without elements has no dimension either.
        return HalfvecArray(np.array((0, 0, _oid(connection), 0, 0), dtype=_HEADER).tobytes()[:12])
    dims = vectors[0].shape[1]
    # An element is its length and a halfvec: dims, an unused int16, big-endian float16s (pgvector, src/halfvec.c).
    element = np.dtype([("bytes", ">i4"), ("dims", ">i2"), ("unused", ">i2"), ("vector", ">f2", (dims,))])
    data = np.zeros(_HEADER.itemsize + rows * element.itemsize, dtype=np.uint8)
    header = data[: _HEADER.itemsize].view(_HEADER)
    header[0] = (1, 0, _oid(connection), rows, 1)
    elements = data[_HEADER.itemsize :].view(element)
    elements["bytes"] = 4 + 2 * dims
    elements["dims"] = dims
    begin = 0
    for piece in vectors:
        # In two steps: halving contiguous floats is done in hardware, and what is left is a swap of bytes.
        elements["vector"][begin : begin + len(piece)] = piece.astype(np.float16)
        begin += len(piece)
    return HalfvecArray(data.data)


def _oid(connection: Connection) -> int:
    """The number that this database gave to the type halfvec."""
    row = connection.execute(_QUERIES["halfvec_oid"]).fetchone()
    return 0 if row is None else int(row[0])
