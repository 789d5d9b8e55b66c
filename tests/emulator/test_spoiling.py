"""Each kind of spoilt answer breaks what it says, and nothing else."""

import json

import numpy as np
import pytest

from catalog_embeddings.emulator.faults import SpoiltVectors
from catalog_embeddings.emulator.spoiling import json_response, proxy_page, spoilt_data, spoilt_vectors
from catalog_embeddings.emulator.vectors import hashed

ENTRIES: list[dict[str, object]] = [{"index": index, "embedding": f"v{index}"} for index in range(3)]


def test_without_a_fault_nothing_is_changed() -> None:
    vectors = hashed(["a", "b"], 8)
    assert spoilt_vectors(None, vectors) is vectors
    assert spoilt_data(None, ENTRIES) == ENTRIES
    assert json.loads(bytes(json_response({"a": 1}).body)) == {"a": 1}


@pytest.mark.parametrize(
    ("kind", "indexes"),
    [("shuffled_index", [1, 2, 0]), ("duplicate_index", [0, 1, 1]), ("too_few", [0, 1])],
)
def test_indexes(kind: SpoiltVectors, indexes: list[int]) -> None:
    assert [entry["index"] for entry in spoilt_data(kind, ENTRIES)] == indexes


def test_a_shuffled_entry_keeps_its_own_vector() -> None:
    assert all(e["embedding"] == f"v{e['index']}" for e in spoilt_data("shuffled_index", ENTRIES))


def test_one_vector_is_spoilt_and_the_others_are_left() -> None:
    vectors = hashed(["a", "b"], 8)
    assert np.isnan(spoilt_vectors("nan", vectors)[1]).all()
    assert not spoilt_vectors("zero", vectors)[1].any()
    assert spoilt_vectors("wrong_dims", vectors).shape == (2, 7)
    for kind in ("nan", "zero"):
        np.testing.assert_array_equal(spoilt_vectors(kind, vectors)[0], vectors[0])
    np.testing.assert_array_equal(vectors, hashed(["a", "b"], 8))


def test_a_truncated_answer_is_no_json() -> None:
    body = bytes(json_response({"data": ENTRIES}, "truncated").body)
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_a_proxy_page_claims_success() -> None:
    assert (proxy_page().status_code, proxy_page().media_type) == (200, "text/html")
