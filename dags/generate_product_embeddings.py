"""Nightly: the catalog items that changed since the last run become vectors in pgvector.

The version that readers see and the candidates, each within its slice of the catalog; one that is still being built
waits for its backfill.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from embedding_steps import DEFAULT_ARGS, embed_runs, steps


@dag(
    # A plain cron string may start a run the moment the DAG is unpaused. A run costs money, so this does not.
    schedule=CronTriggerTimetable("0 2 * * *", timezone="UTC", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={
        "version": Param(None, "Empty: active and candidates.", type=["null", "string"], title="Version"),
        "max_cost_usd": Param(None, "Of each version.", type=["null", "number"], minimum=0, title="Cost limit, USD"),
        "dry_run": Param(False, "Only plan and price; nothing is sent.", type="boolean", title="Dry run"),
    },
    tags=["catalog-embeddings"],
    doc_md=__doc__,
)
def generate_product_embeddings() -> None:
    """A run for each version."""

    @task
    def start_runs(params: Any = None, dag_run: Any = None) -> Any:
        return steps().start_runs(params["version"] or None, started_by=f"airflow {dag_run.run_id}")

    embed_runs(start_runs())


generate_product_embeddings()
