"""Sealing: what a run changed is written to the lake, in the transaction that ends it and before its commit.

The vectors lie there already, in parts. A sealing adds which of them belongs to which item, which items have none
any more, and the version's spec. If the commit is lost, the next attempt seals again under a higher number.
"""

from datetime import datetime
from itertools import count

from catalog_embeddings.domain.run import Lease, RunSummary
from catalog_embeddings.domain.seal import Manifest
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.lake.manifests import store_manifest
from catalog_embeddings.lake.sealed_rows import store_rows
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.postgres import sealed_rows, version_slices
from catalog_embeddings.postgres.connection import Connection

# Lines of one file, and so what is in memory at a time; a rebuild reads a few of them ahead.
_LINES_AT_ONCE = 10_000

# How long a run took is known to the database alone: it says nothing of what was sealed.
_COUNTS = ("state", "planned", "embedded", "reused", "loaded", "deleted", "dead", "unresolved", "requests", "tokens")


def seal_run(
    connection: Connection,
    lake: Lake,
    lease: Lease,
    version: EmbeddingVersion,
    summary: RunSummary,
    started: datetime,
) -> str:
    """Write a line for each planned item and a manifest over them; returns the manifest's key.

    Must be called inside the transaction that ends the run, once it has made its last change.

    Raises:
        ServerFailed: the lake did not take it; nothing of the run's end stands then.
    """
    attempt, sealed_at = sealed_rows.begin(connection)
    part_numbers: dict[str, int] = {}
    files, present = [], 0
    batches = sealed_rows.rows_of_run(connection, lease, version, part_numbers, _LINES_AT_ONCE)
    for number, rows in zip(count(), batches, strict=False):
        present += sum(row.part is not None for row in rows)
        files.append(store_rows(lake, version.version, lease.run_id, number, rows))
    rows_held = sealed_rows.rows_held(connection, version.version)
    counts = summary.as_json()
    trial = version_slices.find_slice(connection, version.version)
    key = store_manifest(
        lake,
        Manifest(
            run_id=lease.run_id,
            version=version.version,
            fingerprint=version.fingerprint,
            spec=version.spec,
            started_at=started,
            sealed_at=sealed_at,
            fence=lease.fence,
            attempt=attempt,
            counts={name: counts[name] for name in _COUNTS},
            rows_held=rows_held,
            complete=present == rows_held,
            rows=tuple(files),
            parts=tuple(sealed_rows.parts(connection, list(part_numbers))),
            slice=None if trial is None else (trial.buckets, trial.salt),
        ),
    )
    sealed_rows.record_manifest(connection, lease.run_id, key)
    return key
