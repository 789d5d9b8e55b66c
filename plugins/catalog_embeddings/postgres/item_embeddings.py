"""The table item_embeddings: load packages go in, deleted items go out.

Every write happens inside a transaction of the caller that has checked the fence. A package is copied straight into
the table, binary, after one statement has said which rows it brings, and another has made room for them.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import sql

from catalog_embeddings.domain.item import ItemKey
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.halfvecs import Halfvec
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("item_embeddings")

# Bytes are copied as they are, so that is what a halfvec is sent as.
_COPY_TYPES = ("text", "text", "int4", "bytea", "uuid", "text", "text", "bytea", "bytea", "timestamptz", "timestamptz")


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


def claim_rows(connection: Connection, version: str) -> None:
    """Until the transaction ends no package of this version is applied: for whoever writes beside a run at work."""
    connection.execute(_QUERIES["claim_rows"], [version])


def apply_package(
    connection: Connection,
    package_id: str,
    lease: Lease,
    version: EmbeddingVersion,
    content_hashes: Sequence[bytes],
    vectors: Sequence[Halfvec],
) -> int:
    """Give every planned item of these texts its row; returns how many rows were written.

    Args:
        connection: inside a transaction.
        package_id: recorded before.
        lease: whose plan says which items have these texts.
        version: the version whose partition is written.
        content_hashes: one 32-byte hash a text.
        vectors: one a text, in the order of the hashes.
    """
    # No two packages of a run bring the same row; an item that is embedded by itself may come in between.
    connection.execute(_QUERIES["share_rows"], [version.version])
    package = {"run_id": lease.run_id, "version": version.version, "modality": version.spec.modality}
    return _copy(connection, package_id, version, _rows(connection, "planned_rows", package, content_hashes), vectors)


def apply_replayed(
    connection: Connection,
    package_id: str,
    version: EmbeddingVersion,
    parts: list[int],
    content_hashes: Sequence[bytes],
    vectors: Sequence[Halfvec],
) -> int:
    """Give every replayed row whose vector lies in these parts its place; returns how many were written.

    As ``apply_package``, but the rows are those of a rebuild (see ``replayed_rows``) and come back as they were.
    """
    package = {"parts": parts}
    return _copy(connection, package_id, version, _rows(connection, "replayed_rows", package, content_hashes), vectors)


def mistrust_part(connection: Connection, version: str, part_key: str) -> int:
    """A part is lost or damaged: let the next run make the rows anew that were made from it; returns their number."""
    # Another shard may be about to replace them.
    claim_rows(connection, version)
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


def _rows(
    connection: Connection, query: str, package: dict[str, Any], content_hashes: Sequence[bytes]
) -> list[tuple[Any, ...]]:
    """The rows that a package brings.

    Of each the place of its text in the package, from 1 on; its columns but the vector; and where the row lies that
    it replaces, None where there is none.
    """
    # A package is small and the plan is not: without this, a plan with stale statistics reads all of it.
    connection.execute(_QUERIES["follow_the_package"])
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(_QUERIES[query], {**package, "content_hashes": list(content_hashes)}).fetchall()


def _copy(
    connection: Connection,
    package_id: str,
    version: EmbeddingVersion,
    rows: list[tuple[Any, ...]],
    vectors: Sequence[Halfvec],
) -> int:
    """Write a package's rows in place of those that they replace."""
    if replaces := [row[-1] for row in rows if row[-1] is not None]:
        connection.execute(_QUERIES["make_room"], {"version": version.version, "replaces": replaces})
    partition = sql.Identifier(f"item_embeddings_{version.version}")
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL(_QUERIES["copy_rows"]).format(partition=partition)) as copy,
    ):
        copy.set_types(_COPY_TYPES)
        for place, *row, _ in rows:
            copy.write_row((version.version, version.spec.modality, version.spec.dims, vectors[place - 1], *row))
    connection.execute(_QUERIES["count_package"], {"package_id": package_id, "loaded": len(rows)})
    return len(rows)
