"""The stages of a run on a version on trial: seen in a slice, ramped up, each text paid once, kept fresh at night."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.errors import ConfigurationError, InputError, RunPaused
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import embedding_versions, version_slices
from catalog_embeddings.transform.slicing import slice_bucket
from tests.bootstrap.conftest import Surroundings

ORG = uuid.UUID(int=1)
NAMES = [f"bulk-{number}" for number in range(60)]


@pytest.fixture
def on_trial(around: Surroundings) -> Surroundings:
    """Sixty items more, and a second version that holds nothing yet."""
    around.add_ballast(60)
    register_version(around.connection, "v2", text_spec("emulator", "text-embedding-3-small", dims=8))
    return around


def _drawn(percent: int) -> set[str]:
    items = [*NAMES, "lamp", "desk", "chair", "armchair"]
    within = Slice(Decimal(percent), "trial")
    return {item for item in items if within.contains(slice_bucket(ORG, item, "trial"))}


def _held(around: Surroundings) -> set[str]:
    return {row[0] for row in around.ask("select item_id from item_embeddings where version = 'v2'")}


def _paid(around: Surroundings) -> tuple[int, int]:
    stats: dict[str, Any] = around.emulator.stats()
    return stats["inputs_paid"], stats["inputs_paid_twice"]


def _run(share: str | None = None) -> dict[str, Any]:
    summary, error = bootstrap.run("v2", "a person", share=share)
    assert error is None
    return summary


def test_ramping_pays_for_the_difference_alone(on_trial: Surroundings) -> None:
    plan = bootstrap.preview("v2", "10%")
    assert (plan.slice, plan.new, plan.distinct_texts) == ("10%", len(_drawn(10)), len(_drawn(10)))
    assert version_slices.find_slice(on_trial.connection, "v2") is None
    assert _paid(on_trial) == (0, 0)

    assert _run("10%")["loaded"] == len(_drawn(10))
    assert _held(on_trial) == _drawn(10)
    assert _paid(on_trial) == (len(_drawn(10)), 0)
    with pytest.raises(InputError, match="version v2 holds vectors of 10% of the catalog: at 5% the others"):
        bootstrap.run("v2", "a person", share="5%")

    ramp = bootstrap.preview("v2", "40%")
    assert (ramp.new, ramp.unchanged) == (len(_drawn(40) - _drawn(10)), len(_drawn(10)))
    # Looking further changes nothing: the version is as large as it was.
    assert _run()["planned"] == 0

    _run("40%")
    assert _held(on_trial) == _drawn(40)
    _run("100%")
    assert _held(on_trial) == _drawn(100)
    assert _paid(on_trial) == (len(_drawn(100)), 0)
    assert version_slices.find_slice(on_trial.connection, "v2") == Slice(Decimal(100), "trial")


def test_a_slice_that_is_refused_for_its_price_is_not_the_versions(on_trial: Surroundings) -> None:
    with pytest.raises(ConfigurationError, match="may cost up to"):
        bootstrap.run("v2", "a person", max_cost_usd=1e-9, share="40%")
    assert version_slices.find_slice(on_trial.connection, "v2") is None
    # Whoever takes the run up did not ask for that slice.
    assert _run("10%")["loaded"] == len(_drawn(10))


def test_a_plan_is_made_of_its_own_slice_whatever_was_looked_at_since(on_trial: Surroundings) -> None:
    run_id = bootstrap.start_run("v2", "airflow one", share="10%")
    bootstrap.extract_changes([run_id])
    bootstrap.preview("v1")
    assert on_trial.ask("select slice_buckets from catalog.catalog_change_counts where version = 'v2'") == [(None,)]
    bootstrap.plan_run(run_id)
    [(plan,)] = on_trial.ask("select plan from pipeline.runs where run_id = %s", run_id)
    assert (plan["slice"], plan["new"], plan["distinct_texts"]) == ("10%", len(_drawn(10)), len(_drawn(10)))
    with pytest.raises(InputError, match=f"run {run_id} is unfinished, and was planned for 10% of the catalog"):
        bootstrap.start_run("v2", "airflow one", share="40%")


def test_every_night_keeps_the_active_version_and_its_candidates_fresh(on_trial: Surroundings) -> None:
    _run("10%")
    assert embedding_versions.find_version(on_trial.connection, "v2").status == "candidate"
    register_version(on_trial.connection, "v3", text_spec("emulator", "text-embedding-3-small", dims=4))
    first, second = runs = bootstrap.start_runs(None, "airflow one")
    assert bootstrap.extract_changes(runs)["success"] > 5
    shards = bootstrap.plan_runs(runs, max_cost_usd=1)
    assert shards == [{"run_id": first, "shard": 0}]
    bootstrap.load_shard(**shards[0])
    summaries = [bootstrap.finish_run(run_id) for run_id in runs]
    assert [(summary["version"], summary["loaded"]) for summary in summaries] == [("v1", 60), ("v2", 0)]
    assert on_trial.ask("select count(*) from item_embeddings where version = 'v3'") == [(0,)]
    assert second != first
    assert bootstrap.start_runs("v3", "airflow two") != runs


def test_a_candidate_that_cannot_be_run_keeps_nobody_from_his_night(
    on_trial: Surroundings, caplog: pytest.LogCaptureFixture
) -> None:
    embedding_versions.set_status(on_trial.connection, "v2", "candidate")
    on_trial.connection.execute(
        "insert into pipeline.runs (run_id, version, state, started_by) values ('theirs', 'v2', 'leased', 'a person')"
    )
    on_trial.connection.execute(
        "insert into pipeline.leases values ('v2', 'theirs', 1, 'a person', now(), now() + interval '1 hour')"
    )
    [run_id] = bootstrap.start_runs(None, "airflow one")
    assert "version v2 is left out: version v2 is locked by run theirs" in caplog.text
    assert on_trial.ask("select version from pipeline.runs where run_id = %s", run_id) == [("v1",)]


def test_a_run_that_cannot_be_planned_says_so_at_its_end(on_trial: Surroundings) -> None:
    embedding_versions.set_status(on_trial.connection, "v2", "candidate")
    first, second = runs = bootstrap.start_runs(None, "airflow one")
    bootstrap.extract_changes(runs)
    # So that the active version has nothing to pay for.
    on_trial.connection.execute("delete from catalog.changed_catalog_items where version = 'v1'")
    assert bootstrap.plan_runs(runs, max_cost_usd=1e-9) == []
    assert bootstrap.finish_run(first)["state"] == "verified"
    with pytest.raises(RunPaused, match=f"run {second} of version v2 is unfinished: ConfigurationError: the plan may"):
        bootstrap.finish_run(second)
    with pytest.raises(ConfigurationError, match="may cost up to"):
        bootstrap.plan_runs([second], max_cost_usd=1e-9)


def test_a_dry_run_in_a_slice_leaves_the_version_as_it_was(on_trial: Surroundings) -> None:
    run_id = bootstrap.start_run("v2", "airflow one", share="10%", salt="other")
    bootstrap.extract_changes([run_id])
    assert bootstrap.plan_runs([run_id], dry_run=True) == []
    [(plan,)] = on_trial.ask("select plan from pipeline.runs where run_id = %s", run_id)
    assert plan["slice"] == "10%"
    assert bootstrap.finish_run(run_id)["state"] == "previewed"
    assert version_slices.find_slice(on_trial.connection, "v2") is None
