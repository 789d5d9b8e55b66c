"""Embedding a shard: only what is not paid for yet is sent, and every answer is durable before anything else.

Worker threads ask the API and store the parts (``ask``); the calling thread alone speaks to the database,
indexes the parts and loads them while the workers wait for the network. On a resumed shard, parts that were
stored but not indexed are adopted first.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import groupby, islice
from operator import itemgetter

from catalog_embeddings.domain.dead_letter import Refusal
from catalog_embeddings.errors import RunHeld, ThresholdExceeded, UntrustedAnswer
from catalog_embeddings.inference.batches import BatchesApi
from catalog_embeddings.inference.client import EmbeddingsApi
from catalog_embeddings.lake.layout import parts_prefix
from catalog_embeddings.lake.parts import find_part, only, read_part
from catalog_embeddings.lake.store import Lake, ObjectMissing
from catalog_embeddings.lake.texts import read_texts
from catalog_embeddings.pipeline import bulk
from catalog_embeddings.pipeline.ask import Asker, Shard
from catalog_embeddings.pipeline.budget import Budget
from catalog_embeddings.pipeline.in_flight import in_flight
from catalog_embeddings.pipeline.load import PackageLoader
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.pipeline.request_share import RequestShare
from catalog_embeddings.pipeline.text_inquiry import TextInquiry
from catalog_embeddings.pipeline.text_vectors import TextVectors
from catalog_embeddings.postgres import dead_letters, item_embeddings, lake_parts, leases, run_plan
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.batching import Text, pack
from catalog_embeddings.transform.embeddable import EarlyStop

# Asked about in one go; a shard's texts as a whole would not fit a small machine.
_TEXTS_AT_ONCE = 2_000


def embed_shard(
    connection: Connection,
    lake: Lake,
    api: EmbeddingsApi,
    shard: Shard,
    limits: Limits,
    on_loaded: Callable[[int], None] = lambda _texts: None,
    batches_api: BatchesApi | None = None,
) -> dict[str, int]:
    """Embed and load what a shard still lacks; returns its counts by name.

    With a ``batches_api`` it goes through that, as far as possible.

    Raises:
        BatchesUnderWay: what has been answered is loaded; the rest is with the Batch API.
        RunPaused: quota, auth, an outage or the cost limit; what was paid for is kept, and the next run goes on.
        ThresholdExceeded: most of what is asked for is refused, so nothing more is spent.
        RunHeld: the planned texts are damaged in the lake.
        RunFenced: another worker has taken over.
    """
    run_id = shard.lease.run_id
    loader = PackageLoader(connection, shard.lease, shard.version, shard.number, lambda: api.spent, on_loaded)
    _adopt_parts(connection, lake, shard)
    _load_paid(connection, lake, shard, loader)
    early = EarlyStop()
    if batches_api is not None:
        planned = partial(_planned_texts, lake, shard)
        inquiry = TextInquiry(connection, lake, shard, limits.batch_size, loader, planned)
        bulk.advance(connection, batches_api, inquiry)
        # What is asked for from here on is what batches were refused: alone it would make any run look hopeless.
        early.count(run_plan.shard_counts(connection, run_id, shard.number)["embedded"], 0)
    batches = pack(_unpaid_texts(connection, lake, shard), limits.batch_size)
    asker = Asker(api, lake, shard)
    refused: list[Refusal] = []
    stop: ThresholdExceeded | RunHeld | None = None
    try:
        # Closed here and now: once this function has failed, no request of it is still under way.
        with (
            RequestShare(connection, api.gate, limits.parallelism) as share,
            Budget(connection, run_id, shard.version.spec, lambda: api.spent, batches) as budget,
            closing(in_flight(asker.ask, budget.take, api.gate, share.adjust)) as answers,
        ):
            for answered in answers:
                budget.settle(answered)
                for stored, texts in answered.parts:
                    loader.add(texts, paid_now=stored)
                refused += answered.refused
                early.count(sum(len(texts.content_hashes) for _, texts in answered.parts), len(answered.refused))
                if early.stops:
                    asker.confirm_refusals()
                    api.gate.stop(_stopped_early(shard, early))
            asker.confirm_refusals()
    except (ThresholdExceeded, RunHeld) as stopped:
        stop = stopped
    finally:
        loader.flush()
    _close(connection, shard, refused, finished=stop is None)
    if stop is not None:
        raise stop
    return run_plan.shard_counts(connection, run_id, shard.number)


def _stopped_early(shard: Shard, early: EarlyStop) -> ThresholdExceeded:
    return ThresholdExceeded(
        f"the API refused {early.refused} of the first {early.outcomes} texts of shard {shard.number}, so nothing more "
        "is spent: `catalog-embeddings dead-letters list` says why; mend the records or the version, then run again"
    )


def _adopt_parts(connection: Connection, lake: Lake, shard: Shard) -> None:
    """Index the parts that a crash left stored but unknown; a damaged one is left where it lies."""
    run_id = shard.lease.run_id
    known = lake_parts.recorded_keys(connection, run_id, shard.number)
    for key in lake.keys(parts_prefix(run_id, shard.number)):
        if key in known:
            continue
        try:
            stored = find_part(lake, key)
        except (ObjectMissing, UntrustedAnswer):
            continue
        with connection.transaction():
            leases.check_fence(connection, shard.lease)
            lake_parts.record_parts(connection, run_id, shard.number, [stored])


def _load_paid(connection: Connection, lake: Lake, shard: Shard, loader: PackageLoader) -> None:
    """Load the texts that were paid for before, by this run or another; forget parts that are gone or damaged."""
    paid = run_plan.paid_texts(connection, shard.lease.run_id, shard.number)
    for part_key, texts in groupby(paid, key=itemgetter(1)):
        wanted = {content_hash for content_hash, _ in texts}
        try:
            loader.add(TextVectors.of(only(read_part(lake, part_key), wanted)))
        except (ObjectMissing, UntrustedAnswer):
            with connection.transaction():
                leases.check_fence(connection, shard.lease)
                item_embeddings.declare_version(connection, shard.version)
                item_embeddings.mistrust_part(connection, shard.version.version, part_key)
                lake_parts.forget_part(connection, part_key)
    loader.flush()


def _unpaid_texts(connection: Connection, lake: Lake, shard: Shard) -> Iterator[Text]:
    texts = _planned_texts(lake, shard)
    while some := list(islice(texts, _TEXTS_AT_ONCE)):
        hashes = [text.content_hash for text in some]
        unpaid = run_plan.unpaid_among(connection, shard.lease.run_id, hashes)
        yield from (text for text in some if text.content_hash in unpaid)


def _planned_texts(lake: Lake, shard: Shard) -> Iterator[Text]:
    try:
        yield from read_texts(lake, shard.plan_id, shard.number)
    except (ObjectMissing, UntrustedAnswer) as error:
        raise RunHeld(f"the frozen plan cannot be read ({error}): run again, and the rest is planned anew") from error


def _close(connection: Connection, shard: Shard, refused: list[Refusal], *, finished: bool) -> None:
    """What was refused becomes dead letters, and with them the shard is done, unless it was stopped early."""
    run_id = shard.lease.run_id
    with connection.transaction():
        leases.check_fence(connection, shard.lease)
        dead_letters.add_for_contents(connection, run_id, shard.version.version, refused)
        run_plan.settle_texts(connection, run_id, [refusal.content_hash for refusal in refused], "dead")
        if finished:
            run_plan.mark_shard_loaded(connection, run_id, shard.number)
