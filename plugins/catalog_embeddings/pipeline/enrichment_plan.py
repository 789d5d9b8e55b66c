"""Planning an enrichment: which records a language model is to be asked about, and what that will cost.

The list is fixed in the lake, shard by shard, before the first call. A run that is cut off before its plan is frozen
draws up another: what was answered by then is stored, and found by the record itself.
"""

import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import psycopg

from catalog_embeddings.domain.plan import EnrichmentPlan
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.lake.worklists import Wanted, store_worklist
from catalog_embeddings.pipeline.ask_chat import message_bytes
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.pipeline.rendering import Renderer
from catalog_embeddings.postgres import item_enrichments, leases, run_enrichments, run_plan, version_slices
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_enrichments import EnrichmentShard
from catalog_embeddings.postgres.run_plan import ChangedItem
from catalog_embeddings.transform.batching import shard_size
from catalog_embeddings.transform.enrichment_cost import SECONDS_PER_CALL, expected
from catalog_embeddings.transform.enrichment_templates import load_enrichment
from catalog_embeddings.transform.pricing import batch_chat_price, chat_price

# No more than a shard holds at least, or shards would be cut no finer than this.
_ROWS_AT_ONCE = 500


def plan_enrichment(
    connection: Connection,
    lake: Lake,
    lease: Lease,
    version: EmbeddingVersion,
    limits: Limits,
    asked: Slice | None = None,
) -> EnrichmentPlan:
    """Fix what the run will ask for; returns what to expect of it. Nothing is sent.

    Raises:
        RunFenced: another worker has taken over.
        ServerFailed: the lake did not take the list.
    """
    with connection.transaction():
        leases.check_fence(connection, lease)
        worklist = _Worklist(connection, version, limits, lake, lease.run_id)
        planned = worklist.draw_up(asked)
        run_enrichments.set_worklist(connection, lease.run_id, worklist.shards, asdict(planned))
    return planned


def preview_enrichment(
    connection: Connection, version: EmbeddingVersion, limits: Limits, asked: Slice | None = None
) -> EnrichmentPlan:
    """What a run would ask for now; nothing is kept."""
    with connection.transaction():
        planned = _Worklist(connection, version, limits).draw_up(asked)
        raise psycopg.Rollback
    return planned


@dataclass
class _Worklist:
    """A list in the making: what has been counted so far, and the shard that is being filled."""

    connection: Connection
    version: EmbeddingVersion
    limits: Limits
    lake: Lake | None = None
    run_id: str = ""
    shards: list[EnrichmentShard] = field(default_factory=list)
    items: int = 0
    records: int = 0
    reusable: int = 0
    request_bytes: int = 0
    files: int = 0
    shard_records: int = 0

    def __post_init__(self) -> None:
        # A list that was rolled back may have left files: a new attempt writes beside them, not over them.
        self.worklist_id = uuid.uuid4().hex[:8]
        self.renderer = Renderer(self.version.spec)
        self.template = load_enrichment(self.version.spec.enrichment or "")

    def draw_up(self, asked: Slice | None) -> EnrichmentPlan:
        """Go through the changed items of the slice, and list each record that nobody has been asked about."""
        counts = run_plan.change_counts(self.connection, self.version.version)
        size = shard_size(counts.new + counts.changed, 1, self.limits.parallelism, SECONDS_PER_CALL)
        run_enrichments.begin_worklist(self.connection)
        within = asked or version_slices.find_slice(self.connection, self.version.version)
        for items in run_plan.changed_items(self.connection, self.version.version, within, _ROWS_AT_ONCE):
            self._add(list(self._wanted(items)))
            if self.shard_records >= size:
                self._close_shard()
        self._close_shard()
        return self._plan()

    def _wanted(self, items: list[ChangedItem]) -> Iterator[Wanted]:
        for changed in items:
            if (wanted := self.renderer.wanted(changed)) is not None:
                self.items += 1
                yield wanted

    def _add(self, wanted: list[Wanted]) -> None:
        distinct = {each.record_hash: each for each in wanted}
        new = run_enrichments.add_wanted(self.connection, self.version.spec, list(distinct))
        self.records += len(new)
        self.reusable += sum(new.values())
        # In the order they were read, so that a list drawn up twice of the same catalog is the same.
        listed = [each for record_hash, each in distinct.items() if new.get(record_hash) is False]
        self.request_bytes += sum(message_bytes(self.template, each.record) for each in listed)
        if listed and self.lake is not None:
            number = len(self.shards)
            store_worklist(self.lake, self.run_id, self.worklist_id, number, self.files, listed)
        self.files += 1
        self.shard_records += len(listed)

    def _close_shard(self) -> None:
        if self.shard_records:
            self.shards.append(EnrichmentShard(len(self.shards), self.worklist_id, self.shard_records))
        self.shard_records = 0

    def _plan(self) -> EnrichmentPlan:
        spec = self.version.spec
        model = spec.enrichment_model or ""
        billed = item_enrichments.measured(self.connection, spec)
        calls = self.records - self.reusable
        price = chat_price(model)
        first_price = batch_chat_price(spec) if self.limits.via == "batch-api" else price
        cost = expected(self.request_bytes, calls, self.template.max_tokens, billed, price, first_price)
        return EnrichmentPlan(
            enrichment=self.template.name,
            model=model,
            items=self.items,
            records=self.records,
            reusable=self.reusable,
            calls=cost.calls,
            tokens=cost.tokens,
            price_usd=cost.price_usd,
            seconds=round(self.limits.seconds(calls, cost.tokens, SECONDS_PER_CALL), 1),
            scrubbed=dict(self.renderer.scrubbed),
        )
