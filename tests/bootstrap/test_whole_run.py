"""A whole run in one process: what it tells, when it stops spending, and that it takes itself up again."""

import os
from typing import Any

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.errors import BatchesUnderWay, ConfigurationError, ThresholdExceeded
from tests.bootstrap.conftest import FirstRun, Surroundings


def test_a_whole_run_tells_what_it_does(first_run: FirstRun, around: Surroundings) -> None:
    summary = first_run.summary
    assert {name: summary[name] for name in ("version", "state", "planned", "embedded", "loaded", "dead")} == {
        "version": "v1",
        "state": "verified",
        "planned": 5,
        "embedded": 4,
        "loaded": 4,
        "dead": 1,
    }
    assert {"changed_catalog_items", "catalog_change_counts"} <= set(first_run.models)
    [plan] = first_run.plans
    assert (plan["new"], plan["distinct_texts"], plan["refused"]) == (5, 4, 1)
    assert first_run.texts == 4
    assert first_run.requests == summary["requests"] == 1
    assert around.ask("select state, started_by from pipeline.runs") == [("verified", "the first")]
    assert around.ask("select expires_at <= now() from pipeline.leases") == [(True,)]


def test_when_most_of_it_is_refused_spending_stops_and_the_next_run_plans_anew(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_BATCH_SIZE", "1")
    monkeypatch.setenv("CATALOG_EMBEDDINGS_PARALLELISM", "2")
    around.add_ballast(200)
    around.emulator.faults(poison=["Ballast"])
    summary, error = bootstrap.run(None, "a person")
    assert isinstance(error, ThresholdExceeded)
    assert "so nothing more is spent" in str(error)
    assert summary["unresolved"] > 0
    assert 100 <= summary["dead"] < 200
    requests = around.requests()
    assert requests < 200
    # What is dead is not asked for again; the rest is planned anew, and comes through once the API takes it.
    around.emulator.faults(poison=[])
    again, error = bootstrap.run(None, "a person")
    assert error is None
    assert (again["planned"], again["loaded"]) == (200 - summary["dead"], 200 - summary["dead"])
    assert again["run_id"] != summary["run_id"]


def test_a_run_that_loses_its_database_takes_itself_up_again(around: Surroundings) -> None:
    around.pay_again()
    around.connection.execute("delete from item_embeddings")
    cut: list[int] = []

    def cut_once(_plan: dict[str, Any]) -> None:
        if not cut:
            cut.append(1)
            around.ask(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )

    summary, error = bootstrap.run(None, "a person", None, bootstrap.RunObserver(on_plan=cut_once))
    assert error is None
    assert (summary["state"], summary["embedded"]) == ("verified", 4)
    assert around.ask("select count(*) from pipeline.runs where state = 'verified'") == [(2,)]


def test_a_run_through_the_batch_api_waits_for_its_batches(around: Surroundings) -> None:
    around.pay_again()
    around.connection.execute("delete from item_embeddings")
    around.emulator.faults(batch_seconds=1)
    told: list[BatchesUnderWay] = []
    observer = bootstrap.RunObserver(on_waiting=told.append)
    summary, error = bootstrap.run(None, "a person", None, observer, via="batch-api")
    assert error is None
    assert (summary["state"], summary["embedded"], summary["requests"]) == ("verified", 4, 1)
    assert told[0].requests == 1
    assert around.requests() == 0
    assert summary["price_usd"] == pytest.approx(summary["tokens"] * 0.01 / 1e6)


def test_a_cost_limit_of_a_run_through_the_batch_api_is_held_against_its_own_price(around: Surroundings) -> None:
    around.add_ballast(40)
    high = bootstrap.preview(None).price_usd.high or 0.0
    with pytest.raises(ConfigurationError, match="the plan may cost up to"):
        bootstrap.run(None, "a person", 0.45 * high, via="batch-api")
    summary, error = bootstrap.run(None, "a person", 0.55 * high, via="batch-api")
    assert error is None
    assert summary["price_usd"] < 0.55 * high


def test_this_process_names_the_machine_and_itself() -> None:
    assert bootstrap.this_process().endswith(f"(process {os.getpid()})")
