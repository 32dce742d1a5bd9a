"""Distributions of a duration, each by its log density and log survival on unbounded parameters.

The likelihoods of ``duration`` are written once for all of them. Formulas: Kalbfleisch and Prentice, The
Statistical Analysis of Failure Time Data (2002), chapter 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc, gammaln, log_ndtr

Values = NDArray[np.float64]
TINY = 1e-300
TERMS = 20
"""Of a continued fraction: exact to the last digits where a chance is below 1e-290."""


class Family(Protocol):
    """A distribution of a positive time: ``theta`` are its parameters, each free to be any number."""

    @property
    def name(self) -> str:
        """What the family is called."""

    def start(self, time: Values, weight: Values) -> Values:
        """Where the search begins, from times that need not be complete."""

    def log_density(self, time: Values, theta: Values) -> Values:
        """The log of the density at each time."""

    def log_survival(self, time: Values, theta: Values) -> Values:
        """The log of the chance to last longer than each time."""

    def mean(self, theta: Values) -> float:
        """The mean, infinite if there is none."""

    def natural(self, theta: Values) -> Mapping[str, float]:
        """The parameters as textbooks name them."""


def _log_moments(time: Values, weight: Values) -> tuple[float, float]:
    logs = np.log(np.maximum(time, 1e-3))
    middle = float(np.average(logs, weights=weight))
    return middle, float(np.sqrt(np.average((logs - middle) ** 2, weights=weight))) or 1.0


@dataclass(frozen=True)
class Exponential:
    """One rate for ever."""

    name: str = "exponential"

    def start(self, time: Values, weight: Values) -> Values:
        """The mean."""
        return np.array([np.log(np.average(time, weights=weight))])

    def log_density(self, time: Values, theta: Values) -> Values:
        """Log of exp(-t / m) / m."""
        return np.asarray(-theta[0] - time * np.exp(-theta[0]))

    def log_survival(self, time: Values, theta: Values) -> Values:
        """Minus t / m."""
        return np.asarray(-time * np.exp(-theta[0]))

    def mean(self, theta: Values) -> float:
        """The scale."""
        return float(np.exp(theta[0]))

    def natural(self, theta: Values) -> Mapping[str, float]:
        """The mean."""
        return {"scale": float(np.exp(theta[0]))}


@dataclass(frozen=True)
class Weibull:
    """A rate that rises or falls as a power of time."""

    name: str = "Weibull"

    def start(self, time: Values, weight: Values) -> Values:
        """From the moments of the logs, which are those of a Gumbel distribution."""
        middle, spread = _log_moments(time, weight)
        shape = np.pi / np.sqrt(6) / spread
        return np.array([np.log(shape), middle + 0.5772 / shape])

    def log_density(self, time: Values, theta: Values) -> Values:
        """Hazard times survival."""
        shape, z = np.exp(theta[0]), np.log(np.maximum(time, TINY)) - theta[1]
        return np.asarray(theta[0] - theta[1] + (shape - 1) * z - np.exp(np.minimum(shape * z, 700)))

    def log_survival(self, time: Values, theta: Values) -> Values:
        """Minus (t / scale) to the shape."""
        z = np.log(np.maximum(time, TINY)) - theta[1]
        return np.asarray(-np.exp(np.minimum(np.exp(theta[0]) * z, 700)))

    def mean(self, theta: Values) -> float:
        """Scale times gamma(1 + 1 / shape)."""
        return float(np.exp(min(theta[1] + gammaln(1 + np.exp(-theta[0])), 700)))

    def natural(self, theta: Values) -> Mapping[str, float]:
        """Shape and scale."""
        return {"shape": float(np.exp(theta[0])), "scale": float(np.exp(theta[1]))}


@dataclass(frozen=True)
class Lognormal:
    """A normal distribution of the log."""

    name: str = "lognormal"

    def start(self, time: Values, weight: Values) -> Values:
        """The moments of the logs."""
        middle, spread = _log_moments(time, weight)
        return np.array([middle, np.log(spread)])

    def log_density(self, time: Values, theta: Values) -> Values:
        """The normal density of the log, over t."""
        logs = np.log(np.maximum(time, TINY))
        z = (logs - theta[0]) * np.exp(-theta[1])
        return np.asarray(-0.5 * z**2 - 0.5 * np.log(2 * np.pi) - theta[1] - logs)

    def log_survival(self, time: Values, theta: Values) -> Values:
        """The upper tail of the normal distribution."""
        z = (np.log(np.maximum(time, TINY)) - theta[0]) * np.exp(-theta[1])
        return np.asarray(log_ndtr(-z))

    def mean(self, theta: Values) -> float:
        """Median times exp(sigma squared / 2)."""
        return float(np.exp(min(theta[0] + np.exp(2 * min(theta[1], 10)) / 2, 700)))

    def natural(self, theta: Values) -> Mapping[str, float]:
        """The median and sigma."""
        return {"median": float(np.exp(theta[0])), "sigma": float(np.exp(theta[1]))}


@dataclass(frozen=True)
class Gamma:
    """A sum of exponential steps."""

    name: str = "gamma"

    def start(self, time: Values, weight: Values) -> Values:
        """From mean and variance."""
        mean = np.average(time, weights=weight)
        variance = np.average((time - mean) ** 2, weights=weight) or mean**2
        return np.array([np.log(mean**2 / variance), np.log(variance / mean)])

    def log_density(self, time: Values, theta: Values) -> Values:
        """Log of t^(k-1) exp(-t/s) / (gamma(k) s^k)."""
        shape = np.exp(theta[0])
        z = np.maximum(time, TINY) * np.exp(-theta[1])
        return np.asarray((shape - 1) * np.log(np.maximum(z, TINY)) - z - gammaln(shape) - theta[1])

    def log_survival(self, time: Values, theta: Values) -> Values:
        """The upper incomplete gamma function; its continued fraction far out, where it underflows."""
        shape = np.exp(theta[0])
        z = time * np.exp(-theta[1])
        tail = gammaincc(shape, z)
        is_near = tail > 1e-290
        near = np.log(np.maximum(tail, TINY))
        return np.asarray(near if np.all(is_near) else np.where(is_near, near, _log_gamma_tail(shape, z)))

    def mean(self, theta: Values) -> float:
        """Shape times scale."""
        return float(np.exp(min(theta[0] + theta[1], 700)))

    def natural(self, theta: Values) -> Mapping[str, float]:
        """Shape and scale."""
        return {"shape": float(np.exp(theta[0])), "scale": float(np.exp(theta[1]))}


def _log_gamma_tail(shape: float, z: Values) -> Values:
    """Log of the regularized upper incomplete gamma function far above the shape.

    Its continued fraction (Abramowitz and Stegun 6.5.31), from the innermost of its terms outwards.
    """
    z = np.maximum(z, shape + 1)
    fraction = z + 2 * TERMS + 1 - shape
    for n in range(TERMS, 0, -1):
        fraction = z + 2 * n - 1 - shape + n * (shape - n) / fraction
    return np.asarray(shape * np.log(z) - z - gammaln(shape) - np.log(fraction))


@dataclass(frozen=True)
class LogLogistic:
    """A logistic distribution of the log: a rate that may rise and then falls."""

    name: str = "log-logistic"

    def start(self, time: Values, weight: Values) -> Values:
        """From the moments of the logs."""
        middle, spread = _log_moments(time, weight)
        return np.array([np.log(np.pi / np.sqrt(3) / spread), middle])

    def log_density(self, time: Values, theta: Values) -> Values:
        """Hazard times survival."""
        logs = np.log(np.maximum(time, TINY))
        z = np.exp(theta[0]) * (logs - theta[1])
        return np.asarray(theta[0] + z - logs - 2 * np.logaddexp(0, z))

    def log_survival(self, time: Values, theta: Values) -> Values:
        """Minus log(1 + (t / scale)^shape)."""
        z = np.exp(theta[0]) * (np.log(np.maximum(time, TINY)) - theta[1])
        return np.asarray(-np.logaddexp(0, z))

    def mean(self, theta: Values) -> float:
        """Infinite unless the shape is above 1."""
        shape = np.exp(theta[0])
        return float(np.exp(theta[1]) * np.pi / shape / np.sin(np.pi / shape)) if shape > 1 else np.inf

    def natural(self, theta: Values) -> Mapping[str, float]:
        """Shape and scale (which is the median)."""
        return {"shape": float(np.exp(theta[0])), "scale": float(np.exp(theta[1]))}


@dataclass(frozen=True)
class Mixture:
    """Two lognormal distributions, the shorter first: the soon released and those who stay."""

    name: str = "two lognormals"

    def start(self, time: Values, weight: Values) -> Values:
        """One distribution on each side of the middle."""
        middle, spread = _log_moments(time, weight)
        return np.array(
            [0.0, middle - spread, np.log(0.7 * spread), np.log(2 * spread), np.log(0.7 * spread)]
        )

    def _parts(self, theta: Values) -> tuple[Values, Values, tuple[Values, Values]]:
        weights = np.array([-np.logaddexp(0, -theta[0]), -np.logaddexp(0, theta[0])])
        short = np.array([theta[1], theta[2]])
        long = np.array([theta[1] + np.exp(np.minimum(theta[3], 20)), theta[4]])
        return weights[0], weights[1], (short, long)

    def log_density(self, time: Values, theta: Values) -> Values:
        """The weighted sum of the two densities."""
        one, two, (short, long) = self._parts(theta)
        distribution = Lognormal()
        return np.logaddexp(
            one + distribution.log_density(time, short), two + distribution.log_density(time, long)
        )

    def log_survival(self, time: Values, theta: Values) -> Values:
        """The weighted sum of the two survivals."""
        one, two, (short, long) = self._parts(theta)
        distribution = Lognormal()
        return np.logaddexp(
            one + distribution.log_survival(time, short), two + distribution.log_survival(time, long)
        )

    def mean(self, theta: Values) -> float:
        """The weighted sum of the two means."""
        one, two, (short, long) = self._parts(theta)
        distribution = Lognormal()
        return float(np.exp(one) * distribution.mean(short) + np.exp(two) * distribution.mean(long))

    def natural(self, theta: Values) -> Mapping[str, float]:
        """Share of the short one, medians and sigmas."""
        one, _, (short, long) = self._parts(theta)
        return {
            "short_share": float(np.exp(one)),
            "short_median": float(np.exp(short[0])),
            "short_sigma": float(np.exp(short[1])),
            "long_median": float(np.exp(np.minimum(long[0], 700))),
            "long_sigma": float(np.exp(long[1])),
        }


PARAMETRIC: tuple[Family, ...] = (
    Exponential(), Weibull(), Lognormal(), Gamma(), LogLogistic(), Mixture(),
)  # fmt: skip
"""The families that need no cuts."""
