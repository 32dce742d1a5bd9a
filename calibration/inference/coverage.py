"""Coverage of a posterior: ranks and intervals over simulated counties whose parameters are known.

Source: Talts, Betancourt, Simpson, Vehtari and Gelman, Validating Bayesian inference algorithms with
simulation-based calibration, 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calibration.inference.emulator import Emulator
from calibration.inference.sampler import Likelihood
from calibration.targets.observed import Observed

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


Draw = Callable[[Likelihood, int], Floats]
"""Takes draws of all parameters, given a likelihood and a seed."""


def calibrated(
    emulator: Emulator, truths: Floats, outputs: Floats, draw: Draw, seed: int, jobs: int = 1
) -> tuple[Floats, Floats]:
    """Ranks (share of draws below the truth) and posterior variances, counties x parameters.

    ``outputs``: one run of each county at its truth, on the emulator's scale; what a run lacks (nan) counts
    for nothing.
    """
    from joblib import Parallel, delayed

    ranked = Parallel(n_jobs=jobs)(
        delayed(_ranked)(Likelihood(emulator, _seen(shown)), truth, draw, seed + number)
        for number, (truth, shown) in enumerate(zip(truths, outputs, strict=True))
    )
    ranks, variances = zip(*ranked, strict=True)
    return np.array(ranks), np.array(variances)


def _seen(shown: Floats) -> Observed:
    known = np.isfinite(shown)
    return replace(Observed.of(np.where(known, shown, 0.0)), weight=known.astype(float))


def _ranked(likelihood: Likelihood, truth: Floats, draw: Draw, seed: int) -> tuple[Floats, Floats]:
    z = draw(likelihood, seed)
    return (z < truth).mean(axis=0), z.var(axis=0)


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
