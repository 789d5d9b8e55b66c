"""The nightly DAG as the scheduler sees it, and what the DAGs that embed have in common.

That it runs, end to end, is tested where it is run: tests/cli/test_dag_run.py and tests/cli/test_up_command.py.
"""

from typing import Any

import pytest

from catalog_embeddings.cli.airflow_home import POOLS

EMBEDDING = ("generate_product_embeddings", "backfill_embedding_version")


@pytest.fixture
def nightly(parsed: dict[str, Any]) -> dict[str, Any]:
    return dict(parsed["dags"]["generate_product_embeddings"])


@pytest.fixture(params=EMBEDDING)
def either(parsed: dict[str, Any], request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(parsed["dags"][request.param])


def test_they_import_without_errors_and_without_weight(parsed: dict[str, Any]) -> None:
    assert parsed["import_errors"] == {}
    assert parsed["heavy"] == []
    assert parsed["modules"] == ["catalog_embeddings", "catalog_embeddings.errors", "catalog_embeddings_plugin"]


def test_the_package_is_not_crawled_as_if_it_were_plugins(parsed: dict[str, Any]) -> None:
    assert parsed["crawled"] == []


def test_it_runs_every_night_one_run_at_a_time_and_never_catches_up(nightly: dict[str, Any]) -> None:
    assert (nightly["schedule"], nightly["catchup"], nightly["max_active_runs"]) == ("0 2 * * *", False, 1)


def test_its_form_has_a_title_and_a_sentence_for_every_field(nightly: dict[str, Any]) -> None:
    assert nightly["untitled"] == []
    assert {name: (param["type"], param["default"]) for name, param in nightly["params"].items()} == {
        "version": (["null", "string"], None),
        "max_cost_usd": (["null", "number"], None),
        "dry_run": ("boolean", False),
    }


def test_the_steps_stand_in_the_order_of_the_river(either: dict[str, Any]) -> None:
    downstream = dict(either["downstream"])
    start = "start_runs" if "start_runs" in downstream else "start_run"
    assert downstream == {
        start: ["extract_changes", "finish_run", "index_version", "plan_enrichments", "plan_runs"],
        "extract_changes": ["plan_enrichments"],
        "plan_enrichments": ["enrich_shard"],
        "enrich_shard": ["plan_runs"],
        "plan_runs": ["load_shard"],
        "load_shard": ["finish_run"],
        "finish_run": ["index_version"],
        "index_version": [],
    }


def test_a_failed_shard_keeps_no_other_version_from_its_end(either: dict[str, Any]) -> None:
    assert either["leaf_rule"] == "all_done"
    assert either["assets"] == ["item_embeddings"]
    # A build of hours is not cut off with the hour that other steps have, and is judged by itself.
    assert either["index"] == ["all_done", 12 * 3_600]


def test_one_shard_takes_the_whole_pool(either: dict[str, Any]) -> None:
    for shard in ("load_shard", "enrich_shard"):
        assert either["pools"].pop(shard) == ["embedding_api", POOLS["embedding_api"]["slots"]]
    assert all(pool == ["default_pool", 1] for pool in either["pools"].values())


def test_every_task_retries_by_the_class_of_its_error(either: dict[str, Any]) -> None:
    assert all(retries == [3, True] for retries in either["retries"].values())
    assert [(rule["exception"], rule["action"]) for rule in either["policy"]] == [
        ("catalog_embeddings.errors.Permanent", "fail"),
        ("catalog_embeddings.errors.Transient", "retry"),
    ]
