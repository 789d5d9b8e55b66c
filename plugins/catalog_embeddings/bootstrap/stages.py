"""The stages of a run, each under a lease that somebody else holds: what ``steps`` and ``whole_run`` are made of."""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg

from catalog_embeddings.bootstrap import enriching
from catalog_embeddings.bootstrap.dropping import remove_due_files
from catalog_embeddings.bootstrap.indexing import make_way
from catalog_embeddings.bootstrap.platform import Platform
from catalog_embeddings.dbt.build import ModelStatus
from catalog_embeddings.domain.batch import Via
from catalog_embeddings.domain.plan import EnrichmentPlan
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import (
    BatchesUnderWay,
    CatalogEmbeddingsError,
    ConfigurationError,
    Permanent,
    RunFenced,
    RunPaused,
)
from catalog_embeddings.pipeline import alert, bulk, embed, extract, finish, plan, register, salvage_batches
from catalog_embeddings.pipeline.ask import Shard
from catalog_embeddings.postgres import embedding_versions, leases, runs, spend
from catalog_embeddings.postgres.connection import Connection, explained
from catalog_embeddings.postgres.version_slices import trying

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunObserver:
    """What a door is told while a run goes on in its process."""

    on_model: Callable[[str, str, float], None] = lambda _name, _status, _seconds: None
    on_enrichment: Callable[[dict[str, Any]], None] = lambda _expected: None
    on_enriched: Callable[[int], None] = lambda _records: None
    on_plan: Callable[[dict[str, Any]], None] = lambda _plan: None
    on_loaded: Callable[[int], None] = lambda _texts: None
    on_waiting: Callable[[BatchesUnderWay], None] = lambda _batches: None


@contextmanager
def recorded(connection: Connection, lease: Lease) -> Iterator[None]:
    """What stops a run is written beside it, for the person who looks in the morning."""
    try:
        with explained():
            yield
    except BatchesUnderWay:
        # Nothing has stopped it.
        raise
    except Exception as error:
        # A server that is down or has no room does not take this either; the error itself says enough.
        with suppress(psycopg.Error):
            _record(connection, lease, error)
        raise


def _record(connection: Connection, lease: Lease, error: Exception) -> None:
    found = runs.find_run(connection, lease.run_id)
    if not found.over:
        state = "paused" if isinstance(error, RunPaused) and found.plan_id else found.state
        # Our own sentences hold no catalog text; a driver's or a library's may quote a value.
        said = f": {error}" if isinstance(error, CatalogEmbeddingsError) else ""
        runs.set_state(connection, lease.run_id, state, f"{type(error).__name__}{said}")
    leases.renew(connection, lease, 0.0)


def start(
    platform: Platform,
    chosen: EmbeddingVersion,
    started_by: str,
    gap_seconds: float,
    asked: Slice | None,
    via: Via | None = None,
) -> Lease:
    """Take a version's lease for a run that is begun, or the one that was left unfinished.

    ``via`` is how it asks the API from now on; absent, as it did, or each request by itself.

    Raises:
        RunLocked: another run works on the version.
        InputError: the run left unfinished was planned for another slice, or has batches under way.
    """
    platform.settings.require_endpoint()
    # Asked before anything is begun: what cannot end well costs nothing then.
    register.check_reproducible(chosen, platform.identify_provider())
    platform.lake.probe()
    with platform.connection.transaction():
        left = runs.unfinished_run(platform.connection, chosen.version)
        run_id = left or f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        if left is None:
            runs.open_run(platform.connection, run_id, chosen.version, started_by)
        found = runs.find_run(platform.connection, run_id)
        register.check_resumable(platform.connection, found, asked)
        bulk.choose_via(platform.connection, found, via)
        runs.ask_slice(platform.connection, run_id, asked)
        lease = leases.take(platform.connection, chosen.version, run_id, started_by, gap_seconds)
    log.info("run %s of version %s %s", run_id, chosen.version, "is taken up again" if left else "begins")
    alert.send_pending_alerts(platform.connection, platform.post_alert())
    return lease


def find_changes(platform: Platform, lease: Lease, observer: RunObserver | None = None) -> dict[str, int]:
    """One dbt build, unless the run's plan is frozen already; returns the number of models by status."""
    found = runs.find_run(platform.connection, lease.run_id)
    if found.plan_id is not None:
        log.info("the plan of run %s is frozen already: the source is not asked again", lease.run_id)
        return {}
    watching = observer or RunObserver()
    counts: dict[str, int] = {}
    enriching.recheck_answers(platform, lease)
    for status in build(platform, lease.version, found.asked):
        log.info("dbt %s %s: %s in %.2f s", status.kind, status.name, status.status, status.seconds)
        if status.kind == "model":
            watching.on_model(status.name, status.status, status.seconds)
        counts[status.status] = counts.get(status.status, 0) + 1
    return counts


def build(platform: Platform, version: str, asked: Slice | None) -> list[ModelStatus]:
    """Let dbt find what has changed; where a slice is ``asked`` for, it looks at the version in that one."""
    address = platform.database_url if asked is None else trying(platform.database_url, version, asked)
    target = platform.settings.state_directory.resolve() / "dbt"
    return extract.extract_changes(platform.connection, address, target)


def plan_enrichment(platform: Platform, lease: Lease, max_cost_usd: float | None) -> list[int]:
    """Fix what a language model is asked about before the run's texts are planned; returns the shards to enrich."""
    found = runs.find_run(platform.connection, lease.run_id)
    version = embedding_versions.find_version(platform.connection, lease.version)
    if version.spec.enrichment is None or found.plan_id is not None:
        return []
    version = counted_version(platform, lease, found.asked)
    salvage_batches.salvage(platform.connection, platform.lake, platform.batches_api, lease, version)
    return enriching.plan_enrichment(platform, lease, version, found, max_cost_usd)


def freeze_plan(platform: Platform, lease: Lease, max_cost_usd: float | None) -> dict[str, Any]:
    """The run's plan, frozen now if it is not yet. A limit that is given holds from now on, also for a resumed run."""
    connection = platform.connection
    found = runs.find_run(connection, lease.run_id)
    if found.plan is not None:
        runs.set_state(connection, lease.run_id, "planned")
        if max_cost_usd is not None:
            spend.set_limit(connection, lease.run_id, Decimal(str(max_cost_usd)))
        return found.plan
    version = counted_version(platform, lease, found.asked)
    enriching.require_enriched(platform, found, version)
    salvage_batches.salvage(connection, platform.lake, platform.batches_api, lease, version)
    limits = platform.limits(max_cost_usd, found.via)
    expected = None if found.enrichment is None else EnrichmentPlan.of(found.enrichment)
    made = plan.make_plan(connection, platform.lake, lease.run_id, version, limits, found.asked, expected)
    log.info("the plan of run %s: %s", lease.run_id, made)
    frozen = made.as_json()
    if made.shards:
        make_way(platform, lease.version, frozen)
    return frozen


def counted_version(platform: Platform, lease: Lease, asked: Slice | None) -> EmbeddingVersion:
    """The version, once dbt's tables are about the slice that a plan is made for, and no other."""
    version = embedding_versions.find_version(platform.connection, lease.version)
    if not plan.is_counted(platform.connection, version, asked):
        log.info("somebody has looked at another slice of version %s since: dbt looks again", lease.version)
        find_changes(platform, lease)
    return version


def load_shards(
    platform: Platform, lease: Lease, shards: list[int], on_loaded: Callable[[int], None]
) -> list[dict[str, int]]:
    """Embed and load these shards one after another; returns the counts of each.

    Raises:
        BatchesUnderWay: some of them wait for the Batch API, the others are loaded.
    """
    if not shards:
        return []
    found = runs.find_run(platform.connection, lease.run_id)
    version = embedding_versions.find_version(platform.connection, lease.version)
    if found.plan_id is None:
        raise ConfigurationError(f"run {lease.run_id} has no plan yet: its shards cannot be loaded")
    if found.over:
        raise RunFenced(f"run {lease.run_id} is over ({found.state}): nothing more of it is loaded")
    counts = []
    waiting: BatchesUnderWay | None = None
    # Where another shard has just paused the run, one request finds out whether the reason is gone.
    with (
        platform.api(version, cautious=found.state == "paused") as api,
        platform.batches_api() if found.via == "batch-api" else nullcontext() as batches_api,
    ):
        for number in shards:
            shard = Shard(lease, version, found.plan_id, number)
            try:
                counts.append(
                    embed.embed_shard(
                        platform.connection, platform.lake, api, shard, platform.limits(), on_loaded, batches_api
                    )
                )
            except BatchesUnderWay as under_way:
                waiting = waiting + under_way if waiting else under_way
                continue
            log.info("shard %d of run %s: %s", number, lease.run_id, counts[-1])
    if waiting is not None:
        # Where somebody looks who wonders what the run is doing.
        runs.set_state(platform.connection, lease.run_id, "planned", str(waiting))
        raise waiting
    return counts


def close_run(
    platform: Platform, lease: Lease, stopped: Permanent | None = None
) -> tuple[dict[str, Any], Permanent | None]:
    """Delete, verify, publish; returns the run's summary, and what to raise once that was shown.

    The index is a step of its own: it may take hours, and a run's verdict does not wait for it.
    """
    version = embedding_versions.find_version(platform.connection, lease.version)
    started = runs.find_run(platform.connection, lease.run_id).started_at
    ended, error = finish.finish_run(
        platform.connection, platform.lake, lease, version, platform.settings.failure_threshold, started, stopped
    )
    log.info("run %s is done: %s", lease.run_id, ended)
    salvage_batches.cancel_left_over(platform.connection, platform.batches_api, lease.version)
    summary = ended.as_json()
    alert.send_pending_alerts(platform.connection, platform.post_alert())
    remove_due_files(platform)
    return summary, error
