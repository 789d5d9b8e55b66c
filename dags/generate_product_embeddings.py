"""Nightly: the catalog items that changed since the last run become vectors in pgvector.

The version that readers see and the candidates, each within its slice of the catalog; one that is still being built
waits for its backfill. A task imports its step late: this file is parsed often.
"""

# Outside a task, TaskFlow passes references where the function asks for values.
# mypy: disable-error-code="arg-type"
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, CronTriggerTimetable, ExceptionRetryPolicy, Param, RetryAction, RetryRule, dag, task

ITEM_EMBEDDINGS = Asset("item_embeddings")

# Again helps after a Transient error; after a Permanent one it only delays the news.
RETRY_BY_CLASS = ExceptionRetryPolicy([
    RetryRule("catalog_embeddings.errors.Permanent", RetryAction.FAIL),
    RetryRule("catalog_embeddings.errors.Transient", RetryAction.RETRY, retry_delay=timedelta(minutes=2)),
])  # fmt: skip


@dag(
    # A plain cron string may start a run the moment the DAG is unpaused. A run costs money, so this does not.
    schedule=CronTriggerTimetable("0 2 * * *", timezone="UTC", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_policy": RETRY_BY_CLASS, "execution_timeout": timedelta(hours=1)},
    params={
        "version": Param(None, "Empty: active and candidates.", type=["null", "string"], title="Version"),
        "max_cost_usd": Param(None, "Of each version.", type=["null", "number"], minimum=0, title="Cost limit, USD"),
        "dry_run": Param(False, "Only plan and price; nothing is sent.", type="boolean", title="Dry run"),
    },
    tags=["catalog-embeddings"],
    doc_md=__doc__,
)
def generate_product_embeddings() -> None:
    """XCom carries runs' ids, shard numbers and counts; rows and vectors never pass through Airflow."""

    @task
    def start_runs(params: Any = None, dag_run: Any = None) -> list[str]:
        from catalog_embeddings import bootstrap

        return bootstrap.start_runs(params["version"] or None, started_by=f"airflow {dag_run.run_id}")

    @task
    def extract_changes(runs: list[str]) -> dict[str, int]:
        from catalog_embeddings import bootstrap

        return bootstrap.extract_changes(runs)

    @task
    def plan_runs(runs: list[str], params: Any = None) -> list[dict[str, Any]]:
        from catalog_embeddings import bootstrap

        return bootstrap.plan_runs(runs, max_cost_usd=params["max_cost_usd"], dry_run=params["dry_run"])

    # A shard keeps all ten requests in flight by itself, so it takes all ten slots of the pool: two shards at
    # once, of this DAG or any other, would make twenty.
    @task(pool="embedding_api", pool_slots=10)
    def load_shard(run_id: str, shard: int) -> dict[str, int]:
        from catalog_embeddings import bootstrap

        return bootstrap.load_shard(run_id, shard)

    # all_done: it fails where its own run is unfinished, so a failed step fails this leaf and no other version's.
    @task.run_if(lambda context: not context["params"]["dry_run"], "a dry run publishes nothing")
    @task(outlets=[ITEM_EMBEDDINGS], trigger_rule="all_done")
    def finish_run(run: str, outlet_events: Any = None) -> None:
        from catalog_embeddings import bootstrap

        outlet_events[ITEM_EMBEDDINGS].extra = bootstrap.finish_run(run)

    runs = start_runs()
    shards = plan_runs(runs)
    extract_changes(runs) >> shards
    load_shard.expand_kwargs(shards) >> finish_run.expand(run=runs)


generate_product_embeddings()
