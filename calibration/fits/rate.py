"""Rates of arrival from counts by day or month: trend, season, weekday and overdispersion.

Counts are negative binomial with variance mean + dispersion x mean squared (NB2: Cameron and Trivedi,
Regression Analysis of Count Data, 2013, section 3.3); the log of the mean is a sum of effects. A dispersion
of 0 is Poisson.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from calibration.fits.fit import DRAWS, Fit, covariance_of, folds

Values = NDArray[np.float64]
YEAR = 365.25
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FEW = 10
LOW = -12.0  # of the log of the dispersion: Poisson for every purpose


@dataclass(frozen=True)
class Arrivals:
    """Counts of arrivals: first day of each period, its days, how many came; nan counts are left out."""

    start: pd.DatetimeIndex
    days: Values
    count: Values

    @classmethod
    def of(cls, start: ArrayLike, count: ArrayLike, days: ArrayLike | None = None) -> Arrivals:
        """From dates and counts; days of the month if none are given; ValueError for a count below 0."""
        dates = pd.DatetimeIndex(np.asarray(start, dtype="datetime64[ns]"))
        counts = np.asarray(count, dtype=np.float64)
        length = dates.days_in_month if days is None else days
        spans = np.broadcast_to(np.asarray(length, dtype=np.float64), counts.shape)
        known = np.isfinite(counts)
        if (counts[known] < 0).any() or (spans[known] <= 0).any():
            raise ValueError("counts must be at least 0 and periods longer than 0 days")
        return cls(dates[known], spans[known], counts[known])

    @property
    def middle(self) -> float:
        """The mean middle of the periods, in years since 1970: the origin of the trend."""
        return float(self.years.mean())

    @property
    def years(self) -> Values:
        """The middle of each period in years since 1970."""
        whole = np.asarray(self.start.to_numpy(), dtype="datetime64[D]").astype(np.float64)
        return np.asarray((whole + self.days / 2) / YEAR)

    def only(self, rows: NDArray[np.bool_]) -> Arrivals:
        """Some of the periods."""
        return Arrivals(self.start[rows], self.days[rows], self.count[rows])


@dataclass(frozen=True)
class Effects:
    """Which effects the rate has beside its level."""

    trend: bool = False
    season: bool = False
    weekday: bool = False
    dispersed: bool = True

    def names(self) -> list[str]:
        """The names of the coefficients, the log of the dispersion last."""
        months = [f"month {month}" for month in range(1, 12)] if self.season else []
        days = list(WEEKDAYS[:-1]) if self.weekday else []
        return ["level", *(["trend"] if self.trend else []), *months, *days, "dispersion"]

    def design(self, arrivals: Arrivals, middle: float) -> Values:
        """The design matrix; month and weekday effects add up to 0, so the level is that of a mean period."""
        columns = [np.ones(len(arrivals.count))]
        if self.trend:
            columns.append(arrivals.years - middle)
        if self.season:
            columns += _contrasts(arrivals.start.month.to_numpy() - 1, 12)
        if self.weekday:
            columns += _contrasts(arrivals.start.day_of_week.to_numpy(), 7)
        return np.column_stack(columns)

    def __str__(self) -> str:
        parts = [name for name in ("trend", "season", "weekday") if getattr(self, name)]
        distribution = "negative binomial" if self.dispersed else "Poisson"
        return f"{distribution}, level{''.join(f' + {part}' for part in parts)}"


def _contrasts(group: NDArray[np.int64], size: int) -> list[Values]:
    return [(group == number).astype(np.float64) - (group == size - 1) for number in range(size - 1)]


@dataclass(frozen=True)
class Rate:
    """A fitted rate of arrival, with its ``Fit``: ``level`` a day, ``trend`` a year as a ratio, effects."""

    effects: Effects
    theta: Values
    covariance: Values
    middle: float
    fit: Fit

    def expected(self, start: ArrayLike, days: ArrayLike | None = None) -> Values:
        """The expected count of periods, past or to come."""
        dates = np.asarray(start)
        asked = Arrivals.of(dates, np.zeros(len(dates)), days)
        return np.asarray(asked.days * np.exp(self.effects.design(asked, self.middle) @ self.theta[:-1]))


def _log_likelihoods(theta: Values, design: Values, arrivals: Arrivals, dispersed: bool) -> Values:
    mean = arrivals.days * np.exp(np.clip(design @ theta[:-1], -50, 50))
    count = arrivals.count
    if not dispersed:
        return np.asarray(count * np.log(mean) - mean - gammaln(count + 1))
    size = np.exp(-theta[-1])
    ways = gammaln(count + size) - gammaln(size) - gammaln(count + 1)
    return np.asarray(ways + size * np.log(size / (size + mean)) + count * np.log(mean / (size + mean)))


def _gradient(theta: Values, design: Values, arrivals: Arrivals, dispersed: bool) -> Values:
    mean = arrivals.days * np.exp(np.clip(design @ theta[:-1], -50, 50))
    count = arrivals.count
    if not dispersed:
        return np.append(design.T @ (count - mean), 0.0)
    size = np.exp(-theta[-1])
    slope = design.T @ ((count - mean) * size / (size + mean))
    of_size = digamma(count + size) - digamma(size) + np.log(size / (size + mean))
    of_size += (mean - count) / (size + mean)
    return np.append(slope, -size * of_size.sum())


def _maximum(arrivals: Arrivals, effects: Effects, middle: float) -> Values:
    design = effects.design(arrivals, middle)
    start = np.zeros(design.shape[1] + 1)
    start[0] = np.log(max(arrivals.count.sum(), 0.5) / arrivals.days.sum())
    start[-1] = np.log(0.02) if effects.dispersed else LOW

    def loss(theta: Values) -> float:
        return -float(_log_likelihoods(theta, design, arrivals, effects.dispersed).sum())

    def slope(theta: Values) -> Values:
        return -_gradient(theta, design, arrivals, effects.dispersed)

    last = (LOW, 5.0) if effects.dispersed else (LOW, LOW)
    optimum = minimize(
        loss,
        start,
        jac=slope,
        method="L-BFGS-B",
        bounds=[*([(-50.0, 50.0)] * design.shape[1]), last],
        options={"maxiter": 1000, "ftol": 1e-12, "gtol": 1e-6},
    )
    return np.asarray(optimum.x)


def fitted(
    arrivals: Arrivals, effects: Effects, name: str = "arrivals", score: bool = True, seed: int = 1
) -> Rate:
    """One set of effects fitted by maximum likelihood.

    goodness: Pearson's chi-square over its degrees of freedom (about 1 if the spread is right).

    >>> months = np.arange("2020-01", "2023-01", dtype="datetime64[M]")
    >>> arrivals = Arrivals.of(months, np.random.default_rng(1).poisson(60, 36))
    >>> f"{fitted(arrivals, Effects()).fit.estimate['level']:.2f} a day"
    '2.01 a day'
    """
    middle = arrivals.middle
    theta = _maximum(arrivals, effects, middle)
    design = effects.design(arrivals, middle)
    covariance = _covariance(theta, design, arrivals, effects.dispersed)
    wide = np.random.default_rng(seed).multivariate_normal(theta, covariance, DRAWS, method="cholesky")
    mean = arrivals.days * np.exp(design @ theta[:-1])
    variance = mean + np.exp(theta[-1]) * mean**2
    freedom = max(len(mean) - len(theta) + (not effects.dispersed), 1)
    pearson = float(((arrivals.count - mean) ** 2 / variance).sum() / freedom)
    natural = _natural(theta[None, :], effects)[0]
    fit = Fit(
        name,
        f"{effects}, maximum likelihood",
        len(mean),
        dict(zip(effects.names(), natural.tolist(), strict=True)),
        _natural(wide, effects),
        held_out(arrivals, effects, seed) if score else float("nan"),
        {"pearson": pearson},
    )
    return Rate(effects, theta, covariance, middle, fit)


def _covariance(theta: Values, design: Values, arrivals: Arrivals, dispersed: bool) -> Values:
    """The inverse of the observed information, by differences of the gradient."""
    step = 1e-5
    moves = np.eye(len(theta)) * step
    rows = [
        _gradient(theta - move, design, arrivals, dispersed)
        - _gradient(theta + move, design, arrivals, dispersed)
        for move in moves
    ]
    information = np.array(rows) / (2 * step)
    information = (information + information.T) / 2
    if not dispersed:
        information[-1, -1] = 1e8
    return covariance_of(information) + 1e-12 * np.eye(len(theta))


def _natural(thetas: Values, effects: Effects) -> Values:
    """Ratios for the effects, arrivals a day for the level, the dispersion itself."""
    natural = np.exp(np.minimum(thetas, 50))
    if not effects.dispersed:
        natural[:, -1] = 0.0
    return natural


def held_out(arrivals: Arrivals, effects: Effects, seed: int = 1, count: int = 5) -> float:
    """The mean log score of a period held out while the rate was fitted to the others."""
    fold = folds(len(arrivals.count), count, seed)
    total = 0.0
    for number in range(count):
        out = fold == number
        rest = arrivals.only(~out)
        if not out.any() or not len(rest.count):
            return float("nan")
        theta = _maximum(rest, effects, rest.middle)
        held = arrivals.only(out)
        total += float(
            _log_likelihoods(theta, effects.design(held, rest.middle), held, effects.dispersed).sum()
        )
    return total / len(arrivals.count)


def best(arrivals: Arrivals, name: str = "arrivals", seed: int = 1) -> Rate:
    """The set of effects that predicts held-out periods best; a weekday only where periods are days.

    A season needs two years of months, a trend one year. Raises ValueError for fewer than ten periods.

    >>> months = np.arange("2020-01", "2023-01", dtype="datetime64[M]")
    >>> counts = np.random.default_rng(1).poisson(60 * 1.2 ** (np.arange(36) / 12))
    >>> rate = best(Arrivals.of(months, counts))
    >>> f"{rate.effects}: {rate.fit.estimate['trend'] - 1:.0%} a year"
    'Poisson, level + trend: 23% a year'
    """
    if len(arrivals.count) < FEW:
        raise ValueError(f"a rate needs counts of {FEW} periods or more")
    daily = bool((arrivals.days == 1).all())
    length = float(np.ptp(arrivals.years)) if len(arrivals.count) else 0.0
    tried = [
        Effects(trend, season, weekday, dispersed)
        for trend in ((False, True) if length >= 1 else (False,))
        for season in ((False, True) if length >= 1.9 else (False,))
        for weekday in ((False, True) if daily and length >= 0.1 else (False,))
        for dispersed in (False, True)
    ]
    scores = [held_out(arrivals, effects, seed) for effects in tried]
    first = int(np.nanargmax(scores))
    rate = fitted(arrivals, tried[first], name, False, seed)
    return replace(rate, fit=replace(rate.fit, score=float(scores[first])))
