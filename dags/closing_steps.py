"""The last steps of runs: what was loaded is published, then indexed, and either tells when a run did not end well.

It holds no DAG: .airflowignore keeps it from being looked at for one.
"""

# Outside a task, TaskFlow passes references where the function asks for values.
# mypy: disable-error-code="arg-type"
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, task

ITEM_EMBEDDINGS = Asset("item_embeddings")

# A million vectors take hours. A build that is ended here starts over with the next run.
INDEX_TIMEOUT = timedelta(hours=12)


def close_runs(runs: Any, loaded: Any) -> None:
    """Finish these runs once ``loaded`` is done, and index their versions; XCom carries runs' ids."""

    # all_done: each fails where its own run is unfinished, so a failed step fails the leaf and no other version's.
    @task.run_if(lambda context: not context["params"]["dry_run"], "a dry run publishes nothing")
    @task(outlets=[ITEM_EMBEDDINGS], trigger_rule="all_done")
    def finish_run(run: str, outlet_events: Any = None) -> None:
        from catalog_embeddings import bootstrap

        outlet_events[ITEM_EMBEDDINGS].extra = bootstrap.finish_run(run)

    @task.run_if(lambda context: not context["params"]["dry_run"], "a dry run loads nothing")
    @task(execution_timeout=INDEX_TIMEOUT, trigger_rule="all_done")
    def index_version(run: str) -> None:
        from catalog_embeddings import bootstrap

        bootstrap.index_run(run)

    loaded >> finish_run.expand(run=runs) >> index_version.expand(run=runs)
