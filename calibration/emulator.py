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
class Chance:
    """How single runs scatter around their mean: log-linear in the free scores, with a fixed correlation.

    weights: outputs x (1 + free), of the logarithm of the variance; correlation: outputs x outputs.
    """

    weights: Floats
    correlation: Floats

    def variance(self, z: Floats, free: int) -> Floats:
        """Variance of one run: n x outputs."""
        terms = np.hstack([np.ones((len(z), 1)), np.clip(z[:, :free], -3, 3)])
        return np.asarray(np.exp(terms @ self.weights.T))

    @classmethod
    def of(cls, z: Floats, values: Floats, free: int) -> Chance:
        """From blocks of runs (n x replications x outputs, nan where a run has no value)."""
        count = np.isfinite(values).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.nansum(values, axis=1) / count
            left = (values - mean[:, None, :]) * np.sqrt(count / (count - 1))[:, None, :]
        left[~np.isfinite(left)] = np.nan
        found = [_log_variance(z[:, :free], left[:, :, j]) for j in range(values.shape[2])]
        weights = np.array(found)
        spread = np.sqrt(cls(weights, np.eye(len(found))).variance(z, free))
        with np.errstate(invalid="ignore", divide="ignore"):
            flat = (left / spread[:, None, :]).reshape(-1, values.shape[2])
        return cls(weights, _correlation(np.where(np.isfinite(flat), flat, np.nan)))


def _log_variance(z: Floats, left: Floats) -> Floats:
    """Gamma regression of squared deviations on the scores, shrunk to a constant."""
    count = np.isfinite(left).sum(axis=1)
    seen = count > 0
    y = np.nansum(left[seen] ** 2, axis=1) / count[seen]
    terms = np.hstack([np.ones((len(y), 1)), np.clip(z[seen], -3, 3)])
    weights = np.zeros(z.shape[1] + 1)
    level = float(y.mean()) if len(y) else 0.0
    weights[0] = np.log(max(level, 1e-12))
    if level <= 1e-12:
        return weights
    shrink = np.array([0.0] + [25.0] * z.shape[1])
    for _ in range(25):
        ratio = np.clip(y / np.exp(terms @ weights), 0, 50)
        uphill = terms.T @ (ratio - 1) - shrink * weights
        step = np.linalg.solve(terms.T @ terms + np.diag(shrink), uphill)
        weights = weights + np.clip(step, -1, 1)
        if np.max(np.abs(step)) < 1e-6:
            break
    return weights


def _correlation(flat: Floats) -> Floats:
    """Correlation of standardized deviations, pair by pair, pulled a little to independence."""
    second = _products(flat)
    return _proper(second, np.diag(second))


def _products(columns: Floats) -> Floats:
    """Mean product of each pair of columns over the rows that have both (nan: has none)."""
    seen = np.isfinite(columns)
    zero = np.where(seen, columns, 0.0)
    return np.asarray(zero.T @ zero / np.maximum(seen.T.astype(float) @ seen, 1.0))


def _proper(second: Floats, variance: Floats) -> Floats:
    """Second moments over these variances, as a matrix that is a correlation."""
    scale = np.sqrt(np.maximum(variance, 1e-12))
    found = np.clip(second / np.outer(scale, scale), -0.999, 0.999)
    np.fill_diagonal(found, 1.0)
    values, vectors = np.linalg.eigh(0.99 * found + 0.01 * np.eye(len(found)))
    found = vectors @ np.diag(np.maximum(values, 1e-3)) @ vectors.T
    scale = np.sqrt(np.diag(found))
    return np.asarray(found / np.outer(scale, scale))


@dataclass(frozen=True)
class Emulator:
    """All outputs at once, as functions of the parameters' scores.

    fits: one an output; misfit: outputs x outputs, covariance of what neither chance nor the terms explain
    (what is missed of the referrals is missed of the admissions too); explained: share of the variance
    between blocks explained, found on blocks left out, nan where that was not asked.
    """

    fits: tuple[Fit, ...]
    chance: Chance
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
        chance = Chance.of(z, values, free) if values.shape[1] > 1 else _no_replicates(values, free)
        terms = features(z, free)
        spread = chance.variance(z, free) if values.shape[1] > 1 else np.zeros((len(z), values.shape[2]))
        missed, alone = np.full((len(z), values.shape[2]), np.nan), np.zeros_like(spread)
        fits, misfit, explained = [], [], []
        for j in range(values.shape[2]):
            mean, share, rows = _block_means(values[:, :, j])
            alone[rows, j] = spread[rows, j] * share
            by_chance = float(np.mean(alone[rows, j]))
            fit = regress(terms[rows], mean)
            left_over = max(0.0, fit.scatter - by_chance)
            known = np.nan
            if j < check:
                missed[rows, j], doubt = _left_out(terms[rows], mean)
                seen = float(np.nanmean(missed[:, j] ** 2)) - by_chance
                known = max(0.0, 1 - max(0.0, seen) / max(float(mean.var()) - by_chance, 1e-12))
                left_over = max(left_over, seen - float(np.mean(doubt)))
            explained.append(known)
            fits.append(fit)
            misfit.append(left_over)
        whole = _together(np.array(misfit), missed, alone, chance.correlation)
        return cls(tuple(fits), chance, whole, free, z.shape[1], np.array(explained))

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


def _no_replicates(values: Floats, free: int) -> Chance:
    """Without replicates nothing tells chance from misfit: all of it counts as misfit."""
    outputs = values.shape[2]
    weights = np.zeros((outputs, free + 1))
    weights[:, 0] = np.log(1e-12)
    return Chance(weights, np.eye(outputs))


def _block_means(values: Floats) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Mean of each block that has a value, one over how many there are, and which blocks."""
    count = np.isfinite(values).sum(axis=1)
    rows = np.flatnonzero(count)
    return np.nansum(values[rows], axis=1) / count[rows], 1 / count[rows], rows


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
    seen = _products(missed)
    noise = np.diag(seen) * np.sqrt(2 / len(missed))
    alike = _proper(seen - correlation * _products(chance), misfit + noise)
    scale = np.sqrt(misfit)
    return np.asarray(scale[:, None] * scale * alike)
