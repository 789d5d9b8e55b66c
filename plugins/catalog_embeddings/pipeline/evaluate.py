"""Comparing a version with another: what people judged, what the vectors say of themselves, what was clicked.

Exact search over the items that both versions hold, a piece of vectors at a time: memory grows with the queries and not
with the catalog. Which figures there are is left to ``transform``, how they are shown to the doors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.judgments import JudgedText
from catalog_embeddings.pipeline.query_vectors import OpenApi, embed_queries, query_costs
from catalog_embeddings.postgres import evaluation as table
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.metrics import measure
from catalog_embeddings.transform.search import ExactSearch, Numbers, Vectors, unit_vectors
from catalog_embeddings.transform.significance import figure, two_proportions, wilson_interval
from catalog_embeddings.transform.vector_checks import VectorTally, overlap, purity, without_self

# So many items show a change of two points in their neighbourhoods; more would only take longer.
_SAMPLE = 500


@dataclass(frozen=True)
class Evaluation:
    """What is compared, and by what. Without ``judged`` only label-free checks are made and no API is asked.

    A rating of ``min_rating`` makes an item relevant. ``popularity`` tells head from tail, else how rich records are.
    """

    version: EmbeddingVersion
    against: EmbeddingVersion | None = None
    k: int = 10
    min_rating: float = 1.0
    scope: table.Scope = field(default_factory=table.Scope)
    judged: Sequence[JudgedText] = ()
    popularity: Mapping[str, float] | None = None

    @property
    def versions(self) -> list[EmbeddingVersion]:
        """The version, and the one it is compared with."""
        return [self.version, *([self.against] if self.against else [])]


def evaluate(
    connection: Connection,
    evaluation: Evaluation,
    open_api: OpenApi,
    *,
    batch_size: int,
    on_cost: Callable[[list[QueryCost]], None] = lambda _costs: None,
) -> EvaluationReport:
    """Everything that can be said about a version; ``on_cost`` is told the price before the first request.

    Raises:
        InputError: the versions have no item in common, or the judgments are not about their items.
        RunPaused: the API that should embed the queries has a quota, auth or availability problem.
    """
    candidates = table.number_candidates(connection, evaluation.version, evaluation.against, evaluation.scope)
    if not candidates:
        names = " and ".join(version.version for version in evaluation.versions)
        raise InputError(f"there is no item that {names} hold a vector of: run the pipeline for them first")
    pool = _pool(connection, evaluation)
    texts = [judged.query for judged in pool.queries]
    costs = query_costs(evaluation.versions, texts, batch_size)
    on_cost(costs)
    vectors, costs = embed_queries(evaluation.versions, texts, costs, open_api, batch_size)
    sample = np.sort(np.random.default_rng(0).choice(candidates, min(_SAMPLE, candidates), replace=False))
    found = [
        _search(connection, version, queries, sample, pool, evaluation.k)
        for version, queries in zip(evaluation.versions, vectors, strict=True)
    ]
    return EvaluationReport(
        cost=costs,
        version=evaluation.version.version,
        against=evaluation.against.version if evaluation.against else None,
        k=evaluation.k,
        candidates=candidates,
        checks=[
            _version_checks(connection, version, evaluation.scope, answers.checks)
            for version, answers in zip(evaluation.versions, found, strict=True)
        ],
        neighbours=_neighbourhoods(connection, sample, found, evaluation.k),
        judged=_judged_ranking(evaluation, pool, found) if evaluation.judged else None,
        clicks=_clicks(connection, evaluation.versions),
        evaluated_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


@dataclass(frozen=True)
class _Pool:
    """The judgments that speak of candidates: pairs of a query and a candidate, with their gain.

    ``weights`` (queries,) are those of the relevant items, on average.
    """

    queries: list[JudgedText]
    pair_queries: Numbers
    pair_candidates: Numbers
    gains: NDArray[np.float64]
    weights: NDArray[np.float64]
    judgments_left_out: int


@dataclass(frozen=True)
class _Found:
    """What a version answers: the nearest of each query and sampled item, the pairs in order, and its checks."""

    queries: Numbers
    sampled: Numbers
    pair_orders: list[Numbers]
    checks: VectorChecks


def _pool(connection: Connection, evaluation: Evaluation) -> _Pool:
    known = table.candidates_of(
        connection, sorted({judgment.item_id for judged in evaluation.judged for judgment in judged.judgments})
    )
    queries: list[JudgedText] = []
    pairs: list[tuple[int, int, float]] = []
    weights: list[float] = []
    left_out = 0
    for judged in evaluation.judged:
        own = [judgment for judgment in judged.judgments if judgment.item_id in known]
        left_out += len(judged.judgments) - len(own)
        relevant = [judgment.item_id for judgment in own if judgment.rating >= evaluation.min_rating]
        if relevant:
            pairs += [(len(queries), known[judgment.item_id].number, judgment.rating) for judgment in own]
            weights.append(float(np.mean([_weight(item_id, known, evaluation.popularity) for item_id in relevant])))
            queries.append(judged)
    if evaluation.judged and not queries:
        raise InputError(
            f"no item that is judged relevant (a rating of {evaluation.min_rating:g} or more) is among the candidates "
            f"of {evaluation.version.version}: are the item_ids of the judgments those of the catalog?"
        )
    return _Pool(
        queries=queries,
        pair_queries=np.array([pair[0] for pair in pairs], dtype=np.int64),
        pair_candidates=np.array([pair[1] for pair in pairs], dtype=np.int64),
        gains=np.array([pair[2] for pair in pairs], dtype=np.float64),
        weights=np.array(weights),
        judgments_left_out=left_out,
    )


def _weight(item_id: str, known: Mapping[str, table.Candidate], popularity: Mapping[str, float] | None) -> float:
    return float(known[item_id].richness) if popularity is None else popularity.get(item_id, 0.0)


def _search(
    connection: Connection, version: EmbeddingVersion, queries: Vectors, sample: Numbers, pool: _Pool, k: int
) -> _Found:
    sampled = np.zeros((len(sample), version.spec.dims), dtype=np.float32)
    for numbers, vectors in table.candidate_vectors(connection, version, sample.tolist()):
        sampled[np.searchsorted(sample, numbers)] = vectors
    # One more than k, because a sampled item is the nearest to itself.
    search = ExactSearch(np.concatenate([queries, sampled]), k + 1, pool.pair_queries, pool.pair_candidates)
    tally = VectorTally(version.spec.dims)
    for numbers, vectors in table.candidate_vectors(connection, version):
        units = unit_vectors(vectors)
        tally.add(vectors, units)
        search.add(numbers, units)
    nearest = search.nearest()
    return _Found(
        queries=nearest[: len(queries), :k],
        sampled=without_self(nearest[len(queries) :], sample),
        pair_orders=[search.pair_order(query) for query in range(len(queries))],
        checks=tally.checks(),
    )


def _version_checks(
    connection: Connection, version: EmbeddingVersion, scope: table.Scope, checks: VectorChecks
) -> VersionChecks:
    covered = table.coverage(connection, version, scope)
    return VersionChecks(
        version=version.version,
        catalog_items=covered.catalog_items,
        held=covered.held,
        coverage=covered.held / covered.catalog_items,
        stale=covered.stale,
        checks=checks,
    )


def _neighbourhoods(connection: Connection, sample: Numbers, found: list[_Found], k: int) -> Neighbourhoods:
    shared = overlap(found[0].sampled, found[1].sampled) if len(found) > 1 else None
    return Neighbourhoods(
        sample=len(sample),
        overlap=None if shared is None else figure(shared, None),
        overlaps=None if shared is None else np.bincount(np.rint(shared * k).astype(int), minlength=k + 1).tolist(),
        purity=_purity(connection, sample, found),
        purity_by_chance=table.purity_by_chance(connection),
    )


def _purity(connection: Connection, sample: Numbers, found: list[_Found]) -> Figure | None:
    asked = np.unique(np.concatenate([sample, *(answers.sampled.ravel() for answers in found)]))
    category = table.categories_of(connection, asked.tolist())
    own = [category.get(item) for item in sample.tolist()]
    shares = [
        purity(own, [[category.get(item) for item in items] for items in answers.sampled.tolist()]) for answers in found
    ]
    comparable = ~np.isnan(shares).any(axis=0)
    if not comparable.any():
        return None
    return figure(shares[0][comparable], shares[1][comparable] if len(shares) > 1 else None)


def _judged_ranking(evaluation: Evaluation, pool: _Pool, found: list[_Found]) -> JudgedRanking:
    measured = [_measures(evaluation, pool, answers) for answers in found]
    ndcg = f"ndcg@{evaluation.k}"
    return JudgedRanking(
        min_rating=evaluation.min_rating,
        judgments=len(pool.gains),
        judgments_left_out=pool.judgments_left_out,
        queries_left_out=len(evaluation.judged) - len(pool.queries),
        strata_by="richness" if evaluation.popularity is None else "popularity",
        strata=_strata(pool.weights, measured),
        queries=[
            JudgedQuery(
                query_id=judged.query_id,
                query=judged.query,
                relevant=int(np.count_nonzero(pool.gains[pool.pair_queries == query] >= evaluation.min_rating)),
                weight=float(pool.weights[query]),
                version=float(measured[0][ndcg][query]),
                against=float(measured[1][ndcg][query]) if evaluation.against else None,
            )
            for query, judged in enumerate(pool.queries)
        ],
    )


def _measures(evaluation: Evaluation, pool: _Pool, answers: _Found) -> dict[str, NDArray[np.float64]]:
    """Every measure of a version as (queries,)."""
    rows = []
    for query, (nearest, order) in enumerate(zip(answers.queries.tolist(), answers.pair_orders, strict=True)):
        own = np.flatnonzero(pool.pair_queries == query)
        gain = dict(zip(pool.pair_candidates[own].tolist(), pool.gains[own].tolist(), strict=True))
        top = np.array([gain.get(candidate, np.nan) for candidate in nearest if candidate >= 0])
        rows.append(measure(top, pool.gains[order], evaluation.k, evaluation.min_rating))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _strata(weights: NDArray[np.float64], measured: list[dict[str, NDArray[np.float64]]]) -> list[Stratum]:
    """All queries, and the halves above and below the median weight, where the weights differ enough to divide them."""
    above = weights > np.median(weights)
    parts: list[tuple[Literal["all", "head", "tail"], NDArray[np.bool_]]] = [("all", np.ones(len(weights), dtype=bool))]
    if above.any():
        parts += [("head", above), ("tail", ~above)]
    return [
        Stratum(
            stratum=name,
            queries=int(np.count_nonzero(part)),
            measures={
                measure_name: figure(own[part], measured[1][measure_name][part] if len(measured) > 1 else None)
                for measure_name, own in measured[0].items()
            },
        )
        for name, part in parts
    ]


def _clicks(connection: Connection, versions: list[EmbeddingVersion]) -> Clicks | None:
    seen = {found.version: found for found in table.exposures(connection, [version.version for version in versions])}
    shown = [seen[version.version] for version in versions if version.version in seen]
    # More clicks than impressions are no share of anything: some other counting is meant.
    if not shown or any(not 0 <= exposure.clicks <= exposure.impressions for exposure in shown):
        return None
    arms = [
        Arm(
            exposure.version,
            exposure.impressions,
            exposure.clicks,
            exposure.clicks / exposure.impressions,
            *wilson_interval(exposure.clicks, exposure.impressions),
        )
        for exposure in shown
    ]
    if len(arms) < 2:
        return Clicks(arms, None)
    first, second = arms
    return Clicks(arms, two_proportions(first.clicks, first.impressions, second.clicks, second.impressions))
