"""Durations: fits of made data whose law is known, textbook values, and New York's and Broward's jails."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from calibration.fits.duration import Sample, best, distance, fitted, kaplan_meier, log_likelihoods
from calibration.fits.family import PARAMETRIC, Exponential, Gamma, Lognormal, Mixture, Weibull
from calibration.fits.piecewise import Piecewise
from calibration.records.adapter import read
from tests.shared_data import shared_data

LAWS = {
    "exponential": np.array([1.0]),
    "Weibull": np.array([-0.5, 1.0]),
    "lognormal": np.array([1.0, 0.3]),
    "gamma": np.array([-0.7, 1.5]),
    "log-logistic": np.array([0.8, 1.0]),
    "two lognormals": np.array([0.4, 0.0, -0.5, 1.0, 0.1]),
}
CUT = (1.0, 4.0, 9.0)
RATES = np.log([0.5, 0.1, 0.3, 0.05])


@pytest.mark.parametrize("family", [*PARAMETRIC, Piecewise(CUT)], ids=lambda family: family.name)
def test_the_density_is_minus_the_slope_of_the_survival(family) -> None:  # type: ignore[no-untyped-def]
    theta = LAWS.get(family.name, RATES)
    time = np.array([0.3, 0.9, 2.5, 7.0, 30.0])
    step = 1e-5 * time
    slope = np.exp(family.log_survival(time - step, theta)) - np.exp(family.log_survival(time + step, theta))
    assert np.exp(family.log_density(time, theta)) == pytest.approx(slope / (2 * step), rel=1e-4)


@pytest.mark.parametrize(
    ("shape", "time", "log_survival"),
    [
        (1, 700, -700.0),
        (2, 690, -683.461860176232),
        (2.5, 700, -690.455920277159),
        (0.5, 680, -683.834145289361),
        (0.5, 40_000, -40_005.8706948091),
        (40, 900, -741.294116712248),
        (10_000, 14_500, -789.090759961688),
    ],
)
def test_far_out_the_survival_of_gamma_is_exact_where_the_chance_itself_underflows(
    shape: float, time: float, log_survival: float
) -> None:
    """Worked with 60 digits.

    exp(-z) x the sum of z^k / k! below the shape where it is whole, else from erfc(sqrt z) on.
    """
    theta = np.array([np.log(shape), 0.0])
    assert Gamma().log_survival(np.array([1e-3, time]), theta)[1] == pytest.approx(log_survival, rel=1e-12)


@pytest.mark.parametrize("family", [*PARAMETRIC, Piecewise(CUT)], ids=lambda family: family.name)
def test_the_mean_is_the_area_under_the_survival(family) -> None:  # type: ignore[no-untyped-def]
    theta = LAWS.get(family.name, RATES)
    edges = [0, *CUT, 20, 100, 1e3, 1e4, 1e6, 1e9]
    area = sum(
        integrate.quad(lambda t: np.exp(family.log_survival(np.array([t]), theta)[0]), a, b, limit=200)[0]
        for a, b in pairwise(edges)
    )
    assert family.mean(theta) == pytest.approx(area, rel=1e-3)


def test_an_exponential_fit_is_events_over_time_watched() -> None:
    sample = Sample.of([3.0, 5.0, 9.0, 4.0], [True, True, False, True], [0.0, 1.0, 4.0, 0.0])
    found = fitted(sample, Exponential(), score=False)
    assert found.fit.estimate["scale"] == pytest.approx((3 + 4 + 5 + 4) / 3, rel=1e-5)
    assert found.fit.error("scale") == pytest.approx(16 / 3 / np.sqrt(3), rel=0.35)


def test_a_lognormal_fit_of_complete_times_has_the_moments_of_the_logs() -> None:
    time = np.exp(np.random.default_rng(3).normal(2.0, 0.7, 200))
    found = fitted(Sample.of(time), Lognormal(), score=False).fit.estimate
    assert found["median"] == pytest.approx(np.exp(np.log(time).mean()), rel=1e-4)
    assert found["sigma"] == pytest.approx(np.log(time).std(), rel=1e-4)


def test_gamma_and_weibull_fits_agree_with_scipy() -> None:
    time = np.random.default_rng(4).gamma(0.6, 20.0, 400)
    shape, _, scale = stats.gamma.fit(time, floc=0)
    assert list(fitted(Sample.of(time), Gamma(), score=False).fit.estimate.values()) == pytest.approx(
        [shape, scale], rel=1e-3
    )
    shape, _, scale = stats.weibull_min.fit(time, floc=0)
    assert list(fitted(Sample.of(time), Weibull(), score=False).fit.estimate.values()) == pytest.approx(
        [shape, scale], rel=1e-3
    )


def test_a_piece_has_the_rate_of_its_events_over_its_exposure() -> None:
    sample = Sample.of([0.5, 1.5, 3.0, 5.0], [True, True, False, True])
    rates = fitted(sample, Piecewise((1.0,)), score=False).fit.estimate
    assert list(rates.values()) == pytest.approx([1 / 3.5, 2 / (0.5 + 2 + 4)])


def observed(chance: np.random.Generator, size: int) -> Sample:
    """Lognormal stays (median 8, sigma 1.2), some watched late, censored at times of their own."""
    stay = np.exp(chance.normal(np.log(8), 1.2, size))
    entry = np.where(chance.random(size) < 0.4, chance.exponential(6.0, size), 0.0)
    until = entry + chance.exponential(25.0, size)
    seen = stay > entry
    time = np.minimum(stay, until)[seen]
    return Sample.of(time, (stay <= until)[seen], entry[seen])


def test_intervals_of_censored_and_late_stays_cover_the_truth() -> None:
    inside = {"median": 0, "sigma": 0}
    for seed in range(100):
        fit = fitted(observed(np.random.default_rng(seed), 250), Lognormal(), score=False, seed=seed).fit
        for name, truth in (("median", 8.0), ("sigma", 1.2)):
            low, high = fit.interval(name)
            inside[name] += low <= truth <= high
    # binomial(100, 0.9) lies in 82 to 97 with 99 %
    assert all(82 <= count <= 97 for count in inside.values()), inside


def test_whoever_ignores_late_entry_and_censoring_gets_it_wrong() -> None:
    sample = observed(np.random.default_rng(1), 5000)
    right = fitted(sample, Lognormal(), score=False).fit.estimate["median"]
    naive = fitted(Sample.of(sample.time), Lognormal(), score=False).fit.estimate["median"]
    assert right == pytest.approx(8.0, rel=0.1)
    assert abs(naive - 8.0) > 1.0


@pytest.mark.parametrize("bias", ["length", "elapsed"])
def test_stays_seen_on_one_day_are_put_right(bias: str) -> None:
    chance = np.random.default_rng(7)
    stay = chance.gamma(2.0, 5.0, 200_000)
    picked = stay[chance.random(len(stay)) < stay / stay.max()][:4000]
    elapsed = picked * chance.random(len(picked))
    seen = Sample.of(picked, bias="length") if bias == "length" else Sample.of(elapsed, False, bias="elapsed")
    found = fitted(seen, Gamma(), score=False)
    assert found.mean == pytest.approx(10.0, rel=0.1)
    assert picked.mean() == pytest.approx(15.0, rel=0.05)


def test_whole_days_are_intervals_and_not_points() -> None:
    stay = np.random.default_rng(8).exponential(1.5, 20_000)
    whole = np.ceil(stay)
    exact = fitted(Sample.of(whole, resolution=1.0), Exponential(), score=False).fit.estimate["scale"]
    assert exact == pytest.approx(1.5, rel=0.03)
    assert fitted(Sample.of(whole), Exponential(), score=False).fit.estimate["scale"] > 1.9


def test_grouping_alike_spells_changes_nothing() -> None:
    sample = Sample.of([1, 1, 2, 3, 3, 3], [True, True, False, True, True, False], resolution=1.0)
    grouped = sample.grouped()
    theta = LAWS["lognormal"]
    assert len(grouped.time) == 4
    assert grouped.weight @ log_likelihoods(grouped, Lognormal(), theta) == pytest.approx(
        log_likelihoods(sample, Lognormal(), theta).sum()
    )


@pytest.mark.parametrize(
    ("law", "name"),
    [
        (lambda c, n: c.exponential(9.0, n), "exponential"),
        (lambda c, n: np.exp(c.normal(1, 1.0, n)), "lognormal"),
    ],
)
def test_the_score_prefers_the_law_that_made_the_data_or_one_that_contains_it(law, name) -> None:  # type: ignore[no-untyped-def]
    among = [family for family in PARAMETRIC if family.name in ("exponential", "lognormal", "log-logistic")]
    tried = best(Sample.of(law(np.random.default_rng(5), 3000)), among=among)
    assert tried[0].family.name == name


def test_quantiles_and_draws_are_those_of_the_law() -> None:
    found = fitted(Sample.of(np.random.default_rng(6).exponential(10.0, 500)), Exponential(), score=False)
    assert found.quantile(0.5) == pytest.approx(found.mean * np.log(2), rel=1e-6)
    assert found.sample(20_000, 1).mean() == pytest.approx(found.mean, rel=0.03)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Sample.of([]), "no duration"),
        (lambda: Sample.of([1.0, np.nan]), "must be a number"),
        (lambda: Sample.of([1.0], True, [2.0]), "after its entry"),
        (lambda: Sample.of([1.0], False, bias="length"), "need their entry"),
        (lambda: Sample.of([1.0], True, bias="elapsed"), "has not ended"),
    ],
)
def test_a_sample_that_makes_no_sense_is_refused(make, said) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=said):
        make()


def test_the_textbook_shares_come_back_from_a_piecewise_fit() -> None:
    recid = pd.read_csv(shared_data("survival_textbook/recid.csv"))
    sample = Sample.of(recid["durat"], recid["cens"] == 0, resolution=1.0)
    time, share = kaplan_meier(sample)
    at = {month: share[np.searchsorted(time, month, side="right") - 1] for month in (12, 24, 60)}
    assert [round(100 * value, 1) for value in at.values()] == [12.7, 23.4, 36.3]
    found = fitted(sample, Piecewise(tuple(range(6, 78, 6))), score=False)
    assert 1 - found.survival([12, 24, 60]) == pytest.approx(list(at.values()), abs=0.005)
    rossi = pd.read_csv(shared_data("survival_textbook/rossi.csv"))
    weeks = fitted(
        Sample.of(rossi["week"], rossi["arrest"] == 1, resolution=1.0), Piecewise((26.0,)), score=False
    )
    assert 1 - weeks.survival([52])[0] == pytest.approx(0.264, abs=0.005)


def test_broward_stays_are_two_laws_and_not_an_exponential() -> None:
    stays = Sample.of_stays(
        read("broward_screenings", shared_data("compas_broward/compas-scores_deid.csv")).table
    )
    one, two = (fitted(stays, family, score=False) for family in (Exponential(), Lognormal()))
    assert one.fit.goodness["km"] > 0.5
    assert two.fit.goodness["km"] < one.fit.goodness["km"] / 2


@pytest.mark.slow
def test_new_york_stays_are_matched_at_every_quantile_and_an_exponential_fails() -> None:
    table = read("new_york_jail_stays", shared_data("nyc_jail_spells_to_2023.csv.gz")).table
    sample = Sample.of_stays(table, 1.0)
    time, share = kaplan_meier(sample)
    wanted = [0.25, 0.5, 0.75, 0.9, 0.95]
    seen = [time[np.searchsorted(share, each)] for each in wanted]
    found = fitted(sample, Mixture(), score=False)
    assert [found.quantile(each) for each in wanted] == pytest.approx(seen, rel=0.06)
    assert distance(found, sample) < 0.02
    exponential = fitted(sample, Exponential(), score=False)
    assert exponential.fit.goodness["km"] > 0.25
    assert exponential.quantile(0.25) > 4 * seen[0]
