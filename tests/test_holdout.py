"""Held-out months and figures that contradict each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.diagnosis import little
from calibration.holdout import crps, scores, simple, with_noise
from calibration.target import Point, Target
from simulation.scenario import Scenario
from tests.conftest import Build

Floats = NDArray[np.float64]

RNG = np.random.default_rng


def series(values: list[float], measure: str = "jail_adp") -> Target:
    starts = [date(2010 + i // 12, i % 12 + 1, 1) for i in range(len(values) + 1)]
    points = (Point(a, b, v) for a, b, v in zip(starts, starts[1:], values, strict=False))
    return Target(measure, "all", tuple(points))


def test_the_score_of_a_normal_sample_is_the_closed_form() -> None:
    """Gneiting and Raftery 2007: of N(0, 1) at 0 it is (sqrt(2) - 1) / sqrt(pi)."""
    sample = RNG(1).standard_normal(20_000)
    assert crps(sample, 0.0) == pytest.approx((2**0.5 - 1) / np.pi**0.5, abs=0.004)
    assert crps(np.array([3.0]), 5.0) == 2.0


def test_a_model_that_knows_the_level_beats_the_last_value_of_pure_noise() -> None:
    rng = RNG(2)
    target = series(list(100 + 10 * rng.standard_normal(48)))
    runs = 100 + 10 * rng.standard_normal((400, 48))
    (row,) = scores([target], [runs], date(2013, 1, 1)).to_dict("records")
    assert row["months"] == 12
    assert row["inside"] >= 10 / 12
    assert row["error"] < row["error of same month of the last year"]
    assert row["crps"] < row["error"]


def test_a_season_is_foreseen_by_the_same_month_of_the_last_year() -> None:
    season = [100 + 10 * np.sin(i / 12 * 2 * np.pi) for i in range(36)]
    (row,) = scores([series(season)], [np.full((10, 36), 100.0)], date(2012, 1, 1)).to_dict("records")
    assert row["error of same month of the last year"] == pytest.approx(0, abs=1e-9)
    assert row["error"] > 5


def test_moves_between_years_that_chance_in_the_runs_makes_are_not_added_again() -> None:
    """A record that is one more run, its moves known from many: 95 % bands hold 95 % of it, and not 99 %."""
    paths = 100 + 8 * slow(RNG(3), 600)
    records, runs = [series(list(path)) for path in paths[:200]], paths[200:]
    moves = float(np.mean([record.yearly**2 for record in records]) ** 0.5)
    inside = []
    for seed, record in enumerate(records):
        noisy = with_noise(runs, replace(record, moves=moves), seed)
        low, high = np.quantile(noisy, [0.025, 0.975], axis=0)
        inside.append(((low <= record.values) & (record.values <= high)).mean())
    assert np.mean(inside) == pytest.approx(0.95, abs=0.015)


def test_of_less_than_two_years_no_moves_are_known_and_all_are_added() -> None:
    for months in (6, 12):
        target, runs = replace(series([100.0] * months), moves=10.0), np.full((4000, months), 100.0)
        assert with_noise(runs, target, seed=1).std() == pytest.approx(10, rel=0.05)


def test_moves_between_years_that_no_run_makes_are_added_whole() -> None:
    moving = series([value for value in (90.0, 100.0, 110.0) for _ in range(12)])
    still, chance = np.full((4000, 36), 100.0), np.repeat([[94.0, 100.0, 106.0]], 12, axis=1).reshape(1, 36)
    assert with_noise(still, moving, seed=1).std(axis=0) == pytest.approx(np.full(36, 10.0), rel=0.05)
    added = with_noise(np.repeat(chance, 4000, axis=0), moving, seed=1).std(axis=0)
    assert added == pytest.approx(np.full(36, (10.0**2 - 6.0**2) ** 0.5), rel=0.05)


def slow(rng: np.random.Generator, paths: int, months: int = 72) -> Floats:
    """Months that remember the last one to 96 %, as a jail's people do: variance 1."""
    found = rng.standard_normal((paths, months))
    for month in range(1, months):
        found[:, month] = 0.96 * found[:, month - 1] + (1 - 0.96**2) ** 0.5 * found[:, month]
    return found


def test_the_same_time_of_the_last_year_is_four_quarters_back() -> None:
    quarters = np.array([1.0, 2.0, 3.0, 4.0, 10.0, 20.0, 30.0, 40.0])
    found = simple(quarters, 5, per_year=4)
    assert found["same month of the last year"].tolist() == [10, 20, 30, 40, 10]


@pytest.fixture
def county(build: Build) -> Scenario:
    return build()


def test_littles_law_tells_three_figures_that_cannot_all_be_true(county: Scenario) -> None:
    whole = (Point(date(2017, 1, 1), date(2018, 1, 1), 0.0),)

    def given(measure: str, value: float) -> Target:
        return Target(measure, "all", (Point(whole[0].start, whole[0].end, value),))

    adp, bookings = given("jail_adp", 444), given("bookings", 12 * 358)
    (told,) = little([adp, bookings, given("jail_stay", 205)], county.county)
    assert "444 people in jail over 358 bookings a month are a mean stay of 37.7 days" in told
    assert "205" in told
    assert not list(little([adp, bookings, given("jail_stay", 38)], county.county))
    assert not list(little([adp, bookings], county.county))
