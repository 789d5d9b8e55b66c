"""By hand: let readers see a version from now on. One pointer moves; `versions rollback` moves it back.

It fails, and says all that speaks against it, where the version is not fit to be read; nothing has moved then.
"""

from typing import Any

from airflow.sdk import Param, dag, task

from embedding_steps import DEFAULT_ARGS, steps


@dag(
    schedule=None,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={
        "version": Param(description="The version to be seen.", type="string", minLength=1, title="Version"),
        "namespace": Param(None, "Only its readers. Empty: every one.", type=["null", "string"], title="Namespace"),
        "org_id": Param(None, "Only its readers. Empty: all.", type=["null", "string"], format="uuid", title="Org"),
        "force": Param(False, "Whatever speaks against it; asks for a reason.", type="boolean", title="Force"),
        "reason": Param(None, "Why, for whoever reads the history.", type=["null", "string"], title="Reason"),
    },
    tags=["catalog-embeddings"],
    doc_md=__doc__,
)
def promote_embedding_version() -> None:
    """One task; XCom carries who moved which pointer, from where to where."""

    @task
    def promote(params: Any = None) -> dict[str, Any]:
        moved: dict[str, Any] = steps().promote_by_names(**{name: value or None for name, value in params.items()})
        return moved

    promote()


promote_embedding_version()
