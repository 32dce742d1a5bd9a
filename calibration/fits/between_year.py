"""How a series moves from year to year and within its years, and what of that simulated runs do not show.

A value is the level, the move of its year, the season, and its own move. A county's years move in ways that
no model makes; of each part only what the runs lack is added to them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

FEWEST = 3
"""Years from which on moves are known: two differ by chance alone too often to tell how much."""


@dataclass(frozen=True)
class Calendar:
    """Where the values of a series lie: in which year, counted from the first value, and when in it.

    season: 0 to ``per_year`` - 1 from January on. A rest of at most half a year is no year.
    """

    season: Places
    per_year: int

    @property
    def years(self) -> int:
        """Whole years, and a rest of more than a half."""
        return len(range(0, len(self.season) - self.per_year // 2, self.per_year))

    @property
    def year(self) -> Places:
        """The year of each value that lies in one."""
        return np.arange(min(len(self.season), self.years * self.per_year)) // self.per_year

    def means(self, values: Floats) -> Floats:
        """Means of the years (years x ...) of values (... x points)."""
        year = self.year
        whole = values[..., : len(year)]
        return np.array([whole[..., year == each].mean(axis=-1) for each in range(self.years)])

    def around(self, values: Floats) -> Floats:
        """Values that lie in a year, from its mean (... x points)."""
        return np.asarray(
            values[..., : len(self.year)] - np.moveaxis(self.means(values), 0, -1)[..., self.year]
        )

    def seasons(self, values: Floats) -> Floats:
        """The mean distance of each time of the year from the mean of its year; 0 where nothing is known."""
        away, season = self.around(values), self.season[: len(self.year)]
        counts = np.bincount(season, minlength=self.per_year)
        return np.bincount(season, weights=away, minlength=self.per_year) / np.maximum(1, counts)


@dataclass(frozen=True)
class Moves:
    """What the years of a series show of its moves; nothing under three years.

    between: standard deviation of the means of years; within: of single values around their year and season;
    season: how far each time of the year lies from the mean of its year, as seen, where it is read; years:
    how many are known; latest: how many years the level rests on.
    """

    between: float = 0.0
    within: float = 0.0
    season: tuple[float, ...] = ()
    years: int = 0
    latest: float = 1.0
    past: tuple[float, ...] = ()

    @classmethod
    def of(cls, values: Floats, calendar: Calendar, seasonal: bool) -> Moves:
        """The moves of a history, its level that of all of it.

        seasonal: whether a season is told from chance, which takes single values as independent. Those of a
        flow nearly are; a stock remembers its last value, and a few years of it look like a season that does
        not come again. In 2004-2016 of the Jail Profile Survey, each year from the five before, the season
        makes the squared error around the year's mean a quarter smaller for bookings, and 4 % larger for ADP.
        """
        latest = len(values) / calendar.per_year
        if calendar.years < FEWEST:
            return cls(latest=latest)
        rest, season = calendar.around(values), np.array([])
        free = len(rest) - calendar.years
        if seasonal and calendar.per_year > 1:
            season = calendar.seasons(values)
            rest = rest - season[calendar.season[: len(rest)]]
            free -= calendar.per_year - 1
        return cls(
            between=float(calendar.means(values).std(ddof=1)),
            within=float(np.sqrt((rest**2).sum() / max(1, free))),
            season=tuple(season.tolist()),
            years=calendar.years,
            latest=latest,
        )

    def resting_on(self, years: float) -> Moves:
        """The same moves around a level that only the latest years gave."""
        return replace(self, latest=years)


@dataclass(frozen=True)
class Lacking:
    """What is to be added to runs: standard deviations of years and of single values, and a shift of each."""

    year: float
    single: float
    shift: Floats


def lacking(moves: Moves, runs: Floats, calendar: Calendar) -> Lacking:
    """What runs (n x points) do not show of a county's moves.

    Year: the next one lies away from the mean of the ``latest`` by between^2 (1 + 1 / latest), the variance
    of a normal prediction (Gelman et al., Bayesian Data Analysis, 3rd ed. 2013, section 3.2). The first part
    is lessened by the variance between the years of a run, the second by that of the level between runs,
    which is how far the calibration doubts it (components of variance, runs by years). Single values: what
    year and season leave, and the doubt of the season, less what runs do around their common course. Runs of
    half a year or less show nothing.
    """
    whole = runs[np.isfinite(runs).all(axis=1)]
    if not moves.years or not len(whole):
        return Lacking(0.0, 0.0, np.zeros(runs.shape[1]))
    common = whole.mean(axis=0)
    chance, doubt, around = _shown(whole, common if moves.season else np.zeros(1), calendar)
    year = max(0.0, moves.between**2 - chance) + max(0.0, moves.between**2 / moves.latest - doubt)
    apart, sure = _season(moves, common, calendar)
    single = moves.within**2 * (1 - 1 / calendar.per_year) * (1 + sure / moves.years) - around
    return Lacking(float(np.sqrt(year)), float(np.sqrt(max(0.0, single))), sure * apart[calendar.season])


def _shown(runs: Floats, middle: Floats, calendar: Calendar) -> tuple[float, float, float]:
    """Variances that runs show: between the years of one, of the level between them, of single values."""
    if not calendar.years:
        return 0.0, 0.0, 0.0
    years = calendar.means(runs)
    chance = float(years.var(axis=0, ddof=1).mean()) if len(years) > 1 else 0.0
    doubt = max(0.0, float(years.mean(axis=0).var()) - chance / len(years))
    return chance, doubt, float((calendar.around(runs - middle) ** 2).mean())


def _season(moves: Moves, common: Floats, calendar: Calendar) -> tuple[Floats, float]:
    """The record's season less that of the runs' common course, and the share of it that is more than chance.

    Empirical Bayes (Efron and Morris, JASA 70, 1975): the less a difference exceeds what the moves of single
    values would show by chance over so many years, the more of the runs' own season is kept.
    """
    if len(moves.season) != calendar.per_year:
        return np.zeros(calendar.per_year), 0.0
    apart = np.array(moves.season) - calendar.seasons(common)
    by_chance = moves.within**2 * (1 - 1 / calendar.per_year) / moves.years
    return apart, max(0.0, 1 - by_chance / max(float((apart**2).mean()), 1e-12))
