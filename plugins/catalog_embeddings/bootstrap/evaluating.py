"""Evaluating a version the way a door or a scheduler calls it: by names and paths."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from catalog_embeddings.bootstrap.database import settings
from catalog_embeddings.bootstrap.platform import open_platform
from catalog_embeddings.bootstrap.versions import org_of
from catalog_embeddings.domain.evaluation import EvaluationReport, QueryCost
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline import evaluate as step
from catalog_embeddings.pipeline.judgments import read_judgments, read_popularity
from catalog_embeddings.postgres import embedding_evaluations
from catalog_embeddings.postgres.embedding_aliases import active_version
from catalog_embeddings.postgres.embedding_versions import find_version
from catalog_embeddings.postgres.evaluation import Scope
from catalog_embeddings.transform.evaluation_page import evaluation_page
from catalog_embeddings.transform.gate import passes_gate

log = logging.getLogger(__name__)


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


def evaluate_by_names(  # noqa: PLR0913 - a field of a form each, all by keyword
    *,
    version: str,
    against: str | None = None,
    judgments: str | None = None,
    queries: str | None = None,
    interactions: str | None = None,
    html: str | None = None,
    k: int | None = None,
    min_rating: float | None = None,
    namespace: str | None = None,
    org_id: str | None = None,
) -> dict[str, Any]:
    """Evaluate as a scheduler asks for it, in plain names; returns the gate's verdict and the headline figures.

    ``html`` is where a page with plots is written; the rest is as in ``evaluate``.

    Raises:
        InputError: a version, a file or the org cannot be used.
        RunPaused: the API does not embed the queries.
    """
    page = Path(html) if html else None
    if page is not None and not page.absolute().parent.is_dir():
        raise InputError(f"there is no folder {page.absolute().parent} for the report")
    report = evaluate(
        version,
        against,
        judgments=Path(judgments) if judgments else None,
        queries=Path(queries) if queries else None,
        interactions=Path(interactions) if interactions else None,
        k=k or 10,
        min_rating=min_rating or 1.0,
        namespace=namespace,
        org_id=org_of(org_id),
        on_cost=lambda costs: log.info("what the queries cost: %s", costs),
    )
    max_ndcg_drop = settings().max_ndcg_drop
    if page is not None:
        page.write_text(evaluation_page(report, max_ndcg_drop), encoding="utf-8")
    verdict = passes_gate(report, max_ndcg_drop)
    log.info("gate %s: %s", verdict.state, verdict.reason)
    measures = report.judged.strata[0].measures if report.judged else {}
    return {
        "version": report.version,
        "against": report.against,
        "candidates": report.candidates,
        "gate": asdict(verdict),
        "measures": {name: asdict(figure) for name, figure in measures.items()},
    }
