"""Embedding a shard: only what is not paid for yet is sent, and every answer is durable before anything else.

Worker threads ask the API and store the parts; the calling thread alone speaks to the database, indexes the
parts and loads them while the workers wait for the network. On a resumed shard, parts that were stored but not
indexed are adopted first.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby, islice
from operator import itemgetter

import numpy as np

from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import RequestRefused, UntrustedAnswer
from catalog_embeddings.inference.client import EmbeddingsApi
from catalog_embeddings.lake.layout import parts_prefix
from catalog_embeddings.lake.parts import Part, find_part, read_part, store_part
from catalog_embeddings.lake.store import Lake, ObjectMissing
from catalog_embeddings.lake.texts import read_texts
from catalog_embeddings.pipeline.load import PackageLoader
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.postgres import dead_letters, lake_parts, leases, run_plan
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.batching import Text, pack

# Batches handed to the pool beyond those in flight, so that no worker waits while a package is loaded.
_READY_BATCHES = 10

# Asked about in one go; a shard's texts as a whole would not fit a small machine.
_TEXTS_AT_ONCE = 2_000

# So many single inputs refused alike and in a row are more likely the system's fault than their own.
_SUSPICIOUS_REFUSALS = 3


@dataclass(frozen=True)
class Shard:
    """A shard of a frozen plan, and the lease under which it is worked on."""

    lease: Lease
    version: EmbeddingVersion
    plan_id: str
    number: int


@dataclass(frozen=True)
class Answered:
    """What came of one batch: parts that are in the lake, and texts the API refuses, with its code."""

    parts: tuple[tuple[StoredPart, Part], ...] = ()
    refused: tuple[tuple[bytes, str], ...] = ()


def embed_shard(
    connection: Connection,
    lake: Lake,
    api: EmbeddingsApi,
    shard: Shard,
    limits: Limits,
    on_loaded: Callable[[int], None] = lambda _texts: None,
) -> dict[str, int]:
    """Embed and load what a shard still lacks; returns its counts by name.

    Raises:
        RunPaused: quota, auth or an outage; what was paid for is kept, and the next run goes on from there.
        RunFenced: another worker has taken over.
    """
    run_id = shard.lease.run_id
    loader = PackageLoader(connection, shard.lease, shard.version, shard.number, lambda: api.spent, on_loaded)
    _adopt_parts(connection, lake, run_id, shard.number)
    _load_paid(connection, lake, shard, loader)
    batches = pack(_unpaid_texts(connection, lake, shard), limits.batch_size)
    asker = _Asker(api, lake, shard)
    refused: list[tuple[bytes, str]] = []
    try:
        # Closed here and now: once this function has failed, no request of it is still under way.
        with closing(_answers(asker, batches, limits.parallelism)) as answers:
            for answered in answers:
                for stored, part in answered.parts:
                    loader.add(part, paid_now=stored)
                refused += answered.refused
        asker.confirm_refusals()
    finally:
        loader.flush()
    _bury(connection, shard, refused)
    run_plan.mark_shard_loaded(connection, run_id, shard.number)
    return run_plan.shard_counts(connection, run_id, shard.number)


def _adopt_parts(connection: Connection, lake: Lake, run_id: str, shard: int) -> None:
    """Index the parts that a crash left stored but unknown; a damaged one is left where it lies."""
    known = lake_parts.recorded_keys(connection, run_id, shard)
    for key in lake.keys(parts_prefix(run_id, shard)):
        if key in known:
            continue
        try:
            stored = find_part(lake, key)
        except UntrustedAnswer:
            continue
        lake_parts.record_part(connection, run_id, shard, stored)


def _load_paid(connection: Connection, lake: Lake, shard: Shard, loader: PackageLoader) -> None:
    """Load the texts that were paid for before, by this run or another; forget parts that are gone or damaged."""
    paid = run_plan.paid_texts(connection, shard.lease.run_id, shard.number)
    for part_key, texts in groupby(paid, key=itemgetter(1)):
        wanted = {content_hash for content_hash, _ in texts}
        try:
            loader.add(_only(read_part(lake, part_key), wanted))
        except (ObjectMissing, UntrustedAnswer):
            lake_parts.forget_part(connection, part_key)
    loader.flush()


def _unpaid_texts(connection: Connection, lake: Lake, shard: Shard) -> Iterator[Text]:
    texts = read_texts(lake, shard.plan_id, shard.number)
    while some := list(islice(texts, _TEXTS_AT_ONCE)):
        hashes = [text.content_hash for text in some]
        unpaid = run_plan.unpaid_among(connection, shard.lease.run_id, hashes)
        yield from (text for text in some if text.content_hash in unpaid)


def _only(part: Part, wanted: set[bytes]) -> Part:
    keep = np.array([content_hash in wanted for content_hash in part.content_hashes])
    if keep.all():
        return part
    chunks = keep[part.owners]
    return Part(
        content_hashes=[each for each, kept in zip(part.content_hashes, keep, strict=True) if kept],
        owners=(np.cumsum(keep) - 1)[part.owners[chunks]],
        weights=part.weights[chunks],
        vectors=part.vectors[chunks],
    )


def _bury(connection: Connection, shard: Shard, refused: Iterable[tuple[bytes, str]]) -> None:
    for content_hash, code in refused:
        with connection.transaction():
            leases.check_fence(connection, shard.lease)
            dead_letters.add_for_content(connection, shard.lease.run_id, shard.version.version, content_hash, code)
            run_plan.settle_texts(connection, shard.lease.run_id, [content_hash], "dead")


def _answers(asker: "_Asker", batches: Iterator[list[Text]], parallelism: int) -> Generator[Answered]:
    """Answers as they come, ``parallelism`` requests in flight. After an error what is in flight is still taken in."""
    failure: BaseException | None = None
    running: set[Future[Answered]] = set()
    pool = ThreadPoolExecutor(parallelism, thread_name_prefix="embed")
    try:
        while True:
            if failure is None:
                room = parallelism + _READY_BATCHES - len(running)
                running |= {pool.submit(asker.ask, batch) for batch in islice(batches, room)}
            if not running:
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                if (error := future.exception()) is None:
                    yield future.result()
                elif failure is None:
                    failure = error
                    # What has not been sent yet is not sent any more.
                    running = {waiting for waiting in running if not waiting.cancel()}
    finally:
        pool.shutdown(cancel_futures=True)
    if failure is not None:
        raise failure


class _Asker:
    """Asks the API for one batch and stores the answer; a refused batch is halved until the culprit is alone.

    A refusal is believed once the API has since answered something, be it a plain sentence.
    """

    def __init__(self, api: EmbeddingsApi, lake: Lake, shard: Shard) -> None:
        self._api = api
        self._lake = lake
        self._shard = shard
        self._refused_in_a_row: list[str] = []

    def ask(self, batch: list[Text]) -> Answered:
        try:
            answer = self._api.embed([chunk for text in batch for chunk in text.chunks])
        except RequestRefused as refused:
            if len(batch) == 1:
                return self._refuse(batch[0], refused)
            middle = len(batch) // 2
            first, second = self.ask(batch[:middle]), self.ask(batch[middle:])
            return replace(first, parts=first.parts + second.parts, refused=first.refused + second.refused)
        self._refused_in_a_row.clear()
        part = Part(
            content_hashes=[text.content_hash for text in batch],
            owners=np.repeat(np.arange(len(batch)), [len(text.chunks) for text in batch]),
            weights=np.array([size for text in batch for size in text.sizes], dtype=np.int64),
            vectors=answer.vectors,
        )
        stored = store_part(self._lake, self._shard.lease.run_id, self._shard.number, part)
        return Answered(parts=((stored, part),))

    def confirm_refusals(self) -> None:
        """Make sure that the API answers at all, if the last inputs were refused.

        Raises:
            RunPaused: it does not; no item is to blame.
        """
        if self._refused_in_a_row:
            self._api.check_canary()
            self._refused_in_a_row.clear()

    def _refuse(self, text: Text, refused: RequestRefused) -> Answered:
        self._refused_in_a_row.append(refused.code)
        if self._refused_in_a_row[-_SUSPICIOUS_REFUSALS:] == [refused.code] * _SUSPICIOUS_REFUSALS:
            self.confirm_refusals()
        return Answered(refused=((text.content_hash, refused.code),))
