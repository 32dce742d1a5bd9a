"""A sample of the parameters that agree with what was observed: tempered sequential Monte Carlo.

Particles start as a sample of the prior and are led to the posterior in steps small enough to keep half
of them at work (Del Moral, Doucet and Jasra, JRSS B 68, 2006). The likelihood is synthetic (Wood, Nature
466, 2010): the observation is one more run, normal around the emulated mean, with the covariance of
chance, the emulator's own doubt, the error of the records, and what the other parameters add.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.inference.emulator import Emulator
from calibration.targets.observed import Observed

Floats = NDArray[np.float64]

MOVES = 24
"""How many typical steps each particle walks at a temperature: with 6, 500 particles are worth 170 and their
variance is 4 % short; with 24, worth 500 and not short."""

HALF = 0.5


@dataclass(frozen=True)
class Likelihood:
    """The probability of the observation at given scores of the free parameters."""

    emulator: Emulator
    observed: Observed

    def log(self, z: Floats) -> Floats:
        """Logarithm of the likelihood of each row (n x free)."""
        if not len(self.observed.used):
            return np.zeros(len(z))
        return _normal(self.gap(z), self._noise(z) + self._slopes @ self._slopes.T)

    def joint(self, z: Floats, known: Floats | float = 0.0) -> Floats:
        """The same at given scores of all parameters (n x parameters), the others not averaged over.

        known: what is known of each output (n x outputs) beside what is emulated.
        """
        use = self.observed.used
        free = z[:, : self.emulator.free]
        gap = self.observed.value[use] - (self.emulator.mean(z) + known)[:, use]
        return _normal(gap, self._noise(free))

    def others(self, z: Floats, rng: np.random.Generator, temper: float = 1.0) -> Floats:
        """Scores of the other parameters given the free ones (n x others): exact, as they act in lines.

        A prior pair of scores and noise is drawn and shifted by what it misses of the gap (Matheron's rule).
        """
        slopes = self._slopes
        scores = rng.standard_normal((len(z), slopes.shape[1]))
        if not len(slopes):
            return scores
        noise = self._noise(z) / temper
        error = np.einsum("nij,nj->ni", np.linalg.cholesky(noise), rng.standard_normal((len(z), len(slopes))))
        missed = self.gap(z) - scores @ slopes.T - error
        shift = np.linalg.solve(noise + slopes @ slopes.T, missed[:, :, None])[:, :, 0]
        return np.asarray(scores + shift @ slopes)

    @property
    def _slopes(self) -> Floats:
        return self.emulator.slopes[self.observed.used]

    def _noise(self, z: Floats) -> Floats:
        """N x used x used: all that parts the observation from the emulated mean, other parameters aside."""
        use, seen = self.observed.used, self.observed
        chance = np.sqrt(np.maximum(self.emulator.spread(z)[:, use] * seen.run[use], seen.drift[use]))
        found = chance[:, :, None] * chance[:, None, :] * self.emulator.chance.correlation[np.ix_(use, use)]
        found += self.emulator.doubts(z, use) + np.diag(seen.error[use] ** 2)
        scale = 1 / np.sqrt(seen.weight[use])
        return np.asarray(found * scale[:, None] * scale)

    def gap(self, z: Floats) -> Floats:
        """N x used: observed minus emulated."""
        use = self.observed.used
        return np.asarray(self.observed.value[use] - self.emulator.mean(z)[:, use])

    def given_others(self, z: Floats, output: int) -> tuple[Floats, Floats]:
        """Mean and variance of one figure at scores of all parameters, once the other figures are known.

        They share chance with it, and what the emulator misses.
        """
        use = self.observed.used
        own, others = int(np.flatnonzero(use == output)[0]), np.flatnonzero(use != output)
        mean = self.emulator.mean(z)[:, use]
        noise = self._noise(z[:, : self.emulator.free])
        shared = noise[:, others, own]
        pull = np.linalg.solve(noise[:, others][:, :, others], shared[:, :, None])[:, :, 0]
        missed = self.observed.value[use][others] - mean[:, others]
        expected = mean[:, own] + (pull * missed).sum(axis=1)
        return expected, noise[:, own, own] - (pull * shared).sum(axis=1)

    def deviation(self, z: Floats) -> Floats:
        """N x used: standard deviation of that difference, all that may cause it taken together."""
        noise = np.diagonal(self._noise(z), axis1=1, axis2=2)
        return np.asarray(np.sqrt(noise + (self._slopes**2).sum(axis=1)))


def _normal(gap: Floats, covariance: Floats) -> Floats:
    """Logarithm of the normal density of each row (n x k; covariance n x k x k), up to a constant."""
    root = np.linalg.cholesky(covariance)
    scaled = np.linalg.solve(root, gap[:, :, None])[:, :, 0]
    logs = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return np.asarray(-0.5 * (scaled**2).sum(axis=1) - logs)


def sample(likelihood: Likelihood, count: int, seed: int, temper: float = 1.0) -> Floats:
    """``count`` draws (x all parameters) from the prior times the likelihood to the power ``temper``."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, likelihood.emulator.free))
    logs = likelihood.log(z)
    heat = 0.0
    while heat < temper:
        step = _step(logs, temper - heat)
        heat += step
        z, logs = _resampled(z, logs, step, rng)
        z, logs = _moved(likelihood, z, logs, heat, rng)
    return np.hstack([z, likelihood.others(z, rng, temper)])


def _step(logs: Floats, left: float) -> float:
    """The largest rise in temperature that keeps half of the particles at work."""
    if _at_work(logs, left) >= HALF:
        return left
    low, high = 0.0, left
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_work(logs, middle) >= HALF else (low, middle)
    return max(low, left * 1e-6)


def _at_work(logs: Floats, step: float) -> float:
    weights = np.exp(step * (logs - logs.max()))
    return float(weights.sum() ** 2 / (weights**2).sum() / len(weights))


def _resampled(z: Floats, logs: Floats, step: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Particles in proportion to their weights."""
    picks = _picks(step * logs, len(z), rng)
    return z[picks], logs[picks]


def resampled(z: Floats, logs: Floats, count: int, rng: np.random.Generator) -> Floats:
    """``count`` rows in proportion to their weights, of which these are the logarithms.

    In no order: whoever takes the first few must not get one row several times because it is heavy.
    """
    picks: NDArray[np.intp] = rng.permutation(_picks(logs, count, rng))
    return z[picks]


def _picks(logs: Floats, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Systematic resampling: an even comb laid over the weights."""
    weights = np.exp(logs - logs.max())
    ends = np.cumsum(weights) / weights.sum()
    picks = np.searchsorted(ends, (np.arange(count) + rng.random()) / count)
    return np.minimum(picks, len(logs) - 1)


def _moved(
    likelihood: Likelihood, z: Floats, logs: Floats, heat: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Several Metropolis steps shaped like the particles, their length tuned to a third accepted."""
    count, free = z.shape
    if not free:
        return z, logs
    root = np.linalg.cholesky(np.atleast_2d(np.cov(z.T)) + 1e-10 * np.eye(free))
    length = 2.38 / np.sqrt(free)
    travelled = 0.0
    for _ in range(4 * MOVES):
        proposal = z + length * rng.standard_normal((count, free)) @ root.T
        new = likelihood.log(proposal)
        gain = heat * (new - logs) + 0.5 * ((z**2).sum(axis=1) - (proposal**2).sum(axis=1))
        accepted = np.log(rng.random(count)) < gain
        z, logs = np.where(accepted[:, None], proposal, z), np.where(accepted, new, logs)
        rate = float(accepted.mean())
        travelled += rate * length**2 * free
        length *= float(np.exp(rate - 0.3))
        if travelled > MOVES * 0.3 * 2.38**2:
            break
    return z, logs
