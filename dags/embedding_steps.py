"""What the DAGs that embed have in common: the steps of their runs, in order, with pools, slots and retries.

It holds no DAG: .airflowignore keeps it from being looked at for one.
"""

# Outside a task, TaskFlow passes references where the function asks for values.
# mypy: disable-error-code="arg-type"
from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, task

from closing_steps import close_runs
from enrichment_steps import enrich_runs
from shard_step import shard_step

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
    close_runs(runs, shard_step("load_shard", shards))
