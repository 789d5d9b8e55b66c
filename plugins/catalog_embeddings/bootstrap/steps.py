"""The steps of a run as functions of plain names, the way a scheduler calls them.

Each opens what it needs, works under the run's lease, and closes it again; between two steps only runs' ids and
shard numbers are passed on. ``whole_run`` is the same in one process.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from catalog_embeddings.bootstrap import enriching, stages
from catalog_embeddings.bootstrap.platform import Platform, open_platform
from catalog_embeddings.domain.batch import Via
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.errors import BatchesUnderWay, Permanent, RunHeld, RunPaused, ThresholdExceeded
from catalog_embeddings.pipeline import register
from catalog_embeddings.postgres import leases, run_plan, runs

log = logging.getLogger(__name__)

# How long a lease outlives the task that worked under it: a scheduler's pause between two tasks.
_GAP_SECONDS = 120.0


def start_run(
    version: str | None,
    started_by: str,
    gap_seconds: float = _GAP_SECONDS,
    *,
    share: str | None = None,
    salt: str | None = None,
    via: Via | None = None,
) -> str:
    """Choose the version, take its lease, and open a run or take up the one left unfinished; returns its id.

    ``share`` of the catalog, such as ``5%``, becomes the version's slice once the plan is frozen. ``via`` is how the
    API is asked; absent, as the run did before it was left unfinished.

    Raises:
        RunLocked: another run works on the version.
        InputError: the version cannot be made for such a slice, or the run has batches under way.
        ConfigurationError: no endpoint is configured.
    """
    with open_platform() as platform:
        chosen = register.choose_version(platform.connection, version, platform.identify_provider)
        asked = register.choose_slice(platform.connection, chosen, share, salt)
        return stages.start(platform, chosen, started_by, gap_seconds, asked, via).run_id


def start_runs(version: str | None, started_by: str) -> list[str]:
    """A run of the version named, or one of each that is kept fresh: the active one first, then the candidates.

    A candidate that cannot be run tonight, because a person works on it or its template was edited, is left out.
    """
    with open_platform() as platform:
        platform.settings.require_endpoint()
        connection, identify_provider = platform.connection, platform.identify_provider
        if version is not None:
            kept = [register.choose_version(connection, version, identify_provider)]
        else:
            kept = register.kept_versions(connection, identify_provider)
        started = []
        for chosen in kept:
            try:
                started.append(stages.start(platform, chosen, started_by, _GAP_SECONDS, None).run_id)
            except Permanent as error:
                if chosen.status != "candidate" or len(kept) == 1:
                    raise
                log.warning("version %s is left out: %s", chosen.version, error)
        return started


def extract_changes(run_ids: list[str]) -> dict[str, int]:
    """One dbt build for all these runs, unless their plans are frozen; returns the number of models by status."""
    with ExitStack() as opened:
        steps = [opened.enter_context(_step(run_id)) for run_id in run_ids]
        counts: dict[str, int] = {}
        for platform, lease in steps:
            enriching.recheck_answers(platform, lease)
        for platform, lease in steps:
            # One build finds the changes of every version.
            counts = counts or stages.find_changes(platform, lease)
        return counts


def plan_run(run_id: str, max_cost_usd: float | None = None, dry_run: bool = False) -> list[int]:
    """Freeze the plan, or find it frozen; returns the shards still to load. A dry run only logs its plan."""
    with _step(run_id) as (platform, lease):
        if not dry_run:
            stages.freeze_plan(platform, lease, max_cost_usd)
            return run_plan.pending_shards(platform.connection, run_id)
        found = runs.find_run(platform.connection, run_id)
        if found.plan is not None:
            log.info("run %s is unfinished; this is what it set out to do: %s", run_id, found.plan)
        else:
            version = stages.counted_version(platform, lease, found.asked)
            dry = enriching.preview(platform, version, found.asked)
            log.info("a dry run, nothing is embedded: %s", dry)
            runs.set_previewed(platform.connection, run_id, dry.as_json())
        return []


def plan_enrichments(
    run_ids: list[str], max_cost_usd: float | None = None, dry_run: bool = False
) -> list[dict[str, Any]]:
    """Fix what a language model is asked about in each run; returns what ``enrich_shard`` is to be called with.

    That is nothing for versions without an enrichment, and in a dry run. A run that cannot be enriched does not keep
    the others from going on: its ``finish_run`` says what it was.
    """
    shards: list[dict[str, Any]] = []
    for run_id in [] if dry_run else run_ids:
        try:
            with _step(run_id) as (platform, lease):
                numbers = stages.plan_enrichment(platform, lease, max_cost_usd)
        except Permanent as error:
            log.warning("the enrichment of run %s cannot be planned: %s", run_id, error)
        else:
            shards += [{"run_id": run_id, "shard": number} for number in numbers]
    return shards


def enrich_shard(run_id: str, shard: int) -> dict[str, int]:
    """Enrich one shard; returns its counts by verdict.

    A run that cannot go on does not keep the others from it: it is not planned, and its ``finish_run`` says why.

    Raises:
        BatchesUnderWay: it waits for the Batch API; call again after as many seconds as it says.
    """
    try:
        with _step(run_id) as (platform, lease):
            try:
                # Nothing where the shard was enriched before, and only the answer was lost.
                return next(iter(enriching.enrich_shards(platform, lease, [shard])), {})
            except (RunHeld, ThresholdExceeded) as stopped:
                # The run ends here, for all of its shards: nothing more is to be spent.
                stages.close_run(platform, lease, stopped)
                raise
    except Permanent as error:
        log.warning("enrichment shard %d of run %s was given up: %s", shard, run_id, error)
        return {}


def plan_runs(run_ids: list[str], max_cost_usd: float | None = None, dry_run: bool = False) -> list[dict[str, Any]]:
    """Plan each run; returns what ``load_shard`` is to be called with. ``max_cost_usd`` holds for each by itself.

    A run that cannot be planned does not keep the others from going on: its ``finish_run`` says what it was.

    Raises:
        Permanent: none of them can be planned.
    """
    shards: list[dict[str, Any]] = []
    failures: list[Permanent] = []
    for run_id in run_ids:
        try:
            shards += [{"run_id": run_id, "shard": shard} for shard in plan_run(run_id, max_cost_usd, dry_run)]
        except Permanent as error:
            log.warning("run %s cannot be planned: %s", run_id, error)
            failures.append(error)
    if failures and len(failures) == len(run_ids):
        raise failures[0]
    return shards


def load_shard(run_id: str, shard: int) -> dict[str, int]:
    """Embed and load one shard; returns its counts by name.

    Raises:
        BatchesUnderWay: it waits for the Batch API; call again after as many seconds as it says.
    """
    loaded = 0

    def report(texts: int) -> None:
        nonlocal loaded
        loaded += texts
        log.info("shard %d of run %s: %d texts loaded so far", shard, run_id, loaded)

    with _step(run_id) as (platform, lease):
        try:
            return stages.load_shards(platform, lease, [shard], report)[0]
        except (RunHeld, ThresholdExceeded) as stopped:
            # The run ends here, for all of its shards: nothing more is to be spent.
            stages.close_run(platform, lease, stopped)
            raise


def finish_run(run_id: str) -> dict[str, Any]:
    """Delete, verify, publish; returns the run's summary.

    Raises:
        ThresholdExceeded: everything is recorded, but too many items failed.
        RunPaused: a part of the run is left to do; the next takes it up.
        RunHeld: the run has come to a bad end before.
    """
    with _step(run_id) as (platform, lease):
        found = runs.find_run(platform.connection, run_id)
        if found.state == "verified" and found.summary is not None:
            # It had committed, and only the answer was lost.
            return found.summary
        if found.state == "previewed":
            return {"run_id": run_id, "version": lease.version, "state": found.state}
        summary: dict[str, Any] = {}
        error = _left_undone(found, run_plan.pending_shards(platform.connection, run_id))
        if error is None:
            summary, error = stages.close_run(platform, lease)
    # Outside the step, which would write it over what the run itself has said.
    if error is not None:
        raise error
    return summary


def _left_undone(found: runs.Run, pending: list[int]) -> Permanent | None:
    """Why a run cannot be finished, if it cannot."""
    why = f"run {found.run_id} of version {found.version}"
    if found.over:
        return RunHeld(f"{why} is over, {found.state}: {found.error}")
    if found.plan_id is None or pending:
        return RunPaused(f"{why} is unfinished: {found.error or 'a step of it has failed'}")
    return None


@contextmanager
def _step(run_id: str) -> Iterator[tuple[Platform, Lease]]:
    """Work under a run's lease, which outlives the step by the scheduler's gap, or ends with its failure."""
    with open_platform() as platform:
        lease = leases.join(platform.connection, run_id)
        leases.renew(platform.connection, lease, _GAP_SECONDS)
        with stages.recorded(platform.connection, lease):
            try:
                yield platform, lease
            except BatchesUnderWay as waiting:
                leases.renew(platform.connection, lease, waiting.seconds + _GAP_SECONDS)
                raise
            idle = runs.find_run(platform.connection, run_id).state not in {"leased", "planned"}
            leases.renew(platform.connection, lease, 0.0 if idle else _GAP_SECONDS)
