"""By hand: fill a version, or let it grow to a larger slice of the catalog; a dry run says first what that costs.

What was paid for before is not paid again.
"""

from typing import Any

from airflow.sdk import Param, dag, task

from embedding_steps import DEFAULT_ARGS, embed_runs, steps


@dag(
    schedule=None,
    default_args=DEFAULT_ARGS,
    params={
        "version": Param(description="As `versions create` named it.", type="string", minLength=1, title="Version"),
        "slice": Param(None, "Such as 5%; it only grows. Empty: as it is.", type=["null", "string"], title="Slice"),
        "salt": Param(None, "Draws the slice. Empty: as it is.", type=["null", "string"], title="Salt"),
        "via": Param(
            None,
            "batch-api: within a day, at half the price. Empty: as the run was begun, else api.",
            type=["null", "string"],
            enum=[None, "api", "batch-api"],
            title="Via",
        ),
        "max_cost_usd": Param(None, "Empty: no limit.", type=["null", "number"], minimum=0, title="Cost limit, USD"),
        "dry_run": Param(False, "Only plan and price; nothing is sent.", type="boolean", title="Dry run"),
    },
    tags=["catalog-embeddings"],
    doc_md=__doc__,
)
def backfill_embedding_version() -> None:
    """The steps of the nightly DAG, for one version."""

    @task
    def start_run(params: Any = None, dag_run: Any = None) -> list[str]:
        asked = {"share": params["slice"] or None, "salt": params["salt"] or None, "via": params["via"]}
        return [steps().start_run(params["version"], started_by=f"airflow {dag_run.run_id}", **asked)]

    embed_runs(start_run())


backfill_embedding_version()
