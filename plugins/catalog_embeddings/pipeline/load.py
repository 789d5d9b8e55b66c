"""Loading: vectors that are durable in the lake go into the database, each package exactly once.

A package is about a thousand texts, because what a transaction costs by itself no longer shows there, and because a
shard's vectors must not pile up in memory. Its transaction checks the fence, records the package, indexes its parts,
writes the rows and the counts: all of it or nothing.
"""

import hashlib
from collections.abc import Callable

from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.pipeline.text_vectors import TextVectors
from catalog_embeddings.postgres import item_embeddings, lake_parts, leases, run_plan
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.halfvecs import Halfvec

PACKAGE_TEXTS = 1_024


class PackageLoader:
    """Collects texts and their vectors, and loads them package by package."""

    def __init__(
        self,
        connection: Connection,
        lease: Lease,
        version: EmbeddingVersion,
        shard: int,
        spent: Callable[[], Spent],
        on_loaded: Callable[[int], None],
    ) -> None:
        """A loader for one shard. ``spent`` tells what the API was asked so far; ``on_loaded`` hears of texts."""
        self._connection = connection
        self._lease = lease
        self._version = version
        self._shard = shard
        self._spent = spent
        self._spent_before = spent()
        self._on_loaded = on_loaded
        self._content_hashes: list[bytes] = []
        self._vectors: list[Halfvec] = []
        self._paid_now: list[StoredPart] = []

    def add(self, texts: TextVectors, paid_now: StoredPart | None = None) -> None:
        """Add the texts of a part; a full package is loaded at once.

        ``paid_now`` is where a part lies that was just paid for: it is indexed with the package, for a part that
        a crash leaves without its index row is adopted.
        """
        self._content_hashes += texts.content_hashes
        self._vectors += texts.vectors
        if paid_now is not None:
            self._paid_now.append(paid_now)
        if len(self._content_hashes) >= PACKAGE_TEXTS:
            self.flush()

    def flush(self) -> None:
        """Load what has been collected, and record what was spent.

        Raises:
            RunFenced: another worker has taken over; nothing was written.
        """
        hashes, vectors, paid_now = self._content_hashes, self._vectors, self._paid_now
        embedded = sum(len(part.content_hashes) for part in paid_now)
        spent = self._spent()
        with self._connection.transaction():
            leases.check_fence(self._connection, self._lease)
            lake_parts.record_parts(self._connection, self._lease.run_id, self._shard, paid_now)
            loaded = self._apply(hashes, vectors) if hashes else 0
            run_plan.add_progress(
                self._connection,
                self._lease.run_id,
                self._shard,
                embedded=embedded,
                reused=len(hashes) - embedded,
                loaded=loaded,
                spent=spent - self._spent_before,
            )
        self._spent_before = spent
        self._content_hashes, self._vectors, self._paid_now = [], [], []
        self._on_loaded(len(hashes))

    def _apply(self, hashes: list[bytes], vectors: list[Halfvec]) -> int:
        package_id = hashlib.sha256(self._lease.run_id.encode() + b"".join(hashes)).hexdigest()
        if not item_embeddings.record_package(self._connection, package_id, self._lease, self._shard, len(hashes)):
            return 0
        item_embeddings.declare_version(self._connection, self._version)
        loaded = item_embeddings.apply_package(
            self._connection, package_id, self._lease, self._version, hashes, vectors
        )
        run_plan.settle_texts(self._connection, self._lease.run_id, hashes, "loaded")
        return loaded
