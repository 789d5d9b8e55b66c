"""A whole run in one process, and a look at what one would do: the same stages without a scheduler."""

import logging
import os
import socket
import time
from collections.abc import Callable
from typing import Any

import tenacity

from catalog_embeddings.bootstrap import enriching, stages
from catalog_embeddings.bootstrap.indexing import index_after
from catalog_embeddings.bootstrap.platform import Platform, open_platform
from catalog_embeddings.bootstrap.stages import RunObserver
from catalog_embeddings.domain.batch import Via
from catalog_embeddings.domain.plan import Plan
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.errors import BatchesUnderWay, Permanent, RunHeld, ThresholdExceeded, Transient
from catalog_embeddings.pipeline import register
from catalog_embeddings.postgres import run_plan, runs

log = logging.getLogger(__name__)

# What a run in one process does when the database or the lake fails under it: it takes itself up again. Long
# enough in all for a server to restart.
_TAKE_UP_AGAIN = tenacity.Retrying(
    retry=tenacity.retry_if_exception_type(Transient),
    stop=tenacity.stop_after_attempt(4),
    wait=tenacity.wait_exponential(multiplier=2, max=30),
    before_sleep=tenacity.before_sleep_log(log, logging.WARNING),
    reraise=True,
)


def run(
    version: str | None,
    started_by: str,
    max_cost_usd: float | None = None,
    observer: RunObserver | None = None,
    *,
    share: str | None = None,
    salt: str | None = None,
    via: Via | None = None,
) -> tuple[dict[str, Any], Permanent | None]:
    """A whole run of one version in this process; returns its summary, and what to raise once that was shown.

    ``via`` is how the API is asked; absent, as the run did before it was left unfinished. Batches are waited for. When
    the database or the lake fails under it, it takes itself up again, a few times.
    """
    watching = observer or RunObserver()

    def attempt() -> tuple[dict[str, Any], Permanent | None]:
        with open_platform() as platform:
            chosen = register.choose_version(platform.connection, version, platform.identify_provider)
            asked = register.choose_slice(platform.connection, chosen, share, salt)
            lease = stages.start(platform, chosen, started_by, 0.0, asked, via)
            return _run_all(platform, lease, max_cost_usd, watching)

    return _TAKE_UP_AGAIN.copy()(attempt)


def _run_all(
    platform: Platform, lease: Lease, max_cost_usd: float | None, observer: RunObserver
) -> tuple[dict[str, Any], Permanent | None]:
    with stages.recorded(platform.connection, lease):
        stages.find_changes(platform, lease, observer)
        try:
            _enrich(platform, lease, max_cost_usd, observer)
            observer.on_plan(stages.freeze_plan(platform, lease, max_cost_usd))
            _load(platform, lease, observer)
        except (RunHeld, ThresholdExceeded) as stopped:
            return _close(platform, lease, stopped)
        return _close(platform, lease)


def _close(
    platform: Platform, lease: Lease, stopped: Permanent | None = None
) -> tuple[dict[str, Any], Permanent | None]:
    summary, error = stages.close_run(platform, lease, stopped)
    unindexed = index_after(platform, summary)
    return summary, error or unindexed


def _enrich(platform: Platform, lease: Lease, max_cost_usd: float | None, observer: RunObserver) -> None:
    if shards := stages.plan_enrichment(platform, lease, max_cost_usd):
        observer.on_enrichment(runs.find_run(platform.connection, lease.run_id).enrichment or {})
        _wait_for(observer, lambda: enriching.enrich_shards(platform, lease, shards, observer.on_enriched))


def _load(platform: Platform, lease: Lease, observer: RunObserver) -> None:
    def load_pending() -> None:
        shards = run_plan.pending_shards(platform.connection, lease.run_id)
        stages.load_shards(platform, lease, shards, observer.on_loaded)

    _wait_for(observer, load_pending)


def _wait_for(observer: RunObserver, work: Callable[[], object]) -> None:
    """Do all of it; what waits for batches is looked at again and again."""
    while True:
        try:
            work()
        except BatchesUnderWay as waiting:
            observer.on_waiting(waiting)
            time.sleep(waiting.seconds)
        else:
            return


def preview(version: str | None, share: str | None = None, salt: str | None = None) -> Plan:
    """What a run would do now and cost, without doing any of it."""
    with open_platform() as platform:
        chosen = register.choose_version(platform.connection, version, platform.identify_provider)
        asked = register.choose_slice(platform.connection, chosen, share, salt)
        stages.build(platform, chosen.version, asked)
        return enriching.preview(platform, chosen, asked)


def this_process() -> str:
    """Who a lease says holds it, for a run in one process."""
    return f"{socket.gethostname()} (process {os.getpid()})"
