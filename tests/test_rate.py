"""Rates, shares and recurrences: made data whose truth is known, statsmodels, and formulas by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from calibration.fits.rate import Arrivals, Effects, best, fitted
from calibration.fits.share import annual_rate, branch, of_these
from calibration.records.adapter import read
from tests.shared_data import shared_data


def months(size: int, seed: int, dispersion: float = 0.01, july: float = 1.1) -> Arrivals:
    """Bookings of 60 a day, 3 % more each year, a tenth more in July, over-dispersed."""
    start = pd.date_range("2010-01-01", periods=size, freq="MS")
    years = np.arange(size) / 12
    mean = 60 * start.days_in_month * 1.03**years * np.where(start.month == 7, july, 1.0)
    chance = np.random.default_rng(seed)
    return Arrivals.of(start, chance.poisson(mean * chance.gamma(1 / dispersion, dispersion, size)))


def test_the_fit_is_the_negative_binomial_regression_of_statsmodels() -> None:
    arrivals = months(96, 2)
    effects = Effects(trend=True, season=True)
    found = fitted(arrivals, effects, score=False)
    design = effects.design(arrivals, arrivals.middle)
    theirs = sm.NegativeBinomial(arrivals.count, design, exposure=arrivals.days).fit(
        start_params=[*found.theta[:-1], found.fit.estimate["dispersion"]], disp=0, method="bfgs", maxiter=500
    )
    assert found.theta[:-1] == pytest.approx(theirs.params[:-1], abs=1e-3)
    assert found.fit.estimate["dispersion"] == pytest.approx(theirs.params[-1], rel=0.02)
    assert np.sqrt(np.diag(found.covariance))[:-1] == pytest.approx(theirs.bse[:-1], rel=0.05)


def test_without_effects_a_poisson_rate_is_the_count_over_the_days() -> None:
    arrivals = Arrivals.of(["2020-01-01", "2020-02-01", "2020-03-01"], [31, 58, 93])
    found = fitted(arrivals, Effects(dispersed=False), score=False)
    assert found.fit.estimate["level"] == pytest.approx(182 / 91)
    assert found.fit.error("level") == pytest.approx(np.sqrt(182) / 91, rel=0.1)
    assert found.expected(["2021-01-01"])[0] == pytest.approx(62)


def test_intervals_of_trend_and_level_cover_the_truth() -> None:
    inside = {"trend": 0, "level": 0}
    truth = {"trend": 1.03, "level": None}
    for seed in range(80):
        arrivals = months(60, seed, 0.003, 1.0)
        fit = fitted(arrivals, Effects(trend=True), score=False, seed=seed).fit
        middle = arrivals.middle - (pd.Timestamp("2010-01-01") - pd.Timestamp("1970-01-01")).days / 365.25
        truth["level"] = 60 * 1.03 ** (middle - 0.042)
        for name in inside:
            low, high = fit.interval(name)
            inside[name] += low <= truth[name] <= high
    assert all(64 <= count <= 79 for count in inside.values()), inside


def test_a_season_is_kept_if_there_is_one_and_dropped_if_there_is_none() -> None:
    start = pd.date_range("2010-01-01", periods=120, freq="MS")
    chance = np.random.default_rng(3)
    flat = Arrivals.of(start, chance.poisson(1000, 120), np.full(120, 30.0))
    wave = chance.poisson(1000 * (1 + 0.2 * np.sin(2 * np.pi * start.month / 12)))
    assert not best(flat).effects.season
    assert best(Arrivals.of(start, wave, np.full(120, 30.0))).effects.season


def test_a_weekday_and_the_overdispersion_of_daily_counts_are_found() -> None:
    start = pd.date_range("2020-01-01", periods=700, freq="D")
    chance = np.random.default_rng(4)
    mean = np.where(start.day_of_week < 5, 40.0, 25.0) * chance.gamma(10, 0.1, 700)
    found = best(Arrivals.of(start, chance.poisson(mean), np.ones(700)))
    assert found.effects.weekday and found.effects.dispersed
    assert found.fit.estimate["dispersion"] == pytest.approx(0.1, rel=0.3)
    assert found.fit.goodness["pearson"] == pytest.approx(1.0, abs=0.15)
    ratio = found.expected(["2022-01-03"], 1.0) / found.expected(["2022-01-08"], 1.0)
    assert ratio[0] == pytest.approx(40 / 25, rel=0.08)


def test_a_poisson_law_understates_the_spread_of_real_bookings() -> None:
    table = read("jail_profile_survey", shared_data("ca_jps_monthly_dev_counties_to_2017.csv.gz")).table
    here = table[table["place"].str.startswith("Contra Costa") & (table["month"] >= "2012")]
    arrivals = Arrivals.of(here["month"], here["bookings"])
    plain = fitted(arrivals, Effects(season=True, dispersed=False), score=False)
    wide = fitted(arrivals, Effects(season=True), score=False)
    assert plain.fit.goodness["pearson"] > 5
    assert wide.fit.goodness["pearson"] == pytest.approx(1.0, abs=0.35)
    assert wide.fit.error("level") > 2 * plain.fit.error("level")


def test_a_share_has_the_beta_posterior_of_jeffreys() -> None:
    fit = of_these(7, 10)
    law = stats.beta(7.5, 3.5)
    assert fit.estimate["share"] == pytest.approx(law.mean())
    assert fit.interval("share") == pytest.approx([law.ppf(0.05), law.ppf(0.95)], abs=0.02)


def test_branches_add_up_and_the_prior_counts_as_so_many_observations() -> None:
    fit = branch({"home": 8, "hospital": 2, "jail": 0}, prior={"home": 1.0, "hospital": 2.0, "jail": 1.0})
    assert list(fit.estimate.values()) == pytest.approx([9 / 14, 4 / 14, 1 / 14])
    assert fit.draws.sum(axis=1) == pytest.approx(np.ones(len(fit.draws)))
    leave_one_out = (8 * np.log(8 / 13) + 2 * np.log(3 / 13)) / 10
    assert fit.score == pytest.approx(leave_one_out)


def test_intervals_of_a_share_cover_the_truth() -> None:
    chance = np.random.default_rng(5)
    seen = chance.binomial(40, 0.3, 300)
    covered = [low <= 0.3 <= high for low, high in (of_these(k, 40).interval("share") for k in seen)]
    assert 0.85 <= np.mean(covered) <= 0.95


def test_a_rate_is_events_over_years() -> None:
    fit = annual_rate(30, 100.0)
    assert fit.estimate["rate"] == pytest.approx(0.305)
    assert fit.interval("rate")[0] < 0.30 < fit.interval("rate")[1]


def test_counts_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="no share"):
        of_these(11, 10)
    with pytest.raises(ValueError, match="two ways"):
        branch({"only": 3})
    with pytest.raises(ValueError, match="time at risk"):
        annual_rate(3, 0.0)
    with pytest.raises(ValueError, match="at least 0"):
        Arrivals.of(["2020-01-01"], [-1])
    with pytest.raises(ValueError, match="10 periods"):
        best(Arrivals.of(["2020-01-01", "2020-02-01"], [3, np.nan]))
