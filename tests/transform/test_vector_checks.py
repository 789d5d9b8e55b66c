"""What vectors say of themselves: counted in pieces, the same as all at once."""

import numpy as np
import pytest

from catalog_embeddings.transform.search import unit_vectors
from catalog_embeddings.transform.vector_checks import VectorTally, overlap, purity, without_self

RNG = np.random.default_rng(5)


def _tally(vectors: np.ndarray, pieces: int = 3) -> VectorTally:
    tally = VectorTally(vectors.shape[1])
    for piece in np.array_split(vectors, pieces):
        tally.add(piece, unit_vectors(piece))
    return tally


def test_anisotropy_is_the_mean_cosine_of_all_pairs() -> None:
    vectors = RNG.normal(0.3, 1, size=(40, 6)).astype(np.float32)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = (units @ units.T)[~np.eye(40, dtype=bool)]
    assert _tally(vectors).checks().anisotropy == pytest.approx(cosines.mean(), abs=1e-6)


def test_broken_vectors_are_counted_and_spoil_no_figure() -> None:
    vectors = np.array([[3, 4], [0, 0], [np.nan, 1], [0, 2], [np.inf, 0]], dtype=np.float16)
    checks = _tally(vectors).checks()
    assert (checks.vectors, checks.zero, checks.not_finite) == (5, 1, 2)
    assert (checks.norm_min, checks.norm_max) == (0, 5)
    assert checks.norm_mean == pytest.approx(7 / 3)
    assert checks.anisotropy == pytest.approx(0.8)


def test_nothing_has_no_figures() -> None:
    checks = VectorTally(4).checks()
    assert (checks.vectors, checks.norm_min, checks.norm_mean, checks.anisotropy) == (0, None, None, None)


def test_overlap_is_the_share_that_both_name() -> None:
    first = np.array([[1, 2, 3], [1, 2, 3], [1, 2, -1], [-1, -1, -1]])
    second = np.array([[3, 1, 2], [4, 5, 1], [2, -1, -1], [-1, -1, -1]])
    assert overlap(first, second).tolist() == [1, pytest.approx(1 / 3), 0.5, 1]


def test_an_item_is_no_neighbour_of_its_own() -> None:
    nearest = np.array([[7, 1, 2], [1, 8, 2], [1, 2, 3]])
    assert without_self(nearest, np.array([7, 8, 9])).tolist() == [[1, 2], [1, 2], [1, 2]]


def test_purity_leaves_out_what_has_no_category() -> None:
    shares = purity(["cup", "cup", None, "pan"], [["cup", "pan"], ["cup", None], ["cup", "cup"], [None, None]])
    assert shares[:2].tolist() == [0.5, 1]
    assert np.isnan(shares[2:]).all()
