"""The comparison of two numbers of each person: paired t, Wilcoxon's signed ranks, and an effect size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq

Values = NDArray[np.float64]
NAN = float("nan")


@dataclass(frozen=True)
class Paired:
    """After minus before of some pairs, with 95 % intervals; nan where undefined.

    difference, low, high: mean difference and its t interval. t, df, p_t: paired t test. w, p_w: the
    smaller sum of signed ranks and its two-sided test, pairs without difference left out. dz: mean
    difference over its standard deviation, with the interval of the noncentral t (Cumming and Finch,
    Educational and Psychological Measurement 61, 2001).
    """

    pairs: int
    difference: float = NAN
    low: float = NAN
    high: float = NAN
    t: float = NAN
    df: int = 0
    p_t: float = NAN
    w: float = NAN
    p_w: float = NAN
    dz: float = NAN
    dz_low: float = NAN
    dz_high: float = NAN
    note: str = ""


def compare(before: Values, after: Values, level: float = 0.95) -> Paired:
    """Compare pairs ``(before[i], after[i])``."""
    change = after - before
    n = len(change)
    if n < 2:
        mean = float(change[0]) if n else NAN
        return Paired(n, mean, note="Fewer than two pairs: no test.")
    mean, sd = float(change.mean()), float(change.std(ddof=1))
    w, p_w = _signed_ranks(change)
    if sd == 0:
        note = "Everyone changed by the same amount: no t test."
        return Paired(n, mean, mean, mean, df=n - 1, w=w, p_w=p_w, note=note)
    error = sd / np.sqrt(n)
    t = mean / error
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * error
    dz_low, dz_high = effect_interval(t, n, level)
    p_t = float(2 * stats.t.sf(abs(t), n - 1))
    return Paired(n, mean, mean - half, mean + half, t, n - 1, p_t, w, p_w, mean / sd, dz_low, dz_high)


def _signed_ranks(change: Values) -> tuple[float, float]:
    """Wilcoxon's statistic and p: exact up to 50 pairs without ties, by the normal curve otherwise."""
    moved = change[change != 0]
    if not len(moved):
        return NAN, NAN
    ties = len(np.unique(np.abs(moved))) < len(moved)
    method: Literal["approx", "exact"] = "approx" if ties or len(moved) > 50 else "exact"
    test = stats.wilcoxon(np.asarray(moved, dtype=np.float64), method=method, keepdims=False)
    return float(test.statistic), float(test.pvalue)


def effect_interval(t: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of dz: the noncentralities under which a t as far out has chance (1 - level) / 2."""
    tail = (1 - level) / 2

    def below(nc: float) -> float:
        """The chance of a smaller t; scipy gives nan where it is 0 or 1 to all digits."""
        chance = float(stats.nct.cdf(t, n - 1, nc))
        return chance if np.isfinite(chance) else float(nc < t)

    def solve(chance: float) -> float:
        reach = 10 + 3 * abs(t)
        root = brentq(lambda nc: below(nc) - chance, t - reach, t + reach, full_output=False)
        return root / float(np.sqrt(n))

    return solve(1 - tail), solve(tail)
