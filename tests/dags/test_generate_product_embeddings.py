"""The DAG as the scheduler sees it: parsed by Airflow in a home of its own, through serialization and back.

That it runs, end to end, is tested where it is run: tests/cli/test_dag_run.py and tests/cli/test_up_command.py.
"""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from catalog_embeddings import resources
from catalog_embeddings.cli.airflow_home import POOLS, AirflowHome

# In a process of its own: Airflow reads its settings when it is imported, and never again.
PARSE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization

bag = DagBag(sys.argv[1], collect_dags=False)
bag.collect_dags(sys.argv[1])
dag = bag.dags["generate_product_embeddings"]
stored = json.loads(json.dumps(DagSerialization.to_dict(dag)))
back = DagSerialization.from_dict(stored)
policy = dag.get_task("load_shard").retry_policy
print("RESULT" + json.dumps({
    "import_errors": bag.import_errors,
    "modules": sorted(name for name in sys.modules if name.startswith("catalog_embeddings")),
    "crawled": sorted({"errors", "bootstrap", "settings", "resources"} & set(sys.modules)),
    "heavy": sorted({"pyarrow", "numpy", "dbt", "openai", "psycopg"} & set(sys.modules)),
    "schedule": dag.schedule.expression,
    "catchup": back.catchup,
    "max_active_runs": back.max_active_runs,
    "params": {name: param.schema | {"default": param.value} for name, param in dag.params.items()},
    "untitled": [n for n, p in dag.params.items() if not (p.description and p.schema.get("title"))],
    "downstream": {task.task_id: sorted(task.downstream_task_ids) for task in back.tasks},
    "pools": {task.task_id: [task.pool, task.pool_slots] for task in back.tasks},
    "retries": {task.task_id: [task.retries, task.has_retry_policy] for task in back.tasks},
    "leaf_rule": back.get_task("finish_run").trigger_rule,
    "assets": [asset.name for asset in dag.get_task("finish_run").outlets],
    "policy": policy.serialize()["rules"],
}, default=str))
"""


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    environment = AirflowHome(tmp_path_factory.mktemp("airflow")).environment(os.environ)
    environment["PYTHONPATH"] = str(resources.plugins_directory())
    finished = subprocess.run(
        [sys.executable, "-c", PARSE, str(resources.dags_directory())],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return dict(json.loads(finished.stdout.split("RESULT")[-1]))


def test_it_imports_without_errors_and_without_weight(parsed: dict[str, Any]) -> None:
    assert parsed["import_errors"] == {}
    assert parsed["heavy"] == []
    assert parsed["modules"] == ["catalog_embeddings", "catalog_embeddings.errors", "catalog_embeddings_plugin"]


def test_the_package_is_not_crawled_as_if_it_were_plugins(parsed: dict[str, Any]) -> None:
    assert parsed["crawled"] == []


def test_it_runs_every_night_one_run_at_a_time_and_never_catches_up(parsed: dict[str, Any]) -> None:
    assert (parsed["schedule"], parsed["catchup"], parsed["max_active_runs"]) == ("0 2 * * *", False, 1)


def test_its_form_has_a_title_and_a_sentence_for_every_field(parsed: dict[str, Any]) -> None:
    assert parsed["untitled"] == []
    assert {name: (param["type"], param["default"]) for name, param in parsed["params"].items()} == {
        "version": (["null", "string"], None),
        "max_cost_usd": (["null", "number"], None),
        "dry_run": ("boolean", False),
    }


def test_the_steps_stand_in_the_order_of_the_river(parsed: dict[str, Any]) -> None:
    assert parsed["downstream"] == {
        "start_run": ["extract_changes", "finish_run", "load_shard", "plan_run"],
        "extract_changes": ["plan_run"],
        "plan_run": ["load_shard"],
        "load_shard": ["finish_run"],
        "finish_run": [],
    }
    assert parsed["leaf_rule"] == "none_failed"
    assert parsed["assets"] == ["item_embeddings"]


def test_one_shard_takes_the_whole_pool(parsed: dict[str, Any]) -> None:
    assert parsed["pools"].pop("load_shard") == ["embedding_api", POOLS["embedding_api"]["slots"]]
    assert all(pool == ["default_pool", 1] for pool in parsed["pools"].values())


def test_every_task_retries_by_the_class_of_its_error(parsed: dict[str, Any]) -> None:
    assert all(retries == [3, True] for retries in parsed["retries"].values())
    assert [(rule["exception"], rule["action"]) for rule in parsed["policy"]] == [
        ("catalog_embeddings.errors.Permanent", "fail"),
        ("catalog_embeddings.errors.Transient", "retry"),
    ]
