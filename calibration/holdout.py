"""Months kept from the calibration: how well it foresees them, beside forecasts that need no model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.target import Target

Floats = NDArray[np.float64]


def crps(ensemble: Floats, observed: float) -> float:
    """Continuous ranked probability score of a sample, in the unit of the figure; lower is better.

    E|X - y| - E|X - X'| / 2 (Gneiting and Raftery, JASA 102, 2007).
    """
    x = np.sort(ensemble)
    n = len(x)
    spread = 2 * float((x * (2 * np.arange(1, n + 1) - n - 1)).sum()) / n**2
    return float(np.abs(x - observed).mean()) - spread / 2


def with_noise(runs: Floats, target: Target, seed: int) -> Floats:
    """Runs (n x months) as records would show them: the county's moves between years and its errors added.

    Of the moves only what the years of a run do not show already; one year alone shows nothing of them.
    ``runs`` hold all points of the target.
    """
    rng = np.random.default_rng(seed)
    more = np.sqrt(max(0.0, target.yearly**2 - _between_years(target.years(runs))))
    year = more * rng.standard_normal((len(runs), 1))
    return np.asarray(np.maximum(0.0, runs + year + target.error * rng.standard_normal(runs.shape)))


def _between_years(years: Floats) -> float:
    """Variance between the years of a run (years x runs), the mean of all runs."""
    if len(years) < 2:
        return 0.0
    whole = years[:, np.isfinite(years).all(axis=0)]
    return float(whole.var(axis=0, ddof=1).mean()) if whole.size else 0.0


def simple(before: Floats, months: int, per_year: int) -> dict[str, Floats]:
    """Forecasts without a model: the last value, and the same month (or quarter) a year earlier."""
    found = {"last value": np.full(months, before[-1])}
    if len(before) >= per_year:
        found["same month of the last year"] = np.resize(before[-per_year:], months)
    return found


def scores(targets: Sequence[Target], runs: Sequence[Floats], day: date) -> pd.DataFrame:
    """A row a series: how the model and the simple forecasts met the months from ``day`` on.

    ``runs``: n x values of each target, the whole series. error: mean absolute error; inside: share of
    the months in the 95 % band; crps: of the model's band.
    """
    rows = []
    for target, all_runs in zip(targets, runs, strict=True):
        later = np.array([point.start >= day for point in target.points])
        before, truth = target.values[~later], target.values[later]
        if not len(truth) or not len(before):
            continue
        noisy = with_noise(all_runs, target, seed=1)[:, later]
        noisy = noisy[np.isfinite(noisy).all(axis=1)]
        low, high = np.quantile(noisy, [0.025, 0.975], axis=0)
        others = {
            f"error of {name}": float(np.abs(values - truth).mean())
            for name, values in simple(before, len(truth), target.per_year).items()
        }
        rows.append(
            {
                "target": target.name,
                "months": len(truth),
                "inside": float(((low <= truth) & (truth <= high)).mean()),
                "error": float(np.abs(np.median(noisy, axis=0) - truth).mean()),
                **others,
                "crps": float(np.mean([crps(column, y) for column, y in zip(noisy.T, truth, strict=True)])),
            }
        )
    return pd.DataFrame(rows)
