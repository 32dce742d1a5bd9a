"""The result of a direct fit: estimates with a sample of their uncertainty, and how well the fit predicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
LEVEL = 0.90
DRAWS = 1000
FAR = 60.0  # beyond it a log is as good as without bound, and its exponential overflows


@dataclass(frozen=True)
class ParameterEstimate:
    """An estimate of one parameter of the model, by its dotted path, in the parameter's unit.

    low, high: ends of the 90 % interval; draws: the sample they come from; note: how the record differs from
    the parameter, empty if it does not.
    """

    path: str
    value: float
    low: float
    high: float
    draws: Values
    note: str = ""


@dataclass(frozen=True)
class Fit:
    """One fit, whatever was fitted.

    draws: a sample of the posterior, or of the estimator's normal approximation, a column a name.
    score: mean log score of an observation held out while fitting, higher is better (nan if none was).
    goodness: distances between fit and records, by name. n: observations that the fit rests on.
    """

    name: str
    method: str
    n: int
    estimate: Mapping[str, float]
    draws: Values
    score: float = float("nan")
    goodness: Mapping[str, float] = field(default_factory=dict)
    estimates: tuple[ParameterEstimate, ...] = ()

    def of(self, name: str) -> Values:
        """The draws of one estimated quantity."""
        return np.asarray(self.draws[:, list(self.estimate).index(name)])

    def error(self, name: str) -> float:
        """The standard error (or posterior standard deviation) of one quantity."""
        return float(self.of(name).std())

    def interval(self, name: str, level: float = LEVEL) -> tuple[float, float]:
        """The central interval of one quantity."""
        low, high = np.quantile(self.of(name), [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def for_parameter(self, path: str, name: str, scale: float = 1.0, note: str = "") -> Fit:
        """The fit, with one of its quantities times ``scale`` as the estimate of a parameter."""
        draws = self.of(name) * scale
        low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        value = float(self.estimate[name] * scale)
        estimate = ParameterEstimate(path, value, float(low), float(high), draws, note)
        return replace(self, estimates=(*self.estimates, estimate))


def sampled(
    theta: Values, covariance: Values, natural: Callable[[Values], Mapping[str, float]], draws: int, seed: int
) -> Values:
    """Natural parameters (draws x names) from the normal approximation of the fitted ones."""
    chance = np.random.default_rng(seed)
    root = np.linalg.cholesky(covariance + 1e-12 * np.eye(len(theta)))
    wide = theta + chance.standard_normal((draws, len(theta))) @ root.T
    wide = np.clip(wide, -FAR, FAR)
    return np.array([list(natural(drawn).values()) for drawn in wide])


def curvature(value: Callable[[Values], float], theta: Values, step: float = 1e-3) -> Values:
    """The matrix of second derivatives at a point, by central differences."""
    n = len(theta)
    moves = np.eye(n) * step * np.maximum(1.0, np.abs(theta))
    second = np.empty((n, n))
    middle = value(theta)
    for i in range(n):
        second[i, i] = value(theta + moves[i]) - 2 * middle + value(theta - moves[i])
        second[i, i] /= moves[i, i] ** 2
        for j in range(i):
            mixed = value(theta + moves[i] + moves[j]) - value(theta + moves[i] - moves[j])
            mixed += value(theta - moves[i] - moves[j]) - value(theta - moves[i] + moves[j])
            second[i, j] = second[j, i] = mixed / (4 * moves[i, i] * moves[j, j])
    return second


def covariance_of(information: Values) -> Values:
    """The inverse of an information matrix; flat or falling directions get a wide, finite variance."""
    scale = 1 / np.sqrt(np.maximum(np.abs(np.diag(information)), 1e-12))
    value, vector = np.linalg.eigh(information * np.outer(scale, scale))
    inverse = (vector / np.maximum(value, 1e-4)) @ vector.T
    return np.asarray(inverse * np.outer(scale, scale))


def folds(size: int, count: int, seed: int) -> NDArray[np.int64]:
    """For each observation the fold in which it is held out, balanced and in random order."""
    return np.random.default_rng(seed).permutation(np.arange(size) % count)
