"""History matching: which parameters are not ruled out by the records, and where to run next.

Source: Craig, Goldstein, Seheult and Smith 1997; Vernon, Goldstein and Bower, Bayesian Analysis 5, 2010.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calibration.inference.sampler import Likelihood, sample

Floats = NDArray[np.float64]

RULED_OUT = 3.0
"""Standard deviations from which on parameters are implausible (Pukelsheim's three-sigma rule)."""

FLAT = 0.25
"""Power of the likelihood from which the next design points are drawn: twice as wide as the posterior."""


def implausibility(likelihood: Likelihood, z: Floats) -> Floats:
    """How many standard deviations each figure in use lies from the emulated one: n x used.

    The deviation holds replication noise, emulator variance, errors of the records and the other parameters.
    """
    return np.abs(likelihood.residual(z)) / likelihood.deviation(z)


def not_ruled_out(likelihood: Likelihood, z: Floats) -> NDArray[np.bool_]:
    """Which rows no single figure rules out."""
    far = implausibility(likelihood, z)
    return np.asarray((far < RULED_OUT).all(axis=1))


def next_points(likelihood: Likelihood, count: int, seed: int) -> Floats:
    """``count`` points (x all parameters) spread over what is not ruled out, around the posterior."""
    wide = sample(likelihood, 6 * count, seed, power=FLAT)
    far = implausibility(likelihood, wide[:, : likelihood.emulator.free]).max(axis=1, initial=0.0)
    nearest = np.argsort(far, kind="stable")[: max(2 * count, int((far < RULED_OUT).sum()))]
    return spread_out(wide[np.sort(nearest)], count, likelihood.emulator.free)


def spread_out(z: Floats, count: int, free: int) -> Floats:
    """``count`` rows far from each other in the free scores: each the farthest from those chosen before."""
    chosen = [0]
    distance = ((z[:, :free] - z[0, :free]) ** 2).sum(axis=1)
    while len(chosen) < count:
        row = int(np.argmax(distance))
        chosen.append(row)
        distance = np.minimum(distance, ((z[:, :free] - z[row, :free]) ** 2).sum(axis=1))
        distance[row] = -1.0
    return z[chosen]
