"""The table runs: how a run is opened, frozen, taken up again, and closed."""

from typing import Any, get_args

import pytest

from catalog_embeddings.domain.run import Lease, RunState, RunSummary
from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres import run_plan, runs
from catalog_embeddings.postgres.connection import Connection


def _summary(state: RunState) -> RunSummary:
    none: dict[str, Any] = dict.fromkeys(("embedded", "reused", "loaded", "deleted", "dead", "unresolved"), 0)
    none |= dict.fromkeys(("planned", "requests", "retries", "tokens"), 0)
    return RunSummary(run_id="run-1", version="v1", state=state, price_usd=None, seconds=1.5, **none)


def test_a_run_is_frozen_with_its_plan(connection: Connection, lease: Lease) -> None:
    opened = runs.find_run(connection, "run-1")
    assert (opened.version, opened.state, opened.plan_id, opened.plan) == ("v1", "leased", None, None)
    runs.freeze(connection, "run-1", "plan-1", {"new": 3})
    frozen = runs.find_run(connection, "run-1")
    assert (frozen.state, frozen.plan_id, frozen.plan) == ("planned", "plan-1", {"new": 3})


def test_an_unknown_run_says_where_to_look(connection: Connection) -> None:
    with pytest.raises(InputError, match="there is no run 'run-9': the view embedding_runs"):
        runs.find_run(connection, "run-9")


def test_only_an_unfinished_run_is_taken_up_again(connection: Connection, lease: Lease) -> None:
    taken_up: dict[RunState, bool] = {"leased": True, "planned": True, "paused": True}
    for state in get_args(RunState):
        runs.set_state(connection, "run-1", state)
        assert runs.unfinished_run(connection, "v1") == ("run-1" if taken_up.get(state) else None)
        assert runs.unfinished_run(connection, "v2") is None


def test_of_several_unfinished_runs_the_latest_is_taken_up(connection: Connection, version: EmbeddingVersion) -> None:
    for number in range(3):
        runs.open_run(connection, f"run-{number}", "v1", "a test")
    assert runs.unfinished_run(connection, "v1") == "run-2"


def test_a_closed_run_keeps_its_summary_and_its_sentence(connection: Connection, lease: Lease) -> None:
    runs.finish(connection, _summary("failed"), "too much of it failed")
    row = connection.execute(
        "select state, summary ->> 'seconds', summary -> 'price_usd', error, finished_at is not null from pipeline.runs"
    ).fetchone()
    assert row == ("failed", "1.5", None, "too much of it failed", True)


def test_a_dry_run_is_closed_with_what_it_showed(connection: Connection, lease: Lease) -> None:
    runs.set_previewed(connection, "run-1", {"new": 1})
    found = runs.find_run(connection, "run-1")
    assert (found.state, found.plan, found.plan_id) == ("previewed", {"new": 1}, None)


def test_totals_add_up_the_shards(connection: Connection, lease: Lease) -> None:
    assert runs.totals(connection, "run-1") == runs.Totals(0, 0, Spent())
    for shard in range(2):
        run_plan.add_shard(connection, "run-1", shard, 10)
        run_plan.add_progress(
            connection, "run-1", shard, embedded=7, reused=3, loaded=12, spent=Spent(requests=2, retries=1, tokens=500)
        )
    assert runs.totals(connection, "run-1") == runs.Totals(14, 6, Spent(requests=4, retries=2, tokens=1000))
