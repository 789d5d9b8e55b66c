"""Finishing a run: deletions, verification by what the tables hold, publication, and the verdict."""

import logging
from datetime import UTC, datetime

from catalog_embeddings.domain.run import Lease, RunState, RunSummary
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import Permanent, ThresholdExceeded
from catalog_embeddings.postgres import (
    dead_letters,
    embedding_aliases,
    embedding_versions,
    item_embeddings,
    leases,
    run_plan,
    runs,
)
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_plan import Outcomes
from catalog_embeddings.transform.pricing import usd

log = logging.getLogger(__name__)


def finish_run(
    connection: Connection,
    lease: Lease,
    version: EmbeddingVersion,
    failure_threshold: float,
    started: datetime,
) -> tuple[RunSummary, Permanent | None]:
    """Delete what the plan found gone, verify, publish, and close the run with its summary.

    The good rows of an incremental run stay loaded whatever the verdict; a version that nobody reads yet is
    not published when too much of it failed.

    Returns:
        The summary, and what to raise once it has been shown: ThresholdExceeded when more items failed than
        ``failure_threshold`` allows, Permanent when items are left without an outcome and the run is held.

    Raises:
        RunFenced: another worker has taken over.
    """
    with connection.transaction():
        leases.check_fence(connection, lease)
        item_embeddings.declare_version(connection, version)
        item_embeddings.delete_planned(connection, lease.run_id, version.version)
        dead_letters.resolve_settled(connection, lease.run_id, version.version)
        ended = run_plan.outcomes(connection, lease.run_id, version.version)
        state, error = _verdict(ended, failure_threshold)
        summary = _summary(connection, lease.run_id, version, state, ended, started)
        runs.finish(connection, summary, str(error) if error else None)
        if state == "verified":
            _publish(connection, version, ended.loaded)
    return summary, error


def _verdict(ended: Outcomes, failure_threshold: float) -> tuple[RunState, Permanent | None]:
    if ended.unresolved:
        return "held", Permanent(
            f"{ended.unresolved} of {ended.planned} planned items have neither a vector nor a dead letter; "
            "run again: it plans them anew"
        )
    # In integers, so that exactly 5.0 % is not above 5 %.
    if ended.dead * 1_000_000 > round(failure_threshold * 1_000_000) * ended.attempted:
        return "failed", ThresholdExceeded(
            f"{ended.dead} of {ended.attempted} attempted items failed, more than {failure_threshold:.1%}; "
            "the others are loaded: `catalog-embeddings dead-letters list` says which failed and why"
        )
    return "verified", None


def _summary(
    connection: Connection,
    run_id: str,
    version: EmbeddingVersion,
    state: RunState,
    ended: Outcomes,
    started: datetime,
) -> RunSummary:
    totals = runs.totals(connection, run_id)
    return RunSummary(
        run_id=run_id,
        version=version.version,
        state=state,
        planned=ended.planned,
        embedded=totals.embedded,
        reused=totals.reused,
        loaded=ended.loaded,
        deleted=ended.deleted,
        dead=ended.dead,
        unresolved=ended.unresolved,
        requests=totals.spent.requests,
        retries=totals.spent.retries,
        tokens=totals.spent.tokens,
        price_usd=usd(totals.spent.tokens, version.spec),
        seconds=round((datetime.now(UTC) - started).total_seconds(), 2),
    )


def _publish(connection: Connection, version: EmbeddingVersion, loaded: int) -> None:
    """The first version ever is promoted by its first run that loaded anything; any later one waits for a person."""
    if version.status != "building":
        return
    if embedding_aliases.any_alias(connection):
        embedding_versions.set_status(connection, version.version, "candidate")
        return
    if not loaded:
        return
    embedding_aliases.point(connection, version.version, reason="the first version")
    embedding_versions.set_status(connection, version.version, "active")
    log.info("version %s is active: it is the first", version.version)
