"""Nightly: the catalog items that changed since the last run become vectors in pgvector.

Knows schedule, order, pool, retries and params. A task imports its step late: this file is parsed often.
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
        "version": Param(None, "Empty: the active one.", type=["null", "string"], title="Version"),
        "max_cost_usd": Param(None, "Empty: no limit.", type=["null", "number"], minimum=0, title="Cost limit, USD"),
        "dry_run": Param(False, "Only plan and price; nothing is sent.", type="boolean", title="Dry run"),
    },
    tags=["catalog-embeddings"],
    doc_md=__doc__,
)
def generate_product_embeddings() -> None:
    """XCom carries the run's id, shard numbers and counts; rows and vectors never pass through Airflow."""

    @task
    def start_run(params: Any = None, dag_run: Any = None) -> str:
        from catalog_embeddings import bootstrap

        return bootstrap.start_run(params["version"] or None, started_by=f"airflow {dag_run.run_id}")

    @task
    def extract_changes(run: str) -> dict[str, int]:
        from catalog_embeddings import bootstrap

        return bootstrap.extract_changes(run)

    @task
    def plan_run(run: str, params: Any = None) -> list[int]:
        from catalog_embeddings import bootstrap

        return bootstrap.plan_run(run, max_cost_usd=params["max_cost_usd"], dry_run=params["dry_run"])

    # A shard keeps all ten requests in flight by itself, so it takes all ten slots of the pool: two shards at
    # once, of this DAG or any other, would make twenty.
    @task(pool="embedding_api", pool_slots=10)
    def load_shard(run: str, shard: int) -> dict[str, int]:
        from catalog_embeddings import bootstrap

        return bootstrap.load_shard(run, shard)

    # none_failed: with nothing to embed it still publishes; a failed shard fails this leaf, so the run.
    @task.run_if(lambda context: not context["params"]["dry_run"], "a dry run publishes nothing")
    @task(outlets=[ITEM_EMBEDDINGS], trigger_rule="none_failed")
    def finish_run(run: str, outlet_events: Any = None) -> None:
        from catalog_embeddings import bootstrap

        outlet_events[ITEM_EMBEDDINGS].extra = bootstrap.finish_run(run)

    run = start_run()
    shards = plan_run(run)
    extract_changes(run) >> shards
    load_shard.partial(run=run).expand(shard=shards) >> finish_run(run)


generate_product_embeddings()
