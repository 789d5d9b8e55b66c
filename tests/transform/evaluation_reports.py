"""Reports made by hand, for the tests of what is said about them."""

from catalog_embeddings.domain.evaluation import (
    Arm,
    Clicks,
    EvaluationReport,
    Figure,
    JudgedQuery,
    JudgedRanking,
    Neighbourhoods,
    QueryCost,
    Stratum,
    VectorChecks,
    VersionChecks,
)
from catalog_embeddings.domain.plan import Price
from catalog_embeddings.transform.metrics import MEASURES, measure_names
from catalog_embeddings.transform.significance import two_proportions


def change(difference: float, spread: float = 0.02) -> Figure:
    """A figure that is 0.5 in the older version and differs by so much, give or take."""
    return Figure(0.5 + difference, 0.5, difference, difference - spread, difference + spread, 0.04)


def judged(ndcg: float, condensed: float | None = None) -> JudgedRanking:
    """Two judged queries whose mean NDCG differs by so much."""
    figures = dict.fromkeys(measure_names(MEASURES, 10), change(0.0))
    figures |= {"ndcg@10": change(ndcg), "condensed_ndcg@10": change(ndcg if condensed is None else condensed)}
    queries = [
        JudgedQuery("1", "<script>lamp</script>", 2, 80.0, 0.5 + 2 * ndcg, 0.5),
        JudgedQuery("2", "desk", 1, 40.0, 0.5, 0.5),
    ]
    return JudgedRanking(1, 9, 1, 3, "richness", [Stratum("all", 2, figures), Stratum("head", 1, figures)], queries)


def report(ranking: JudgedRanking | None = None, against: str | None = "v7") -> EvaluationReport:
    """Version v8 beside ``against``."""
    versions = ["v8", *([against] if against else [])]
    alone = Figure(0.6, None, None, 0.55, 0.65, None)
    checks = VectorChecks(90, 1, 0, 0.0, 0.99, 1.0, 0.123)
    arms = [Arm("v8", 1_000, 120, 0.12, 0.1, 0.14), Arm("v7", 3_000, 300, 0.1, 0.09, 0.11)]
    return EvaluationReport(
        cost=[QueryCost("v8", 2, 1, 7, Price(None, None, None), 8), QueryCost("v7", 0, 0, 0, Price(0, 0, 0))],
        version="v8",
        against=against,
        k=10,
        candidates=90,
        checks=[VersionChecks(version, 100, 90, 0.9, 2, checks) for version in versions],
        neighbours=Neighbourhoods(
            40, alone if against else None, [0] * 10 + [40] if against else None, change(0.0) if against else alone, 0.1
        ),
        judged=ranking,
        clicks=Clicks(arms, two_proportions(120, 1_000, 300, 3_000)) if against else Clicks(arms[:1], None),
        evaluated_at="2026-11-21T03:00:00+00:00",
    )
