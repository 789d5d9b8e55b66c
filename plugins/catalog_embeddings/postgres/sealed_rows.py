"""What a run left in item_embeddings, read back so that it can be sealed in the lake.

Everything here belongs into the transaction that ends the run.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.seal import SealedPart, SealedRow
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("sealed_rows")


def hold_run(connection: Connection, run_id: str) -> None:
    """Let nobody else end this run before the transaction does."""
    connection.execute(_QUERIES["hold_run"], [run_id])


def begin(connection: Connection) -> tuple[int, datetime]:
    """The number of this attempt to seal, higher than any before it, and the database's time."""
    row = connection.execute(_QUERIES["begin"]).fetchone()
    return cast("tuple[int, datetime]", row)


def mistrust_unpaid(connection: Connection, lease: Lease) -> int:
    """Let the next run make anew what this one planned and no indexed part holds; returns how many rows those are.

    A part was found damaged after its vectors had been loaded: they cannot be sealed.
    """
    return connection.execute(_QUERIES["mistrust_unpaid"], {"run_id": lease.run_id, "version": lease.version}).rowcount


def rows_of_run(
    connection: Connection, lease: Lease, version: EmbeddingVersion, part_numbers: dict[str, int], batch_size: int
) -> Iterator[list[SealedRow]]:
    """Every item that the run planned as the version holds it now, in batches, through a server-side cursor.

    ``part_numbers`` takes the key of each part that the rows refer to, numbered in the order they turn up.
    """
    connection.execute(_QUERIES["read_to_the_end"])
    with connection.cursor(name="rows_of_run", binary=True) as cursor:
        cursor.execute(
            _QUERIES["rows_of_run"],
            {"run_id": lease.run_id, "version": version.version, "modality": version.spec.modality},
        )
        while rows := cursor.fetchmany(batch_size):
            yield [_numbered(row, part_numbers) for row in rows]


def parts(connection: Connection, keys: list[str]) -> list[SealedPart]:
    """These parts as the index knows them, in the order of the keys."""
    found = {row[0]: SealedPart(*row) for row in connection.execute(_QUERIES["parts"], [keys])}
    return [found[key] for key in keys]


def rows_held(connection: Connection, version: str) -> int:
    """How many rows the version holds, save for mistrusted ones."""
    row = connection.execute(_QUERIES["rows_held"], [version]).fetchone()
    return int(row[0]) if row else 0


def record_manifest(connection: Connection, run_id: str, manifest_key: str) -> None:
    """Record where the lake holds what the run changed."""
    connection.execute(_QUERIES["record_manifest"], {"run_id": run_id, "manifest_key": manifest_key})


def _numbered(row: tuple[Any, ...], part_numbers: dict[str, int]) -> SealedRow:
    org_id, namespace, item_id, part_key, *held = row
    if part_key is None:
        return SealedRow(org_id, namespace, item_id)
    return SealedRow(org_id, namespace, item_id, part_numbers.setdefault(part_key, len(part_numbers)), *held)
