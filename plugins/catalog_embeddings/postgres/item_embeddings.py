"""The table item_embeddings: load packages go in, one statement each, deleted items go out.

Every write happens inside a transaction of the caller that has checked the fence. The vectors of a package travel as
one binary parameter, laid out by ``halfvec_array``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog_embeddings.domain.item import ItemKey
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.halfvec_array import halfvec_array
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("item_embeddings")


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
    package = _package(connection, content_hashes, vectors)
    written = connection.execute(_QUERIES["upsert_package"], {"run_id": lease.run_id, **package, **_row_of(version)})
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
    package = _package(connection, content_hashes, vectors)
    written = connection.execute(_QUERIES["insert_replayed"], {"parts": parts, **package, **_row_of(version)})
    return _count_package(connection, package_id, written.rowcount)


def mistrust_part(connection: Connection, version: str, part_key: str) -> int:
    """A part is lost or damaged: let the next run make the rows anew that were made from it; returns their number."""
    return connection.execute(_QUERIES["mistrust_part"], {"version": version, "part_key": part_key}).rowcount


def mistrust_items(connection: Connection, version: str, keys: Sequence[ItemKey]) -> int:
    """What these items' vectors were made of is true no more: let the next run make them anew; returns their number."""
    columns = {
        "org_ids": [key.org_id for key in keys],
        "namespaces": [key.namespace for key in keys],
        "item_ids": [key.item_id for key in keys],
    }
    return connection.execute(_QUERIES["mistrust_items"], {"version": version, **columns}).rowcount


def delete_planned(connection: Connection, run_id: str, version: str) -> int:
    """Delete the vectors of items that the plan found gone, unless they have come back since."""
    return connection.execute(_QUERIES["delete_planned"], {"run_id": run_id, "version": version}).rowcount


def _package(
    connection: Connection, content_hashes: list[bytes], vectors: Sequence[NDArray[np.float32]]
) -> dict[str, Any]:
    """The parameters that bring a package's hashes and vectors."""
    # A package is small and the plan is not: without this, a plan with stale statistics reads all of it.
    connection.execute(_QUERIES["follow_the_package"])
    return {"content_hashes": content_hashes, "vectors": halfvec_array(connection, vectors)}


def _row_of(version: EmbeddingVersion) -> dict[str, Any]:
    """What every row of a version has in common."""
    return {"version": version.version, "modality": version.spec.modality, "dims": version.spec.dims}


def _count_package(connection: Connection, package_id: str, loaded: int) -> int:
    connection.execute(_QUERIES["count_package"], {"package_id": package_id, "loaded": loaded})
    return loaded
