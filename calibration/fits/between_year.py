"""Variance of a series between years and within them, and the part of it that simulated runs lack.

A value of a series is a level, an effect of its year, a seasonal effect and a residual. Adds the variance
between years, by season and of single values that the record has and the runs lack.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

FEWEST_YEARS = 3
"""Years from which on variances are estimated; two give one degree of freedom for that between years."""


@dataclass(frozen=True)
class Calendar:
    """The year and the season of each value of a series; years are counted from the first value.

    season: 0 to ``per_year`` - 1 from January on. A remainder of at most half a year is left out.
    """

    season: Places
    per_year: int

    @property
    def years(self) -> int:
        """Whole years, and a remainder of more than half a year."""
        return len(range(0, len(self.season) - self.per_year // 2, self.per_year))

    @property
    def year(self) -> Places:
        """The year of each value that lies in one."""
        return np.arange(min(len(self.season), self.years * self.per_year)) // self.per_year

    def means(self, values: Floats) -> Floats:
        """Means of the years (years x ...) of values (... x points)."""
        year = self.year
        whole = values[..., : len(year)]
        return np.array([whole[..., year == number].mean(axis=-1) for number in range(self.years)])

    def deviations(self, values: Floats) -> Floats:
        """Deviations of the values that lie in a year from its mean (... x points)."""
        return np.asarray(
            values[..., : len(self.year)] - np.moveaxis(self.means(values), 0, -1)[..., self.year]
        )

    def seasons(self, values: Floats) -> Floats:
        """The mean deviation of each season from the mean of its year; 0 for a season without a value."""
        deviation, season = self.deviations(values), self.season[: len(self.year)]
        counts = np.bincount(season, minlength=self.per_year)
        return np.bincount(season, weights=deviation, minlength=self.per_year) / np.maximum(1, counts)


@dataclass(frozen=True)
class YearlyVariation:
    """Variation of a series between and within its years; all 0 for fewer than three years.

    between_years: standard deviation of the means of years; within_year: of single values around year and
    season; season: mean deviation of each season from its year, empty if not estimated; years: how many the
    estimates rest on; latest: how many years the level rests on; past: the values themselves, by month.
    """

    between_years: float = 0.0
    within_year: float = 0.0
    season: tuple[float, ...] = ()
    years: int = 0
    latest: float = 1.0
    past: tuple[float, ...] = ()

    @classmethod
    def of(cls, values: Floats, calendar: Calendar, seasonal: bool) -> YearlyVariation:
        """Estimates from a whole history, its level that of all of it.

        seasonal: whether to estimate a season, which takes single values as independent. Those of a flow
        nearly are; a stock is autocorrelated, and a few years of it show a season that does not recur. In
        2004-2016 of the Jail Profile Survey, each year from the five before, the season makes the squared
        error around the year's mean a quarter smaller for bookings, and 4 % larger for ADP.
        """
        latest = len(values) / calendar.per_year
        if calendar.years < FEWEST_YEARS:
            return cls(latest=latest)
        residual, season = calendar.deviations(values), np.array([])
        freedom = len(residual) - calendar.years
        if seasonal and calendar.per_year > 1:
            season = calendar.seasons(values)
            residual = residual - season[calendar.season[: len(residual)]]
            freedom -= calendar.per_year - 1
        return cls(
            between_years=float(calendar.means(values).std(ddof=1)),
            within_year=float(np.sqrt((residual**2).sum() / max(1, freedom))),
            season=tuple(season.tolist()),
            years=calendar.years,
            latest=latest,
        )

    def resting_on(self, years: float) -> YearlyVariation:
        """The same variation around a level that only the latest years gave."""
        return replace(self, latest=years)


@dataclass(frozen=True)
class MissingVariance:
    """What to add to runs: standard deviations of years and of single values, and a shift of each season."""

    year: float
    single: float
    seasonal_shift: Floats


def missing_variance(variation: YearlyVariation, runs: Floats, calendar: Calendar) -> MissingVariance:
    """The variation of a record that runs (n x points) do not show.

    Year: the next one differs from the mean of the ``latest`` by between_years^2 (1 + 1 / latest), the
    variance of a normal prediction (Gelman et al., Bayesian Data Analysis, 3rd ed. 2013, section 3.2). From
    the first term the variance between the years of a run is subtracted, from the second that of the level
    between runs, the calibration's uncertainty of it (components of variance, runs by years). Single values:
    the residual variance of year and season, and the error of the season, less the variance of runs around
    their mean course. Runs of half a year or less show nothing.
    """
    complete = runs[np.isfinite(runs).all(axis=1)]
    if not variation.years or not len(complete):
        return MissingVariance(0.0, 0.0, np.zeros(runs.shape[1]))
    course = complete.mean(axis=0)
    noise, level, residual = _variances_of_runs(
        complete, course if variation.season else np.zeros(1), calendar
    )
    year = max(0.0, variation.between_years**2 - noise)
    year += max(0.0, variation.between_years**2 / variation.latest - level)
    difference, weight = _season(variation, course, calendar)
    single = variation.within_year**2 * (1 - 1 / calendar.per_year) * (1 + weight / variation.years)
    single = max(0.0, single - residual)
    shift = weight * difference[calendar.season]
    return MissingVariance(float(np.sqrt(year)), float(np.sqrt(single)), shift)


def _variances_of_runs(runs: Floats, course: Floats, calendar: Calendar) -> tuple[float, float, float]:
    """Variances that runs show: between the years of one run, of the level between runs, of single values."""
    if not calendar.years:
        return 0.0, 0.0, 0.0
    years = calendar.means(runs)
    noise = float(years.var(axis=0, ddof=1).mean()) if len(years) > 1 else 0.0
    level = max(0.0, float(years.mean(axis=0).var()) - noise / len(years))
    return noise, level, float((calendar.deviations(runs - course) ** 2).mean())


def _season(variation: YearlyVariation, course: Floats, calendar: Calendar) -> tuple[Floats, float]:
    """The record's season minus that of the runs' mean course, and the weight of the difference.

    Empirical Bayes (Efron and Morris, JASA 70, 1975): the weight is the share of the difference's variance
    that the residual variance over so many years does not explain; the rest of the season is the runs' own.
    """
    if len(variation.season) != calendar.per_year:
        return np.zeros(calendar.per_year), 0.0
    difference = np.array(variation.season) - calendar.seasons(course)
    by_chance = variation.within_year**2 * (1 - 1 / calendar.per_year) / variation.years
    return difference, max(0.0, 1 - by_chance / max(float((difference**2).mean()), 1e-12))
