"""Ranking measures, held against ir-measures on random rankings with unjudged items."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog_embeddings.transform.metrics import MEASURES, measure, measure_names

REFERENCE = Path(__file__).parent.parent / "data" / "ranking_reference.json"


def _reference() -> dict[str, Any]:
    return dict(json.loads(REFERENCE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("case", _reference()["expected"], ids=lambda case: f"k={case['k']} from {case['min_rating']}")
def test_every_measure_is_that_of_ir_measures(case: dict[str, Any]) -> None:
    for number, query in enumerate(_reference()["queries"]):
        gains = np.array([query["ratings"].get(item, np.nan) for item in query["ranking"]], dtype=np.float64)
        found = measure(gains[: case["k"]], gains[~np.isnan(gains)], case["k"], case["min_rating"])
        expected = {f"{name}@{case['k']}": values[number] for name, values in case["measures"].items()}
        assert found == pytest.approx(expected, abs=1e-6), number


def test_measures_are_spelled_with_their_depth() -> None:
    assert measure_names(MEASURES, 5)[:2] == ["ndcg@5", "recall@5"]


def test_a_catalog_smaller_than_the_depth_is_measured_as_far_as_it_goes() -> None:
    found = measure(np.array([np.nan, 2.0]), np.array([2.0]), 10, 1)
    assert found["judged@10"] == 0.5
    assert found["ndcg@10"] == pytest.approx(1 / np.log2(3))
    assert found["condensed_ndcg@10"] == found["recall@10"] == 1
    assert found["mrr@10"] == 0.5


def test_nothing_found_is_nothing_and_no_error() -> None:
    found = measure(np.array([]), np.array([1.0]), 3, 1)
    assert [found[name] for name in ("ndcg@3", "recall@3", "mrr@3", "judged@3")] == [0, 0, 0, 0]
