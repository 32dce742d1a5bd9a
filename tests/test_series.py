"""Forecasts of series: scores in closed form, made series whose law is known, Contra Costa's 2017."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from calibration.fits.series import (
    PRIORS,
    Forecast,
    by_littles_law,
    crps,
    implied_stay,
    interval_score,
    last_value,
    score,
    seasonal_naive,
    structural,
)
from calibration.records.adapter import read
from tests.shared_data import shared_data


@pytest.mark.parametrize("seen", [-1.0, 0.3, 2.5])
def test_the_crps_of_normal_draws_is_the_closed_form(seen: float) -> None:
    draws = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)[:, None]
    closed = seen * (2 * stats.norm.cdf(seen) - 1) + 2 * stats.norm.pdf(seen) - 1 / np.sqrt(np.pi)
    assert crps(draws, np.array([seen]))[0] == pytest.approx(closed, abs=1e-3)


def test_the_crps_of_one_draw_is_the_absolute_error() -> None:
    assert crps(np.array([[3.0, 5.0]]), np.array([1.0, 9.0])) == pytest.approx([2.0, 4.0])


def test_the_interval_score_is_the_width_and_forty_times_what_is_missed() -> None:
    assert interval_score([0.0, 0.0, 0.0], [2.0, 2.0, 2.0], [1.0, 3.0, -0.5]) == pytest.approx([2, 42, 22])


def test_months_without_a_value_are_neither_needed_nor_scored() -> None:
    past = 100 + 5 * np.sin(np.arange(60))
    past[[3, 17, 59]] = np.nan
    seen = np.full(12, 100.0)
    seen[4] = np.nan
    found = score(structural(past, 12), seen)
    assert found.months == 11
    assert found.covered == 11


def test_a_season_is_forecast_with_its_months_in_place() -> None:
    months = np.arange(72)
    chance = np.random.default_rng(1)
    series = 200 * np.exp(0.2 * np.sin(2 * np.pi * months / 12) + 0.02 * chance.standard_normal(72))
    ours = score(structural(series[:60], 12), series[60:])
    assert ours.error < score(last_value(series[:60], 12), series[60:]).error / 2
    assert int(np.argmax(structural(series[:60], 12).middle)) == int(
        np.argmax(np.sin(2 * np.pi * months[:12] / 12))
    )


def test_bands_cover_made_series_as_often_as_they_say() -> None:
    covered, months, paths = 0, 0, 0
    for seed in range(40):
        chance = np.random.default_rng(seed)
        level = np.cumsum(0.03 * chance.standard_normal(72))
        series = 300 * np.exp(level + 0.03 * chance.standard_normal(72))
        found = score(structural(series[:60], 12, seed), series[60:])
        covered, months, paths = covered + found.covered, months + found.months, paths + found.path
    assert 0.90 <= covered / months <= 1.0
    assert paths >= 36


def test_the_band_of_a_path_holds_95_of_100_paths_together() -> None:
    forecast = Forecast("made", np.exp(np.random.default_rng(2).normal(5, 0.1, (8000, 12))))
    low, high = forecast.path_band()
    inside = ((forecast.draws >= low) & (forecast.draws <= high)).all(axis=1).mean()
    assert inside == pytest.approx(0.95, abs=0.005)
    each = forecast.band()
    alone = ((forecast.draws >= each[0]) & (forecast.draws <= each[1])).all(axis=1).mean()
    assert alone < 0.7


def test_adp_is_bookings_a_day_times_stay() -> None:
    days = np.full(72, 30.0)
    bookings = 600 + 20 * np.random.default_rng(3).standard_normal(60)
    adp = bookings / 30 * 25
    assert implied_stay(adp, bookings, days[:60]) == pytest.approx(np.full(60, 25.0))
    ahead = by_littles_law(structural(bookings, 12), adp, bookings, days)
    assert ahead.middle == pytest.approx(np.full(12, 500.0), rel=0.05)


def test_the_simple_forecasts_are_what_they_are_called() -> None:
    past = np.arange(1.0, 37.0)
    assert last_value(past, 3).middle == pytest.approx([36] * 3, abs=0.5)
    assert seasonal_naive(past + np.random.default_rng(4).normal(0, 1e-6, 36), 14).middle == pytest.approx(
        [*range(25, 37), 25, 26], abs=0.5
    )


def test_too_short_or_negative_series_are_refused() -> None:
    with pytest.raises(ValueError, match="twelve months"):
        structural(np.ones(11), 3)
    with pytest.raises(ValueError, match="at least 0"):
        structural(-np.ones(24), 3)


@pytest.fixture(scope="module")
def contra_costa() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    table = read("jail_profile_survey", shared_data("ca_jps_monthly_dev_counties_to_2017.csv.gz")).table
    rows = table[table["place"].str.startswith("Contra Costa")].set_index("month")
    return {
        name: (rows.loc["2012":"2016", name].to_numpy(), rows.loc["2017":"2017", name].to_numpy())
        for name in ("adp", "bookings", "mental_health_open")
    }


@pytest.mark.parametrize("name", ["adp", "bookings", "mental_health_open"])
def test_every_month_of_contra_costa_in_2017_lies_in_the_band(contra_costa, name) -> None:  # type: ignore[no-untyped-def]
    past, seen = contra_costa[name]
    assert len(past) == 60
    assert score(structural(past, 12, prior=PRIORS[name]), seen).path


def test_contra_costa_in_2017_is_forecast_no_worse_than_by_the_simple_rules(contra_costa) -> None:  # type: ignore[no-untyped-def]
    past, seen = contra_costa["adp"]
    ours = score(structural(past, 12, prior=PRIORS["adp"]), seen)
    assert ours.error <= score(last_value(past, 12), seen).error
    past, seen = contra_costa["bookings"]
    ours = score(structural(past, 12, prior=PRIORS["bookings"]), seen)
    assert ours.error <= score(seasonal_naive(past, 12), seen).error
