"""Whether a posterior means what it says: ranks and intervals over counties whose truth is known.

Source: Talts, Betancourt, Simpson, Vehtari and Gelman, Validating Bayesian inference algorithms with
simulation-based calibration, 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calibration.emulator import Emulator
from calibration.sampler import Likelihood, Observed, sample

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """One parameter over all counties: p of uniform ranks, cover of the central intervals, variance gone.

    cover: share of the truths inside the 50 % and the 90 % interval; narrowed: mean share of the prior's
    variance that went.
    """

    p: float
    cover_50: float
    cover_90: float
    narrowed: float


def calibrated(
    emulator: Emulator, truths: Floats, outputs: Floats, draws: int, seed: int, done: Callable[[], None]
) -> tuple[Floats, Floats]:
    """Ranks (share of draws below the truth) and posterior variances, counties x parameters.

    ``outputs``: one run of each county at its truth, on the emulator's scale; what a run lacks (nan) counts
    for nothing.
    """
    ranks, variances = [], []
    for number, (truth, shown) in enumerate(zip(truths, outputs, strict=True)):
        weight = np.where(np.isfinite(shown), 1.0, 0.0)
        seen = replace(Observed.of(np.where(np.isfinite(shown), shown, 0.0)), weight=weight)
        z = sample(Likelihood(emulator, seen), draws, seed + number)
        ranks.append((z < truth).mean(axis=0))
        variances.append(z.var(axis=0))
        done()
    return np.array(ranks), np.array(variances)


def uniform(ranks: Floats, bins: int = 10) -> float:
    """P of the hypothesis that ranks (0 to 1) are spread evenly: chi-square over bins of equal width."""
    from scipy.stats import chisquare

    counts, _ = np.histogram(ranks, bins=bins, range=(0, 1))
    return float(chisquare(counts).pvalue)


def inside(ranks: Floats, level: float) -> float:
    """Share of truths inside the central interval of this level."""
    return float((np.abs(ranks - 0.5) <= level / 2).mean())


def verdicts(names: Iterable[str], ranks: Floats, variances: Floats) -> dict[str, Verdict]:
    """One verdict a parameter."""
    return {
        name: Verdict(uniform(r), inside(r, 0.5), inside(r, 0.9), float(1 - v.mean()))
        for name, r, v in zip(names, ranks.T, variances.T, strict=True)
    }
