"""Rebuilding: an empty database gets a version back from the lake alone, bit for bit and without one API call.

Once the manifests are replayed, every part that a row refers to is read once, checked, averaged and loaded as when
it was paid for. Nothing is asked of the catalog: the next run compares as ever, and parts that no row refers to are
indexed as well, so that it pays for none of them.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.run import Lease, RunState, RunSummary
from catalog_embeddings.domain.seal import Manifest, RebuildSummary, SealedPart
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError, RunHeld
from catalog_embeddings.lake.layout import ALL_PARTS, shard_of
from catalog_embeddings.lake.parts import Part, find_part, only, read_part
from catalog_embeddings.lake.reading import read_ahead
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.finish import publish
from catalog_embeddings.pipeline.load import PACKAGE_TEXTS
from catalog_embeddings.pipeline.replay import Replay, read_history, replay
from catalog_embeddings.pipeline.text_vectors import TextVectors
from catalog_embeddings.postgres import (
    embedding_versions,
    item_embeddings,
    lake_parts,
    leases,
    rebuilds,
    replayed_rows,
    runs,
    sealed_rows,
    version_slices,
)
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.halfvecs import Halfvec

log = logging.getLogger(__name__)


def rebuild_version(
    connection: Connection,
    lake: Lake,
    version: str,
    started_by: str,
    on_rows: Callable[[int, int], None] = lambda _done, _rows: None,
) -> tuple[RebuildSummary, RunHeld | None]:
    """Fill a version that this database holds no row of. After a crash, the same call goes on where it stood.

    Args:
        connection: to a migrated database.
        lake: where the version's runs were sealed.
        version: its name; it is registered by the spec in its manifests, unless it is already.
        started_by: who does it, for whoever is kept waiting.
        on_rows: is told how many rows are written, and of how many.

    Returns:
        The summary, and what to raise once it has been shown: RunHeld when something in the lake is damaged, or
        the rows are not as many as were sealed. What could be rebuilt stands, and the next run makes the rest anew.

    Raises:
        InputError: the version holds rows, or has another spec here, or the lake knows nothing of it.
        RunLocked: another run works on the version.
    """
    began = datetime.now(UTC)
    history = read_history(lake, version)
    with connection.transaction():
        embedding = _registered(connection, history.newest)
        run_id = rebuilds.open_rebuild(
            connection, f"rebuild-{began:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", version, started_by
        )
        lease = leases.take(connection, version, run_id, started_by, 0.0)
        lease = leases.raise_fence(connection, lease, history.fence)
    told = replay(connection, lake, history)
    rows, held = replayed_rows.settle(connection, version)
    loader = _RowLoader(connection, lease, embedding, lambda written: on_rows(held + written, rows))
    _load(connection, lake, told, loader)
    _index_the_rest(connection, lake, told.damaged)
    with connection.transaction():
        sealed_rows.hold_run(connection, run_id)
        leases.check_fence(connection, lease)
        found = sealed_rows.rows_held(connection, version)
        error = _verdict(history.newest, found, told.damaged)
        state: RunState = "held" if error else "verified"
        seconds = round((datetime.now(UTC) - began).total_seconds(), 2)
        runs.finish(connection, _run_summary(lease, state, rows, found, seconds), str(error) if error else None)
        if error is None:
            publish(connection, embedding, failure_threshold=1.0)
    return RebuildSummary(run_id, version, state, found, loader.parts, tuple(told.damaged), seconds), error


def _registered(connection: Connection, newest: Manifest) -> EmbeddingVersion:
    known = {each.version: each for each in embedding_versions.all_versions(connection)}
    if newest.version not in known:
        embedding_versions.register(connection, newest.version, newest.spec, newest.fingerprint)
        if newest.slice is not None:
            # Or the next night would pay for the rest of the catalog.
            version_slices.set_slice(connection, newest.version, version_slices.slice_of(*newest.slice))
        return embedding_versions.find_version(connection, newest.version)
    if known[newest.version].fingerprint != newest.fingerprint:
        raise InputError(
            f"version {newest.version} has another spec in this database than in the lake's last manifest: "
            "rebuild into a database that does not know the version"
        )
    # Refuses a version that was dropped.
    return embedding_versions.find_version(connection, newest.version)


def _load(connection: Connection, lake: Lake, told: Replay, loader: "_RowLoader") -> None:
    """Load every part that rows refer to, save for damaged ones."""
    needed = replayed_rows.parts_needed(connection)
    with closing(read_ahead(lake, (told.parts[number].key for number in needed), read_part)) as read:
        for number, (key, part) in zip(needed, read, strict=True):
            if part is None:
                told.damaged.append(key)
            else:
                loader.add(number, told.parts[number], part)
    loader.flush()


def _index_the_rest(connection: Connection, lake: Lake, damaged: list[str]) -> None:
    """Index what else was ever paid for: earlier texts, other versions' texts, and what a killed run has left."""
    with closing(read_ahead(lake, _unindexed(connection, lake, damaged), find_part)) as read:
        for key, stored in read:
            if stored is not None:
                lake_parts.record_parts(connection, *shard_of(key), [stored])


def _unindexed(connection: Connection, lake: Lake, damaged: list[str]) -> Iterator[str]:
    keys = [key for key in lake.keys(ALL_PARTS) if key.endswith(".parquet") and key not in damaged]
    for (run_id, shard), of_shard in groupby(keys, key=shard_of):
        known = lake_parts.recorded_keys(connection, run_id, shard)
        yield from (key for key in of_shard if key not in known)


def _verdict(newest: Manifest, found: int, damaged: list[str]) -> RunHeld | None:
    what_next = f"`catalog-embeddings run --version {newest.version}` makes the rest anew"
    if damaged:
        return RunHeld(
            f"{found} of {newest.rows_held} rows were rebuilt: {len(damaged)} objects of the lake are damaged or "
            f"missing, the first is {damaged[0]}; {what_next}, and pays for it again"
        )
    if found != newest.rows_held:
        return RunHeld(
            f"{found} rows were rebuilt, but run {newest.run_id} left {newest.rows_held}: a manifest is missing in the "
            f"lake, or rows were changed by hand; {what_next}"
        )
    return None


def _run_summary(lease: Lease, state: RunState, rows: int, found: int, seconds: float) -> RunSummary:
    return RunSummary(
        run_id=lease.run_id,
        version=lease.version,
        state=state,
        planned=rows,
        embedded=0,
        reused=0,
        loaded=found,
        deleted=0,
        dead=0,
        unresolved=rows - found,
        requests=0,
        retries=0,
        tokens=0,
        price_usd=0.0,
        seconds=seconds,
    )


@dataclass
class _RowLoader:
    """Collects the wanted vectors of parts, and writes the rows that refer to them package by package."""

    connection: Connection
    lease: Lease
    version: EmbeddingVersion
    on_written: Callable[[int], None]
    parts: int = 0
    written: int = 0
    _package: dict[int, StoredPart] = field(default_factory=dict)
    _content_hashes: list[bytes] = field(default_factory=list)
    _vectors: list[Halfvec] = field(default_factory=list)

    def add(self, number: int, sealed: SealedPart, part: Part) -> None:
        wanted = replayed_rows.contents_of_part(self.connection, number)
        texts = TextVectors.of(only(part, wanted))
        # A text may have been paid for twice: a package tells its texts apart by their hash alone.
        if not wanted.isdisjoint(self._content_hashes):
            self.flush()
        self.parts += 1
        self._package[number] = StoredPart(sealed.key, sealed.sha256, sealed.bytes, part.content_hashes)
        self._content_hashes += texts.content_hashes
        self._vectors += texts.vectors
        if len(self._content_hashes) >= PACKAGE_TEXTS:
            self.flush()

    def flush(self) -> None:
        """Write the rows of what has been collected, and index its parts.

        Raises:
            RunFenced: another worker has taken over; nothing was written.
        """
        numbers, hashes, vectors = list(self._package), self._content_hashes, self._vectors
        # The part's hash is in its key, and says more than its texts do.
        identity = "".join([self.lease.run_id, *(part.key for part in self._package.values())]).encode()
        package_id = hashlib.sha256(identity + b"".join(hashes)).hexdigest()
        with self.connection.transaction():
            leases.check_fence(self.connection, self.lease)
            for (run_id, shard), parts in groupby(self._package.values(), key=lambda part: shard_of(part.key)):
                lake_parts.record_parts(self.connection, run_id, shard, list(parts))
            if item_embeddings.record_package(self.connection, package_id, self.lease, 0, len(hashes)):
                item_embeddings.declare_version(self.connection, self.version)
                self.written += item_embeddings.apply_replayed(
                    self.connection, package_id, self.version, numbers, hashes, vectors
                )
        self._package, self._content_hashes, self._vectors = {}, [], []
        self.on_written(self.written)
