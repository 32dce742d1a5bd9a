"""Forecasts of monthly series with intervals, and the two simple ones that any forecast has to beat.

The log of a series is a level that wanders about its mean, a pattern of the months, and noise: a Gaussian
process with an Ornstein-Uhlenbeck covariance, exchangeable month effects and white noise (Rasmussen and
Williams, Gaussian Processes for Machine Learning, 2006, section 4.2; Harvey, Forecasting, Structural Time
Series Models and the Kalman Filter, 1989, chapter 2). Its hyperparameters have weak priors and are averaged
over. Years that go unlike any before are allowed for by a scale drawn for each path: paths are Student t.

Scores: Gneiting and Raftery (2007), Journal of the American Statistical Association 102:359-78.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from calibration.fits.fit import covariance_of, curvature

Values = NDArray[np.float64]
MONTHS = 12
DRAWS = 4000
THETAS = 200
LEVEL = 0.95


@dataclass(frozen=True)
class Prior:
    """What is believed of a kind of series before its own values are seen.

    walk, month, noise: standard deviations on the log scale of the level's change a month, of the month
    effects and of the noise; memory: months in which the level forgets; width: of the log of each of these;
    freedom: degrees of freedom of the paths, the fewer the likelier are years unlike any before.
    """

    walk: float = 0.04
    month: float = 0.03
    noise: float = 0.03
    memory: float = 36.0
    width: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    freedom: float = 8.0

    @property
    def centre(self) -> Values:
        """The logs of the four."""
        return np.log([self.walk, self.month, self.noise, self.memory])


GENERAL = Prior()
PRIORS = {
    "adp": Prior(0.035, 0.011, 0.013, 36.0, (0.62, 0.59, 0.90, 1.0), 8.0),
    "bookings": Prior(0.027, 0.050, 0.063, 18.0, (0.56, 0.50, 0.61, 1.0), 8.0),
    "mental_health_open": Prior(0.086, 0.023, 0.085, 36.0, (1.03, 0.50, 0.92, 1.0), 4.0),
}
"""Learnt from the other agencies of the Jail Profile Survey, without Contra Costa and without 2017: walk,
month and noise and their widths are the median and spread of the modes of 25 to 44 agencies over 2007-2011;
memory (of 18 and 36) and freedom (of 4, 8, none) are those that forecast 18 of them best in 2013 to 2016, by
CRPS and by how nearly 95 % of the years stay inside their 95 % band (benchmarks/jail_profile.md)."""


@dataclass(frozen=True)
class Forecast:
    """What a series may be in the months to come: draws x months."""

    name: str
    draws: Values

    @property
    def middle(self) -> Values:
        """The median of each month."""
        return np.asarray(np.median(self.draws, axis=0))

    def band(self, level: float = LEVEL) -> tuple[Values, Values]:
        """The central interval of each month."""
        low, high = np.quantile(self.draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
        return low, high

    def path_band(self, level: float = LEVEL) -> tuple[Values, Values]:
        """The band that holds all months of a path together with this chance (sup-t, on the log scale).

        Montiel Olea and Plagborg-Moller (2019), Journal of Applied Econometrics 34:1-17.
        """
        logs = np.log(np.maximum(self.draws, 0) + 0.5)
        low, middle, high = np.quantile(logs, [0.16, 0.5, 0.84], axis=0)
        spread = np.maximum((high - low) / 2, 1e-9)
        width = np.quantile((np.abs(logs - middle) / spread).max(axis=1), level) * spread
        return np.exp(middle - width) - 0.5, np.exp(middle + width) - 0.5


@dataclass(frozen=True)
class Score:
    """How a forecast compares with what came, over the months that have a value.

    error: mean absolute error of the median; crps: continuous ranked probability score; interval: interval
    score of the 95 % band; covered: months inside it, of ``months``; path: whether every month lies inside
    the band of the whole path.
    """

    error: float
    crps: float
    interval: float
    covered: int
    months: int
    path: bool


def structural(series: ArrayLike, ahead: int, seed: int = 1, prior: Prior = GENERAL) -> Forecast:
    """The forecast of the level-and-season model; ``series`` is monthly, nan where nothing is known.

    prior: one of ``PRIORS`` by the kind of series, or the general one.

    Raises ValueError for fewer than 12 values or one below 0.

    >>> forecast = structural(100 + np.random.default_rng(1).normal(0, 3, 48), ahead=2)
    >>> forecast.middle.round().tolist()
    [98.0, 98.0]
    """
    past = np.asarray(series, dtype=np.float64)
    known = np.isfinite(past)
    if known.sum() < MONTHS or (past[known] < 0).any():
        raise ValueError("a forecast needs twelve months or more, with counts of at least 0")
    logs = np.log(past[known] + 0.5)
    when = np.flatnonzero(known).astype(np.float64)
    to_come = np.arange(len(past), len(past) + ahead, dtype=np.float64)
    chance = np.random.default_rng(seed)
    thetas = _posterior(when, logs, prior, chance)
    each = DRAWS // len(thetas)
    drawn = [
        _drawn(theta, when, logs, to_come, _noises(each, ahead, prior.freedom, chance)) for theta in thetas
    ]
    return Forecast("level and season", np.maximum(np.exp(np.concatenate(drawn)) - 0.5, 0.0))


def _covariance(theta: Values, one: Values, two: Values) -> Values:
    """Of level, months and the mean, which is free; without the diagonal of the noise."""
    walk, month = np.exp(2 * theta[:2])
    memory = np.exp(theta[3])
    apart = np.abs(one[:, None] - two[None, :])
    same = (one[:, None] % MONTHS) == (two[None, :] % MONTHS)
    return np.asarray(walk * memory / 2 * np.exp(-apart / memory) + month * same + 1.0)


def _loss(theta: Values, when: Values, logs: Values, prior: Prior) -> float:
    """Minus the log posterior of the hyperparameters."""
    if np.abs(theta).max() > 12:
        return 1e10
    cover = _covariance(theta, when, when) + (np.exp(2 * theta[2]) + 1e-8) * np.eye(len(when))
    factor = cho_factor(cover, lower=True)
    centred = logs - logs.mean()
    fit = 0.5 * centred @ cho_solve(factor, centred) + np.log(np.diag(factor[0])).sum()
    return float(fit + 0.5 * (((theta - prior.centre) / np.array(prior.width)) ** 2).sum())


def _posterior(when: Values, logs: Values, prior: Prior, chance: np.random.Generator) -> Values:
    """A sample of the hyperparameters: importance resampling from a wide normal distribution at the mode."""

    def loss(theta: Values) -> float:
        return _loss(theta, when, logs, prior)

    mode = minimize(loss, prior.centre, method="Nelder-Mead", options={"xatol": 1e-2, "fatol": 1e-3}).x
    root = np.linalg.cholesky(1.5 * covariance_of(curvature(loss, mode, 1e-2)))
    normal = chance.standard_normal((2 * THETAS, len(mode)))
    thetas = mode + normal @ root.T
    weight = np.array([-loss(theta) for theta in thetas]) + 0.5 * (normal**2).sum(axis=1)
    weight = np.exp(weight - weight.max())
    return np.asarray(thetas[chance.choice(len(thetas), THETAS, p=weight / weight.sum())])


def _noises(size: int, ahead: int, freedom: float, chance: np.random.Generator) -> Values:
    """Standard Student t paths, each with its mirror image, so that few of them have the right middle."""
    half = chance.standard_normal((size // 2, ahead))
    half *= np.sqrt(freedom / chance.chisquare(freedom, size // 2))[:, None]
    return np.concatenate([half, -half])


def _drawn(theta: Values, when: Values, logs: Values, to_come: Values, noises: Values) -> Values:
    """Draws of the months to come, given one set of hyperparameters."""
    noise = np.exp(2 * theta[2]) + 1e-8
    cover = _covariance(theta, when, when) + noise * np.eye(len(when))
    cross = _covariance(theta, to_come, when)
    factor = cho_factor(cover, lower=True)
    mean = logs.mean() + cross @ cho_solve(factor, logs - logs.mean())
    left = _covariance(theta, to_come, to_come) - cross @ cho_solve(factor, cross.T)
    root = np.linalg.cholesky(left + (noise + 1e-9) * np.eye(len(to_come)))
    return np.asarray(mean + noises @ root.T)


def last_value(series: ArrayLike, ahead: int, seed: int = 1) -> Forecast:
    """Next month is like the last: a random walk with normal steps of the size seen so far."""
    past = np.asarray(series, dtype=np.float64)
    steps = np.diff(past)
    size = np.nanstd(steps[np.isfinite(steps)])
    walk = np.random.default_rng(seed).standard_normal((DRAWS, ahead)).cumsum(axis=1) * size
    return Forecast("last value", past[np.isfinite(past)][-1] + walk)


def seasonal_naive(series: ArrayLike, ahead: int, seed: int = 1) -> Forecast:
    """Every month is like the same month of the year before, give or take the changes seen so far."""
    past = np.asarray(series, dtype=np.float64)
    filled = past.copy()
    for place in np.flatnonzero(~np.isfinite(filled)):
        filled[place] = filled[place - MONTHS] if place >= MONTHS else np.nanmean(past)
    change = past[MONTHS:] - past[:-MONTHS]
    size = np.nanstd(change) if np.isfinite(change).any() else np.nanstd(past)
    years = np.sqrt(np.arange(ahead) // MONTHS + 1)
    middle = np.array([filled[len(past) - MONTHS + month % MONTHS] for month in range(ahead)])
    draws = middle + np.random.default_rng(seed).standard_normal((DRAWS, ahead)) * size * years
    return Forecast("same month last year", draws)


def by_littles_law(bookings: Forecast, adp: ArrayLike, booked: ArrayLike, days: ArrayLike) -> Forecast:
    """ADP as bookings a day times stay: forecast bookings by the stay that past ADP and bookings imply.

    days: days of each month, past and to come. The implied stay is forecast like any other series.
    """
    length = np.asarray(days, dtype=np.float64)
    stay = implied_stay(adp, booked, length[: len(np.asarray(adp))])
    ahead = bookings.draws.shape[1]
    stays = structural(stay, ahead, seed=2).draws
    size = min(len(stays), len(bookings.draws))
    order = np.random.default_rng(3).permutation(size)
    draws = bookings.draws[:size] / length[-ahead:] * stays[order]
    return Forecast("bookings times stay", draws)


def implied_stay(adp: ArrayLike, bookings: ArrayLike, days: ArrayLike) -> Values:
    """The mean stay in days that Little's law needs: ADP over bookings a day; nan without bookings."""
    rate = np.asarray(bookings, dtype=np.float64) / np.asarray(days, dtype=np.float64)
    return np.asarray(np.asarray(adp, dtype=np.float64) / np.where(rate > 0, rate, np.nan))


def crps(draws: Values, seen: Values) -> Values:
    """The continuous ranked probability score of each month, E|X - y| - E|X - X'| / 2; lower is better."""
    ordered = np.sort(draws, axis=0)
    size = len(ordered)
    place = 2 * np.arange(1, size + 1) - size - 1
    apart = (place[:, None] * ordered).sum(axis=0) / size**2
    return np.asarray(np.abs(draws - seen).mean(axis=0) - apart)


def interval_score(low: ArrayLike, high: ArrayLike, seen: ArrayLike, level: float = LEVEL) -> Values:
    """The width of the band, and 2 / (1 - level) times how far the value lies outside, lower is better."""
    below, above, value = (np.asarray(values, dtype=np.float64) for values in (low, high, seen))
    outside = np.maximum(below - value, 0) + np.maximum(value - above, 0)
    return np.asarray(above - below + 2 / (1 - level) * outside)


def score(forecast: Forecast, seen: ArrayLike) -> Score:
    """The scores of a forecast over the months that came and have a value."""
    came = np.asarray(seen, dtype=np.float64)
    known = np.isfinite(came)
    low, high = (edge[known] for edge in forecast.band())
    least, most = (edge[known] for edge in forecast.path_band())
    value = came[known]
    return Score(
        float(np.abs(forecast.middle[known] - value).mean()),
        float(crps(forecast.draws[:, known], value).mean()),
        float(interval_score(low, high, value).mean()),
        int(((value >= low) & (value <= high)).sum()),
        int(known.sum()),
        bool(((value >= least) & (value <= most)).all()),
    )
