"""Planning: the change set is frozen, its texts rendered, its price known, before the first call is made.

One transaction writes the whole plan, so there is either a plan or none. A plan that is only looked at is the
same work rolled back.
"""

import math
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

import psycopg

from catalog_embeddings.domain.batch import Via
from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.domain.plan import EnrichmentPlan, Plan
from catalog_embeddings.domain.slice import BUCKETS, Slice
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import ConfigurationError, ItemRefused
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.lake.texts import store_texts
from catalog_embeddings.pipeline.rendering import Renderer
from catalog_embeddings.postgres import dead_letters, item_enrichments, run_plan, runs, spend, version_slices
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_plan import ChangeCounts, ChangedItem, PlannedItem
from catalog_embeddings.transform.batching import RequestCounter, Text, shard_size
from catalog_embeddings.transform.pricing import (
    batch_price,
    bytes_in_lake,
    bytes_in_postgres,
    price_of,
    token_ratio,
    tokens_expected,
)

_ROWS_AT_ONCE = 2_000

# As long as what is asked for: about sixty words, a few tags and use cases.
_UNWRITTEN = Draft("w" * 380, ("w" * 12,) * 5, ("w" * 30,) * 3)

# What a request is assumed to take until it is measured: OpenAI's embeddings answer within about a second.
_SECONDS_PER_REQUEST = 1.0


@dataclass(frozen=True)
class Limits:
    """What bounds a run: texts in a request, requests in flight, the most it may cost in US dollars.

    ``requests_per_minute`` and ``tokens_per_minute`` are None where only the server knows them. ``via``
    decides the price.
    """

    batch_size: int
    parallelism: int
    max_cost_usd: float | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    via: Via = "api"

    def seconds(self, requests: int, tokens: int, seconds_per_request: float = _SECONDS_PER_REQUEST) -> float:
        """How long so much takes at the least."""
        return max(
            requests / self.parallelism * seconds_per_request,
            60 * requests / (self.requests_per_minute or math.inf),
            60 * tokens / (self.tokens_per_minute or math.inf),
        )


def make_plan(
    connection: Connection,
    lake: Lake,
    run_id: str,
    version: EmbeddingVersion,
    limits: Limits,
    asked: Slice | None = None,
    enrichment: EnrichmentPlan | None = None,
) -> Plan:
    """Freeze what the run will do; a slice that is ``asked`` for is the version's from now on.

    ``enrichment`` is what was expected of the enrichment that has gone before.

    Raises:
        ConfigurationError: it would cost more than ``max_cost_usd``; nothing was frozen.
    """
    with connection.transaction():
        draft = _Draft(connection, lake, run_id, version, limits, asked, enrichment)
        plan = draft.write()
        spent = spend.open_account(connection, run_id).spent
        refuse_price(plan, limits.max_cost_usd, limits.via, spent=spent, enriched=True)
        runs.freeze(connection, run_id, draft.plan_id, plan.as_json())
        if asked is not None:
            version_slices.set_slice(connection, version.version, asked)
        if limits.max_cost_usd is not None:
            spend.set_limit(connection, run_id, Decimal(str(limits.max_cost_usd)))
    return plan


def preview_plan(
    connection: Connection,
    version: EmbeddingVersion,
    limits: Limits,
    asked: Slice | None = None,
    enrichment: EnrichmentPlan | None = None,
) -> Plan:
    """What a run would do now; nothing is kept. Texts whose enrichment is not written yet are guessed at."""
    run_id = f"preview-{uuid.uuid4().hex}"
    with connection.transaction():
        runs.open_run(connection, run_id, version.version, "preview")
        plan = _Draft(connection, None, run_id, version, limits, asked, enrichment).write()
        raise psycopg.Rollback
    return plan


def is_counted(connection: Connection, version: EmbeddingVersion, asked: Slice | None) -> bool:
    """Whether dbt looked last at what a plan is to be made of; a person may have looked at another slice since."""
    counts = run_plan.change_counts(connection, version.version)
    wanted = _proper(asked or version_slices.find_slice(connection, version.version))
    looked_at = (counts.slice_buckets, counts.slice_salt)
    return looked_at == ((wanted.buckets, wanted.salt) if wanted else (None, None))


def _proper(within: Slice | None) -> Slice | None:
    """The slice, None where it is the whole catalog."""
    return None if within is None or within.buckets == BUCKETS else within


def refuse_price(
    plan: Plan, max_cost_usd: float | None, via: Via = "api", *, spent: Decimal = Decimal(0), enriched: bool = False
) -> None:
    """Hold the high estimates against the most a run may cost, of which it has ``spent`` some.

    ``via`` decides the price of the embeddings; where the run is ``enriched`` that is all it will still cost.

    Raises:
        ConfigurationError: it may cost more, or a price is unknown.
    """
    if max_cost_usd is None:
        return
    embeddings = plan.price_batch_usd if via == "batch-api" else plan.price_usd
    prices = [embeddings] if plan.requests else []
    if plan.enrichment is not None and plan.enrichment.calls and not enriched:
        prices.append(plan.enrichment.price_usd)
    if any(price.high is None for price in prices):
        raise ConfigurationError(
            f"the price of version {plan.version}'s model is unknown, so a limit of {max_cost_usd} USD cannot be kept"
        )
    high = float(spent) + sum(price.high or 0.0 for price in prices)
    if prices and high > max_cost_usd:
        raise ConfigurationError(
            f"the plan may cost up to {high:.2g} USD, more than the limit of {max_cost_usd} USD; "
            f"nothing{' more' if spent else ''} was sent: raise the limit, or embed less"
        )


@dataclass
class _Draft:
    """A plan in the making: what has been counted so far, and the shard that is being filled."""

    connection: Connection
    lake: Lake | None
    run_id: str
    version: EmbeddingVersion
    limits: Limits
    asked: Slice | None
    enrichment: EnrichmentPlan | None
    plan_id: str = field(init=False)
    shard: int = 0
    files: int = 0
    shard_texts: int = 0
    texts: int = 0
    reusable: int = 0
    refused: int = 0
    left: int = 0

    def __post_init__(self) -> None:
        # A plan that was rolled back may have left files: a new attempt writes beside them, not over them.
        self.plan_id = f"{self.run_id}-{uuid.uuid4().hex[:8]}"
        self.renderer = Renderer(self.version.spec)
        self.requests = RequestCounter(self.limits.batch_size)
        self.slice = _proper(self.asked or version_slices.find_slice(self.connection, self.version.version))

    def write(self) -> Plan:
        """Write every line of the plan and add it up."""
        counts = run_plan.change_counts(self.connection, self.version.version)
        size = shard_size(
            counts.new + counts.changed, self.limits.batch_size, self.limits.parallelism, _SECONDS_PER_REQUEST
        )
        run_plan.add_deleted(self.connection, self.run_id, self.version.version)
        for items in run_plan.changed_items(self.connection, self.version.version, self.slice, _ROWS_AT_ONCE):
            self._add(items)
            if self.shard_texts >= size:
                self._close_shard()
        self._close_shard()
        run_plan.analyze(self.connection)
        return self._plan(counts)

    def _add(self, items: list[ChangedItem]) -> None:
        texts: dict[bytes, Text] = {}
        refused: list[tuple[ChangedItem, ItemRefused]] = []
        run_plan.add_items(self.connection, self.run_id, self._lines(self._with_drafts(items), texts, refused))
        dead_letters.add_planned(self.connection, self.run_id, self.version.version, refused)
        self.refused += len(refused)
        new = run_plan.add_texts(self.connection, self.run_id, self.shard, list(texts))
        # In the order they were read, so that a plan made twice of the same catalog is the same.
        added = [text for text in texts.values() if text.content_hash in new]
        for text in added:
            if new[text.content_hash]:
                self.reusable += 1
            else:
                self.requests.add(text)
        self.shard_texts += len(added)
        if added and self.lake is not None:
            store_texts(self.lake, self.plan_id, self.shard, self.files, added)
        self.files += 1

    def _lines(
        self,
        items: list[tuple[ChangedItem, Draft | None]],
        texts: dict[bytes, Text],
        refused: list[tuple[ChangedItem, ItemRefused]],
    ) -> Iterator[PlannedItem]:
        """Each item's line of the plan; takes down the ``texts`` it renders, and which items were ``refused``."""
        for changed, draft in items:
            try:
                text = self.renderer.render(changed, draft)
            except ItemRefused as refusal:
                refused.append((changed, refusal))
                yield PlannedItem(changed, None)
            else:
                texts[text.content_hash] = text
                yield PlannedItem(changed, text.content_hash)

    def _with_drafts(self, items: list[ChangedItem]) -> list[tuple[ChangedItem, Draft | None]]:
        """Each item with what was written of it, None where there is nothing; not those that are still to be written.

        Such there are where the source changed after the enrichment was planned. A plan that is only looked at takes
        something of about the length.
        """
        wanted = [self.renderer.wanted(changed) for changed in items]
        hashes = {each.record_hash for each in wanted if each is not None}
        stored = item_enrichments.find_drafts(self.connection, self.version.spec, list(hashes)) if hashes else {}
        if self.lake is None:
            stored = {record_hash: stored.get(record_hash, _UNWRITTEN) for record_hash in hashes}
        written = [
            (changed, None if each is None else stored[each.record_hash])
            for changed, each in zip(items, wanted, strict=True)
            if each is None or each.record_hash in stored
        ]
        self.left += len(items) - len(written)
        return written

    def _close_shard(self) -> None:
        if self.shard_texts:
            run_plan.add_shard(self.connection, self.run_id, self.shard, self.shard_texts)
            self.texts += self.shard_texts
            self.shard += 1
        self.shard_texts = 0
        self.requests.close_shard()

    def _plan(self, counts: ChangeCounts) -> Plan:
        spec = self.version.spec
        ratio = token_ratio(*spend.measured_tokens(self.connection, spec))
        to_pay = self.requests
        tokens = tokens_expected(to_pay.bytes, ratio)
        price = price_of(to_pay.bytes, spec, ratio, largest_request=to_pay.largest)
        return Plan(
            version=self.version.version,
            slice=str(self.slice or "100%"),
            new=counts.new,
            changed=counts.changed,
            unchanged=counts.unchanged,
            deleted=counts.deleted,
            refused=self.refused,
            known_dead=counts.refused,
            distinct_texts=self.texts,
            reusable=self.reusable,
            requests=to_pay.requests,
            tokens=tokens,
            price_usd=price,
            price_batch_usd=batch_price(price, spec),
            seconds=round(self.limits.seconds(to_pay.requests, tokens), 1),
            bytes_postgres=bytes_in_postgres(counts.new, spec.dims),
            bytes_lake=bytes_in_lake(to_pay.chunks, to_pay.bytes, counts.new + counts.changed, spec.dims),
            shards=self.shard,
            enrichment=self.enrichment and replace(self.enrichment, left=self.left),
        )
