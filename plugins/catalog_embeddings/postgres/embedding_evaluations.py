"""The table embedding_evaluations: what evaluations have found, for whoever asks before a promotion and after it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from catalog_embeddings.domain.comparison import LatestEvaluation
from catalog_embeddings.domain.evaluation import EvaluationReport
from catalog_embeddings.domain.promotion import Place
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("embedding_evaluations")


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two versions ranked the judged queries."""

    version: str
    against: str
    k: int
    ndcg: float
    ndcg_against: float
    evaluated_at: datetime


def record(
    connection: Connection, report: EvaluationReport, *, org_id: UUID | None = None, namespace: str | None = None
) -> None:
    """Keep a report; org and namespace are None where it looked at the whole catalog."""
    figure = report.judged.strata[0].measures[f"ndcg@{report.k}"] if report.judged else None
    compared = figure if figure and report.against else None
    connection.execute(
        _QUERIES["record"],
        {
            "version": report.version,
            "against": report.against,
            "org_id": org_id,
            "namespace": namespace,
            "k": report.k,
            "ndcg": figure and figure.version,
            "ndcg_against": compared and compared.against,
            "low": compared and compared.low,
            "high": compared and compared.high,
            "report": Jsonb(report.as_json()),
        },
    )


def latest_comparison(connection: Connection, version: str, against: str, place: Place) -> Comparison | None:
    """The last judged comparison of two versions that covers a place: of the whole catalog, or of the place itself."""
    where = {"version": version, "against": against, "org_id": place.org_id, "namespace": place.namespace}
    row = connection.execute(_QUERIES["latest"], where).fetchone()
    return Comparison(*row) if row else None


def latest_evaluation(connection: Connection, version: str, against: str) -> LatestEvaluation | None:
    """The last judged evaluation of one version against another, else the last one without judgments."""
    row = connection.execute(_QUERIES["latest_of_any_kind"], {"version": version, "against": against}).fetchone()
    return LatestEvaluation(*row) if row else None
