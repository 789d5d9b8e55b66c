"""The table runs: each run's state, frozen plan and summary."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from psycopg.types.json import Jsonb

from catalog_embeddings.domain.batch import Via
from catalog_embeddings.domain.run import RunState, RunSummary
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.errors import InputError, RunLocked
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries
from catalog_embeddings.postgres.version_slices import slice_of

_QUERIES = named_queries("runs")


@dataclass(frozen=True)
class Run:
    """A run as it stands: ``plan`` is None until it is frozen, ``summary`` until the run has ended.

    ``error`` is the sentence that says what stopped it, or why its end is not a good one. ``asked`` is the slice
    that it was begun with, None where the version's own is meant. ``via`` is how it asks the API. ``enrichment`` is
    what was expected of asking a language model, None where none is asked, or not yet.
    """

    run_id: str
    version: str
    state: RunState
    started_at: datetime
    plan_id: str | None
    plan: dict[str, Any] | None
    summary: dict[str, Any] | None
    error: str | None
    asked: Slice | None = None
    via: Via = "api"
    enrichment: dict[str, Any] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will be done under this run's id."""
        return self.state in {"previewed", "verified", "held", "failed"}


def open_run(connection: Connection, run_id: str, version: str, started_by: str) -> None:
    """Begin a run."""
    connection.execute(_QUERIES["open"], {"run_id": run_id, "version": version, "started_by": started_by})


def unfinished_run(connection: Connection, version: str) -> str | None:
    """The run of this version that was left unfinished, if any.

    Raises:
        RunLocked: it is a rebuild: what the version lacks is paid for, and only the rebuild knows where it lies.
    """
    run_id, kind = connection.execute(_QUERIES["unfinished"], [version]).fetchone() or (None, None)
    if kind == "rebuild":
        raise RunLocked(
            f"version {version} is half rebuilt by run {run_id}: "
            f"`catalog-embeddings rebuild --version {version}` goes on with it"
        )
    return None if run_id is None else str(run_id)


def find_run(connection: Connection, run_id: str) -> Run:
    """The run of that id.

    Raises:
        InputError: there is none.
    """
    row = connection.execute(_QUERIES["of_run"], [run_id]).fetchone()
    if row is None:
        raise InputError(f"there is no run {run_id!r}: the view embedding_runs lists them all")
    version, state, started_at, plan_id, plan, summary, error, slice_buckets, slice_salt, via, enrichment = row
    return Run(
        run_id=run_id,
        version=version,
        state=cast("RunState", state),
        started_at=started_at,
        plan_id=plan_id,
        plan=plan,
        summary=summary,
        error=error,
        asked=slice_of(slice_buckets, slice_salt) if slice_buckets else None,
        via=cast("Via", via),
        enrichment=enrichment,
    )


def set_via(connection: Connection, run_id: str, via: Via) -> None:
    """Let a run ask the API in this way from now on."""
    connection.execute(_QUERIES["set_via"], {"run_id": run_id, "via": via})


def ask_slice(connection: Connection, run_id: str, asked: Slice | None) -> None:
    """Let a run be planned for this slice, or for the version's own; what is frozen already stays as it is."""
    connection.execute(
        _QUERIES["ask_slice"],
        {
            "run_id": run_id,
            "slice_buckets": asked.buckets if asked else None,
            "slice_salt": asked.salt if asked else None,
        },
    )


def freeze(connection: Connection, run_id: str, plan_id: str, plan: dict[str, Any]) -> None:
    """Record what the run will do: from here on it is only resumed, never planned again."""
    connection.execute(_QUERIES["freeze"], {"run_id": run_id, "plan_id": plan_id, "plan": Jsonb(plan)})


def set_state(connection: Connection, run_id: str, state: RunState, error: str | None = None) -> None:
    """Move a run on; ``error`` is the sentence a person reads, None when all is well."""
    connection.execute(_QUERIES["set_state"], {"run_id": run_id, "state": state, "error": error})


def set_previewed(connection: Connection, run_id: str, plan: dict[str, Any]) -> None:
    """Close a run that was a dry one, with the plan it showed."""
    connection.execute(_QUERIES["previewed"], {"run_id": run_id, "plan": Jsonb(plan)})


def finish(connection: Connection, summary: RunSummary, error: str | None = None) -> None:
    """Close a run with its summary."""
    connection.execute(
        _QUERIES["finish"],
        {
            "run_id": summary.run_id,
            "state": summary.state,
            "summary": Jsonb(summary.as_json()),
            "error": error,
        },
    )


@dataclass(frozen=True)
class Totals:
    """What all shards of a run add up to: texts embedded and reused, and what the API was asked."""

    embedded: int
    reused: int
    spent: Spent


def totals(connection: Connection, run_id: str) -> Totals:
    """The sum over the run's shards so far."""
    row = connection.execute(_QUERIES["spent"], [run_id]).fetchone()
    embedded, reused, requests, retries, tokens = row or (0,) * 5
    return Totals(embedded, reused, Spent(requests=requests, retries=retries, tokens=tokens))
