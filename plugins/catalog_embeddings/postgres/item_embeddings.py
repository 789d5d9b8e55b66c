"""The table item_embeddings: load packages go in by binary COPY, deleted items go out.

Every write happens inside a transaction of the caller that has checked the fence.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("item_embeddings")

# Postgres' binary COPY format, version of the manual 18, section "COPY": signature, flags, header extension.
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER = b"\xff\xff"


def declare_version(connection: Connection, version: EmbeddingVersion) -> None:
    """Tell the database, for this transaction, by which spec the vectors were made."""
    connection.execute(_QUERIES["declare_fingerprint"], [version.fingerprint])


def record_package(connection: Connection, package_id: str, lease: Lease, shard: int, contents: int) -> bool:
    """Record a load package in the transaction that applies it; False when it was applied before."""
    row = connection.execute(
        _QUERIES["record_package"],
        {
            "package_id": package_id,
            "run_id": lease.run_id,
            "shard": shard,
            "fence": lease.fence,
            "contents": contents,
        },
    ).fetchone()
    return row is not None


def apply_package(
    connection: Connection,
    package_id: str,
    lease: Lease,
    version: EmbeddingVersion,
    content_hashes: list[bytes],
    vectors: Sequence[NDArray[np.float32]],
) -> int:
    """Give every planned item of these texts its row; returns how many rows were written.

    Args:
        connection: inside a transaction.
        package_id: recorded before.
        lease: whose plan says which items have these texts.
        version: the version whose partition is written.
        content_hashes: one 32-byte hash a text.
        vectors: (texts, dims) float32 in as many pieces as they came in, in the order of the hashes.
    """
    _copy_package(connection, content_hashes, vectors)
    written = connection.execute(_QUERIES["upsert_package"], {"run_id": lease.run_id, **_row_of(version)})
    return _count_package(connection, package_id, written.rowcount)


def apply_replayed(
    connection: Connection,
    package_id: str,
    version: EmbeddingVersion,
    parts: list[int],
    content_hashes: list[bytes],
    vectors: Sequence[NDArray[np.float32]],
) -> int:
    """Give every replayed row whose vector lies in these parts its place; returns how many were written.

    As ``apply_package``, but the rows are those of a rebuild (see ``replayed_rows``) and come back as they were.
    """
    _copy_package(connection, content_hashes, vectors)
    written = connection.execute(_QUERIES["insert_replayed"], {"parts": parts, **_row_of(version)})
    return _count_package(connection, package_id, written.rowcount)


def mistrust_part(connection: Connection, version: str, part_key: str) -> int:
    """A part is lost or damaged: let the next run make the rows anew that were made from it; returns their number."""
    return connection.execute(_QUERIES["mistrust_part"], {"version": version, "part_key": part_key}).rowcount


def delete_planned(connection: Connection, run_id: str, version: str) -> int:
    """Delete the vectors of items that the plan found gone, unless they have come back since."""
    return connection.execute(_QUERIES["delete_planned"], {"run_id": run_id, "version": version}).rowcount


def _copy_package(connection: Connection, content_hashes: list[bytes], vectors: Sequence[NDArray[np.float32]]) -> None:
    connection.execute(_QUERIES["create_package_table"])
    with connection.cursor() as cursor, cursor.copy(_QUERIES["copy_package"]) as copy:
        copy.write(_COPY_HEADER)
        remaining = iter(content_hashes)
        for piece in vectors:
            copy.write(_copy_rows(list(islice(remaining, len(piece))), piece))
        copy.write(_COPY_TRAILER)
    # A package is small and the plan is not: without this, a plan with stale statistics reads all of it.
    connection.execute(_QUERIES["follow_the_package"])


def _row_of(version: EmbeddingVersion) -> dict[str, Any]:
    """What every row of a version has in common."""
    return {"version": version.version, "modality": version.spec.modality, "dims": version.spec.dims}


def _count_package(connection: Connection, package_id: str, loaded: int) -> int:
    connection.execute(_QUERIES["count_package"], {"package_id": package_id, "loaded": loaded})
    return loaded


def _copy_rows(content_hashes: list[bytes], vectors: NDArray[np.float32]) -> memoryview:
    """Rows (content_hash bytea, vector halfvec) in binary COPY format, laid out as one numpy array.

    A halfvec is sent as its dims, an unused int16, and big-endian float16s (pgvector, src/halfvec.c).
    """
    texts, dims = vectors.shape
    row = np.dtype(
        [
            ("fields", ">i2"),
            ("hash_bytes", ">i4"),
            ("hash", "V32"),
            ("vector_bytes", ">i4"),
            ("dims", ">i2"),
            ("unused", ">i2"),
            ("vector", ">f2", (dims,)),
        ]
    )
    rows = np.zeros(texts, dtype=row)
    rows["fields"] = 2
    rows["hash_bytes"] = 32
    rows["hash"] = np.frombuffer(b"".join(content_hashes), dtype="V32")
    rows["vector_bytes"] = 4 + 2 * dims
    rows["dims"] = dims
    # In two steps: halving contiguous floats is done in hardware, and what is left is a swap of bytes.
    rows["vector"] = vectors.astype(np.float16)
    return rows.view(np.uint8).data
