"""How good one ranking is, by what people judged.

Everything is counted over the gains of ranked items, best first, nan for an item that nobody judged. Who ranked, and
how means over many queries compare, is left to ``search`` and ``significance``.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

#: Cut at k in the order of the version. ``condensed``: of the judged items alone (Sakai, SIGIR 2007).
MEASURES = ("ndcg", "recall", "mrr", "judged", "condensed_ndcg", "condensed_recall", "condensed_mrr")


def measure(top: NDArray[np.float64], judged: NDArray[np.float64], k: int, min_rating: float) -> dict[str, float]:
    """Every measure of one query, spelled ``ndcg@10``.

    Args:
        top: (up to k or more,) the gains of the items ranked first; nan where an item was not judged.
        judged: the gains of every judged item, in the order of the same ranking. At least one is relevant.
        k: the depth.
        min_rating: the gain from which an item counts as relevant.
    """
    ranked = np.nan_to_num(top, nan=0.0)
    relevant = int(np.count_nonzero(judged >= min_rating))
    values = (
        ndcg(ranked, judged, k),
        recall(ranked, relevant, k, min_rating),
        reciprocal_rank(ranked, k, min_rating),
        judged_share(top, k),
        ndcg(judged, judged, k),
        recall(judged, relevant, k, min_rating),
        reciprocal_rank(judged, k, min_rating),
    )
    return dict(zip(measure_names(MEASURES, k), values, strict=True))


def measure_names(measures: Iterable[str], k: int) -> list[str]:
    """The measures as a report spells them: ``ndcg@10``."""
    return [f"{name}@{k}" for name in measures]


def ndcg(gains: NDArray[np.float64], judged: NDArray[np.float64], k: int) -> float:
    """Discounted gain at k as a share of what the best order would have.

    Linear gains and a discount of log2(rank + 1): Järvelin and Kekäläinen, TOIS 2002, as trec_eval's ndcg_cut has it.
    """
    best = _discounted(np.sort(judged)[::-1], k)
    return _discounted(gains, k) / best if best else 0.0


def recall(gains: NDArray[np.float64], relevant: int, k: int, min_rating: float) -> float:
    """The share of the relevant items that stand among the first k."""
    return int(np.count_nonzero(gains[:k] >= min_rating)) / relevant


def reciprocal_rank(gains: NDArray[np.float64], k: int, min_rating: float) -> float:
    """One over the rank of the first relevant item, 0 where the first k have none; its mean is the MRR."""
    hits = np.flatnonzero(gains[:k] >= min_rating)
    return 1.0 / (int(hits[0]) + 1) if len(hits) else 0.0


def judged_share(gains: NDArray[np.float64], k: int) -> float:
    """The share of the first k that somebody judged: what the other measures rest on."""
    first = gains[:k]
    return float(np.mean(~np.isnan(first))) if len(first) else 0.0


def _discounted(gains: NDArray[np.float64], k: int) -> float:
    first = gains[:k]
    return float(np.sum(first / np.log2(np.arange(2, len(first) + 2))))
