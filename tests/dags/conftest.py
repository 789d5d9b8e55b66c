"""A DAG as the scheduler sees it: parsed by Airflow in a home of its own, through serialization and back."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from catalog_embeddings import resources
from catalog_embeddings.cli.airflow_home import AirflowHome

# In a process of its own: Airflow reads its settings when it is imported, and never again.
PARSE = """
import json, sys
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.serialization.serialized_objects import DagSerialization

bag = BundleDagBag(sys.argv[1], bundle_path=sys.argv[1], collect_dags=False)
bag.collect_dags(sys.argv[1])

# What only the DAGs that embed have.
def of_runs(dag, back):
    if "finish_run" not in dag.task_ids:
        return {}
    index = dag.get_task("index_version")
    return {
        "index": [index.trigger_rule, index.execution_timeout.total_seconds()],
        "leaf_rule": back.get_task("finish_run").trigger_rule,
        "assets": [asset.name for asset in dag.get_task("finish_run").outlets],
        "policy": dag.get_task("load_shard").retry_policy.serialize()["rules"],
    }

def told(dag):
    stored = json.loads(json.dumps(DagSerialization.to_dict(dag)))
    back = DagSerialization.from_dict(stored)
    return {
        "schedule": getattr(dag.schedule, "expression", dag.schedule),
        "catchup": back.catchup,
        "max_active_runs": back.max_active_runs,
        "params": {name: param.schema | {"default": param.value} for name, param in dag.params.items()},
        "left_open": [name for name, param in dag.params.items() if type(param.value).__name__ == "ArgNotSet"],
        "untitled": [n for n, p in dag.params.items() if not (p.description and p.schema.get("title"))],
        "downstream": {task.task_id: sorted(task.downstream_task_ids) for task in back.tasks},
        "pools": {task.task_id: [task.pool, task.pool_slots] for task in back.tasks},
        "retries": {task.task_id: [task.retries, task.has_retry_policy] for task in back.tasks},
    } | of_runs(dag, back)

dags = {name: told(dag) for name, dag in bag.dags.items()}
print("RESULT" + json.dumps({
    "import_errors": bag.import_errors,
    "modules": sorted(name for name in sys.modules if name.startswith("catalog_embeddings")),
    "crawled": sorted({"errors", "bootstrap", "settings", "resources"} & set(sys.modules)),
    "heavy": sorted({"pyarrow", "numpy", "dbt", "openai", "psycopg"} & set(sys.modules)),
    "dags": dags,
}, default=str))
"""


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of parsing the folder, and every DAG in it."""
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
