"""A run step by step, as a scheduler calls it: resumed, refused, paused, and told of afterwards."""

from decimal import Decimal

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.errors import (
    BatchesUnderWay,
    CatalogEmbeddingsError,
    ConfigurationError,
    InputError,
    RunFenced,
    RunHeld,
    RunLocked,
    RunPaused,
    ThresholdExceeded,
)
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import leases, runs
from catalog_embeddings.postgres.connection import connect
from tests.bootstrap.conftest import ITEMS, Surroundings

QUOTA = {"kind": "insufficient_quota"}


def test_the_steps_one_by_one_find_and_pay_for_what_changed(around: Surroundings) -> None:
    around.connection.execute(
        "update analytics.catalog_features_raw set title = 'Marrowby garden chair' where item_id = 'chair'"
    )
    run_id = bootstrap.start_run(None, "airflow one")
    assert set(bootstrap.extract_changes([run_id])) <= {"success", "pass"}
    assert bootstrap.plan_run(run_id) == [0]
    counts = bootstrap.load_shard(run_id, 0)
    assert (counts["texts"], counts["embedded"], counts["loaded"], counts["requests"]) == (1, 1, 1, 1)
    summary = bootstrap.finish_run(run_id)
    assert (summary["run_id"], summary["state"], summary["planned"], summary["loaded"]) == (run_id, "verified", 1, 1)
    # The next run does not have to wait until this one's lease expires.
    assert bootstrap.start_run(None, "airflow two") != run_id


def test_between_its_steps_a_run_keeps_its_version_to_itself(around: Surroundings) -> None:
    run_id = bootstrap.start_run("v1", "airflow one")
    sentence = f"version v1 is locked by run {run_id}, since .* UTC, on airflow one; wait for it to end"
    for _ in range(2):
        with pytest.raises(RunLocked, match=sentence):
            bootstrap.start_run(None, "airflow two")
        with pytest.raises(RunLocked, match=sentence):
            bootstrap.run(None, "a person")
        bootstrap.plan_run(run_id)
    assert bootstrap.start_run(None, "airflow one") == run_id
    assert around.ask("select count(*) from pipeline.runs") == [(2,)]


def test_a_paused_run_is_taken_up_by_whoever_comes_next(around: Surroundings) -> None:
    around.pay_again()
    run_id = bootstrap.start_run(None, "airflow one")
    assert bootstrap.plan_run(run_id) == [0]
    around.emulator.faults(fail_next=[QUOTA])
    with pytest.raises(RunPaused):
        bootstrap.load_shard(run_id, 0)
    [(state, error)] = around.ask("select state, error from pipeline.runs where run_id = %s", run_id)
    assert state == "paused"
    assert error.startswith("RunPaused: the API's quota is used up")
    summary, error = bootstrap.run(None, "a person")
    assert error is None
    assert (summary["run_id"], summary["state"], summary["embedded"], summary["requests"]) == (
        run_id,
        "verified",
        4,
        2,
    )
    assert around.ask("select state, error from pipeline.runs where run_id = %s", run_id) == [("verified", None)]


def test_a_frozen_plan_is_never_made_again(around: Surroundings) -> None:
    around.pay_again()
    run_id = bootstrap.start_run(None, "airflow one")
    bootstrap.plan_run(run_id)
    frozen = around.ask("select plan_id, plan from pipeline.runs where run_id = %s", run_id)
    around.connection.execute("drop schema catalog cascade")
    assert bootstrap.extract_changes([run_id]) == {}
    assert bootstrap.plan_run(run_id) == [0]
    assert around.ask("select plan_id, plan from pipeline.runs where run_id = %s", run_id) == frozen


def test_a_run_above_its_limit_sends_nothing_and_may_be_tried_again(around: Surroundings) -> None:
    around.pay_again()
    run_id = bootstrap.start_run(None, "airflow one")
    with pytest.raises(ConfigurationError, match="more than the limit of 1e-09 USD"):
        bootstrap.plan_run(run_id, max_cost_usd=1e-9)
    assert around.requests() == 0
    [(state, error, plan)] = around.ask("select state, error, plan from pipeline.runs where run_id = %s", run_id)
    assert (state, plan) == ("leased", None)
    assert error.startswith("ConfigurationError: the plan may cost up to")
    assert bootstrap.start_run(None, "a person") == run_id
    assert bootstrap.plan_run(run_id, max_cost_usd=1) == [0]


def test_a_dry_run_shows_its_plan_and_is_over(around: Surroundings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="catalog_embeddings")
    around.pay_again()
    run_id = bootstrap.start_run(None, "airflow one")
    assert bootstrap.plan_run(run_id, dry_run=True) == []
    assert "a dry run, nothing is embedded: Plan(version='v1', slice='100%', new=5" in caplog.text
    assert bootstrap.finish_run(run_id) == {"run_id": run_id, "version": "v1", "state": "previewed"}
    assert around.requests() == 0
    assert around.ask("select plan ->> 'distinct_texts' from pipeline.runs where run_id = %s", run_id) == [("4",)]
    assert bootstrap.start_run(None, "airflow two") != run_id


def test_a_dry_run_of_an_unfinished_run_leaves_it_unfinished(around: Surroundings) -> None:
    around.pay_again()
    run_id = bootstrap.start_run(None, "airflow one")
    bootstrap.plan_run(run_id)
    assert bootstrap.plan_run(run_id, dry_run=True) == []
    assert around.ask("select state from pipeline.runs where run_id = %s", run_id) == [("planned",)]
    assert bootstrap.plan_run(run_id) == [0]


def test_a_run_that_is_left_undone_is_not_finished(around: Surroundings) -> None:
    around.pay_again()
    run_id = bootstrap.start_run(None, "airflow one")
    with pytest.raises(RunPaused, match=f"run {run_id} of version v1 is unfinished: a step of it has failed"):
        bootstrap.finish_run(run_id)
    bootstrap.plan_run(run_id)
    around.emulator.faults(fail_next=[QUOTA])
    with pytest.raises(RunPaused, match="quota"):
        bootstrap.load_shard(run_id, 0)
    with pytest.raises(RunPaused, match=f"run {run_id} of version v1 is unfinished: RunPaused: the API's quota"):
        bootstrap.finish_run(run_id)
    [(state, error)] = around.ask("select state, error from pipeline.runs where run_id = %s", run_id)
    assert state == "paused"
    assert error.startswith("RunPaused: the API's quota is used up")
    around.connection.execute("update pipeline.runs set state = 'failed', error = 'all wrong'")
    with pytest.raises(RunHeld, match=f"run {run_id} of version v1 is over, failed: all wrong"):
        bootstrap.finish_run(run_id)


def test_too_many_failures_are_raised_once_everything_is_recorded(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_FAILURE_THRESHOLD", "0.1")
    around.connection.execute("delete from pipeline.dead_letters")
    around.connection.execute("delete from item_embeddings")
    around.pay_again()
    run_id = bootstrap.start_run(None, "airflow one")
    [shard] = bootstrap.plan_run(run_id)
    bootstrap.load_shard(run_id, shard)
    with pytest.raises(ThresholdExceeded, match=r"1 of 5 attempted items failed \(20\.00%\), more than 10\.0%"):
        bootstrap.finish_run(run_id)
    assert around.ask("select state, summary ->> 'loaded' from pipeline.runs where run_id = %s", run_id) == [
        ("failed", "4")
    ]
    assert bootstrap.start_run(None, "airflow two") != run_id


def test_the_limit_of_a_run_outlives_a_pause_until_another_is_given(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_BATCH_SIZE", "1")
    around.pay_again()
    around.connection.execute("delete from item_embeddings")
    run_id = bootstrap.start_run(None, "airflow one")
    bootstrap.plan_run(run_id, max_cost_usd=1)
    # As if it had been given less, and used it up.
    around.connection.execute("update pipeline.spend set max_cost_usd = 1e-8 where run_id = %s", [run_id])
    with pytest.raises(RunPaused, match=r"the cost limit of 0\.00000001 USD is reached: run .* has spent 0"):
        bootstrap.load_shard(run_id, 0)
    with pytest.raises(RunPaused, match=r"the cost limit of 0\.00000001 USD"):
        bootstrap.run(None, "a person")
    assert around.requests() == 0
    summary, error = bootstrap.run(None, "a person", max_cost_usd=0.5)
    assert error is None
    assert (summary["run_id"], summary["embedded"]) == (run_id, 4)
    assert around.ask("select max_cost_usd from pipeline.spend where run_id = %s", run_id) == [(Decimal("0.5"),)]


def test_a_shard_that_stops_early_ends_the_run_for_every_other(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_BATCH_SIZE", "1")
    around.add_ballast(120)
    run_id = bootstrap.start_run(None, "airflow one")
    bootstrap.extract_changes([run_id])
    [shard] = bootstrap.plan_run(run_id)
    around.emulator.faults(poison=["Ballast"])
    with pytest.raises(ThresholdExceeded, match="so nothing more is spent"):
        bootstrap.load_shard(run_id, shard)
    assert around.ask("select state from pipeline.runs where run_id = %s", run_id)[0][0] in {"failed", "held"}
    requests = around.requests()
    with pytest.raises(RunFenced, match=f"run {run_id} is over"):
        bootstrap.load_shard(run_id, shard)
    assert around.requests() == requests


def test_a_frozen_plan_that_is_damaged_holds_the_run_and_the_next_plans_anew(around: Surroundings) -> None:
    around.pay_again()
    run_id = bootstrap.start_run(None, "airflow one")
    bootstrap.plan_run(run_id)
    [(plan_id,)] = around.ask("select plan_id from pipeline.runs where run_id = %s", run_id)
    [texts] = around.lake.glob(f"plans/{plan_id}/*/*.parquet")
    texts.write_bytes(texts.read_bytes()[:-8])
    summary, error = bootstrap.run(None, "airflow one")
    assert isinstance(error, RunHeld)
    assert "the frozen plan cannot be read" in str(error)
    assert (summary["run_id"], summary["state"]) == (run_id, "held")
    assert around.requests() == 0


def test_without_an_endpoint_nothing_begins(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL")
    for begin in (lambda: bootstrap.start_run(None, "x"), lambda: bootstrap.run(None, "x")):
        with pytest.raises(ConfigurationError, match="no embeddings API is configured: set OPENAI_API_KEY"):
            begin()
    assert around.ask("select count(*) from pipeline.runs") == [(1,)]


def test_a_version_of_another_provider_is_not_even_begun(around: Surroundings) -> None:
    register_version(around.connection, "v2", text_spec("openai", dims=8))
    for begin in (lambda: bootstrap.start_run("v2", "x"), lambda: bootstrap.run("v2", "x")):
        with pytest.raises(ConfigurationError, match="version v2 was made by 'openai', but 'emulator' answers"):
            begin()
    assert around.ask("select count(*) from pipeline.runs") == [(1,)]


def test_another_endpoint_between_two_steps_adds_nothing(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    around.pay_again()
    run_id = bootstrap.start_run(None, "airflow one")
    [shard] = bootstrap.plan_run(run_id)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
    with pytest.raises(ConfigurationError, match="version v1 was made by 'emulator', but 'openai' answers"):
        bootstrap.load_shard(run_id, shard)


def test_a_store_that_cannot_be_relied_on_is_found_out_before_anything_is_begun(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", "s3://no-such-bucket-anywhere")
    monkeypatch.setenv("AWS_ENDPOINT_URL", around.emulator.url.removesuffix("/v1"))
    with pytest.raises(CatalogEmbeddingsError):
        bootstrap.start_run(None, "x")
    assert around.ask("select count(*) from pipeline.runs") == [(1,)]


def test_a_finished_run_says_again_how_it_ended(around: Surroundings) -> None:
    run_id = bootstrap.start_run(None, "airflow one")
    bootstrap.extract_changes([run_id])
    bootstrap.plan_run(run_id)
    ended = bootstrap.finish_run(run_id)
    moment = around.ask("select finished_at from pipeline.runs where run_id = %s", run_id)
    assert bootstrap.finish_run(run_id) == ended
    assert around.ask("select finished_at from pipeline.runs where run_id = %s", run_id) == moment


def test_a_step_out_of_turn_is_refused(around: Surroundings) -> None:
    run_id = bootstrap.start_run(None, "airflow one")
    with pytest.raises(ConfigurationError, match=f"run {run_id} has no plan yet"):
        bootstrap.load_shard(run_id, 0)
    with pytest.raises(RunFenced, match="run nonsense no longer holds its version"):
        bootstrap.plan_run("nonsense")
    with pytest.raises(InputError, match="there is no embedding version 'v9'"):
        bootstrap.start_run("v9", "airflow one")


def test_a_superseded_run_does_no_further_step(around: Surroundings) -> None:
    run_id = bootstrap.start_run(None, "airflow one")
    around.connection.execute("update pipeline.leases set expires_at = now()")
    with connect(around.database_url) as usurper:
        runs.open_run(usurper, "usurper", "v1", "another")
        leases.take(usurper, "v1", "usurper", "another", 0.0)
    with pytest.raises(RunFenced):
        bootstrap.extract_changes([run_id])
    for step in (bootstrap.plan_run, bootstrap.finish_run):
        with pytest.raises(RunFenced):
            step(run_id)
    assert around.ask("select state from pipeline.runs where run_id = %s", run_id) == [("leased",)]


def test_what_a_driver_says_is_not_written_down(around: Surroundings) -> None:
    run_id = bootstrap.start_run(None, "airflow one")
    around.connection.execute("alter table catalog.catalog_change_counts rename column items to zephyrine")
    with pytest.raises(Exception, match="items"):
        bootstrap.plan_run(run_id)
    assert around.ask("select error from pipeline.runs where run_id = %s", run_id) == [("UndefinedColumn",)]


def test_no_step_writes_catalog_text_into_logs_or_tables(
    around: Surroundings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("INFO")
    caplog.set_level("DEBUG", logger="catalog_embeddings")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a-very-secret-key")
    around.pay_again()
    around.connection.execute("delete from item_embeddings")
    around.emulator.faults(poison=["Quillwood"])
    run_id = bootstrap.start_run(None, "airflow one")
    bootstrap.plan_run(run_id)
    bootstrap.load_shard(run_id, 0)
    with pytest.raises(ThresholdExceeded):
        bootstrap.finish_run(run_id)
    assert f"the plan of run {run_id}" in caplog.text
    tables = [row[0] for row in around.ask("select tablename from pg_tables where schemaname = 'pipeline'")]
    kept = "".join(f"{around.ask(f'select t::text from pipeline.{table} as t')}" for table in tables)
    assert "desk" in kept
    for secret in ["sk-a-very", *(title.split()[0] for title in ITEMS.values() if title)]:
        assert secret not in kept
        assert secret not in caplog.text


def test_a_shard_that_waits_for_the_batch_api_says_for_how_long_and_keeps_its_version(around: Surroundings) -> None:
    around.pay_again()
    around.emulator.faults(batch_seconds=3600)
    run_id = bootstrap.start_run("v1", "airflow one", via="batch-api")
    assert bootstrap.plan_run(run_id) == [0]
    for _ in range(2):
        with pytest.raises(BatchesUnderWay) as waiting:
            bootstrap.load_shard(run_id, 0)
        assert 0 < waiting.value.seconds < 60
        [(state, error)] = around.ask("select state, error from pipeline.runs where run_id = %s", run_id)
        assert state == "planned"
        assert error.startswith("the Batch API is at work: 1 batches are under way, 0 of their 1 requests are answered")
    # Longer than it means to wait.
    assert around.ask("select expires_at > now() + interval '100 s' from pipeline.leases") == [(True,)]
    with pytest.raises(RunLocked):
        bootstrap.run("v1", "a person")
    with pytest.raises(RunPaused, match="is unfinished: the Batch API is at work"):
        bootstrap.finish_run(run_id)
    around.emulator.faults(batch_seconds=0)
    while True:
        try:
            counts = bootstrap.load_shard(run_id, 0)
        except BatchesUnderWay:
            continue
        break
    assert (counts["embedded"], counts["loaded"]) == (4, 0)
    assert bootstrap.finish_run(run_id)["state"] == "verified"
    assert around.requests() == 0


def test_a_run_remembers_how_it_asks_until_nothing_is_under_way(around: Surroundings) -> None:
    around.pay_again()
    around.emulator.faults(batch_seconds=3600)
    run_id = bootstrap.start_run("v1", "airflow one", via="batch-api")
    bootstrap.plan_run(run_id)
    with pytest.raises(BatchesUnderWay):
        bootstrap.load_shard(run_id, 0)
    with pytest.raises(InputError, match=f"run {run_id} has batches under way.*go on with --via batch-api"):
        bootstrap.start_run("v1", "airflow one", via="api")
    assert bootstrap.start_run("v1", "airflow one") == run_id
    assert around.ask("select via from pipeline.runs where run_id = %s", run_id) == [("batch-api",)]
    around.connection.execute("delete from pipeline.batches")
    assert bootstrap.start_run("v1", "airflow one", via="api") == run_id
    assert bootstrap.load_shard(run_id, 0)["embedded"] == 4
