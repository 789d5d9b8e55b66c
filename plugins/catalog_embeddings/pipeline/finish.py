"""Finishing a run: deletions, verification by what the tables hold, the seal, publication, and the verdict."""

import logging
from datetime import UTC, datetime

from catalog_embeddings.domain.batch import CHAT, EMBEDDINGS
from catalog_embeddings.domain.run import EnrichmentSummary, Lease, RunState, RunSummary
from catalog_embeddings.domain.version import EmbeddingVersion, VersionSpec
from catalog_embeddings.errors import Permanent, RunHeld, ThresholdExceeded
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.alert import failure_message, raise_alert
from catalog_embeddings.pipeline.seal import seal_run
from catalog_embeddings.postgres import (
    batches,
    dead_letters,
    embedding_aliases,
    embedding_versions,
    item_embeddings,
    item_enrichments,
    leases,
    run_plan,
    runs,
    sealed_rows,
    spend,
    version_slices,
)
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.dead_letters import Selection
from catalog_embeddings.postgres.run_plan import Outcomes
from catalog_embeddings.transform.pricing import chat_usd, usd

log = logging.getLogger(__name__)


def finish_run(
    connection: Connection,
    lake: Lake,
    lease: Lease,
    version: EmbeddingVersion,
    failure_threshold: float,
    started: datetime,
    stopped: Permanent | None = None,
) -> tuple[RunSummary, Permanent | None]:
    """Delete what the plan found gone, verify, seal, publish, and close the run with its summary.

    The good rows of an incremental run stay loaded whatever the verdict; a version that nobody reads yet is
    not published when too much of it failed. What the run changed is sealed in the lake whatever the verdict.
    ``stopped`` is why the run ends early, if it does: then that is the verdict.

    Returns:
        The summary, and what to raise once it has been shown: ThresholdExceeded when more items failed than
        ``failure_threshold`` allows, Permanent when items are left without an outcome and the run is held.

    Raises:
        RunFenced: another worker has taken over.
        ServerFailed: the lake did not take the seal; the run is as unfinished as before.
    """
    with connection.transaction():
        sealed_rows.hold_run(connection, lease.run_id)
        leases.check_fence(connection, lease)
        item_embeddings.declare_version(connection, version)
        item_embeddings.delete_planned(connection, lease.run_id, version.version)
        dead_letters.resolve_settled(connection, lease.run_id, version.version)
        ended = run_plan.outcomes(connection, lease.run_id, version.version)
        if ended.unpaid:
            sealed_rows.mistrust_unpaid(connection, lease)
        state, error = _verdict(ended, failure_threshold, stopped)
        summary = _summary(connection, lease.run_id, version, state, ended, started)
        if ended.planned:
            seal_run(connection, lake, lease, version, summary, started)
        runs.finish(connection, summary, str(error) if error else None)
        if isinstance(error, ThresholdExceeded):
            reasons = dead_letters.reasons_of_run(connection, lease.run_id, version.version)
            raise_alert(connection, lease.run_id, failure_message(lease.run_id, version.version, error, reasons))
        if state == "verified":
            publish(connection, version, failure_threshold)
    return summary, error


def _verdict(ended: Outcomes, failure_threshold: float, stopped: Permanent | None) -> tuple[RunState, Permanent | None]:
    if stopped is not None:
        return "failed" if isinstance(stopped, ThresholdExceeded) else "held", stopped
    if ended.unresolved:
        return "held", RunHeld(
            f"{ended.unresolved} of {ended.planned} planned items have neither a vector nor a dead letter; "
            "run again: it plans them anew"
        )
    if _is_above(failure_threshold, ended.dead, ended.attempted):
        return "failed", ThresholdExceeded(
            f"{ended.dead} of {ended.attempted} attempted items failed ({ended.dead / max(ended.attempted, 1):.2%}), "
            f"more than {failure_threshold:.1%}; "
            "the others are loaded: `catalog-embeddings dead-letters list` says which failed and why"
        )
    return "verified", None


def _is_above(threshold: float, dead: int, of: int) -> bool:
    """In integers, so that exactly 5.0 % is not above 5 %."""
    return dead * 1_000_000 > round(threshold * 1_000_000) * of


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
        price_usd=usd(totals.spent.tokens, version.spec, batches.tokens_of(connection, run_id, EMBEDDINGS)[0]),
        seconds=round((datetime.now(UTC) - started).total_seconds(), 2),
        enrichment=_enrichment(connection, run_id, version.spec),
    )


def _enrichment(connection: Connection, run_id: str, spec: VersionSpec) -> EnrichmentSummary | None:
    expected = runs.find_run(connection, run_id).enrichment
    if expected is None or spec.enrichment_model is None:
        return None
    paid = spend.chat_spent(connection, run_id)
    read, written = batches.tokens_of(connection, run_id, CHAT)
    return EnrichmentSummary(
        **item_enrichments.of_run(connection, run_id),
        scrubbed=expected["scrubbed"],
        calls=paid.calls,
        tokens=paid.prompt_tokens + paid.completion_tokens,
        price_usd=chat_usd(paid.prompt_tokens, paid.completion_tokens, spec, read, written),
    )


def publish(connection: Connection, version: EmbeddingVersion, failure_threshold: float) -> None:
    """The first version ever is promoted once it holds anything; any later one, or a slice, is a person's to promote.

    The version as a whole is judged, not the run: an empty run after a failed one makes nothing better.
    """
    if version.status != "building":
        return
    held = sealed_rows.rows_held(connection, version.version)
    dead = sum(dead_letters.open_reasons(connection, Selection(version=version.version)).values())
    if not held or _is_above(failure_threshold, dead, held + dead):
        return
    trial = version_slices.find_slice(connection, version.version)
    if embedding_aliases.any_alias(connection) or (trial is not None and trial.percent < 100):
        embedding_versions.set_status(connection, version.version, "candidate")
        return
    embedding_aliases.point(connection, version.version, reason="the first version")
    embedding_versions.set_status(connection, version.version, "active")
    log.info("version %s is active: it is the first", version.version)
