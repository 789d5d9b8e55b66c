"""Recall by scores: what scores as high as the k-th best counts, and nothing else does."""

import numpy as np
import pytest

from catalog_embeddings.transform.recall import BestScores, between

ROWS = np.array([[1, 0], [4, 1], [1, 1], [-1, 0], [0, 1]], dtype=np.float32)
QUERIES = np.array([[2, 0], [0, 3]], dtype=np.float32)


def _best(k: int, pieces: int = 1) -> BestScores:
    best = BestScores(QUERIES, k)
    for piece in np.array_split(ROWS, pieces):
        best.add(piece)
    return best


@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_all_of_it_is_found_or_half_or_nothing(pieces: int) -> None:
    best = _best(2, pieces)
    exact = [[1.0, 4 / 17**0.5], [1.0, 2**-0.5]]
    assert best.recall(exact) == 1
    assert best.recall([exact[0], [1.0, 0.2]]) == 0.75
    assert best.recall([exact[0], []]) == 0.5
    assert best.recall([[0.1], [0.1]]) == 0


def test_a_twin_of_the_last_is_as_good() -> None:
    best = BestScores(QUERIES[:1], 1)
    best.add(np.array([[1, 0], [5, 0]], dtype=np.float32))
    assert best.recall([[0.9999999]]) == 1
    assert best.recall([[0.999]]) == 0


def test_fewer_rows_than_k_are_all_that_is_wanted() -> None:
    best = _best(10)
    assert best.recall([[1, 0.97014, 0.70711, -1, 0], [1, 0.24254, 0.70711, 0]]) == 0.9
    assert best.recall([[1, 0.97014, 0.70711, -1, 0], [1, 0.24254, 0.70711, 0, 0]]) == 1
    assert BestScores(QUERIES, 10).recall([[], []]) == 1


def test_halved_floats_are_compared_as_they_are() -> None:
    best = BestScores(QUERIES, 1)
    best.add(ROWS.astype(np.float16))
    assert best.recall([[1.0], [1.0]]) == 1


def test_what_is_asked_for_lies_between_rows_nearer_to_the_first() -> None:
    asked = between(np.array([[3, 0], [0, 5], [0, 0.5]], dtype=np.float16))
    assert asked.dtype == np.float16
    wanted = np.array([[2, 1], [0, 1], [1, 2]]) / np.array([[5], [1], [5]]) ** 0.5
    assert np.allclose(asked, wanted, atol=1e-3)
