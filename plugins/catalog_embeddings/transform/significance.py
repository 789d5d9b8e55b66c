"""Whether a difference is more than chance: of paired values, and of two proportions.

Pure arithmetic over what was measured; what was measured is left to ``metrics``.
"""

import math

import numpy as np
from numpy.typing import NDArray

from catalog_embeddings.domain.evaluation import Figure, ProportionTest

_RESAMPLES = 10_000
_RESAMPLES_AT_ONCE = 500
_NORMAL_975 = 1.959963984540054


def figure(version: NDArray[np.float64], against: NDArray[np.float64] | None) -> Figure:
    """The means of a version and of the one it is compared with, value by value, and how sure their difference is.

    Both hold at least one value; the same place in both is the same query or item.
    """
    if against is None:
        low, high = bootstrap_interval(version)
        return Figure(float(np.mean(version)), None, None, low, high, None)
    differences = version - against
    low, high = bootstrap_interval(differences)
    return Figure(
        version=float(np.mean(version)),
        against=float(np.mean(against)),
        difference=float(np.mean(differences)),
        low=low,
        high=high,
        p_value=paired_t_test(differences),
    )


def paired_t_test(differences: NDArray[np.float64]) -> float | None:
    """The two-sided p-value of Student's paired t-test; None where it is undefined: one value, or all the same.

    Fair for means of ranking measures: Smucker, Allan and Carterette, CIKM 2007.
    """
    count = len(differences)
    deviation = float(np.std(differences, ddof=1)) if count > 1 else 0.0
    if deviation <= 1e-12:
        return None
    # Half a second to import, which only an evaluation should wait for.
    from scipy.special import stdtr  # noqa: PLC0415

    t = float(np.mean(differences)) / (deviation / math.sqrt(count))
    return float(2 * stdtr(count - 1, -abs(t)))


def bootstrap_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the mean (Efron and Tibshirani 1993, section 13.3).

    The same values always give the same interval: the seed is fixed.
    """
    rng = np.random.default_rng(20_261_121)
    means = np.concatenate(
        [
            values[rng.integers(0, len(values), (_RESAMPLES_AT_ONCE, len(values)))].mean(axis=1)
            for _ in range(_RESAMPLES // _RESAMPLES_AT_ONCE)
        ]
    )
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a proportion (Wilson, JASA 1927): it holds for rare successes too. ``trials`` above 0."""
    z2 = _NORMAL_975**2
    share = successes / trials
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = _NORMAL_975 * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(0.0, centre - spread), min(1.0, centre + spread)


def two_proportions(successes: int, trials: int, other_successes: int, other_trials: int) -> ProportionTest:
    """The difference of two independent proportions, with its interval and the pooled z-test.

    The interval is Newcombe's hybrid score (Statistics in Medicine 1998, method 10). The test is the pooled z of
    Fleiss, Levin and Paik (2003, section 3.1) without correction for continuity; its square is Pearson's chi-square of
    the 2 x 2 table. Both trials are above 0. z and p are None where nobody, or everybody, succeeded.
    """
    share, other = successes / trials, other_successes / other_trials
    (low, high), (other_low, other_high) = (
        wilson_interval(successes, trials),
        wilson_interval(other_successes, other_trials),
    )
    pooled = (successes + other_successes) / (trials + other_trials)
    error = math.sqrt(pooled * (1 - pooled) * (1 / trials + 1 / other_trials))
    z = (share - other) / error if error else None
    return ProportionTest(
        difference=share - other,
        low=share - other - math.hypot(share - low, other_high - other),
        high=share - other + math.hypot(high - share, other - other_low),
        z=z,
        p_value=None if z is None else math.erfc(abs(z) / math.sqrt(2)),
    )
