"""The steps that ask a language model about records before they are embedded; other versions pass them at no cost.

It holds no DAG: .airflowignore keeps it from being looked at for one.
"""

# Outside a task, TaskFlow passes references where the function asks for values.
# mypy: disable-error-code="arg-type"
from typing import Any

from airflow.sdk import task

from shard_step import shard_step


def enrich_runs(runs: Any) -> tuple[Any, Any]:
    """The first and the last step of the enrichment of these runs; XCom carries runs' ids and shard numbers."""

    @task
    def plan_enrichments(runs: list[str], params: Any = None) -> list[dict[str, Any]]:
        from catalog_embeddings import bootstrap

        return bootstrap.plan_enrichments(runs, max_cost_usd=params["max_cost_usd"], dry_run=params["dry_run"])

    planned = plan_enrichments(runs)
    return planned, shard_step("enrich_shard", planned)
