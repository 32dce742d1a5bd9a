"""The fading return hazard: its likelihood by hand, made people whose hazard is known, and four records."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from benchmarks.evidence_shape import BROWARD_REARREST, EXPECTED_WITH_SMI, NEW_YORK_FLAGGED
from benchmarks.return_hazard import (
    broward,
    expected_with_smi,
    first_releases,
    new_york,
    okaloosa,
    pinellas,
)
from calibration.fits.recurrence import Spells
from calibration.fits.return_hazard import TIMES, ReturnHazard, cumulative, fitted, log_likelihood
from simulation.measures.incidence import aalen_johansen
from tests.shared_data import shared_data

TRUTH = {"base": 0.1 / 365.25, "excess": 5.0, "mean_days": 200.0, "young": 1.5, "shape": 1.2}


def hazard_at(days: float, values: dict[str, float]) -> float:
    return values["base"] * (1 + values["excess"] * np.exp(-days / values["mean_days"]))


def test_the_cumulative_hazard_is_the_integral_of_the_hazard() -> None:
    total = integrate.quad(hazard_at, 0, 400, args=(TRUTH,))[0]
    known = (TRUTH["base"], TRUTH["excess"], TRUTH["mean_days"])
    assert cumulative(np.array([400.0]), *known)[0] == pytest.approx(total, rel=1e-9)


def test_the_likelihood_is_the_mean_over_the_frailty() -> None:
    """Two spells of one young person, of which the first ends in a return, and one spell of another."""
    spells = Spells.by_person([0, 0, 1], [100.0, 40.0, 60.0], [1, 0, 1], {"young": [1.0, 1.0, 0.0]})
    frailty = stats.gamma(1.2, scale=1 / 1.2)
    spent = [integrate.quad(hazard_at, 0, days, args=(TRUTH,))[0] for days in (100.0, 40.0, 60.0)]

    def first(z: float) -> float:
        return frailty.pdf(z) * z * 1.5 * hazard_at(100.0, TRUTH) * np.exp(-1.5 * z * (spent[0] + spent[1]))

    def second(z: float) -> float:
        return frailty.pdf(z) * z * hazard_at(60.0, TRUTH) * np.exp(-z * spent[2])

    by_hand = sum(np.log(integrate.quad(person, 0, 60)[0]) for person in (first, second))
    assert log_likelihood(spells, TRUTH) == pytest.approx(by_hand, rel=1e-6)


def people(seed: int, size: int, values: dict[str, float], years: float = 5.0) -> Spells:
    """Released once and followed through each return for some years, drawn by inverting the hazard."""
    random = np.random.default_rng(seed)
    grid = np.linspace(0, years * 365.25, 4000)
    spent = cumulative(grid, values["base"], values["excess"], values["mean_days"])
    rows: list[tuple[int, float, bool, float]] = []
    for person in range(size):
        young = float(random.random() < 0.4)
        rate = random.gamma(values["shape"], 1 / values["shape"]) * values["young"] ** young
        left, returned = grid[-1], True
        while returned and left > 0:
            days = float(np.interp(random.exponential() / rate, spent, grid, right=np.inf))
            returned = days < left
            rows.append((person, min(days, left), returned, young))
            left -= days
    person_of, time, cause, is_young = np.array(rows).T
    return Spells.by_person(person_of, time, cause.astype(int), {"young": is_young})


def test_repeated_spells_tell_risk_that_fades_from_people_who_differ() -> None:
    fit = fitted(people(1, 6000, TRUTH)).fit
    for name, value in TRUTH.items():
        assert abs(np.log(fit.estimate[name] / value)) < 3 * np.log(fit.of(name)).std(), name
    assert np.log(fit.of("excess")).std() < 0.25, "and narrowly enough to tell"


def test_without_fading_the_excess_or_its_mean_vanishes() -> None:
    constant = {**TRUTH, "base": 0.3 / 365.25, "excess": 1e-9}
    hazard = fitted(people(2, 3000, constant))
    days = np.array([30.0, 365.0])
    early, year = hazard.cumulative(days) / days
    assert early == pytest.approx(year, rel=0.1)


def test_the_curve_of_people_followed_alike_is_that_of_the_gamma_mixture() -> None:
    """With one spell a person and no traits the expected curve is 1 - (1 + H / shape) ^ -shape."""
    time = np.linspace(1100, 1200, 50)
    spells = Spells.by_person(range(50), time, np.arange(50) < 25)
    hazard = fitted(spells, fixed={name: TRUTH[name] for name in ("excess", "mean_days", "shape")})
    closed = 1 - (1 + hazard.cumulative(np.array(TIMES)) / 1.2) ** -1.2
    assert hazard.curve() == pytest.approx(closed, abs=5e-4)


def apart(hazard: ReturnHazard) -> np.ndarray:
    """Points between the expected curve and the record's at each of ``TIMES``."""
    record = aalen_johansen(hazard.spells)
    return np.asarray(100 * np.abs(hazard.curve() - [record.at(time) for time in TIMES]))


def within_two_points_for_two_years_and_three_after(hazard: ReturnHazard) -> bool:
    distance = apart(hazard)
    return bool(distance[:-1].max() < 2 and distance[-1] < 3)


def test_the_hazard_reproduces_browards_censored_curve() -> None:
    shared_data("")
    spells = broward()
    record = aalen_johansen(spells)
    curve = [round(100 * record.at(days), 1) for days in TIMES]
    assert curve == [3.6, 6.3, 8.7, 14.5, 22.6, 27.6, 31.2, 36.7], "offenses before release left out"
    assert curve[:-1] == [round(100 * share, 1) for share in BROWARD_REARREST]
    assert within_two_points_for_two_years_and_three_after(fitted(spells, fixed={"shape": 1.3}))


def test_the_hazard_reproduces_the_curves_of_the_two_selected_records() -> None:
    """Pinellas with its mean held: the most likely mean is 2.3 points off at six months."""
    shared_data("")
    assert within_two_points_for_two_years_and_three_after(fitted(okaloosa()))
    assert within_two_points_for_two_years_and_three_after(fitted(pinellas(), fixed={"mean_days": 95.0}))
    assert apart(fitted(pinellas())).max() < 2.5


@pytest.mark.slow
@pytest.mark.parametrize("flagged", [None, True])
def test_the_hazard_reproduces_new_yorks_censored_curve(flagged: bool | None) -> None:
    shared_data("")
    hazard = fitted(new_york(flagged))
    assert within_two_points_for_two_years_and_three_after(hazard)
    assert hazard.fit.estimate["excess"] > 2, "the first weeks after release are worse than later ones"


@pytest.mark.slow
def test_what_is_expected_with_mental_illness_lies_between_new_york_and_broward() -> None:
    shared_data("")
    york = first_releases()
    record = aalen_johansen(broward())
    defendants = np.array([record.at(time) for time in TIMES])
    expected = expected_with_smi(york["flagged, weighted"], defendants)
    assert expected[:-1] == pytest.approx(EXPECTED_WITH_SMI, abs=6e-4)
    assert york["flagged, weighted"][:-1] == pytest.approx(NEW_YORK_FLAGGED, abs=6e-4)
    assert (defendants < expected).all() and (expected < york["flagged, weighted"]).all()
    assert (york["not flagged, weighted"] < york["flagged, weighted"]).all()
