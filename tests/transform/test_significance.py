"""Tests and intervals, held against scipy and against published examples."""

import numpy as np
import pytest
from scipy import stats

from catalog_embeddings.transform.significance import (
    bootstrap_interval,
    figure,
    paired_t_test,
    two_proportions,
    wilson_interval,
)

RNG = np.random.default_rng(1)
BEFORE = RNG.uniform(size=60)
AFTER = np.clip(BEFORE + RNG.normal(0.05, 0.2, size=60), 0, 1)


def test_the_t_test_is_scipys() -> None:
    assert paired_t_test(AFTER - BEFORE) == pytest.approx(stats.ttest_rel(AFTER, BEFORE).pvalue, rel=1e-9)
    assert paired_t_test(BEFORE - AFTER) == pytest.approx(stats.ttest_rel(AFTER, BEFORE).pvalue, rel=1e-9)


@pytest.mark.parametrize("differences", [[0.3], [0.0, 0.0, 0.0], [0.1, 0.1, 0.1]])
def test_what_does_not_vary_has_no_p_value(differences: list[float]) -> None:
    assert paired_t_test(np.array(differences)) is None


def test_the_bootstrap_interval_is_scipys() -> None:
    expected = stats.bootstrap(
        (AFTER - BEFORE,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(2)
    ).confidence_interval
    assert bootstrap_interval(AFTER - BEFORE) == pytest.approx(tuple(expected), abs=0.002)


def test_the_same_values_give_the_same_interval() -> None:
    assert bootstrap_interval(AFTER) == bootstrap_interval(AFTER.copy())
    assert bootstrap_interval(np.full(5, 0.25)) == (0.25, 0.25)


def test_a_figure_is_of_pairs() -> None:
    found = figure(AFTER, BEFORE)
    assert found.version == pytest.approx(AFTER.mean())
    assert found.against == pytest.approx(BEFORE.mean())
    assert found.difference == pytest.approx((AFTER - BEFORE).mean())
    assert found.low < (AFTER - BEFORE).mean() < found.high
    # Pairs that agree make the interval narrower than that of the values themselves.
    low, high = bootstrap_interval(AFTER)
    assert found.high - found.low < high - low


def test_a_figure_of_one_version_has_the_interval_of_its_mean() -> None:
    found = figure(AFTER, None)
    assert (found.against, found.difference, found.p_value) == (None, None, None)
    assert found.low < found.version < found.high


@pytest.mark.parametrize("counts", [(120, 1_000, 300, 3_000), (3, 10, 9, 11), (1, 5_000, 12, 4_000), (5, 5, 1, 3)])
def test_two_proportions_are_pearsons_chi_square(counts: tuple[int, int, int, int]) -> None:
    clicks, impressions, other_clicks, other_impressions = counts
    table = [[clicks, impressions - clicks], [other_clicks, other_impressions - other_clicks]]
    chi_square = stats.chi2_contingency(table, correction=False)
    found = two_proportions(*counts)
    assert found.z is not None
    assert found.z**2 == pytest.approx(chi_square.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(chi_square.pvalue, rel=1e-9)
    assert np.sign(found.z) == np.sign(found.difference)


@pytest.mark.parametrize("clicks", [0, 7])
def test_where_all_are_alike_there_is_nothing_to_test(clicks: int) -> None:
    found = two_proportions(clicks, 7, clicks, 7)
    assert (found.z, found.p_value, found.difference) == (None, None, 0)
    assert found.low < 0 < found.high


def test_intervals_are_those_of_the_papers() -> None:
    # Newcombe 1998, "Interval estimation for the difference between independent proportions", table II, (a), method 10.
    found = two_proportions(56, 70, 48, 80)
    assert [found.low, found.high] == pytest.approx([0.0524, 0.3339], abs=5e-5)
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert wilson_interval(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)
