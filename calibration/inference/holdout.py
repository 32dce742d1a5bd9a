"""Forecasts of months held out of the calibration, scored beside forecasts that need no model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.fits.between_year import missing_variance
from calibration.fits.series import GENERAL, PRIORS, Forecast, score, structural
from calibration.targets.target import Target, months_between

Floats = NDArray[np.float64]

DRAWS = 4000
"""Draws of a band, at least; every run has the same number."""

LONG_SERIES = 36
"""Months of history from which on the structural series model is used."""

SERIES_OF = {"jail_adp:total": "adp", "bookings:total": "bookings", "jail_adp": "mental_health_open"}
"""Targets whose kind of series has a prior learned from other counties (``series.PRIORS``)."""


def with_noise(runs: Floats, target: Target, seed: int) -> Floats:
    """Posterior predictive draws: runs (n x months) with missing variance and errors of the records added.

    Several draws of each run, every one with its mirror image, so that the median is that of the runs. The
    effect of a year is a Student t with one degree of freedom fewer than the years it is estimated from; it
    is the same in all months. ``runs`` hold all points of the target.
    """
    rng = np.random.default_rng(seed)
    variation = target.variation
    missing = missing_variance(variation, runs, target.calendar)
    draws = np.repeat(runs + missing.seasonal_shift, -(-DRAWS // (2 * len(runs))), axis=0)
    year = missing.year * rng.standard_t(max(1, variation.years - 1), (len(draws), 1))
    single = np.hypot(missing.single, target.error) * rng.standard_normal(draws.shape)
    most = 1.0 if target.kind == "share" else np.inf
    return np.asarray(np.clip(np.concatenate([draws + year + single, draws - year - single]), 0.0, most))


def band(runs: Floats, target: Target) -> tuple[Floats, Floats, Floats]:
    """2.5 %, 50 % and 97.5 % of runs as records would show them, value by value."""
    noisy = with_noise(runs, target, seed=2)
    with np.errstate(invalid="ignore"):
        low, middle, high = np.nanquantile(noisy, [0.025, 0.5, 0.975], axis=0)
    return low, middle, high


def simple(target: Target, day: date) -> dict[str, Floats]:
    """Forecasts from ``day`` on without a model: the last value, and that of the same season a year earlier.

    The latest year that has a value is taken; a season without any has none (nan).
    """
    before = [point for point in target.points if point.start < day]
    later = [point.start.month for point in target.points if point.start >= day]
    forecasts = {"last value": np.full(len(later), before[-1].value)}
    if len(before) >= target.per_year:
        latest = {point.start.month: point.value for point in before}
        forecasts["same month of the last year"] = np.array([latest.get(month, np.nan) for month in later])
    return forecasts


def ahead(target: Target, runs: Floats, day: date) -> Forecast:
    """The forecast of a series from ``day`` on, from its predictive runs (n x all values).

    Of a stock or flow with three years of months or more, the deviation of the last months from the level is
    forecast by the structural series model; otherwise the runs with their missing variance are the forecast.
    """
    later = np.array([point.start >= day for point in target.points])
    complete = runs[np.isfinite(runs).all(axis=1)]
    past = np.array(target.known_variation.past if target.known_variation else ())
    if (
        target.kind in ("stock", "flow")
        and np.isfinite(past).sum() >= LONG_SERIES
        and complete[:, later].mean() > 0
    ):
        return continued(target, complete, later, past)
    return Forecast(target.name, with_noise(complete, target, seed=1)[:, later])


def continued(target: Target, runs: Floats, later: NDArray[np.bool_], past: Floats) -> Forecast:
    """The mean course of the runs times the relative deviation that the record's own series forecasts.

    The runs give the level and the change that the model makes; the series model
    (``calibration.fits.series``) gives the deviation from that level. Each path is paired with the level of
    one run, which carries the uncertainty of the calibration. Months without a value are forecast and left
    out.
    """
    prior = PRIORS[SERIES_OF[target.name]] if target.name in SERIES_OF else GENERAL
    starts = [point.start for point in target.points]
    first, last = starts[0], starts[int((~later).sum()) - 1]
    months = np.array([months_between(last, start) for start in starts])[later]
    paths = structural(past, int(months.max()), prior=prior).draws[:, months - 1]
    level = float(np.nanmean(past[-months_between(first, last) - 1 :]))
    own = np.resize(runs.mean(axis=1) / runs.mean(), len(paths))
    own = np.random.default_rng(1).permutation(own)[:, None]
    return Forecast(target.name, runs.mean(axis=0)[later] * own * paths / level)


def scores(targets: Sequence[Target], runs: Sequence[Floats], day: date) -> pd.DataFrame:
    """A row a series: the model's and the simple forecasts of the months from ``day`` on, scored.

    ``runs``: n x values of each target, the whole series. inside: share of the months in the 95 % band of
    each; year: whether all of them lie in the band that holds every month together with 95 % chance; error:
    mean absolute error of the median; crps: of the model's band.
    """
    rows = []
    for target, all_runs in zip(targets, runs, strict=True):
        later = np.array([point.start >= day for point in target.points])
        before, truth = target.values[~later], target.values[later]
        if not len(truth) or not len(before):
            continue
        model = score(ahead(target, all_runs, day), truth)
        simple_errors = {
            f"error of {name}": float(np.nanmean(np.abs(values - truth)))
            for name, values in simple(target, day).items()
        }
        rows.append(
            {
                "target": target.name,
                "months": len(truth),
                "inside": model.covered / model.months,
                "year": model.path,
                "error": model.error,
                **simple_errors,
                "crps": model.crps,
            }
        )
    return pd.DataFrame(rows)
