"""Distributions of lengths of time: fixed, exponential, lognormal, and lognormal in two parts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

_NORMAL = NormalDist()
_DENSITY = 1 / math.sqrt(2 * math.pi)

_POINTS = 64
"""Solved points per unit of the normal score."""
_SOLVED_TO = 5.0
_NEAR = 1e-7
"""In the logarithm: how far a cubic may be off halfway between two points, where it is worst."""


class Distribution(Protocol):
    """The distribution of a length of time in days."""

    @property
    def mean(self) -> float:
        """Mean length in days."""

    def quantile(self, uniform: float) -> float:
        """The length below which a share ``uniform`` of all lengths lies."""

    def quantile_in_progress(self, uniform: float) -> float:
        """The same of lengths found in progress: one of length x in proportion to x (length bias)."""


@dataclass(frozen=True)
class Fixed:
    """Always the same length; ``mean`` in days."""

    mean: float

    def quantile(self, uniform: float) -> float:
        """The length."""
        return self.mean

    def quantile_in_progress(self, uniform: float) -> float:
        """The length."""
        return self.mean


@dataclass(frozen=True)
class Exponential:
    """Lengths that end at the same rate however long they have lasted; ``mean`` in days."""

    mean: float

    def quantile(self, uniform: float) -> float:
        """The length below which a share ``uniform`` of all lengths lies."""
        return -self.mean * math.log1p(-uniform)

    def quantile_in_progress(self, uniform: float) -> float:
        """That of a gamma distribution of shape 2 and the same scale."""
        return self.mean * _gamma_two_quantile(uniform)


def _gamma_two_quantile(uniform: float) -> float:
    """Quantile of the gamma distribution of shape 2 and scale 1, by Newton's method on its closed form."""
    x = 1.0 if uniform < 0.9 else 4.0
    for _ in range(60):
        tail = math.exp(-x)
        step = (1 - (1 + x) * tail - uniform) / max(x * tail, 1e-12)
        x = max(x - max(min(step, 1.0), -1.0), 1e-9)
        if abs(step) < 1e-12:
            break
    return x


@dataclass(frozen=True)
class Lognormal:
    """Lengths whose logarithm is normal: their median in days, and the spread of the logarithm.

    A spread of 0 is a fixed length.
    """

    median: float
    sigma: float

    @property
    def mean(self) -> float:
        """Mean length in days."""
        return self.median * math.exp(self.sigma**2 / 2)

    @cached_property
    def length_biased(self) -> Lognormal:
        """The distribution of lengths found in progress: of the same kind, with a longer median."""
        return Lognormal(self.median * math.exp(self.sigma**2), self.sigma)

    def quantile(self, uniform: float) -> float:
        """The length below which a share ``uniform`` of all lengths lies."""
        return math.exp(self._logarithm.inv_cdf(uniform)) if self.sigma and self.median else self.median

    def quantile_in_progress(self, uniform: float) -> float:
        """The length below which a share ``uniform`` of lengths found in progress lies."""
        return self.length_biased.quantile(uniform)

    @cached_property
    def _logarithm(self) -> NormalDist:
        return NormalDist(math.log(self.median), self.sigma)


@dataclass(frozen=True)
class LognormalMixture:
    """A share of short lengths and a rest of long ones."""

    share: float
    short: Lognormal
    long: Lognormal

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to another process without what was worked out here."""
        return LognormalMixture, (self.share, self.short, self.long)

    @property
    def mean(self) -> float:
        """Mean length in days."""
        return self.share * self.short.mean + (1 - self.share) * self.long.mean

    @cached_property
    def length_biased(self) -> LognormalMixture:
        """The distribution of lengths found in progress: each part counts by the days that it fills."""
        mean = self.mean
        share = self.share * self.short.mean / mean if mean else self.share
        return LognormalMixture(share, self.short.length_biased, self.long.length_biased)

    def quantile(self, uniform: float) -> float:
        """The length below which a share ``uniform`` of all lengths lies."""
        if not self.share or not self.long.median:
            return self.long.quantile(uniform)
        score = _NORMAL.inv_cdf(uniform)
        place = (score + _SOLVED_TO) * _POINTS
        if 0.0 <= place < len(self._cubics):
            number = int(place)
            cubic = self._cubics[number]
            if cubic is not None:
                start, slope, bend, twist = cubic
                at = place - number
                return math.exp(start + at * (slope + at * (bend + at * twist)))
        return float(np.exp(self._solved(np.array([score]))[0]))

    def quantile_in_progress(self, uniform: float) -> float:
        """The length below which a share ``uniform`` of lengths found in progress lies."""
        return self.length_biased.quantile(uniform)

    @cached_property
    def _cubics(self) -> list[tuple[float, float, float, float] | None]:
        """The logarithm of the quantile between solved points, as a cubic; None where that is not near."""
        scores = np.linspace(-_SOLVED_TO, _SOLVED_TO, round(2 * _SOLVED_TO * _POINTS) + 1)
        logs = self._solved(scores)
        slopes = np.exp(-(scores**2) / 2) * _DENSITY / self._at(logs)[1] / _POINTS
        rises = np.diff(logs)
        bends = 3 * rises - 2 * slopes[:-1] - slopes[1:]
        twists = slopes[:-1] + slopes[1:] - 2 * rises
        halfway = logs[:-1] + slopes[:-1] / 2 + bends / 4 + twists / 8
        near = np.abs(halfway - self._solved(scores[:-1] + 0.5 / _POINTS)) < _NEAR
        cubics = zip(logs.tolist(), slopes.tolist(), bends.tolist(), twists.tolist(), strict=False)
        return [cubic if good else None for cubic, good in zip(cubics, near.tolist(), strict=True)]

    def _solved(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """The logarithm of the quantile at normal scores, which lies between those of the two parts.

        Newton's method on the logarithm, halving the bracket where a step would leave it.
        """
        shares = ndtr(scores)
        first, second = (centre + sigma * scores for _, centre, sigma in self._normals)
        low, high = np.minimum(first, second), np.maximum(first, second)
        log = low + (high - low) / 2
        for _ in range(200):
            below, density = self._at(log)
            low, high = np.where(below > shares, low, log), np.where(below > shares, log, high)
            with np.errstate(all="ignore"):
                step = log - (below - shares) / density
            previous, log = log, np.where((low < step) & (step < high), step, low + (high - low) / 2)
            if np.abs(log - previous).max() < 1e-10:
                break
        return log

    def _at(self, log: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The share of lengths below exp(log), and its derivative by log."""
        scored = [(share, (log - centre) / sigma, sigma) for share, centre, sigma in self._normals]
        below = sum(share * ndtr(z) for share, z, _ in scored)
        density = sum(share * _DENSITY * np.exp(-z * z / 2) / sigma for share, z, sigma in scored)
        return np.asarray(below), np.asarray(density)

    @cached_property
    def _normals(self) -> tuple[tuple[float, float, float], ...]:
        """Of each part, its share, and centre and spread of the logarithm."""
        parts = (self.share, self.short), (1 - self.share, self.long)
        return tuple((share, math.log(part.median), part.sigma) for share, part in parts)


@lru_cache(maxsize=1024)
def lognormal_mixture(
    share: float, short: tuple[float, float], long: tuple[float, float]
) -> LognormalMixture:
    """A share of short lengths and a rest of long ones, each a median in days and a spread."""
    return LognormalMixture(share, Lognormal(*short), Lognormal(*long))
