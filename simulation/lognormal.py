"""Lognormal lengths, in one part or in two: days for most, months for the few who make the mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()
_ROOT_TWO = math.sqrt(2.0)
_DENSITY = 1 / math.sqrt(2 * math.pi)

_POINTS = 32
"""Solved points per unit of the normal score."""
_SOLVED_TO = 5.0
_NEAR = 1e-5
"""In the logarithm: from there one step of Newton's method leaves an error of about 1e-10."""


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

    @property
    def length_biased(self) -> Lognormal:
        """The law of lengths found in progress: of the same kind, with a longer median."""
        return Lognormal(self.median * math.exp(self.sigma**2), self.sigma)

    def quantile(self, luck: float) -> float:
        """The length below which a share ``luck`` of all lengths lies."""
        return self.median * math.exp(self.sigma * _NORMAL.inv_cdf(luck)) if self.sigma else self.median


@dataclass(frozen=True)
class Lognormals:
    """A share of short lengths and a rest of long ones."""

    share: float
    short: Lognormal
    long: Lognormal

    @property
    def mean(self) -> float:
        """Mean length in days."""
        return self.share * self.short.mean + (1 - self.share) * self.long.mean

    @cached_property
    def length_biased(self) -> Lognormals:
        """The law of lengths found in progress: each part counts by the days that it fills."""
        mean = self.mean
        share = self.share * self.short.mean / mean if mean else self.share
        return Lognormals(share, self.short.length_biased, self.long.length_biased)

    def quantile(self, luck: float) -> float:
        """The length below which a share ``luck`` of all lengths lies.

        One step of Newton's method from what lies between the nearest solved points; where that is not
        near enough, the equation is solved anew.
        """
        if not self.share or not self.long.median:
            return self.long.quantile(luck)
        score = _NORMAL.inv_cdf(luck)
        if abs(score) < _SOLVED_TO:
            log = self._between(score)
            below, density = self._at(log)
            step = (below - luck) / density if density else 1.0
            if abs(step) < _NEAR:
                return math.exp(log - step)
        return math.exp(self._solved(luck))

    def _between(self, score: float) -> float:
        """The logarithm of the quantile at a normal score: a cubic between solved points (Hermite)."""
        place = score * _POINTS
        point = math.floor(place)
        at, points = place - point, self._points
        if point not in points:
            points[point] = self._point(point)
        if point + 1 not in points:
            points[point + 1] = self._point(point + 1)
        (start, slope), (end, last_slope) = points[point], points[point + 1]
        rise = end - start
        bend, last_bend = slope - rise, rise - last_slope
        return start + at * (rise + (1 - at) * (bend * (1 - at) + last_bend * at))

    @cached_property
    def _points(self) -> dict[int, tuple[float, float]]:
        return {}

    def _point(self, number: int) -> tuple[float, float]:
        """The logarithm of the quantile at a point of the grid of scores, and its slope there."""
        score = number / _POINTS
        log = self._solved(_NORMAL.cdf(score))
        return log, _NORMAL.pdf(score) / self._at(log)[1] / _POINTS

    def _solved(self, luck: float) -> float:
        """The logarithm of the quantile, which lies between those of the two parts.

        Newton's method on the logarithm, halving the bracket where a step would leave it.
        """
        low, high = sorted((math.log(self.short.quantile(luck)), math.log(self.long.quantile(luck))))
        log = low + (high - low) / 2
        while high - low > 1e-10:
            below, density = self._at(log)
            low, high = (low, log) if below > luck else (log, high)
            step = log - (below - luck) / density if density else low
            halved = not low < step < high
            previous, log = log, low + (high - low) / 2 if halved else step
            if not halved and abs(log - previous) < 1e-10:
                break
        return log

    def _at(self, log: float) -> tuple[float, float]:
        """The share of lengths below exp(log), and its derivative by log."""
        below = density = 0.0
        for share, centre, sigma in self._normals:
            z = (log - centre) / sigma
            below += share * 0.5 * math.erfc(-z / _ROOT_TWO)
            density += share * _DENSITY * math.exp(-z * z / 2) / sigma
        return below, density

    @cached_property
    def _normals(self) -> tuple[tuple[float, float, float], ...]:
        """Of each part, its share, and centre and spread of the logarithm."""
        parts = (self.share, self.short), (1 - self.share, self.long)
        return tuple((share, math.log(part.median), part.sigma) for share, part in parts)


@lru_cache(maxsize=1024)
def two_parts(share: float, short: tuple[float, float], long: tuple[float, float]) -> Lognormals:
    """A share of short lengths and a rest of long ones, each a median in days and a spread."""
    return Lognormals(share, Lognormal(*short), Lognormal(*long))
