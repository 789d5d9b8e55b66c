"""Exact search in pieces: the same answer as over all vectors at once, ties included."""

import numpy as np
import pytest

from catalog_embeddings.transform.search import ExactSearch, Numbers, Vectors, unit_vectors

RNG = np.random.default_rng(3)
ITEMS: Vectors = RNG.normal(size=(90, 8)).astype(np.float16).astype(np.float32)
QUERIES: Vectors = RNG.normal(size=(7, 8)).astype(np.float32)
NO_PAIRS = np.zeros(0, dtype=np.int64)


def _by_hand(items: Vectors) -> Numbers:
    cosines = unit_vectors(QUERIES) @ unit_vectors(items).T
    return np.argsort(-np.round(cosines, 6), axis=1, kind="stable")


@pytest.mark.parametrize("piece", [1, 4, 17, 90])
def test_pieces_in_any_order_give_what_all_at_once_would(piece: int) -> None:
    search = ExactSearch(QUERIES, 10, NO_PAIRS, NO_PAIRS)
    shuffled = RNG.permutation(90)
    for start in range(0, 90, piece):
        numbers = shuffled[start : start + piece]
        search.add(numbers, unit_vectors(ITEMS[numbers]))
    assert search.nearest().tolist() == _by_hand(ITEMS)[:, :10].tolist()


def test_twins_stand_in_the_order_of_their_numbers() -> None:
    items = np.repeat(ITEMS[:5], 6, axis=0)
    search = ExactSearch(QUERIES, 8, NO_PAIRS, NO_PAIRS)
    for numbers in np.array_split(RNG.permutation(30), 4):
        search.add(numbers, unit_vectors(items[numbers]))
    assert search.nearest().tolist() == _by_hand(items)[:, :8].tolist()


def test_pairs_come_in_the_order_of_the_whole_ranking() -> None:
    pair_queries = np.repeat(np.arange(7), 12)
    pair_candidates = np.concatenate([RNG.choice(90, 12, replace=False) for _ in range(7)])
    search = ExactSearch(QUERIES, 3, pair_queries, pair_candidates)
    for numbers in np.array_split(RNG.permutation(90), 5):
        search.add(numbers, unit_vectors(ITEMS[numbers]))
    for query, ranking in enumerate(_by_hand(ITEMS).tolist()):
        order = search.pair_order(query)
        wanted = set(pair_candidates[12 * query : 12 * query + 12].tolist())
        assert pair_candidates[order].tolist() == [candidate for candidate in ranking if candidate in wanted]
        assert set(pair_queries[order].tolist()) == {query}


def test_a_vector_without_a_direction_is_never_found_and_stands_last_among_pairs() -> None:
    items = ITEMS[:4].copy()
    items[0], items[2] = 0, np.nan
    search = ExactSearch(QUERIES[:1], 4, np.zeros(4, dtype=np.int64), np.arange(4))
    search.add(np.arange(4), unit_vectors(items))
    assert set(search.nearest()[0].tolist()) == {1, 3, -1}
    assert search.nearest()[0].tolist()[2:] == [-1, -1]
    assert set(search.pair_order(0).tolist()[2:]) == {0, 2}


def test_fewer_candidates_than_asked_for_leave_places_empty() -> None:
    search = ExactSearch(QUERIES, 5, NO_PAIRS, NO_PAIRS)
    search.add(np.array([41, 40]), unit_vectors(ITEMS[:2]))
    assert (search.nearest()[:, 2:] == -1).all()
    assert set(search.nearest()[0, :2].tolist()) == {40, 41}


def test_unit_vectors_keep_the_direction() -> None:
    units = unit_vectors(np.array([[3, 4], [0, 0], [np.inf, 1]], dtype=np.float16))
    assert units.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0], [0, 0]]
    assert units.dtype == np.float32
