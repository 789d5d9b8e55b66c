"""Exact search over vectors that come in pieces: what is nearest, and in which order certain items come.

Holds the queries, the best found so far and one piece: never all vectors. Where the pieces come from is left to others.
"""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]

# A key sorts by cosine, at six digits, then by the lower candidate. Halved floats carry three digits, and what two
# pieces make of the same two vectors differs in the eighth: without rounding, twins would change places.
_DIGITS = 1_000_000
_CANDIDATE_BITS = 32
_LAST = (1 << _CANDIDATE_BITS) - 1
_NONE = np.iinfo(np.int64).min


def unit_vectors(vectors: NDArray[np.floating]) -> Vectors:
    """The same directions at length 1, float32; a row that has no direction (zero, nan) becomes zero."""
    rows = vectors.astype(np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    usable = np.isfinite(norms) & (norms > 0)
    units: Vectors = np.divide(rows, norms, out=np.zeros_like(rows), where=usable)
    return units


class ExactSearch:
    """The k candidates nearest to each query by cosine, and the order of the pairs that were asked for.

    Candidates are numbers from 0 to 2**32 - 1; each is added once.
    """

    def __init__(self, queries: Vectors, k: int, pair_queries: Numbers, pair_candidates: Numbers) -> None:
        """Search for ``queries`` (queries, dims). A pair is a query's row and the candidate whose rank is wanted."""
        self._queries = unit_vectors(queries)
        self._k = k
        self._pair_queries, self._pair_candidates = pair_queries, pair_candidates
        self._pair_keys = np.full(len(pair_queries), _NONE)
        self._best = np.full((len(queries), k), _NONE)

    def add(self, candidates: Numbers, units: Vectors) -> None:
        """Look at some more candidates (n,) and their vectors (n, dims) at length 1; a zero row is never found."""
        scores = self._queries @ units.T
        keys = (np.rint(scores * _DIGITS).astype(np.int64) << _CANDIDATE_BITS) + (_LAST - candidates)
        keys[:, ~units.any(axis=1)] = _NONE
        pool = np.concatenate([self._best, keys], axis=1)
        self._best = np.partition(pool, pool.shape[1] - self._k, axis=1)[:, -self._k :]
        self._note_pairs(candidates, keys)

    def nearest(self) -> Numbers:
        """The nearest candidates (queries, k), best first; -1 where there are no more."""
        ordered = np.sort(self._best, axis=1)[:, ::-1]
        return np.where(ordered == _NONE, -1, _LAST - (ordered & _LAST))

    def pair_order(self, query: int) -> Numbers:
        """The places of a query's pairs among all pairs, nearest first; what cannot be found stands last."""
        own = np.flatnonzero(self._pair_queries == query)
        order: Numbers = own[np.argsort(self._pair_keys[own], kind="stable")[::-1]]
        return order

    def _note_pairs(self, candidates: Numbers, keys: Numbers) -> None:
        order = np.argsort(candidates)
        place = np.searchsorted(candidates, self._pair_candidates, sorter=order)
        column = order[np.minimum(place, len(order) - 1)]
        here = np.flatnonzero(candidates[column] == self._pair_candidates)
        self._pair_keys[here] = keys[self._pair_queries[here], column[here]]
