"""Salvaging: what the Batch API has answered for a run that is over is stored all the same, for it is paid for.

A run that comes to a bad end may have batches under way. They are cancelled, and before the next run of the version is
planned, the vectors among their answers are indexed, and those of a language model lie where it looks: so it finds
them paid for. What it is to ask for itself is left to its plan.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from catalog_embeddings.domain.batch import CHAT, Batch, BatchReport
from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import RunHeld, RunPaused
from catalog_embeddings.inference.batches import BatchesApi
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.ask import Shard
from catalog_embeddings.pipeline.bulk import waiting_for
from catalog_embeddings.pipeline.collect_batches import BatchCollection
from catalog_embeddings.pipeline.inquiry import Inquiry
from catalog_embeddings.pipeline.record_inquiry import RecordInquiry
from catalog_embeddings.pipeline.submit_batches import UnderWay
from catalog_embeddings.pipeline.text_inquiry import TextInquiry
from catalog_embeddings.pipeline.text_vectors import TextVectors
from catalog_embeddings.postgres import batches, lake_parts, leases, run_enrichments
from catalog_embeddings.postgres.connection import Connection

log = logging.getLogger(__name__)

OpenApi = Callable[[], AbstractContextManager[BatchesApi]]


def cancel_left_over(connection: Connection, open_api: OpenApi, version: str) -> None:
    """Have nothing more sent for the runs of a version that are over, as far as the API is to be had."""
    if not (left := batches.left_over(connection, version)):
        return
    with suppress(RunPaused), open_api() as api:
        for batch in left:
            if batch.batch_id is not None:
                api.cancel(batch.batch_id)


def salvage(connection: Connection, lake: Lake, open_api: OpenApi, lease: Lease, version: EmbeddingVersion) -> None:
    """Store, and index, what batches have answered for runs of this version that are over, in the name of this one.

    Raises:
        BatchesUnderWay: some are still being cancelled.
        RunPaused: the API is not to be had.
        RunFenced: another worker has taken over.
    """
    if not (left := batches.left_over(connection, version.version)):
        return
    under_way: list[UnderWay] = []
    with open_api() as api:
        for batch in left:
            collection = BatchCollection(connection, api, _inquiry(connection, lake, lease, version, batch))
            if batch.batch_id is not None:
                report = api.get(batch.batch_id)
            elif (found := api.find(batch.intent_id, batch.intended_at)) is not None:
                report = found
            else:
                collection.forget(batch)
                continue
            if report.end is None:
                api.cancel(report.batch_id)
                under_way.append((batch, report))
            else:
                _collect(collection, batch, report)
    if under_way:
        raise waiting_for(under_way)


def _collect(collection: BatchCollection, batch: Batch, report: BatchReport) -> None:
    try:
        collection.collect(batch, report)
    except RunHeld as held:
        # A run that was held for it is over; the next must not be.
        log.warning("what batch %s has answered is lost: %s", report.batch_id, held)
        collection.forget(batch)


def _inquiry(connection: Connection, lake: Lake, lease: Lease, version: EmbeddingVersion, batch: Batch) -> Inquiry:
    if batch.endpoint == CHAT:
        # Its shard is not enriched, and its list not drawn up anew, before its batches have ended.
        [shard] = [each for each in run_enrichments.pending(connection, batch.run_id) if each.number == batch.shard]
        return RecordInquiry(connection, lake, lease, version, batch.run_id, shard)
    index = _Index(connection, lease, batch.shard)
    return TextInquiry(connection, lake, Shard(lease, version, "", batch.shard), 1, index, tuple)


class _Index:
    """Takes parts in without loading them: who is to have them is not planned yet."""

    def __init__(self, connection: Connection, lease: Lease, shard: int) -> None:
        self._connection = connection
        self._lease = lease
        self._shard = shard
        self._parts: list[StoredPart] = []

    def add(self, _texts: TextVectors, paid_now: StoredPart | None = None) -> None:
        if paid_now is not None:
            self._parts.append(paid_now)

    def flush(self) -> None:
        with self._connection.transaction():
            leases.check_fence(self._connection, self._lease)
            lake_parts.record_parts(self._connection, self._lease.run_id, self._shard, self._parts)
