"""By hand: whether a version finds better than another. Only judged queries cost something; what is found is kept.

Files are read where the task runs. A version that fails the gate is a finding, and no failure of the DAG.
"""

from typing import Any

from airflow.sdk import Param, dag, task

from embedding_steps import DEFAULT_ARGS, steps


@dag(
    schedule=None,
    default_args=DEFAULT_ARGS,
    params={
        "version": Param(description="The version to evaluate.", type="string", minLength=1, title="Version"),
        "against": Param(None, "Empty: the active version.", type=["null", "string"], title="Against"),
        "judgments": Param(
            None, "query,item_id,rating, or qrels. Empty: no API is asked.", type=["null", "string"], title="Judgments"
        ),
        "queries": Param(None, "The texts of queries that are named by id.", type=["null", "string"], title="Queries"),
        "interactions": Param(
            None, "item_id,count: tells head from tail.", type=["null", "string"], title="Interactions"
        ),
        "html": Param(None, "Write a page with plots to this file.", type=["null", "string"], title="Page"),
        "k": Param(10, "The depth of every measure.", type="integer", minimum=1, maximum=1000, title="Depth"),
        "min_rating": Param(1, "From here on an item is relevant.", type="number", exclusiveMinimum=0, title="Rating"),
        "namespace": Param(None, "Empty: all.", type=["null", "string"], title="Namespace"),
        "org_id": Param(None, "Empty: all.", type=["null", "string"], format="uuid", title="Org"),
    },
    tags=["catalog-embeddings"],
    doc_md=__doc__,
)
def evaluate_embedding_version() -> None:
    """One task; XCom carries the verdict and the headline figures, the report stands in embedding_evaluations."""

    # It may keep all ten requests in flight by itself, as a shard does.
    @task(pool="embedding_api", pool_slots=10)
    def evaluate(params: Any = None) -> dict[str, Any]:
        found: dict[str, Any] = steps().evaluate_by_names(**{name: value or None for name, value in params.items()})
        return found

    evaluate()


evaluate_embedding_version()
