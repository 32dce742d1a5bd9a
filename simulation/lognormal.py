"""Lognormal lengths, in one part or in two: days for most, months for the few who make the mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()
_ROOT_TWO = math.sqrt(2.0)
_DENSITY = 1 / math.sqrt(2 * math.pi)


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

        It lies between the quantiles of the two parts; Newton's method on the logarithm finds it, halving
        the bracket where a step would leave it.
        """
        long = self.long.quantile(luck)
        if not self.share or not long:
            return long
        low, high = sorted((math.log(self.short.quantile(luck)), math.log(long)))
        log = low + (high - low) / 2
        while high - low > 1e-10:
            below, density = self._at(log)
            low, high = (low, log) if below > luck else (log, high)
            step = log - (below - luck) / density if density else low
            halved = not low < step < high
            previous, log = log, low + (high - low) / 2 if halved else step
            if not halved and abs(log - previous) < 1e-10:
                break
        return math.exp(log)

    def _at(self, log: float) -> tuple[float, float]:
        """The share of lengths below exp(log), and its derivative by log."""
        below = density = 0.0
        for share, part in ((self.share, self.short), (1 - self.share, self.long)):
            z = (log - math.log(part.median)) / part.sigma
            below += share * 0.5 * math.erfc(-z / _ROOT_TWO)
            density += share * _DENSITY * math.exp(-z * z / 2) / part.sigma
        return below, density


@lru_cache(maxsize=1024)
def two_parts(share: float, short: tuple[float, float], long: tuple[float, float]) -> Lognormals:
    """A share of short lengths and a rest of long ones, each a median in days and a spread."""
    return Lognormals(share, Lognormal(*short), Lognormal(*long))
