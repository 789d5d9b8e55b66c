"""The enrichment of a version's records, wired from the environment: a stage of a run, before its plan."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from decimal import Decimal

from catalog_embeddings.bootstrap.platform import Platform, open_platform
from catalog_embeddings.domain.plan import Plan
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.sample import SampledItem, SamplePrice
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import BatchesUnderWay, ConfigurationError, InputError, RunPaused
from catalog_embeddings.pipeline import bulk, enrich, enrichment_plan, plan, recheck, register
from catalog_embeddings.pipeline.recheck import Rechecked
from catalog_embeddings.pipeline.record_inquiry import RecordInquiry
from catalog_embeddings.pipeline.sample_enrichment import Sample
from catalog_embeddings.postgres import batches, embedding_versions, leases, run_enrichments, runs, spend
from catalog_embeddings.postgres.runs import Run

log = logging.getLogger(__name__)


def preview(platform: Platform, version: EmbeddingVersion, asked: Slice | None) -> Plan:
    """What a run would do now, its enrichment included; dbt has looked at the slice already."""
    connection, limits = platform.connection, platform.limits()
    expected = None
    if version.spec.enrichment is not None:
        expected = enrichment_plan.preview_enrichment(connection, version, limits, asked)
    return plan.preview_plan(connection, version, limits, asked, expected)


def recheck_answers(platform: Platform, lease: Lease) -> None:
    """Where the guards have changed since, judge again what is stored, before dbt looks for what is to be made anew."""
    version = embedding_versions.find_version(platform.connection, lease.version)
    if version.spec.enrichment is not None:
        done = recheck.recheck(platform.connection, platform.lake, version)
        if done != Rechecked():
            log.info("enrichments of version %s were checked again: %s", lease.version, done)


def plan_enrichment(
    platform: Platform, lease: Lease, version: EmbeddingVersion, found: Run, max_cost_usd: float | None
) -> list[int]:
    """Fix which records a language model is asked about; returns the shards to enrich.

    A list that batches are under way for stays as it is: their answers are told apart by its shards.

    Raises:
        ConfigurationError: the whole run may cost more than the limit; nothing was sent.
    """
    connection = platform.connection
    if batches.any_open(connection, lease.run_id):
        if max_cost_usd is not None:
            spend.set_limit(connection, lease.run_id, Decimal(str(max_cost_usd)))
        return [shard.number for shard in run_enrichments.pending(connection, lease.run_id)]
    limits = platform.limits(max_cost_usd, found.via)
    expected = enrichment_plan.plan_enrichment(connection, platform.lake, lease, version, limits, found.asked)
    log.info("the enrichment of run %s: %s", lease.run_id, expected)
    if max_cost_usd is not None:
        whole = plan.preview_plan(connection, version, limits, found.asked, expected)
        spent = spend.open_account(connection, lease.run_id).spent
        plan.refuse_price(whole, max_cost_usd, limits.via, spent=spent)
        spend.set_limit(connection, lease.run_id, Decimal(str(max_cost_usd)))
    return [shard.number for shard in run_enrichments.pending(connection, lease.run_id)]


def enrich_shards(
    platform: Platform, lease: Lease, shards: list[int], on_enriched: Callable[[int], None] = lambda _records: None
) -> list[dict[str, int]]:
    """Enrich these shards one after another; returns the counts of each by verdict.

    Raises:
        BatchesUnderWay: some of them wait for the Batch API, the others are enriched.
    """
    connection, lake = platform.connection, platform.lake
    pending = {shard.number: shard for shard in run_enrichments.pending(connection, lease.run_id)}
    wanted = [pending[number] for number in shards if number in pending]
    if not wanted:
        return []
    version = embedding_versions.find_version(connection, lease.version)
    found = runs.find_run(connection, lease.run_id)
    counts = []
    waiting: BatchesUnderWay | None = None
    # Where the run was stopped before, one request finds out whether the reason is gone.
    with (
        platform.chat_api(version, cautious=found.error is not None) as api,
        platform.batches_api() if found.via == "batch-api" else nullcontext() as batches_api,
    ):
        for shard in wanted:
            try:
                if batches_api is not None:
                    inquiry = RecordInquiry(connection, lake, lease, version, lease.run_id, shard)
                    bulk.advance(connection, batches_api, inquiry)
            except BatchesUnderWay as under_way:
                waiting = waiting + under_way if waiting else under_way
                continue
            counts.append(
                enrich.enrich_shard(connection, lake, api, lease, version, shard, platform.limits(), on_enriched)
            )
            log.info("enrichment shard %d of run %s: %s", shard.number, lease.run_id, counts[-1])
    if waiting is not None:
        # Where somebody looks who wonders what the run is doing.
        runs.set_state(connection, lease.run_id, found.state, str(waiting))
        raise waiting
    return counts


def require_enriched(platform: Platform, run: Run, version: EmbeddingVersion) -> None:
    """Refuse to plan what is still to be enriched.

    Raises:
        ConfigurationError: the enrichment was left out.
        RunPaused: a part of it is left to do; the next run takes it up.
    """
    if version.spec.enrichment is None:
        return
    if run.enrichment is None:
        raise ConfigurationError(f"run {run.run_id} is not enriched: its enrichment has to be planned before its texts")
    if pending := run_enrichments.pending(platform.connection, run.run_id):
        raise RunPaused(
            f"{len(pending)} shards of run {run.run_id} are not enriched: {run.error or 'a step of it has failed'}"
        )


def sample_enrichment(
    size: int,
    version: str | None = None,
    enrichment: str | None = None,
    model: str = register.DEFAULT_ENRICHMENT_MODEL,
    *,
    ask: bool,
    on_price: Callable[[SamplePrice], None] = lambda _price: None,
) -> tuple[SamplePrice, list[SampledItem]]:
    """Try an enrichment, that of a version or one by its name, on some items; without ``ask`` only the price is said.

    Raises:
        InputError: there is no such version, it has no enrichment, or the catalog has nothing to write about.
        RunPaused: quota, auth or an outage; what was answered is kept.
    """
    with open_platform() as platform:
        chosen = _enriched_version(platform, version, enrichment, model)
        sample = Sample(platform.connection, platform.lake, chosen.spec, size)
        price = sample.price()
        on_price(price)
        if not ask:
            return price, []
        with platform.chat_api(chosen) as api:
            return price, sample.ask(api, platform.settings.parallelism)


def recheck_version(version: str | None = None) -> Rechecked:
    """Judge again what is stored for the enrichment of a version by the guards of this release, without one call.

    Raises:
        InputError: there is no such version, or it has no enrichment.
        RunLocked: a run works on the version.
    """
    with open_platform() as platform:
        chosen = _enriched_version(platform, version, None, "")
        with leases.hold_idle(platform.connection, chosen.version):
            return recheck.recheck(platform.connection, platform.lake, chosen)


def _enriched_version(platform: Platform, version: str | None, enrichment: str | None, model: str) -> EmbeddingVersion:
    """The version that is meant; for an enrichment that no version ships yet, one that was never registered."""
    if enrichment is not None:
        provider = platform.identify_provider()
        spec = register.text_spec(
            provider, template=register.enriched_template(), enrichment=enrichment, enrichment_model=model
        )
        return EmbeddingVersion("none yet", spec, "", "building")
    chosen = register.choose_version(platform.connection, version, platform.identify_provider)
    if chosen.spec.enrichment is None:
        raise InputError(
            f"version {chosen.version} has no enrichment: name one with --enrichment, or another --version"
        )
    return chosen
