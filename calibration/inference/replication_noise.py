"""Replication noise: the variance of single runs at given parameters, and its correlation between outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ReplicationNoise:
    """Variance of single runs around their mean, log-linear in the free scores, with a fixed correlation.

    weights: outputs x (1 + free), of the logarithm of the variance; correlation: outputs x outputs.
    """

    weights: Floats
    correlation: Floats

    def variance(self, z: Floats, free: int) -> Floats:
        """Variance of one run: n x outputs."""
        terms = np.hstack([np.ones((len(z), 1)), np.clip(z[:, :free], -3, 3)])
        return np.asarray(np.exp(terms @ self.weights.T))

    @classmethod
    def of(cls, z: Floats, values: Floats, free: int) -> ReplicationNoise:
        """From the runs of a design (n x replications x outputs, nan where a run has no value).

        With one run a design point, noise and discrepancy cannot be separated: the noise is 0 then.
        """
        if values.shape[1] == 1:
            return cls._none(values.shape[2], free)
        count = np.isfinite(values).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.nansum(values, axis=1) / count
            residual = (values - mean[:, None, :]) * np.sqrt(count / (count - 1))[:, None, :]
        residual[~np.isfinite(residual)] = np.nan
        outputs = values.shape[2]
        weights = np.array([_log_variance(z[:, :free], residual[:, :, j]) for j in range(outputs)])
        deviation = np.sqrt(cls(weights, np.eye(outputs)).variance(z, free))
        with np.errstate(invalid="ignore", divide="ignore"):
            flat = (residual / deviation[:, None, :]).reshape(-1, outputs)
        return cls(weights, _correlation(np.where(np.isfinite(flat), flat, np.nan)))

    @classmethod
    def _none(cls, outputs: int, free: int) -> ReplicationNoise:
        weights = np.zeros((outputs, free + 1))
        weights[:, 0] = np.log(1e-12)
        return cls(weights, np.eye(outputs))


def _log_variance(z: Floats, residual: Floats) -> Floats:
    """Gamma regression of squared deviations on the scores, shrunk to a constant."""
    count = np.isfinite(residual).sum(axis=1)
    seen = count > 0
    y = np.nansum(residual[seen] ** 2, axis=1) / count[seen]
    terms = np.hstack([np.ones((len(y), 1)), np.clip(z[seen], -3, 3)])
    weights = np.zeros(z.shape[1] + 1)
    level = float(y.mean()) if len(y) else 0.0
    weights[0] = np.log(max(level, 1e-12))
    if level <= 1e-12:
        return weights
    shrink = np.array([0.0] + [25.0] * z.shape[1])
    for _ in range(25):
        ratio = np.clip(y / np.exp(terms @ weights), 0, 50)
        gradient = terms.T @ (ratio - 1) - shrink * weights
        step = np.linalg.solve(terms.T @ terms + np.diag(shrink), gradient)
        weights = weights + np.clip(step, -1, 1)
        if np.max(np.abs(step)) < 1e-6:
            break
    return weights


def _correlation(flat: Floats) -> Floats:
    """Pairwise correlation of standardized deviations, shrunk a little to independence."""
    second = products(flat)
    return proper(second, np.diag(second))


def products(columns: Floats) -> Floats:
    """Mean product of each pair of columns over the rows that have both (nan: has none)."""
    seen = np.isfinite(columns)
    zero = np.where(seen, columns, 0.0)
    return np.asarray(zero.T @ zero / np.maximum(seen.T.astype(float) @ seen, 1.0))


def proper(second: Floats, variance: Floats) -> Floats:
    """A proper correlation matrix (positive definite) of second moments over these variances."""
    scale = np.sqrt(np.maximum(variance, 1e-12))
    correlation = np.clip(second / np.outer(scale, scale), -0.999, 0.999)
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(0.99 * correlation + 0.01 * np.eye(len(correlation)))
    correlation = vectors @ np.diag(np.maximum(values, 1e-3)) @ vectors.T
    scale = np.sqrt(np.diag(correlation))
    return np.asarray(correlation / np.outer(scale, scale))
