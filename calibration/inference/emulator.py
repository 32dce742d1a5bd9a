"""A fast stand-in for the simulation: what a run would show at parameters where nobody ran it, and how sure.

Each output is a sparse Bayesian polynomial of the parameters' normal scores: bends and interactions of
those searched for, straight lines of the others. How much each term may matter is found from the runs
(automatic relevance determination: MacKay, Bayesian non-linear modelling, 1994; Tipping, JMLR 1, 2001),
so that a parameter without influence gets a coefficient of nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calibration.inference.replication_noise import ReplicationNoise, products, proper

Floats = NDArray[np.float64]

PRUNED = 1e4
ROUNDS = 60


def features(z: Floats, free: int) -> Floats:
    """Terms of a design (n x parameters): one, the free scores, their squares and products, the rest."""
    own = z[:, :free]
    i, j = np.triu_indices(free, 1)
    squares = (own**2 - 1) / np.sqrt(2)
    return np.hstack([np.ones((len(z), 1)), own, squares, own[:, i] * own[:, j], z[:, free:]])


def bent(free: int) -> int:
    """How many of the terms concern the free parameters, the one included."""
    return 1 + 2 * free + free * (free - 1) // 2


@dataclass(frozen=True)
class Fit:
    """A linear model of one output: weights of its terms, their covariance, and the scatter around it.

    used: which terms were kept; the constant is the first of them and always kept.
    """

    used: NDArray[np.intp]
    weights: Floats
    covariance: Floats
    scatter: float

    def mean(self, terms: Floats) -> Floats:
        """Expected output for rows of terms."""
        return np.asarray(terms[:, self.used] @ self.weights)

    def doubt(self, terms: Floats) -> Floats:
        """Variance of that expectation: how little the runs pin the weights down."""
        own = terms[:, self.used]
        return np.asarray(((own @ self.covariance) * own).sum(axis=1))


def regress(terms: Floats, target: Floats) -> Fit:
    """Sparse Bayesian regression; the constant (first column) is not shrunk. Needs 3 rows at least."""
    center, unit = float(target.mean()), float(target.std()) or 1.0
    y = (target - center) / unit
    n = len(y)
    used = np.arange(terms.shape[1])
    weight_of = np.full(len(used), 1.0 * len(used))
    weight_of[0] = 1e-6
    noise = 0.1
    for _ in range(ROUNDS):
        x = terms[:, used]
        sigma = _inverse(x, weight_of, noise)
        mean = sigma @ (x.T @ y) / noise
        settled = 1 - weight_of * np.diag(sigma)
        settled[0] = 1.0
        new = np.clip(settled, 1e-12, None) / np.maximum(mean**2, 1e-12)
        new[0] = 1e-6
        residual = y - x @ mean
        noise = max(float(residual @ residual) / max(n - float(settled.sum()), 1.0), 1e-12)
        moved = float(np.max(np.abs(np.log(new / weight_of))))
        weight_of = new
        keep = weight_of < PRUNED
        used, weight_of = used[keep], weight_of[keep]
        if moved < 1e-2 and keep.all():
            break
    x = terms[:, used]
    sigma = _inverse(x, weight_of, noise)
    mean = sigma @ (x.T @ y) / noise
    weights = unit * mean
    weights[0] += center
    return Fit(used, weights, unit**2 * sigma, unit**2 * noise)


def _inverse(x: Floats, precision: Floats, noise: float) -> Floats:
    """Covariance of the weights: (X'X / noise + diag(precision))^-1, by the smaller of two systems."""
    n, p = x.shape
    if p <= n:
        return np.asarray(np.linalg.inv(x.T @ x / noise + np.diag(precision)))
    scaled = x / precision
    inner = noise * np.eye(n) + scaled @ x.T
    return np.asarray(np.diag(1 / precision) - scaled.T @ np.linalg.solve(inner, scaled))


@dataclass(frozen=True)
class Emulator:
    """All outputs at once, as functions of the parameters' scores.

    fits: one an output; misfit: outputs x outputs, covariance of what neither chance nor the terms explain
    (what is missed of the referrals is missed of the admissions too); explained: share of the variance
    between blocks explained, found on blocks left out, nan where that was not asked.
    """

    fits: tuple[Fit, ...]
    chance: ReplicationNoise
    misfit: Floats
    free: int
    parameters: int
    explained: Floats = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, z: Floats, values: Floats, free: int, check: int = 0) -> Emulator:
        """Fit to a design (n x parameters) and its blocks of runs (n x replications x outputs).

        So many of the first outputs are checked: fitted five times on four fifths, the misfit widened to
        what the left-out blocks show, its correlation taken from them, and ``explained`` filled.
        """
        chance = ReplicationNoise.of(z, values, free)
        spread = chance.variance(z, free)
        terms = features(z, free)
        ones = [_One.of(terms, values[:, :, j], spread[:, j], j < check) for j in range(values.shape[2])]
        misfit = np.array([one.misfit for one in ones])
        missed = np.stack([one.missed for one in ones], axis=1)
        alone = np.stack([one.by_chance for one in ones], axis=1)
        whole = _together(misfit, missed, alone, chance.correlation)
        explained = np.array([one.explained for one in ones])
        return cls(tuple(one.fit for one in ones), chance, whole, free, z.shape[1], explained)

    def mean(self, z: Floats) -> Floats:
        """Expected outputs: n x outputs; ``z`` may hold all parameters or the free ones alone."""
        terms = features(z, self.free)
        return np.asarray(terms @ self._weights[: terms.shape[1]])

    def doubt(self, z: Floats) -> Floats:
        """Variance of the emulator itself: n x outputs."""
        return self._unsure(z) + np.diag(self.misfit)

    def doubts(self, z: Floats, outputs: NDArray[np.intp]) -> Floats:
        """Covariance of the emulator itself among some outputs: n x these x these."""
        at = np.arange(len(outputs))
        found = np.tile(self.misfit[np.ix_(outputs, outputs)], (len(z), 1, 1))
        found[:, at, at] += self._unsure(z)[:, outputs]
        return found

    @cached_property
    def _weights(self) -> Floats:
        """Terms x outputs; those of the free parameters come first."""
        found = np.zeros((bent(self.free) + self.parameters - self.free, len(self.fits)))
        for column, fit in zip(found.T, self.fits, strict=True):
            column[fit.used] = fit.weights
        return found

    def spread(self, z: Floats) -> Floats:
        """Variance of one run by chance: n x outputs."""
        return self.chance.variance(z, self.free)

    @cached_property
    def slopes(self) -> Floats:
        """How the outputs move with the other parameters, in straight lines: outputs x others."""
        return np.asarray(self._weights[bent(self.free) :].T)

    def _unsure(self, z: Floats) -> Floats:
        """Variance of the terms' weights alone: n x outputs."""
        terms = features(self._whole(z), self.free)
        return np.stack([fit.doubt(terms) for fit in self.fits], axis=1)

    def _whole(self, z: Floats) -> Floats:
        if z.shape[1] == self.parameters:
            return z
        return np.hstack([z, np.zeros((len(z), self.parameters - z.shape[1]))])


def _block_means(values: Floats) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Mean of each block that has a value, one over how many there are, and which blocks."""
    count = np.isfinite(values).sum(axis=1)
    rows = np.flatnonzero(count)
    return np.nansum(values[rows], axis=1) / count[rows], 1 / count[rows], rows


@dataclass(frozen=True)
class _One:
    """One output by itself: its fit, the variance not explained, and how left-out blocks were foreseen.

    missed: errors of left-out blocks, nan where that was not asked; by_chance: variance of chance in them.
    """

    fit: Fit
    misfit: float
    explained: float
    missed: Floats
    by_chance: Floats

    @classmethod
    def of(cls, terms: Floats, values: Floats, spread: Floats, check: bool) -> _One:
        """From the blocks of this output (n x replications) and the variance of one run of each."""
        mean, share, rows = _block_means(values)
        missed, alone = np.full(len(values), np.nan), np.zeros(len(values))
        alone[rows] = spread[rows] * share
        by_chance = float(alone[rows].mean())
        fit = regress(terms[rows], mean)
        misfit = max(0.0, fit.scatter - by_chance)
        if not check:
            return cls(fit, misfit, np.nan, missed, alone)
        missed[rows], doubt = _left_out(terms[rows], mean)
        seen = float(np.mean(missed[rows] ** 2)) - by_chance
        explained = max(0.0, 1 - max(0.0, seen) / max(float(mean.var()) - by_chance, 1e-12))
        return cls(fit, max(misfit, seen - float(np.mean(doubt))), explained, missed, alone)


def _left_out(terms: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """How far off each block's mean is foreseen by a fit that has not seen it, and that fit's own doubt."""
    fold = np.arange(len(mean)) % 5
    error, doubt = np.zeros(len(mean)), np.zeros(len(mean))
    for k in range(5):
        fit = regress(terms[fold != k], mean[fold != k])
        error[fold == k] = mean[fold == k] - fit.mean(terms[fold == k])
        doubt[fold == k] = fit.doubt(terms[fold == k])
    return error, doubt


def _together(misfit: Floats, missed: Floats, by_chance: Floats, correlation: Floats) -> Floats:
    """Covariance of the misfit: its variances, correlated as left-out errors are beyond their chance.

    missed, by_chance: blocks x outputs, errors (nan: not asked) and the variance of chance in them. A misfit
    that hardly stands out from chance is taken as little correlated.
    """
    chance = np.where(np.isfinite(missed), np.sqrt(by_chance), np.nan)
    seen = products(missed)
    noise = np.diag(seen) * np.sqrt(2 / len(missed))
    alike = proper(seen - correlation * products(chance), misfit + noise)
    scale = np.sqrt(misfit)
    return np.asarray(scale[:, None] * scale * alike)
