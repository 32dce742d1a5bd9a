"""An emulator of the simulation: the output of a run at any parameters, with its variance.

Each output is a sparse Bayesian polynomial of the parameters' normal scores: quadratic, with interactions,
in the parameters searched for and linear in the others. The prior variance of each coefficient is estimated
from the runs (automatic relevance determination: MacKay, Bayesian non-linear modelling, 1994; Tipping, JMLR
1, 2001), so that the coefficient of a parameter without influence shrinks to 0.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def free_terms(free: int) -> int:
    """How many of the terms concern the free parameters, the constant included."""
    return 1 + 2 * free + free * (free - 1) // 2


@dataclass(frozen=True)
class Fit:
    """A linear model of one output: weights of its terms, their covariance, and the residual variance.

    used: which terms were kept; the constant is the first of them and always kept.
    """

    used: NDArray[np.intp]
    weights: Floats
    covariance: Floats
    residual_variance: float

    def mean(self, terms: Floats) -> Floats:
        """Expected output for rows of terms."""
        return np.asarray(terms[:, self.used] @ self.weights)

    def variance(self, terms: Floats) -> Floats:
        """Variance of that expectation, from the covariance of the weights."""
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

    fits: one an output; noise: the replication noise of single runs; discrepancy: outputs x outputs,
    covariance of what neither noise nor the terms explain, correlated between outputs; explained: share of
    the variance between design points that is explained, by cross-validation, nan where that was not asked.
    """

    fits: tuple[Fit, ...]
    noise: ReplicationNoise
    discrepancy: Floats
    free: int
    parameters: int
    explained: Floats = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, z: Floats, values: Floats, free: int, check: int = 0) -> Emulator:
        """Fit to a design (n x parameters) and its runs (n x replications x outputs).

        check: how many of the first outputs are cross-validated (five folds): their discrepancy is widened to
        the errors of left-out points, its correlation taken from them, and ``explained`` filled.
        """
        noise = ReplicationNoise.of(z, values, free)
        variance = noise.variance(z, free)
        terms = features(z, free)
        outputs = range(values.shape[2])
        fits = [_OutputFit.of(terms, values[:, :, j], variance[:, j], j < check) for j in outputs]
        covariance = _discrepancy_covariance(fits, noise.correlation)
        explained = np.array([fit.explained for fit in fits])
        return cls(tuple(fit.fit for fit in fits), noise, covariance, free, z.shape[1], explained)

    def mean(self, z: Floats) -> Floats:
        """Expected outputs: n x outputs; ``z`` may hold all parameters or the free ones alone."""
        terms = features(z, self.free)
        return np.asarray(terms @ self._weights[: terms.shape[1]])

    def variance(self, z: Floats) -> Floats:
        """Variance of the emulator itself: n x outputs."""
        return self._weights_variance(z) + np.diag(self.discrepancy)

    def covariance(self, z: Floats, outputs: NDArray[np.intp]) -> Floats:
        """Covariance of the emulator itself among some outputs: n x these x these."""
        at = np.arange(len(outputs))
        covariance = np.tile(self.discrepancy[np.ix_(outputs, outputs)], (len(z), 1, 1))
        covariance[:, at, at] += self._weights_variance(z)[:, outputs]
        return covariance

    @cached_property
    def _weights(self) -> Floats:
        """Terms x outputs; those of the free parameters come first."""
        weights = np.zeros((free_terms(self.free) + self.parameters - self.free, len(self.fits)))
        for column, fit in zip(weights.T, self.fits, strict=True):
            column[fit.used] = fit.weights
        return weights

    def noise_variance(self, z: Floats) -> Floats:
        """Replication noise, the variance of one run at given parameters: n x outputs."""
        return self.noise.variance(z, self.free)

    @cached_property
    def slopes(self) -> Floats:
        """Linear coefficients of the outputs on the parameters not searched for: outputs x others."""
        return np.asarray(self._weights[free_terms(self.free) :].T)

    def _weights_variance(self, z: Floats) -> Floats:
        """Variance of the terms' weights alone: n x outputs."""
        terms = features(self._with_others(z), self.free)
        return np.stack([fit.variance(terms) for fit in self.fits], axis=1)

    def _with_others(self, z: Floats) -> Floats:
        if z.shape[1] == self.parameters:
            return z
        return np.hstack([z, np.zeros((len(z), self.parameters - z.shape[1]))])


def _point_means(values: Floats) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Mean of each design point that has a value, one over how many there are, and which points."""
    count = np.isfinite(values).sum(axis=1)
    rows = np.flatnonzero(count)
    return np.nansum(values[rows], axis=1) / count[rows], 1 / count[rows], rows


@dataclass(frozen=True)
class _OutputFit:
    """The fit of one output, its discrepancy (a variance), and its cross-validation.

    errors: of left-out points, nan where that was not asked; noise: variance of the noise in their means.
    """

    fit: Fit
    discrepancy: float
    explained: float
    errors: Floats
    noise: Floats

    @classmethod
    def of(cls, terms: Floats, values: Floats, variance: Floats, check: bool) -> _OutputFit:
        """From the runs of this output (n x replications) and the noise variance of one run of each."""
        mean, share, rows = _point_means(values)
        errors, noise = np.full(len(values), np.nan), np.zeros(len(values))
        noise[rows] = variance[rows] * share
        mean_noise = float(noise[rows].mean())
        fit = regress(terms[rows], mean)
        discrepancy = max(0.0, fit.residual_variance - mean_noise)
        if not check:
            return cls(fit, discrepancy, np.nan, errors, noise)
        errors[rows], own_variance = _cross_validated(terms[rows], mean)
        missed = float(np.mean(errors[rows] ** 2)) - mean_noise
        explained = max(0.0, 1 - max(0.0, missed) / max(float(mean.var()) - mean_noise, 1e-12))
        widened = max(discrepancy, missed - float(np.mean(own_variance)))
        return cls(fit, widened, explained, errors, noise)


def _cross_validated(terms: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Errors of each point's mean under a fit without it (five folds), and that fit's own variance."""
    fold = np.arange(len(mean)) % 5
    error, variance = np.zeros(len(mean)), np.zeros(len(mean))
    for k in range(5):
        fit = regress(terms[fold != k], mean[fold != k])
        error[fold == k] = mean[fold == k] - fit.mean(terms[fold == k])
        variance[fold == k] = fit.variance(terms[fold == k])
    return error, variance


def _discrepancy_covariance(fits: Sequence[_OutputFit], correlation: Floats) -> Floats:
    """Covariance of the discrepancies: correlated as cross-validation errors are beyond their noise.

    correlation: of the replication noise, outputs x outputs. A discrepancy that is small beside the sampling
    error of its estimate is taken as little correlated.
    """
    discrepancy = np.array([fit.discrepancy for fit in fits])
    errors = np.stack([fit.errors for fit in fits], axis=1)
    noise = np.stack([fit.noise for fit in fits], axis=1)
    noise = np.where(np.isfinite(errors), np.sqrt(noise), np.nan)
    second_moments = products(errors)
    sampling_error = np.diag(second_moments) * np.sqrt(2 / len(errors))
    correlated = proper(second_moments - correlation * products(noise), discrepancy + sampling_error)
    scale = np.sqrt(discrepancy)
    return np.asarray(scale[:, None] * scale * correlated)
