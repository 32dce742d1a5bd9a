"""Held-out months and figures that contradict each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.fits.between_year import YearlyVariation, missing_variance
from calibration.fits.series import PRIORS, structural
from calibration.inference.diagnosis import littles_law
from calibration.inference.holdout import ahead, scores, simple, with_noise
from calibration.targets.target import Point, Target
from simulation.scenario import Scenario
from tests.conftest import Build

Floats = NDArray[np.float64]

RNG = np.random.default_rng


def series(values: list[float], measure: str = "jail_adp") -> Target:
    starts = [date(2010 + i // 12, i % 12 + 1, 1) for i in range(len(values) + 1)]
    points = (Point(a, b, v) for a, b, v in zip(starts, starts[1:], values, strict=False))
    return Target(measure, "all", tuple(points))


def test_a_model_that_knows_the_level_beats_the_last_value_of_pure_noise() -> None:
    rng = RNG(2)
    target = series(list(100 + 10 * rng.standard_normal(48)))
    runs = 100 + 10 * rng.standard_normal((400, 48))
    (row,) = scores([target], [runs], date(2013, 1, 1)).to_dict("records")
    assert row["months"] == 12
    assert row["inside"] >= 10 / 12
    assert row["error"] < row["error of same month of the last year"]
    assert row["crps"] < row["error"]


def test_a_season_that_the_record_shows_year_after_year_is_foreseen_by_a_model_without_one() -> None:
    season = [100 + 10 * np.sin(i / 12 * 2 * np.pi) for i in range(48)]
    record = shown(series(season, "bookings"), 36)
    (row,) = scores([record], [np.full((10, 48), 100.0)], date(2013, 1, 1)).to_dict("records")
    assert row["error"] == pytest.approx(0, abs=1e-3)
    assert row["error of same month of the last year"] == pytest.approx(0, abs=1e-9)


def of_four_years(measure: str, last: float = 1.0) -> Target:
    """Four years of months that wander, the last of them held out and times ``last``."""
    rng = RNG(6)
    values = 200 * np.exp(np.cumsum(0.03 * rng.standard_normal(48)))
    values[36:] *= last
    whole = series(list(values), measure)
    known = replace(whole, points=whole.points[:36])
    return replace(whole.since(date(2011, 1, 1)), known_variation=known.since(date(2011, 1, 1)).variation)


def test_runs_at_the_level_of_the_record_go_on_as_its_own_series_foresees() -> None:
    target = of_four_years("jail_adp")
    past = np.array(target.variation.past)
    assert len(past) == 36
    runs = np.full((50, 36), past[12:].mean())
    found, alone = (
        ahead(target, runs, date(2013, 1, 1)),
        structural(past, 12, prior=PRIORS["mental_health_open"]),
    )
    assert found.middle == pytest.approx(alone.middle, rel=1e-9)
    assert found.band()[0] == pytest.approx(alone.band()[0], rel=1e-9)


def test_what_the_model_makes_of_the_level_is_kept_and_its_doubt_widens_the_band() -> None:
    target = of_four_years("jail_adp")
    runs = np.full((50, 36), 100.0)
    doubled = runs * np.where(np.arange(36) < 24, 1, 2)
    unsure = runs * np.exp(0.3 * RNG(1).standard_normal((50, 1)))
    day = date(2013, 1, 1)
    assert ahead(target, doubled, day).middle == pytest.approx(2 * ahead(target, runs, day).middle)
    low, high = ahead(target, unsure, day).band()
    least, most = ahead(target, runs, day).band()
    assert (np.log(high / low) > np.log(most / least)).all()


def test_what_is_held_out_does_not_change_what_is_foreseen() -> None:
    runs = np.full((50, 36), 100.0)
    one, other = (ahead(of_four_years("bookings", last), runs, date(2013, 1, 1)) for last in (1.0, 3.0))
    assert np.array_equal(one.draws, other.draws)


def test_of_two_years_no_season_is_known() -> None:
    season = [100 + 10 * np.sin(i / 12 * 2 * np.pi) for i in range(36)]
    record = shown(series(season, "bookings"), 24)
    (row,) = scores([record], [np.full((10, 36), 100.0)], date(2012, 1, 1)).to_dict("records")
    assert row["error of same month of the last year"] == pytest.approx(0, abs=1e-9)
    assert row["error"] > 5


def test_a_season_that_the_runs_make_is_not_added_again() -> None:
    season = np.array([100 + 10 * np.sin(i / 12 * 2 * np.pi) for i in range(48)])
    for measure in ("bookings", "jail_adp"):
        noisy = with_noise(np.tile(season, (10, 1)), series(list(season), measure), seed=1)
        assert np.abs(noisy - season).max() == pytest.approx(0, abs=1e-6)


def test_a_stock_shows_no_season_as_it_remembers_its_last_months() -> None:
    """Over 200 stocks without a season, one read from five years would make the sixth worse, not better."""
    with_season, without = [], []
    for path in 100 + 8 * slow(RNG(6), 200):
        stock, flow = (shown(series(list(path), name), 60) for name in ("jail_adp", "bookings"))
        for record, found in ((stock, without), (flow, with_season)):
            missing = missing_variance(
                record.variation, np.full((9, 72), path[48:60].mean()), record.calendar
            )
            away = path[60:] - path[60:].mean()
            found.append(((away - missing.seasonal_shift[60:]) ** 2).mean())
    assert np.mean(without) < np.mean(with_season)


def test_months_of_pure_noise_show_next_to_no_season() -> None:
    """Of noise of sd 10 over 5 years a month is off by 10 / 5^0.5 = 4.5; shrunk, by half of it at most."""
    off = []
    for seed in range(40):
        record = series(list(100 + 10 * RNG(seed).standard_normal(60)), "bookings")
        off.append(float((np.median(with_noise(np.full((9, 60), 100.0), record, 1), axis=0) - 100).std()))
    assert np.mean(off) < 4.5 / 2


@pytest.mark.parametrize(
    ("known", "latest", "seasonal"), [(3, 3, 0), (5, 5, 0), (5, 5, 12), (8, 8, 0), (5, 1, 0), (5, 2, 12)]
)
def test_bands_hold_95_of_100_months_of_the_next_year(known: int, latest: int, seasonal: float) -> None:
    """Years of sd 8 and months of sd 5 beside a flat model whose level is the mean of the latest years.

    Of the mean of a year the law is exact where the level rests on all years; of fewer it is a little wide
    (96.8 % of one, 95.8 % of two), as their mean and the spread between all years go together. Months make
    it wider by one in a hundred: a t and a normal distribution are added, both of estimated width.
    """
    inside = []
    for seed in range(300):
        rng = RNG([known, latest, seed])
        years = 8 * rng.standard_normal((known + 1, 1)) + seasonal * rng.standard_normal(12)
        values = (200 + years + 5 * rng.standard_normal((known + 1, 12))).ravel()
        record = shown(series(list(values), "bookings" if seasonal else "jail_adp"), 12 * known, latest)
        level = values[12 * (known - latest) : 12 * known].mean()
        ahead = with_noise(np.full((2, 12 * (known + 1)), level), record, seed)[:, -12:]
        low, high = np.quantile(ahead, [0.025, 0.975], axis=0)
        inside.append(((low <= values[-12:]) & (values[-12:] <= high)).mean())
    least, most = (0.93, 0.975) if latest == known else (0.94, 0.985)
    assert least < np.mean(inside) < most


def test_a_year_lies_in_the_band_of_the_whole_year_as_often_as_it_says() -> None:
    held = []
    for seed in range(300):
        rng = RNG(seed)
        values = (200 + 8 * rng.standard_normal((6, 1)) + 5 * rng.standard_normal((6, 12))).ravel()
        known = shown(series(list(values)), 60)
        record = replace(known, known_variation=replace(known.variation, past=()))
        runs = np.full((2, 72), values[:60].mean())
        held += list(scores([record], [runs], date(2015, 1, 1))["year"])
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


def test_moves_of_single_months_that_the_runs_make_are_not_added_again() -> None:
    rng = RNG(4)
    values = list(100 + 10 * rng.standard_normal(600))
    for record in (series(values), series(values, "bookings")):
        for own, added in ((10.0, 0.0), (6.0, 8.0), (0.0, 10.0)):
            runs = 100 + own * rng.standard_normal((400, 600))
            assert missing_variance(record.variation, runs, record.calendar).single == pytest.approx(
                added, abs=1.2
            )


def test_a_doubt_of_the_level_that_the_runs_have_is_not_added_again() -> None:
    """Years of sd 10 and a level of one year: sd (100 + 100)^0.5; runs 10 apart already have half."""
    record = replace(
        series([100.0] * 24), known_variation=YearlyVariation(between_years=10, years=1000, latest=1)
    )
    apart = np.repeat(100 + 10 * RNG(5).standard_normal((4000, 1)), 24, axis=1)
    assert missing_variance(record.variation, np.full((9, 24), 100.0), record.calendar).year == pytest.approx(
        200**0.5
    )
    assert missing_variance(record.variation, apart, record.calendar).year == pytest.approx(10, rel=0.05)


def test_the_middle_of_a_band_is_the_middle_of_the_runs() -> None:
    record = series([value for value in (90.0, 100.0, 110.0, 100.0) for _ in range(12)])
    runs = 100.0 + np.arange(-15, 16)[:, None] * np.ones(48)
    middles = [np.median(with_noise(runs, record, seed), axis=0) for seed in (1, 2)]
    assert np.abs(np.array(middles) - 100).max() < 1.0


def test_a_history_of_less_than_three_years_shows_no_moves() -> None:
    for months in (6, 12, 24):
        record = series(list(100 + 10 * RNG(months).standard_normal(months)))
        assert (with_noise(np.full((5, months), 100.0), record, seed=1) == 100).all()


def test_moves_between_years_that_chance_in_the_runs_makes_are_not_added_again() -> None:
    """A record that is one more run, its moves known from many: 95 % bands hold 95 % of it, and not 99 %."""
    paths = 100 + 8 * slow(RNG(3), 600)
    records, runs = [series(list(path)) for path in paths[:200]], paths[200:]
    between, within = (
        float(np.mean([getattr(one.variation, name) ** 2 for one in records]) ** 0.5)
        for name in ("between_years", "within_year")
    )
    variation = YearlyVariation(between, within, years=1000, latest=6)
    inside = []
    for seed, record in enumerate(records):
        noisy = with_noise(runs, replace(record, known_variation=variation), seed)
        low, high = np.quantile(noisy, [0.025, 0.975], axis=0)
        inside.append(((low <= record.values) & (record.values <= high)).mean())
    assert np.mean(inside) == pytest.approx(0.95, abs=0.015)


def test_one_year_of_runs_shows_no_moves_and_all_are_added() -> None:
    for months in (6, 12):
        target = replace(
            series([100.0] * months),
            known_variation=YearlyVariation(between_years=10, years=1000, latest=1e9),
        )
        assert with_noise(np.full((4000, months), 100.0), target, seed=1).std() == pytest.approx(10, rel=0.05)


def test_moves_between_years_that_no_run_makes_are_added_whole() -> None:
    variation = YearlyVariation(between_years=10, years=1000, latest=1e9)
    moving = replace(
        series([value for value in (90.0, 100.0, 110.0) for _ in range(12)]), known_variation=variation
    )
    still, chance = np.full((4000, 36), 100.0), np.repeat([[94.0, 100.0, 106.0]], 12, axis=1).reshape(1, 36)
    assert with_noise(still, moving, seed=1).std(axis=0) == pytest.approx(np.full(36, 10.0), rel=0.05)
    added = with_noise(np.repeat(chance, 4000, axis=0), moving, seed=1).std(axis=0)
    assert added == pytest.approx(np.full(36, (10.0**2 - 6.0**2) ** 0.5), rel=0.05)


def shown(target: Target, months: int, latest: int | None = None) -> Target:
    """The target whose moves only its first months tell, the level being that of their latest years."""
    variation = replace(target, points=target.points[:months]).variation
    return replace(target, known_variation=variation.resting_on(latest or months / 12))


def slow(rng: np.random.Generator, paths: int, months: int = 72) -> Floats:
    """Months that remember the last one to 96 %, as a jail's people do: variance 1."""
    found = rng.standard_normal((paths, months))
    for month in range(1, months):
        found[:, month] = 0.96 * found[:, month - 1] + (1 - 0.96**2) ** 0.5 * found[:, month]
    return found


def test_the_same_time_of_the_last_year_is_four_quarters_back() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 10.0, 20.0, 30.0, 40.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    starts = [date(2010 + i // 4, i % 4 * 3 + 1, 1) for i in range(len(values) + 1)]
    points = (Point(a, b, v) for a, b, v in zip(starts, starts[1:], values, strict=False))
    found = simple(Target("jail_adp", "all", tuple(points)), date(2012, 1, 1))
    assert found["last value"].tolist() == [40] * 5
    assert found["same month of the last year"].tolist() == [10, 20, 30, 40, 10]


def test_months_without_a_value_do_not_shift_the_months_after_them() -> None:
    """A summer of more bookings; the first months of the held-out year are missing."""
    season = [130.0 if i % 12 in (5, 6, 7) else 90.0 for i in range(60)]
    whole = series(season, "bookings")
    gaps = replace(shown(whole, 48), points=(*whole.points[:20], *whole.points[22:48], *whole.points[53:]))
    day = date(2014, 1, 1)
    foreseen = np.median(ahead(gaps, np.full((10, len(gaps.points)), 100.0), day).draws, axis=0)
    assert foreseen == pytest.approx(season[53:], rel=0.02)
    assert simple(gaps, day)["same month of the last year"].tolist() == season[53:]


@pytest.fixture
def county(build: Build) -> Scenario:
    return build()


def test_littles_law_tells_three_figures_that_cannot_all_be_true(county: Scenario) -> None:
    whole = (Point(date(2017, 1, 1), date(2018, 1, 1), 0.0),)

    def given(measure: str, value: float) -> Target:
        return Target(measure, "all", (Point(whole[0].start, whole[0].end, value),))

    adp, bookings = given("jail_adp", 444), given("bookings", 12 * 358)
    (told,) = littles_law([adp, bookings, given("jail_stay", 205)], county.county)
    assert "444 people in jail over 358 bookings a month are a mean stay of 37.7 days" in told
    assert "205" in told
    assert not list(littles_law([adp, bookings, given("jail_stay", 38)], county.county))
    assert not list(littles_law([adp, bookings], county.county))
