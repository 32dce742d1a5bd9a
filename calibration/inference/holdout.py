"""Months kept from the calibration: how well it foresees them, beside forecasts that need no model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.fits.between_year import lacking
from calibration.fits.series import GENERAL, PRIORS, Forecast, score, structural
from calibration.targets.target import Target, months_between

Floats = NDArray[np.float64]

DRAWS = 4000
"""Draws of a band, at least; each run has as many as any other."""

LONG = 36
"""Months of history from which on the structural series model is used."""

LIKE = {"jail_adp:total": "adp", "bookings:total": "bookings", "jail_adp": "mental_health_open"}
"""Figures whose kind of series is known from other counties."""


def with_noise(runs: Floats, target: Target, seed: int) -> Floats:
    """Runs (n x months) as records would show them: what they lack of the county's moves, and errors, added.

    Several draws of each, every one with its mirror image, so that the middle is that of the runs. The move
    of a year is a Student t of one degree of freedom less than the years it is known from; it lasts for all
    months. ``runs`` hold all points of the target.
    """
    rng = np.random.default_rng(seed)
    moves, more = target.history, lacking(target.history, runs, target.calendar)
    many = np.repeat(runs + more.shift, -(-DRAWS // (2 * len(runs))), axis=0)
    year = more.year * rng.standard_t(max(1, moves.years - 1), (len(many), 1))
    single = np.hypot(more.single, target.error) * rng.standard_normal(many.shape)
    most = 1.0 if target.kind == "share" else np.inf
    return np.asarray(np.clip(np.concatenate([many + year + single, many - year - single]), 0.0, most))


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
    found = {"last value": np.full(len(later), before[-1].value)}
    if len(before) >= target.per_year:
        latest = {point.start.month: point.value for point in before}
        found["same month of the last year"] = np.array([latest.get(month, np.nan) for month in later])
    return found


def ahead(target: Target, runs: Floats, day: date) -> Forecast:
    """The months of a series from ``day`` on, as its runs (n x all values) foresee them.

    What the county did in its last months goes on where its past is long enough to say how.
    """
    later = np.array([point.start >= day for point in target.points])
    whole = runs[np.isfinite(runs).all(axis=1)]
    past = np.array(target.moves.past if target.moves else ())
    if target.kind in ("stock", "flow") and np.isfinite(past).sum() >= LONG and whole[:, later].mean() > 0:
        return carried_on(target, whole, later, past)
    return Forecast(target.name, with_noise(whole, target, seed=1)[:, later])


def carried_on(target: Target, runs: Floats, later: NDArray[np.bool_], past: Floats) -> Forecast:
    """The course of the runs, moved as far from the level fitted to as the record's own series foresees.

    The runs say what the level is and what the model makes of it; the series (``calibration.fits.series``),
    how a county that goes on as before moves about it. Each path is paired with a run, whose level is as
    unsure as the calibration leaves it. Months without a value are foreseen as well, and not shown.
    """
    prior = PRIORS[LIKE[target.name]] if target.name in LIKE else GENERAL
    starts = [point.start for point in target.points]
    first, last = starts[0], starts[int((~later).sum()) - 1]
    months = np.array([months_between(last, start) for start in starts])[later]
    paths = structural(past, int(months.max()), prior=prior).draws[:, months - 1]
    level = float(np.nanmean(past[-months_between(first, last) - 1 :]))
    own = np.resize(runs.mean(axis=1) / runs.mean(), len(paths))
    own = np.random.default_rng(1).permutation(own)[:, None]
    return Forecast(target.name, runs.mean(axis=0)[later] * own * paths / level)


def scores(targets: Sequence[Target], runs: Sequence[Floats], day: date) -> pd.DataFrame:
    """A row a series: how the model and the simple forecasts met the months from ``day`` on.

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
        ours = score(ahead(target, all_runs, day), truth)
        others = {
            f"error of {name}": float(np.nanmean(np.abs(values - truth)))
            for name, values in simple(target, day).items()
        }
        rows.append(
            {
                "target": target.name,
                "months": len(truth),
                "inside": ours.covered / ours.months,
                "year": ours.path,
                "error": ours.error,
                **others,
                "crps": ours.crps,
            }
        )
    return pd.DataFrame(rows)
