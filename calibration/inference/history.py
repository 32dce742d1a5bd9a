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
"""The next points come from a posterior this flat: twice as wide as the real one."""


def implausibility(likelihood: Likelihood, z: Floats) -> Floats:
    """How many standard deviations each figure in use lies from the emulated one: n x used.

    The deviation holds chance, the emulator's doubt, the error of the records and the other parameters.
    """
    return np.abs(likelihood.gap(z)) / likelihood.deviation(z)


def not_ruled_out(likelihood: Likelihood, z: Floats) -> NDArray[np.bool_]:
    """Which rows no single figure rules out."""
    far = implausibility(likelihood, z)
    return np.asarray((far < RULED_OUT).all(axis=1))


def next_points(likelihood: Likelihood, count: int, seed: int) -> Floats:
    """``count`` points (x all parameters) spread over what is not ruled out, around the posterior."""
    wide = sample(likelihood, 6 * count, seed, temper=FLAT)
    far = implausibility(likelihood, wide[:, : likelihood.emulator.free]).max(axis=1, initial=0.0)
    nearest = np.argsort(far, kind="stable")[: max(2 * count, int((far < RULED_OUT).sum()))]
    return spread_out(wide[np.sort(nearest)], count, likelihood.emulator.free)


def spread_out(z: Floats, count: int, free: int) -> Floats:
    """``count`` rows far from each other in the free scores: each the farthest from those taken before."""
    taken = [0]
    gap = ((z[:, :free] - z[0, :free]) ** 2).sum(axis=1)
    while len(taken) < count:
        row = int(np.argmax(gap))
        taken.append(row)
        gap = np.minimum(gap, ((z[:, :free] - z[row, :free]) ** 2).sum(axis=1))
        gap[row] = -1.0
    return z[taken]
