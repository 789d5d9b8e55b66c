"""The steps of a run as functions of plain names, the way a scheduler calls them.

Each opens what it needs, works under the run's lease, and closes it again; between two steps only the run's id
and shard numbers are passed on. ``run`` is the same steps in one process.
"""

import logging
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import tenacity

from catalog_embeddings.bootstrap.platform import Platform, open_platform
from catalog_embeddings.domain.plan import Plan
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.errors import (
    CatalogEmbeddingsError,
    ConfigurationError,
    Permanent,
    RunFenced,
    RunHeld,
    RunPaused,
    ThresholdExceeded,
    Transient,
)
from catalog_embeddings.pipeline import alert, embed, extract, finish, plan, register
from catalog_embeddings.pipeline.ask import Shard
from catalog_embeddings.postgres import embedding_versions, leases, run_plan, runs
from catalog_embeddings.postgres.connection import Connection, explained

log = logging.getLogger(__name__)

# How long a lease outlives the task that worked under it: a scheduler's pause between two tasks.
_GAP_SECONDS = 120.0

# What a run in one process does when the database or the lake fails under it: it takes itself up again. Long
# enough in all for a server to restart.
_TAKE_UP_AGAIN = tenacity.Retrying(
    retry=tenacity.retry_if_exception_type(Transient),
    stop=tenacity.stop_after_attempt(4),
    wait=tenacity.wait_exponential(multiplier=2, max=30),
    before_sleep=tenacity.before_sleep_log(log, logging.WARNING),
    reraise=True,
)


def start_run(version: str | None, started_by: str, gap_seconds: float = _GAP_SECONDS) -> str:
    """Choose the version, take its lease, and open a run or take up the one left unfinished; returns its id.

    Raises:
        RunLocked: another run works on the version.
        ConfigurationError: no endpoint is configured.
    """
    with open_platform() as platform:
        return _start(platform, version, started_by, gap_seconds).run_id


def extract_changes(run_id: str) -> dict[str, int]:
    """One dbt build, unless the run's plan is frozen already; returns the number of models by status."""
    with _step(run_id) as (platform, lease):
        return _extract(platform, lease)


def plan_run(run_id: str, max_cost_usd: float | None = None, dry_run: bool = False) -> list[int]:
    """Freeze the plan, or find it frozen; returns the shards still to load. A dry run only logs its plan."""
    with _step(run_id) as (platform, lease):
        found = runs.find_run(platform.connection, run_id)
        if dry_run and found.plan is not None:
            log.info("run %s is unfinished; this is what it set out to do: %s", run_id, found.plan)
            return []
        if dry_run:
            version = embedding_versions.find_version(platform.connection, lease.version)
            dry = plan.preview_plan(platform.connection, version, platform.limits())
            log.info("a dry run, nothing is embedded: %s", dry)
            runs.set_previewed(platform.connection, run_id, dry.as_json())
            return []
        _plan(platform, lease, max_cost_usd)
        return run_plan.pending_shards(platform.connection, run_id)


def load_shard(run_id: str, shard: int) -> dict[str, int]:
    """Embed and load one shard; returns its counts by name."""
    loaded = 0

    def report(texts: int) -> None:
        nonlocal loaded
        loaded += texts
        log.info("shard %d of run %s: %d texts loaded so far", shard, run_id, loaded)

    with _step(run_id) as (platform, lease):
        try:
            return _load(platform, lease, [shard], report)[0]
        except (RunHeld, ThresholdExceeded) as stopped:
            # The run ends here, for all of its shards: nothing more is to be spent.
            _finish(platform, lease, stopped)
            raise


def finish_run(run_id: str) -> dict[str, Any]:
    """Delete, verify, publish; returns the run's summary.

    Raises:
        ThresholdExceeded: everything is recorded, but too many items failed.
    """
    with _step(run_id) as (platform, lease):
        found = runs.find_run(platform.connection, run_id)
        if found.state == "verified" and found.summary is not None:
            # It had committed, and only the answer was lost.
            return found.summary
        if found.state == "previewed" or run_plan.pending_shards(platform.connection, run_id):
            # A dry run, perhaps of a run that is still unfinished: there is nothing to publish.
            return {"run_id": run_id, "version": lease.version, "state": found.state}
        summary, error = _finish(platform, lease)
    if error is not None:
        raise error
    return summary


@dataclass(frozen=True)
class RunObserver:
    """What a door is told while a run goes on in its process."""

    on_model: Callable[[str, str, float], None] = lambda _name, _status, _seconds: None
    on_plan: Callable[[dict[str, Any]], None] = lambda _plan: None
    on_loaded: Callable[[int], None] = lambda _texts: None


def run(
    version: str | None,
    started_by: str,
    max_cost_usd: float | None = None,
    observer: RunObserver | None = None,
) -> tuple[dict[str, Any], Permanent | None]:
    """A whole run in this process; returns its summary, and what to raise once that was shown.

    When the database or the lake fails under it, it takes itself up again, a few times.
    """
    return _TAKE_UP_AGAIN.copy()(_run_once, version, started_by, max_cost_usd, observer or RunObserver())


def _run_once(
    version: str | None, started_by: str, max_cost_usd: float | None, observer: RunObserver
) -> tuple[dict[str, Any], Permanent | None]:
    with open_platform() as platform:
        lease = _start(platform, version, started_by, 0.0)
        with _recorded(platform.connection, lease):
            _extract(platform, lease, observer)
            observer.on_plan(_plan(platform, lease, max_cost_usd))
            shards = run_plan.pending_shards(platform.connection, lease.run_id)
            try:
                _load(platform, lease, shards, observer.on_loaded)
            except (RunHeld, ThresholdExceeded) as stopped:
                return _finish(platform, lease, stopped)
            return _finish(platform, lease)


def preview(version: str | None) -> Plan:
    """What a run would do now and cost, without doing any of it."""
    with open_platform() as platform:
        chosen = register.choose_version(platform.connection, version, platform.identify_provider)
        extract.extract_changes(platform.connection, platform.database_url, _dbt_target(platform))
        return plan.preview_plan(platform.connection, chosen, platform.limits())


def this_process() -> str:
    """Who a lease says holds it, for a run in one process."""
    return f"{socket.gethostname()} (process {os.getpid()})"


@contextmanager
def _step(run_id: str) -> Iterator[tuple[Platform, Lease]]:
    """Work under a run's lease, which outlives the step by the scheduler's gap, or ends with its failure."""
    with open_platform() as platform:
        lease = leases.join(platform.connection, run_id)
        leases.renew(platform.connection, lease, _GAP_SECONDS)
        with _recorded(platform.connection, lease):
            yield platform, lease
            idle = runs.find_run(platform.connection, run_id).state not in {"leased", "planned"}
            leases.renew(platform.connection, lease, 0.0 if idle else _GAP_SECONDS)


@contextmanager
def _recorded(connection: Connection, lease: Lease) -> Iterator[None]:
    """What stops a run is written beside it, for the person who looks in the morning."""
    try:
        with explained():
            yield
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


def _start(platform: Platform, version: str | None, started_by: str, gap_seconds: float) -> Lease:
    platform.settings.require_endpoint()
    chosen = register.choose_version(platform.connection, version, platform.identify_provider)
    # Asked before anything is begun: what cannot end well costs nothing then.
    register.check_reproducible(chosen, platform.identify_provider())
    platform.lake.probe()
    with platform.connection.transaction():
        left = runs.unfinished_run(platform.connection, chosen.version)
        run_id = left or f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        if left is None:
            runs.open_run(platform.connection, run_id, chosen.version, started_by)
        lease = leases.take(platform.connection, chosen.version, run_id, started_by, gap_seconds)
    log.info("run %s of version %s %s", run_id, chosen.version, "is taken up again" if left else "begins")
    alert.send_pending_alerts(platform.connection, platform.post_alert())
    return lease


def _extract(platform: Platform, lease: Lease, observer: RunObserver | None = None) -> dict[str, int]:
    if runs.find_run(platform.connection, lease.run_id).plan_id is not None:
        log.info("the plan of run %s is frozen already: the source is not asked again", lease.run_id)
        return {}
    watching = observer or RunObserver()
    counts: dict[str, int] = {}
    for status in extract.extract_changes(platform.connection, platform.database_url, _dbt_target(platform)):
        log.info("dbt %s %s: %s in %.2f s", status.kind, status.name, status.status, status.seconds)
        if status.kind == "model":
            watching.on_model(status.name, status.status, status.seconds)
        counts[status.status] = counts.get(status.status, 0) + 1
    return counts


def _plan(platform: Platform, lease: Lease, max_cost_usd: float | None) -> dict[str, Any]:
    found = runs.find_run(platform.connection, lease.run_id)
    if found.plan is not None:
        runs.set_state(platform.connection, lease.run_id, "planned")
        return found.plan
    version = embedding_versions.find_version(platform.connection, lease.version)
    frozen = plan.make_plan(platform.connection, platform.lake, lease.run_id, version, platform.limits(max_cost_usd))
    log.info("the plan of run %s: %s", lease.run_id, frozen)
    return frozen.as_json()


def _load(
    platform: Platform, lease: Lease, shards: list[int], on_loaded: Callable[[int], None]
) -> list[dict[str, int]]:
    if not shards:
        return []
    found = runs.find_run(platform.connection, lease.run_id)
    version = embedding_versions.find_version(platform.connection, lease.version)
    if found.plan_id is None:
        raise ConfigurationError(f"run {lease.run_id} has no plan yet: its shards cannot be loaded")
    if found.over:
        raise RunFenced(f"run {lease.run_id} is over ({found.state}): nothing more of it is loaded")
    counts = []
    # Where another shard has just paused the run, one request finds out whether the reason is gone.
    with platform.api(version, cautious=found.state == "paused") as api:
        for number in shards:
            shard = Shard(lease, version, found.plan_id, number)
            counts.append(
                embed.embed_shard(platform.connection, platform.lake, api, shard, platform.limits(), on_loaded)
            )
            log.info("shard %d of run %s: %s", number, lease.run_id, counts[-1])
    return counts


def _finish(
    platform: Platform, lease: Lease, stopped: Permanent | None = None
) -> tuple[dict[str, Any], Permanent | None]:
    version = embedding_versions.find_version(platform.connection, lease.version)
    started = runs.find_run(platform.connection, lease.run_id).started_at
    summary, error = finish.finish_run(
        platform.connection, platform.lake, lease, version, platform.settings.failure_threshold, started, stopped
    )
    log.info("run %s is done: %s", lease.run_id, summary)
    alert.send_pending_alerts(platform.connection, platform.post_alert())
    return summary.as_json(), error


def _dbt_target(platform: Platform) -> Path:
    return platform.settings.state_directory.resolve() / "dbt"
