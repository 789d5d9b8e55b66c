"""What vectors say of themselves, without any judgment: lengths, broken ones, and how alike they all are."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog_embeddings.domain.evaluation import VectorChecks
from catalog_embeddings.transform.search import Numbers, Vectors


@dataclass(slots=True)
class VectorTally:
    """Counts over vectors that come in pieces; keeps a sum and no vector."""

    dims: int
    _rows: int = 0
    _zero: int = 0
    _not_finite: int = 0
    _norm_sum: float = 0.0
    _norm_min: float = np.inf
    _norm_max: float = 0.0
    _direction: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self._direction = np.zeros(self.dims)

    def add(self, vectors: NDArray[np.floating], units: Vectors) -> None:
        """Count some more vectors (n, dims), given as they are and at length 1."""
        norms = np.linalg.norm(vectors.astype(np.float32), axis=1)
        finite = norms[np.isfinite(norms)]
        self._rows += len(norms)
        self._not_finite += len(norms) - len(finite)
        self._zero += int(np.count_nonzero(finite == 0))
        self._norm_sum += float(finite.sum(dtype=np.float64))
        if len(finite):
            self._norm_min = min(self._norm_min, float(finite.min()))
            self._norm_max = max(self._norm_max, float(finite.max()))
        self._direction += units.sum(axis=0, dtype=np.float64)

    def checks(self) -> VectorChecks:
        """What was found. Figures are None where there was nothing to take them from."""
        finite = self._rows - self._not_finite
        return VectorChecks(
            vectors=self._rows,
            zero=self._zero,
            not_finite=self._not_finite,
            norm_min=self._norm_min if finite else None,
            norm_mean=self._norm_sum / finite if finite else None,
            norm_max=self._norm_max if finite else None,
            anisotropy=self._anisotropy(),
        )

    def _anisotropy(self) -> float | None:
        """The mean cosine of two different vectors (Ethayarajh, EMNLP 2019), over all pairs rather than some.

        The squared length of the sum of n unit vectors is n plus the cosines of all ordered pairs.
        """
        usable = self._rows - self._not_finite - self._zero
        if usable < 2:
            return None
        return float((self._direction @ self._direction - usable) / (usable * (usable - 1)))


def overlap(nearest: Numbers, other: Numbers) -> NDArray[np.float64]:
    """The share of neighbours that both rankings (items, k) name, item by item; -1 names nobody.

    An item without any neighbour in either counts as full overlap: nothing differs.
    """
    shared = [len(set(own) & set(others) - {-1}) for own, others in zip(nearest.tolist(), other.tolist(), strict=True)]
    longer = np.maximum((nearest >= 0).sum(axis=1), (other >= 0).sum(axis=1))
    return np.where(longer > 0, np.array(shared, dtype=np.float64) / np.maximum(longer, 1), 1.0)


def without_self(nearest: Numbers, own: Numbers) -> Numbers:
    """Rankings (items, k + 1) without the items themselves (items,): (items, k).

    Where an item is not in its own ranking, as a zero vector is not, the last neighbour goes.
    """
    itself = nearest == own[:, None]
    itself[~itself.any(axis=1), -1] = True
    others: Numbers = nearest[~itself].reshape(len(nearest), -1)
    return others


def purity(own: list[str | None], neighbours: list[list[str | None]]) -> NDArray[np.float64]:
    """The share of an item's neighbours that are of its category, item by item; nan where none can be compared.

    Items and neighbours without a category take no part.
    """
    return np.array(
        [
            np.nan
            if category is None or not (known := [other for other in others if other is not None])
            else sum(other == category for other in known) / len(known)
            for category, others in zip(own, neighbours, strict=True)
        ]
    )
