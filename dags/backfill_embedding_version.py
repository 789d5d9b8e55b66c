"""By hand: fill a version, or let it grow to a larger slice of the catalog; a dry run says first what that costs.

What was paid for before is not paid again. A task imports its step late: this file is parsed often.
"""

# Outside a task, TaskFlow passes references where the function asks for values.
# mypy: disable-error-code="arg-type"
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, ExceptionRetryPolicy, Param, RetryAction, RetryRule, dag, task

ITEM_EMBEDDINGS = Asset("item_embeddings")

# Again helps after a Transient error; after a Permanent one it only delays the news.
RETRY_BY_CLASS = ExceptionRetryPolicy([
    RetryRule("catalog_embeddings.errors.Permanent", RetryAction.FAIL),
    RetryRule("catalog_embeddings.errors.Transient", RetryAction.RETRY, retry_delay=timedelta(minutes=2)),
])  # fmt: skip


@dag(
    schedule=None,
    default_args={"retries": 3, "retry_policy": RETRY_BY_CLASS, "execution_timeout": timedelta(hours=1)},
    params={
        "version": Param(description="As `versions create` named it.", type="string", minLength=1, title="Version"),
        "slice": Param(None, "Such as 5%; it only grows. Empty: as it is.", type=["null", "string"], title="Slice"),
        "salt": Param(None, "Draws the slice. Empty: as it is.", type=["null", "string"], title="Salt"),
        "max_cost_usd": Param(None, "Empty: no limit.", type=["null", "number"], minimum=0, title="Cost limit, USD"),
        "dry_run": Param(False, "Only plan and price; nothing is sent.", type="boolean", title="Dry run"),
    },
    tags=["catalog-embeddings"],
    doc_md=__doc__,
)
def backfill_embedding_version() -> None:
    """The steps of the nightly DAG, for one version; XCom carries the run's id, shard numbers and counts."""

    @task
    def start_run(params: Any = None, dag_run: Any = None) -> list[str]:
        from catalog_embeddings import bootstrap

        share, salt, holder = params["slice"] or None, params["salt"] or None, f"airflow {dag_run.run_id}"
        return [bootstrap.start_run(params["version"], started_by=holder, share=share, salt=salt)]

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

    # all_done: it fails where its run is unfinished.
    @task.run_if(lambda context: not context["params"]["dry_run"], "a dry run publishes nothing")
    @task(outlets=[ITEM_EMBEDDINGS], trigger_rule="all_done")
    def finish_run(run: str, outlet_events: Any = None) -> None:
        from catalog_embeddings import bootstrap

        outlet_events[ITEM_EMBEDDINGS].extra = bootstrap.finish_run(run)

    runs = start_run()
    shards = plan_runs(runs)
    extract_changes(runs) >> shards
    load_shard.expand_kwargs(shards) >> finish_run.expand(run=runs)


backfill_embedding_version()
