"""The enrichment as a stage of a run, the way a scheduler and a person call it."""

from decimal import Decimal

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.errors import BatchesUnderWay, ConfigurationError, InputError, RunPaused
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import runs, spend
from catalog_embeddings.transform.pricing import chat_price
from tests.bootstrap.conftest import Surroundings

QUOTA = {"kind": "insufficient_quota"}
RECORDS = 4


@pytest.fixture
def enriched(around: Surroundings) -> Surroundings:
    """Version v2 asks a language model about each of four records."""
    spec = text_spec("emulator", "text-embedding-3-small", 16, "product.v4", "review.v1")
    register_version(around.connection, "v2", spec)
    return around


def _calls(around: Surroundings) -> int:
    return int(str(around.emulator.stats()["chat_requests"]))


def _begin(around: Surroundings) -> str:
    run_id = bootstrap.start_run("v2", "airflow one")
    bootstrap.extract_changes([run_id])
    return run_id


def test_the_steps_one_by_one(enriched: Surroundings) -> None:
    run_id = _begin(enriched)
    assert bootstrap.plan_enrichments([run_id]) == [{"run_id": run_id, "shard": 0}]
    assert _calls(enriched) == 0
    assert sum(bootstrap.enrich_shard(run_id, 0).values()) == RECORDS
    # Only the answer was lost: nothing is done twice.
    assert bootstrap.enrich_shard(run_id, 0) == {}
    assert bootstrap.plan_enrichments([run_id]) == []
    for shard in bootstrap.plan_runs([run_id]):
        bootstrap.load_shard(**shard)
    summary = bootstrap.finish_run(run_id)
    assert (summary["state"], summary["loaded"], summary["enrichment"]["records"]) == ("verified", RECORDS, RECORDS)
    assert _calls(enriched) == summary["enrichment"]["calls"]


def test_a_version_without_an_enrichment_passes_at_no_cost(around: Surroundings) -> None:
    run_id = bootstrap.start_run("v1", "airflow one")
    bootstrap.extract_changes([run_id])
    assert bootstrap.plan_enrichments([run_id]) == []
    bootstrap.plan_run(run_id)
    assert bootstrap.finish_run(run_id)["enrichment"] is None
    assert _calls(around) == 0


def test_texts_are_not_planned_before_they_are_enriched(enriched: Surroundings) -> None:
    run_id = _begin(enriched)
    with pytest.raises(ConfigurationError, match="is not enriched"):
        bootstrap.plan_run(run_id)
    bootstrap.plan_enrichments([run_id])
    with pytest.raises(RunPaused, match=r"1 shards of run .* are not enriched"):
        bootstrap.plan_run(run_id)


def test_a_paused_enrichment_says_why_at_the_end_and_is_taken_up_again(enriched: Surroundings) -> None:
    run_id = _begin(enriched)
    enriched.emulator.faults(fail_next=[QUOTA])
    [shard] = bootstrap.plan_enrichments([run_id])
    # It keeps no other version from going on, so it does not fail by itself.
    assert bootstrap.enrich_shard(**shard) == {}
    with pytest.raises(RunPaused, match="quota"):
        bootstrap.plan_runs([run_id])
    with pytest.raises(RunPaused, match="quota"):
        bootstrap.finish_run(run_id)
    summary, error = bootstrap.run("v2", "airflow one")
    assert error is None
    assert (summary["run_id"], summary["state"]) == (run_id, "verified")


def test_through_the_batch_api_everything_is_asked_for_half_the_price(enriched: Surroundings) -> None:
    full = bootstrap.preview("v2").enrichment
    told: list[BatchesUnderWay] = []
    enriched.emulator.faults(batch_seconds=0.2)
    summary, error = bootstrap.run(
        "v2", "a person", via="batch-api", observer=bootstrap.RunObserver(on_waiting=told.append)
    )
    assert error is None
    assert _calls(enriched) == 0
    assert (summary["enrichment"]["records"], summary["enrichment"]["calls"]) == (RECORDS, RECORDS)
    assert told[0].requests == RECORDS
    price = chat_price("gpt-4.1-mini")
    assert price is not None
    paid = spend.chat_spent(enriched.connection, summary["run_id"])
    half = float(price.usd(paid.prompt_tokens, paid.completion_tokens)) / 2
    assert summary["enrichment"]["price_usd"] == pytest.approx(half)
    expected = runs.find_run(enriched.connection, summary["run_id"]).enrichment
    assert full is not None
    assert full.price_usd.expected is not None
    assert expected is not None
    assert expected["price_usd"]["expected"] == pytest.approx(full.price_usd.expected / 2)
    # Any record may have to be asked for alone after all.
    assert expected["price_usd"]["high"] == pytest.approx(full.price_usd.high)


def test_a_list_that_a_batch_is_under_way_for_is_kept(enriched: Surroundings) -> None:
    enriched.emulator.faults(batch_seconds=3600)
    run_id = bootstrap.start_run("v2", "airflow one", via="batch-api")
    bootstrap.extract_changes([run_id])
    [shard] = bootstrap.plan_enrichments([run_id])
    with pytest.raises(BatchesUnderWay):
        bootstrap.enrich_shard(**shard)
    [(listed, said)] = enriched.ask(
        "select worklist_id, error from pipeline.run_enrichments inner join pipeline.runs using (run_id)"
    )
    assert "the Batch API is at work" in said
    enriched.add_ballast(2)
    # The same run, taken up once its worker is thought dead.
    enriched.connection.execute("update pipeline.leases set expires_at = now()")
    assert bootstrap.start_run("v2", "airflow two") == run_id
    bootstrap.extract_changes([run_id])
    assert bootstrap.plan_enrichments([run_id], max_cost_usd=5.0) == [shard]
    assert spend.open_account(enriched.connection, run_id).limit == 5
    assert enriched.ask("select worklist_id from pipeline.run_enrichments") == [(listed,)]
    with pytest.raises(InputError, match="batches under way"):
        bootstrap.start_run("v2", "a person", via="api")
    enriched.emulator.faults(batch_seconds=0)
    while True:
        try:
            assert sum(bootstrap.enrich_shard(**shard).values()) == RECORDS
        except BatchesUnderWay:
            continue
        break
    # What has come since is on the next list.
    assert len(bootstrap.plan_enrichments([run_id])) == 1
    assert enriched.emulator.stats()["batches"] == 1
    assert _calls(enriched) == 0


def test_a_dry_run_says_the_price_and_asks_nothing(enriched: Surroundings) -> None:
    run_id = _begin(enriched)
    assert bootstrap.plan_enrichments([run_id], dry_run=True) == []
    bootstrap.plan_runs([run_id], dry_run=True)
    plan = runs.find_run(enriched.connection, run_id).plan
    assert plan is not None
    assert plan["enrichment"]["calls"] == RECORDS
    assert _calls(enriched) == 0
    assert bootstrap.preview("v2").as_json()["enrichment"] == plan["enrichment"]


def test_one_limit_is_held_against_both_prices_before_the_first_call(enriched: Surroundings) -> None:
    plan = bootstrap.preview("v2")
    assert plan.enrichment is not None
    assert plan.enrichment.price_usd.high is not None
    assert plan.price_usd.high is not None
    with pytest.raises(ConfigurationError, match="nothing was sent"):
        bootstrap.run("v2", "a person", plan.enrichment.price_usd.high)
    assert _calls(enriched) == 0
    enough = plan.enrichment.price_usd.high + 2 * plan.price_usd.high
    summary, error = bootstrap.run("v2", "a person", enough)
    assert error is None
    account = spend.open_account(enriched.connection, summary["run_id"])
    assert account.limit == Decimal(str(enough))
    assert account.reserved == 0
    assert 0 < account.spent < account.limit
    assert float(account.spent) == pytest.approx(summary["price_usd"] + summary["enrichment"]["price_usd"])


def test_observers_are_told(enriched: Surroundings) -> None:
    told: list[object] = []
    bootstrap.run(
        "v2",
        "a person",
        observer=bootstrap.RunObserver(
            on_enrichment=lambda expected: told.append(expected["calls"]), on_enriched=told.append
        ),
    )
    assert told == [RECORDS, RECORDS]


def test_an_edited_enrichment_is_refused(enriched: Surroundings) -> None:
    enriched.connection.execute("alter table embedding_versions disable trigger user")
    enriched.connection.execute("update embedding_versions set enrichment_hash = 'another' where version = 'v2'")
    with pytest.raises(ConfigurationError, match=r"enrichment review\.v1 was edited"):
        bootstrap.run("v2", "a person")


def test_a_sample_is_priced_then_shown_and_kept(enriched: Surroundings) -> None:
    told: list[int] = []
    price, items = bootstrap.sample_enrichment(2, "v2", ask=False, on_price=lambda each: told.append(each.calls))
    assert (price.calls, items, told, _calls(enriched)) == (2, [], [2], 0)
    _, items = bootstrap.sample_enrichment(2, "v2", ask=True)
    assert len(items) == 2
    assert bootstrap.preview("v2").enrichment is not None
    assert bootstrap.sample_enrichment(2, enrichment="film.v1", ask=False)[0].enrichment == "film.v1"
    with pytest.raises(InputError, match="v1 has no enrichment"):
        bootstrap.sample_enrichment(2, "v1", ask=False)


def test_what_other_guards_have_judged_is_judged_again_before_the_next_run(enriched: Surroundings) -> None:
    bootstrap.run("v2", "a person")
    calls = _calls(enriched)
    enriched.connection.execute("update item_enrichments set guards_version = 'other', text = 'Other words.'")
    summary, _ = bootstrap.run("v2", "a person")
    assert (summary["planned"], summary["loaded"]) == (RECORDS, RECORDS)
    assert _calls(enriched) == calls
    assert enriched.ask("select count(*) from item_enrichments where text = 'Other words.'") == [(0,)]
    enriched.connection.execute("update item_enrichments set guards_version = 'other'")
    assert bootstrap.recheck_version("v2").checked == RECORDS
