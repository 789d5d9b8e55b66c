"""Evaluating a version the way a door or a scheduler calls it: by names and paths."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from catalog_embeddings.bootstrap.platform import open_platform
from catalog_embeddings.domain.evaluation import EvaluationReport, QueryCost
from catalog_embeddings.pipeline import evaluate as step
from catalog_embeddings.pipeline.judgments import read_judgments, read_popularity
from catalog_embeddings.postgres import embedding_evaluations
from catalog_embeddings.postgres.embedding_aliases import active_version
from catalog_embeddings.postgres.embedding_versions import find_version
from catalog_embeddings.postgres.evaluation import Scope


def evaluate(  # noqa: PLR0913 - a name or a file each, all by keyword
    version: str,
    against: str | None = None,
    *,
    judgments: Path | None = None,
    queries: Path | None = None,
    interactions: Path | None = None,
    k: int = 10,
    min_rating: float = 1.0,
    namespace: str | None = None,
    org_id: UUID | None = None,
    on_cost: Callable[[list[QueryCost]], None] = lambda _costs: None,
) -> EvaluationReport:
    """What can be said about a version beside another: the one named, else the active one, if that is another.

    What is found is kept, for whoever promotes the version. The files are read before anything is paid for.
    Without ``judgments`` no API is asked.

    Raises:
        InputError: a version or a file cannot be used.
        RunPaused: the API does not embed the queries.
    """
    judged = read_judgments(judgments, queries) if judgments else []
    popularity = read_popularity(interactions) if interactions else None
    with open_platform() as platform:
        chosen = find_version(platform.connection, version)
        other = against or active_version(platform.connection, org_id=org_id, namespace=namespace)
        evaluation = step.Evaluation(
            version=chosen,
            against=find_version(platform.connection, other) if other and other != version else None,
            k=k,
            min_rating=min_rating,
            scope=Scope(namespace, org_id),
            judged=judged,
            popularity=popularity,
        )
        report = step.evaluate(
            platform.connection,
            evaluation,
            platform.api,
            batch_size=platform.settings.batch_size,
            on_cost=on_cost,
        )
        embedding_evaluations.record(platform.connection, report, org_id=org_id, namespace=namespace)
        return report
