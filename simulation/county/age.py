"""Age bands: how people enter, grow older and leave, so that the composition by age stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import expm1, inf

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from simulation.inputs.parameters import Parameters

BANDS = ("18-25", "26-40", "41-55", "56+")
YEARS = {"18-25": 8.0, "26-40": 15.0, "41-55": 15.0, "56+": inf}
"""Years of life in each band."""
YEAR = 365.25
GROWN_OLDER = dict(pairwise(BANDS))
"""The band after each; none after the last."""


@dataclass(frozen=True)
class Band:
    """The steady state of one age band, in shares of all people and per year.

    share: of people on a day; entering: newcomers of these ages, evenly over the band's years; coming: people
    who grow into it; leaving: exits per person-year.
    """

    name: str
    share: float
    entering: float
    coming: float
    leaving: float

    @property
    def growing_out(self) -> float:
        """People a year who grow older than this band."""
        return self.coming + self.entering - self.share * self.leaving

    def years_behind(self, uniform: NDArray[np.float64]) -> NDArray[np.float64]:
        """The years already spent in the band by people found in it on a day, one uniform number each."""
        years = np.linspace(0.0, YEARS[self.name], 65)
        even = self.entering / YEARS[self.name] / self.leaving
        present = even * years + (self.coming - even) * -np.expm1(-self.leaving * years) / self.leaving
        return np.interp(uniform, present / present[-1], years)


LEAST = 0.001
"""The least share of people in a band: draws of the three younger bands may add up to more than one."""


def shares(p: Parameters) -> list[float]:
    """The share of each band among people on a day: the register's, the oldest being what they leave."""
    people = p.people
    younger = [band.value for band in (people.age_18_25, people.age_26_40, people.age_41_55)]
    parts = [max(share, LEAST) for share in (*younger, 1 - sum(younger))]
    return [part / sum(parts) for part in parts]


@lru_cache(maxsize=64)
def age_bands(p: Parameters) -> tuple[Band, ...]:
    """The bands whose shares stay those of the register while people enter, grow older, die and move away.

    In a band of w years with exits at the rate m, c people a year growing into it and newcomers at the even
    density e, n(t) = e / m + (c - e / m) exp(-m t) people are t years into it; e follows from the share.
    Where even without newcomers more would be left than the share, people leave the band faster. Newcomers
    are at most 55 years old unless the oldest band needs them.
    """
    usual = max((p.people.death.per_day + p.people.moving_away.per_day) * YEAR, 1e-6)
    bands: list[Band] = []
    coming = 0.0
    for name, share in zip(BANDS, shares(p), strict=True):
        bands.append(_band(name, share, coming, usual))
        coming = bands[-1].growing_out
    return tuple(bands)


def _band(name: str, share: float, coming: float, usual: float) -> Band:
    years = YEARS[name]
    if years == inf:
        return Band(name, share, max(0.0, share * usual - coming), coming, max(usual, coming / share))

    def left(leaving: float) -> float:
        return -coming * expm1(-leaving * years) / leaving

    if left(usual) <= share:
        entering = (share - left(usual)) * usual * years / (years + expm1(-usual * years) / usual)
        return Band(name, share, entering, coming, usual)
    leaving = brentq(lambda rate: left(rate) - share, usual, 100 * max(usual, coming / share))
    return Band(name, share, 0.0, coming, leaving)


def age_ratios(p: Parameters) -> dict[str, float]:
    """How many times as often people of each band are arrested as those of 26 to 40."""
    a = p.arrest
    ratios = (a.young_ratio.value, 1.0, a.age_41_55_ratio.value, a.age_56_ratio.value)
    return dict(zip(BANDS, ratios, strict=True))


def exits(p: Parameters) -> dict[str, tuple[float, float]]:
    """Deaths and moves out of the county per person-day by age band; what it loses beyond both moves away."""
    death, moving = p.people.death.per_day, p.people.moving_away.per_day
    if death + moving <= 0:
        return dict.fromkeys(BANDS, (0.0, 0.0))
    return {band.name: (death, band.leaving / YEAR - death) for band in age_bands(p)}


def leaving_rate(p: Parameters) -> float:
    """Exits per person-day over all ages."""
    leaving = exits(p)
    return sum(band.share * sum(leaving[band.name]) for band in age_bands(p))


def drawn(
    p: Parameters, uniforms: Sequence[NDArray[np.float64]], newcomers: bool
) -> tuple[list[str], list[float]]:
    """The age band of each person and the days until the next one, of newcomers or of people on a day.

    Nobody grows older where nobody enters or leaves.
    """
    bands = age_bands(p)
    by_band, within = uniforms
    parts = np.array([band.entering if newcomers else band.share for band in bands])
    places = np.minimum(
        np.searchsorted(np.cumsum(parts / parts.sum()), by_band, side="right"), len(bands) - 1
    )
    days = np.full(len(by_band), inf)
    if p.people.death.per_day + p.people.moving_away.per_day > 0:
        for place, band in enumerate(bands[:-1]):
            here = places == place
            years = YEARS[band.name]
            behind = within[here] * years if newcomers else band.years_behind(within[here])
            days[here] = (years - behind) * YEAR
    return [BANDS[place] for place in places.tolist()], days.tolist()
