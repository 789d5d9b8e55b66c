"""Planning: all of it or nothing, the price before the first call, and nothing that cannot be embedded."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.lake.texts import read_texts
from catalog_embeddings.pipeline.plan import Limits, is_counted, make_plan, preview_plan, refuse_price
from catalog_embeddings.pipeline.register import register_version
from catalog_embeddings.postgres import dead_letters, runs, spend, version_slices
from catalog_embeddings.transform.pricing import bytes_in_postgres
from catalog_embeddings.transform.slicing import slice_bucket
from tests.pipeline.conftest import CATALOG, ORG, WORDS, Steps

PIPELINE_TABLES = ("runs", "run_plan", "run_texts", "run_shards", "dead_letters", "paid_contents", "lake_parts")


def _rows(steps: Steps) -> dict[str, int]:
    return {table: steps.column(f"select count(*) from pipeline.{table}")[0] for table in PIPELINE_TABLES}


def test_the_plan_says_what_dbt_found_and_what_it_will_cost(steps: Steps) -> None:
    plan = steps.plan(steps.lease())
    assert (plan.version, plan.new, plan.changed, plan.unchanged, plan.deleted) == ("v1", 12, 0, 0, 0)
    assert (plan.refused, plan.known_dead) == (2, 0)
    assert (plan.distinct_texts, plan.reusable, plan.requests, plan.shards) == (9, 0, 1, 1)
    price = plan.price_usd
    assert price.low is not None
    assert price.expected is not None
    assert price.high is not None
    assert 0 < price.low < price.expected < price.high
    # text-embedding-3-small costs 0.02 USD a million tokens.
    assert price.expected == pytest.approx(plan.tokens * 0.02 / 1e6)
    assert plan.price_batch_usd.expected == pytest.approx(price.expected / 2)
    assert plan.seconds == 0.1
    assert plan.slice == "100%"
    assert plan.bytes_postgres == bytes_in_postgres(12, dims=16)
    assert 9 * 16 * 4 < plan.bytes_lake < 9 * 16 * 4 * 10


def test_limits_a_minute_say_how_long_it_takes(steps: Steps) -> None:
    steps.limits = Limits(batch_size=1, parallelism=10, requests_per_minute=3)
    assert preview_plan(steps.connection, steps.version, steps.limits).seconds == 180
    steps.limits = Limits(batch_size=1, parallelism=10, requests_per_minute=300, tokens_per_minute=10)
    plan = preview_plan(steps.connection, steps.version, steps.limits)
    assert plan.seconds == 6 * plan.tokens


def test_the_frozen_plan_is_the_one_that_was_shown(steps: Steps) -> None:
    plan = steps.plan(steps.lease())
    run = runs.find_run(steps.connection, "run-1")
    assert run.state == "planned"
    assert run.plan == json.loads(json.dumps(plan.as_json()))
    assert _rows(steps) | {"runs": 1} == {
        "runs": 1,
        "run_plan": 12,
        "run_texts": 9,
        "run_shards": 1,
        "dead_letters": 2,
        "paid_contents": 0,
        "lake_parts": 0,
    }


def test_items_of_one_text_share_it(steps: Steps) -> None:
    steps.plan(steps.lease())
    shared = steps.column(
        "select array_agg(item_id order by item_id) from pipeline.run_plan where content_hash is not null"
        " group by content_hash having count(*) > 1"
    )
    assert shared == [["twin_a", "twin_b"]]


def test_the_texts_lie_in_the_lake_once_each(steps: Steps) -> None:
    steps.plan(steps.lease())
    plan_id = runs.find_run(steps.connection, "run-1").plan_id
    assert plan_id is not None
    texts = list(read_texts(steps.lake, plan_id, 0))
    assert {text.content_hash for text in texts} == set(steps.column("select content_hash from pipeline.run_texts"))
    said = [text.chunks[0] for text in texts]
    assert len(said) == 9
    assert "Zephyrine reading lamp\nProduct: Lumora\nDetails: watts: 5" in said
    assert "Quillwood standing desk\nTags: office, oak" in said


def test_what_cannot_be_embedded_becomes_a_dead_letter_with_its_reason(steps: Steps) -> None:
    steps.put("nothing_but_space", title=" \t\n ")
    steps.put("endless", title="Wordy " * 40_000)
    steps.found(new=("silent", "listed", "nothing_but_space", "endless", "lamp"))
    plan = steps.plan(steps.lease())
    assert (plan.refused, plan.distinct_texts) == (4, 1)
    letters = dead_letters.open_letters(steps.connection)
    assert {letter.item_id: letter.reason for letter in letters} == {
        "silent": "empty_text",
        "listed": "attributes_not_object",
        "nothing_but_space": "empty_text",
        "endless": "text_too_long",
    }
    assert {letter.stage for letter in letters} == {"plan"}
    assert not any(word in f"{letters}" for word in [*WORDS, "Wordy"])
    assert steps.column("select count(*) from pipeline.run_plan where content_hash is null") == [4]


def test_a_text_that_is_paid_for_is_not_counted_again(steps: Steps) -> None:
    steps.run("run-1")
    steps.put("lamp", title="Zephyrine floor lamp")
    steps.put("third_twin", title="Gemini candle holder")
    steps.found(new=("third_twin",), changed=("lamp",))
    plan = steps.plan(steps.lease("run-2"))
    assert (plan.new, plan.changed, plan.distinct_texts, plan.reusable, plan.requests) == (1, 1, 2, 1, 1)
    assert plan.tokens == round(len("Zephyrine floor lamp\nProduct: Lumora\nDetails: watts: 5") * 0.28)


def test_what_another_version_has_paid_for_is_not_paid_again(steps: Steps) -> None:
    steps.run("run-1")
    # Another spec, but the same texts, and the same parts of it turn them into vectors.
    spec = replace(steps.version.spec, template_hash="another")
    steps.version = register_version(steps.connection, "v2", spec)
    for table in ("changed_catalog_items", "catalog_change_counts"):
        steps.connection.execute(f"update catalog.{table} set version = 'v2'".encode())
    plan = preview_plan(steps.connection, steps.version, steps.limits)
    assert (plan.version, plan.new, plan.distinct_texts, plan.reusable) == ("v2", 12, 9, 9)
    assert (plan.requests, plan.tokens, plan.price_usd.high) == (0, 0, 0)
    other = replace(steps.version, spec=replace(spec, dims=8))
    assert preview_plan(steps.connection, other, steps.limits).reusable == 0


def test_what_was_billed_before_corrects_the_estimate(steps: Steps) -> None:
    assumed = preview_plan(steps.connection, steps.version, steps.limits)
    runs.open_run(steps.connection, "earlier", "v1", "a test")
    spend.open_account(steps.connection, "earlier")
    spend.settle(steps.connection, "earlier", released=Decimal(0), spent=Decimal(0), tokens=50_000, text_bytes=100_000)
    plan = preview_plan(steps.connection, steps.version, steps.limits)
    assert plan.tokens == pytest.approx(assumed.tokens * 0.5 / 0.28, abs=1)
    assert plan.price_usd.expected == pytest.approx(plan.tokens * 0.02 / 1e6)


def test_a_plan_is_of_a_slice_and_makes_it_the_versions(steps: Steps) -> None:
    half = Slice(Decimal(50), "trial")
    drawn = [
        item for item in CATALOG if half.contains(slice_bucket(ORG, item, "trial")) and item not in {"silent", "listed"}
    ]
    preview = preview_plan(steps.connection, steps.version, steps.limits, half)
    assert (preview.slice, preview.distinct_texts) == ("50%", len({CATALOG[item]["title"] for item in drawn}))
    assert 0 < preview.distinct_texts < 9
    assert version_slices.find_slice(steps.connection, "v1") is None

    lease = steps.lease()
    with pytest.raises(ConfigurationError, match="may cost up to"):
        make_plan(steps.connection, steps.lake, "run-1", steps.version, replace(steps.limits, max_cost_usd=1e-9), half)
    assert version_slices.find_slice(steps.connection, "v1") is None

    limits = replace(steps.limits, max_cost_usd=0.5)
    frozen = make_plan(steps.connection, steps.lake, lease.run_id, steps.version, limits, half)
    assert frozen == preview
    assert version_slices.find_slice(steps.connection, "v1") == half
    assert spend.open_account(steps.connection, "run-1").limit == Decimal("0.5")
    # From now on it is the version's own, and need not be asked for.
    assert preview_plan(steps.connection, steps.version, steps.limits).slice == "50%"


def test_a_plan_knows_whether_dbt_looked_at_its_slice(steps: Steps) -> None:
    half = Slice(Decimal(50), "trial")
    assert is_counted(steps.connection, steps.version, None)
    assert is_counted(steps.connection, steps.version, Slice(Decimal(100), "trial"))
    assert not is_counted(steps.connection, steps.version, half)
    steps.connection.execute("update catalog.catalog_change_counts set slice_buckets = 5000, slice_salt = 'trial'")
    assert is_counted(steps.connection, steps.version, half)
    assert not is_counted(steps.connection, steps.version, replace(half, salt="other"))
    assert not is_counted(steps.connection, steps.version, None)


def test_a_preview_says_the_same_and_leaves_nothing(steps: Steps) -> None:
    before = _rows(steps)
    preview = preview_plan(steps.connection, steps.version, steps.limits)
    assert _rows(steps) == before == dict.fromkeys(PIPELINE_TABLES, 0)
    assert list(steps.lake_folder.rglob("*.parquet")) == []
    assert steps.emulator.stats()["requests"] == 0
    assert steps.plan(steps.lease()) == preview


def test_a_plan_above_the_limit_is_refused_before_the_first_call(steps: Steps) -> None:
    lease = steps.lease()
    limits = replace(steps.limits, max_cost_usd=1e-9)
    with pytest.raises(ConfigurationError, match=r"may cost up to 5e-06 USD, more than the limit of 1e-09 USD"):
        make_plan(steps.connection, steps.lake, lease.run_id, steps.version, limits)
    assert _rows(steps) == dict.fromkeys(PIPELINE_TABLES, 0) | {"runs": 1}
    assert runs.find_run(steps.connection, "run-1").state == "leased"
    assert steps.emulator.stats()["requests"] == 0
    enough = replace(steps.limits, max_cost_usd=0.01)
    assert make_plan(steps.connection, steps.lake, lease.run_id, steps.version, enough).distinct_texts == 9


def test_an_unknown_price_cannot_be_held_against_a_limit(steps: Steps) -> None:
    unknown = replace(steps.version, spec=replace(steps.version.spec, model="a-model-of-our-own"))
    plan = preview_plan(steps.connection, unknown, steps.limits)
    assert plan.price_usd.low is plan.price_usd.expected is plan.price_usd.high is None
    refuse_price(plan, None)
    with pytest.raises(ConfigurationError, match="the price of version v1's model is unknown"):
        refuse_price(plan, 1_000.0)
    refuse_price(replace(plan, requests=0), 0.0)


def test_a_plan_that_fails_half_way_leaves_no_plan(steps: Steps) -> None:
    lease = steps.lease()
    steps.lake_folder.joinpath("plans").write_text("in the way of the folder")
    with pytest.raises(Exception, match="the lake did not store"):
        steps.plan(lease)
    assert _rows(steps) == dict.fromkeys(PIPELINE_TABLES, 0) | {"runs": 1}
    steps.lake_folder.joinpath("plans").unlink()
    assert steps.plan(lease).distinct_texts == 9


def test_requests_follow_the_batch_size(steps: Steps) -> None:
    for batch_size, requests in ((1, 9), (4, 3), (9, 1), (2_048, 1)):
        plan = preview_plan(steps.connection, steps.version, Limits(batch_size=batch_size, parallelism=10))
        assert plan.requests == requests
        assert plan.seconds == round(requests / 10, 1)


def test_a_large_plan_is_cut_into_shards(steps: Steps) -> None:
    # At one request in flight and one text a request, a shard of three minutes holds 180 texts.
    steps.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title)"
        " select %s, 'bulk-' || n, 'Bulk item number ' || n from generate_series(1, 4500) as n",
        [steps.ask("select org_id from analytics.catalog_features_raw limit 1")[0][0]],
    )
    steps.found(new=tuple(f"bulk-{number}" for number in range(1, 4501)))
    steps.limits = Limits(batch_size=1, parallelism=1)
    plan = steps.plan(steps.lease())
    shards = steps.column("select count(*) from pipeline.run_texts group by shard order by shard")
    assert plan.shards == len(shards) == len(steps.ask("select 1 from pipeline.run_shards")) > 1
    assert sum(shards) == plan.distinct_texts == plan.requests == 4500
    plan_id = runs.find_run(steps.connection, "run-1").plan_id or ""
    assert [len(list(read_texts(steps.lake, plan_id, shard))) for shard in range(plan.shards)] == shards
