"""What the DAGs that embed have in common: the steps of their runs, in order, with pools, slots and retries.

It holds no DAG: .airflowignore keeps it from being looked at for one.
"""

# Outside a task, TaskFlow passes references where the function asks for values.
# mypy: disable-error-code="arg-type"
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator, ExceptionRetryPolicy, RetryAction, RetryRule, task

from closing_steps import close_runs
from enrichment_steps import enrich_runs

DEFAULT_ARGS = {
    "retries": 3,
    # Again helps after a Transient error; after a Permanent one it only delays the news.
    "retry_policy": ExceptionRetryPolicy([
        RetryRule("catalog_embeddings.errors.Permanent", RetryAction.FAIL),
        RetryRule("catalog_embeddings.errors.Transient", RetryAction.RETRY, retry_delay=timedelta(minutes=2)),
    ]),
    "execution_timeout": timedelta(hours=1),
}  # fmt: skip


def steps() -> Any:
    """What the tasks call; imported late, because DAG files are parsed often."""
    from catalog_embeddings import bootstrap

    return bootstrap


class LoadShard(BaseOperator):
    """Deferrable: while the Batch API has a shard it holds no slot, and looks again when that is worth it."""

    def __init__(self, run_id: str, shard: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.run_id = run_id
        self.shard = shard

    def execute(self, context: Any, event: Any = None) -> dict[str, int]:  # noqa: ARG002 - Airflow gives both
        """Load what can be loaded now."""
        from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger

        from catalog_embeddings.errors import BatchesUnderWay

        try:
            counts: dict[str, int] = steps().load_shard(self.run_id, self.shard)
        except BatchesUnderWay as waiting:
            self.defer(trigger=TimeDeltaTrigger(timedelta(seconds=waiting.seconds)), method_name="execute")
        return counts


def embed_runs(runs: Any) -> None:
    """Every step after the start, for these runs; XCom carries runs' ids, shard numbers and counts, nothing else."""

    @task
    def extract_changes(runs: list[str]) -> Any:
        return steps().extract_changes(runs)

    # none_failed: where nothing is to be enriched, that step is skipped.
    @task(trigger_rule="none_failed")
    def plan_runs(runs: list[str], params: Any = None) -> Any:
        return steps().plan_runs(runs, max_cost_usd=params["max_cost_usd"], dry_run=params["dry_run"])

    to_enrich, enriched = enrich_runs(runs)
    extract_changes(runs) >> to_enrich
    enriched >> (shards := plan_runs(runs))
    # A shard keeps all ten requests in flight by itself, so it takes all ten slots of the pool: two shards at once, of
    # any DAG, would make twenty.
    load_shard = LoadShard.partial(task_id="load_shard", pool="embedding_api", pool_slots=10).expand_kwargs(shards)
    close_runs(runs, load_shard)
