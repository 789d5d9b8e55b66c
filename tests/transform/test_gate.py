"""The gate: NDCG decides, unjudged items warn, and nothing to go by is no pass."""

import pytest

from catalog_embeddings.transform.gate import passes_gate
from tests.transform.evaluation_reports import judged, report


@pytest.mark.parametrize(("ndcg", "state"), [(0.05, "passed"), (0, "passed"), (-0.01, "passed"), (-0.0101, "failed")])
def test_a_small_drop_passes_and_a_larger_one_fails(ndcg: float, state: str) -> None:
    verdict = passes_gate(report(judged(ndcg)))
    assert verdict.state == state
    assert verdict.passed == (state == "passed")
    assert "NDCG@10 of v8" in verdict.reason
    assert "unjudged" not in verdict.reason


def test_how_much_may_be_lost_is_a_setting() -> None:
    assert passes_gate(report(judged(-0.04)), max_ndcg_drop=0.05).passed
    assert not passes_gate(report(judged(0.0)), max_ndcg_drop=-0.01).passed


@pytest.mark.parametrize(("ndcg", "condensed", "state"), [(-0.03, 0.02, "failed"), (0.03, -0.02, "passed")])
def test_where_unjudged_items_decide_the_reason_says_so(ndcg: float, condensed: float, state: str) -> None:
    verdict = passes_gate(report(judged(ndcg, condensed)))
    assert verdict.state == state
    assert f"of judged items alone it is {condensed:+.3f}, so unjudged items decide here" in verdict.reason


def test_without_judgments_or_a_comparison_nothing_is_known() -> None:
    for found in (report(), report(judged(0.1), against=None)):
        verdict = passes_gate(found)
        assert (verdict.state, verdict.passed) == ("unknown", False)
