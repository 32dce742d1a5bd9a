"""Recurrence: the likelihood by hand, made people whose frailty is known, Broward and New York."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from scipy.optimize import approx_fprime

from calibration.fits.recurrence import TIMES, Spells, _Likelihood, fitted
from calibration.records.adapter import read
from simulation.measures.incidence import COMPETING, EVENT, aalen_johansen, follow
from tests.shared_data import shared_data


def test_the_likelihood_is_the_mean_over_the_frailty() -> None:
    spells = Spells.by_person(
        [0, 0, 1], [100.0, 40.0, 60.0], [1, 0, 1], {"young": [1.0, 1.0, 0.0]}, [0.0, 0.0, 10.0]
    )
    theta = np.array([np.log(0.01), np.log(0.003), 0.4, np.log(1.7)])
    likelihood = _Likelihood(spells, (50.0,))
    law = stats.gamma(1.7, scale=1 / 1.7)
    ratio = np.exp(0.4)
    one = [50 * 0.01 + 50 * 0.003, 40 * 0.01]

    def first(w: float) -> float:
        return law.pdf(w) * w * ratio * 0.003 * np.exp(-w * ratio * sum(one))

    def second(w: float) -> float:
        return law.pdf(w) * w * 0.003 * np.exp(-w * (50 * 0.01 + 10 * 0.003))

    late = integrate.quad(lambda w: law.pdf(w) * np.exp(-w * 0.1), 0, 60)[0]
    by_hand = np.log(integrate.quad(first, 0, 60)[0]) + np.log(integrate.quad(second, 0, 60)[0] / late)
    prior = -0.5 * (np.log(1.7) / 3) ** 2
    assert likelihood.value(theta) - prior == pytest.approx(by_hand, rel=1e-6)


def test_the_slope_is_that_of_the_likelihood() -> None:
    spells = people(np.random.default_rng(1), 40)
    likelihood = _Likelihood(spells, (91.0, 365.0))
    theta = np.array([-6.5, -7.0, -7.2, 0.3, 0.2])
    assert likelihood.slope(theta) == pytest.approx(approx_fprime(theta, likelihood.value, 1e-6), rel=1e-3)


def people(chance: np.random.Generator, size: int, shape: float = 0.8, death: float = 0.0) -> Spells:
    """Followed for three years: 0.002 a day in the first 91 days, 0.001 later; twice that if young."""
    rows: list[tuple[int, float, int, float]] = []
    for person in range(size):
        young = float(chance.random() < 0.4)
        rate = chance.gamma(shape, 1 / shape) * (2.0 if young else 1.0)
        left = 1095.0
        dies = chance.exponential(1 / death) if death else np.inf
        while left > 1:
            goal = chance.exponential() / rate if rate > 0 else np.inf
            time = goal / 0.002 if goal < 0.182 else 91 + (goal - 0.182) / 0.001
            end = min(time, left, dies)
            rows.append((person, end, EVENT if time == end else COMPETING if dies == end else 0, young))
            left, dies = left - end, dies - end
            if time != end:
                break
    table = np.array(rows)
    return Spells.by_person(table[:, 0], table[:, 1], table[:, 2].astype(int), {"young": table[:, 3]})


def test_intervals_of_the_rate_the_frailty_and_the_trait_cover_the_truth() -> None:
    truth = {"rate from 0": 0.002, "rate from 91": 0.001, "young": 2.0, "shape": 0.8}
    inside = dict.fromkeys(truth, 0)
    for seed in range(60):
        spells = people(np.random.default_rng(seed), 250)
        fit = fitted(spells, cuts=(91.0,), score=False, seed=seed).fit
        for name, value in truth.items():
            low, high = fit.interval(name)
            inside[name] += low <= value <= high
    # binomial(60, 0.9) lies in 47 to 59 with 99.5 %
    assert all(47 <= count <= 60 for count in inside.values()), inside


def test_people_who_differ_are_told_from_people_who_are_alike() -> None:
    unequal = fitted(people(np.random.default_rng(2), 800), cuts=(91.0,), score=False)
    alike = fitted(people(np.random.default_rng(2), 800, shape=50.0), cuts=(91.0,), score=False)
    assert unequal.fit.estimate["shape"] < 1.2
    assert alike.fit.estimate["shape"] > 5


def test_the_incidence_with_death_in_between_is_that_of_aalen_and_johansen() -> None:
    spells = people(np.random.default_rng(3), 3000, death=0.001)
    found = fitted(spells, cuts=(91.0,), score=False)
    curve = aalen_johansen(spells)
    assert found.incidence(TIMES) == pytest.approx([curve.at(time) for time in TIMES], abs=0.015)
    assert (spells.cause == COMPETING).sum() > 500


def test_broward_re_arrests_are_within_a_point_at_6_12_and_24_months() -> None:
    table = read("broward_screenings", shared_data("compas_broward/compas-scores_deid.csv")).tables[
        "rearrests"
    ]
    table = table[table["risk"].notna()]
    day = {
        name: (table[name] - pd.Timestamp("2000-01-01")).dt.days
        for name in ("start", "event", "observed_until")
    }
    people_ = follow(day["start"], day["event"], day["observed_until"])
    traits = {"medium": table["risk"].between(5, 7), "high": table["risk"] >= 8, "young": table["age"] < 25}
    found = fitted(Spells.by_person(table["person"], people_.time, people_.cause, traits), score=False)
    assert found.fit.goodness["incidence"] < 0.01
    curve = aalen_johansen(people_)
    assert curve.at(731.0) == pytest.approx(0.312, abs=0.002)
    assert found.fit.interval("medium")[0] > 1.5
    assert found.fit.interval("high")[0] > found.fit.interval("medium")[0]


@pytest.mark.slow
def test_new_york_readmissions_are_within_a_point_at_6_12_and_24_months() -> None:
    table = read("new_york_jail_stays", shared_data("nyc_jail_spells_to_2023.csv.gz")).table
    table = table.sort_values(["person", "booked"])
    again = table.groupby("person")["booked"].shift(-1)
    time = (again.fillna(table["observed_until"]) - table["released"]) / pd.Timedelta("1D")
    kept = (time > 0) & table["released"].notna()
    traits = {"young": table["age"][kept] < 25}
    found = fitted(
        Spells.by_person(table["person"][kept], time[kept], again[kept].notna(), traits), score=False
    )
    assert found.fit.goodness["incidence"] < 0.01
