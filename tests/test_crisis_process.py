"""Need, raised risk and admissions: the exact process, its special cases, and a county beside it."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.crisis_use import as_registered, counts, of_the_busiest, outputs
from calibration.fits.crisis_process import YEAR, CrisisProcess, Groups, Values
from calibration.register import register
from simulation import model
from simulation.measures import MEASURES, History
from simulation.measures.hospital import admissions, discharges
from simulation.measures.reoffending import Reoffending
from tests.conftest import Build

EVERYBODY = np.array([1.0])


def alike(admitted: float, soon: float | None = None) -> Groups:
    """One group whose episodes end in a bed with this share, another one soon after a discharge."""
    shares = np.array([admitted]), np.array([admitted if soon is None else soon])
    return Groups(EVERYBODY, EVERYBODY, *shares, np.array([True]))


@pytest.mark.parametrize("admitted", [1.0, 0.3])
def test_without_raised_risk_readmission_is_a_mixture_of_exponentials(admitted: float) -> None:
    """Stays are in proportion to rates, so need is gamma of shape k + 1: 1 - (1 + a r t / k)^-(k + 1)."""
    rate, shape = 2.0, 0.8
    process = CrisisProcess(alike(admitted), rate, shape, (0.0, 0.0), 50.0)
    curve = process.readmitted(365, 0.5, process.by_stays())
    days = np.arange(len(curve)) / 2
    exact = 1 - (1 + admitted * rate / YEAR * days / shape) ** -(shape + 1)
    assert curve == pytest.approx(exact, abs=0.003)


def test_the_mean_rate_is_the_one_asked_for_whatever_is_raised() -> None:
    for excess in ((0.0, 0.0), (8.0, 16.0)):
        process = CrisisProcess(alike(0.2, 0.4), 0.6, 2.5, excess, 80.0)
        assert process.mean(process.crises) * YEAR == pytest.approx(0.6)


def test_a_raise_that_never_fades_is_a_rate_so_many_times_higher() -> None:
    """All are alike (a large shape) and all are admitted: 1 - exp(-(1 + excess) r t), after the first."""
    process = CrisisProcess(alike(1.0), 1.0, 1e4, (3.0, 3.0), 1e7)
    curve = process.readmitted(200, 0.5, process.by_stays())
    assert curve[-1] == pytest.approx(1 - np.exp(-4 * process.base * 200), abs=0.005)


def test_the_renewal_equations_say_what_lives_drawn_one_by_one_do() -> None:
    """Admissions per year, and the chance of one for those admitted in the year before: 100,000 lives."""
    process = CrisisProcess(alike(0.25, 0.5), 0.8, 1.5, (8.0, 16.0), 80.0)
    lives = counts(process, 100_000, 1, 1, 0.0)
    again = lives.admitted < YEAR
    drawn = again[lives.before].mean(), again.mean()
    # A stay of the last year, at a day of it picked at random, is followed from that day on.
    assert drawn[1] == pytest.approx(float(process.weight @ first_year(process)), rel=0.03)
    assert drawn[0] > 2 * drawn[1]


def first_year(process: CrisisProcess) -> Values:
    """Of each rate, the chance of an admission within a year from a day picked at random.

    By renewal: admissions come at the rate of the long run, and each is the first of its year unless another
    was within the year before: the integral over a year of rate x (1 - readmitted by then).
    """
    chances = []
    for place in range(len(process.rate)):
        alone = np.zeros(len(process.rate))
        alone[place] = 1.0
        curve = process.readmitted(365, 5, alone)
        chances.append(process.admissions[place] * np.trapezoid(1 - curve, dx=5.0))
    return np.array(chances)


ROOM = {
    "crisis.call_takers": 50,
    "crisis.mobile_teams": 50,
    "crisis.mobile_opens": 0,
    "crisis.stabilization_chairs": 50,
    "crisis.short_term_beds": 100,
    "crisis.ed_places": 100,
    "crisis.inpatient_beds": 300,
}
NOBODY_DIFFERS_BY_PLACE = {
    "crisis.homeless_ratio": 1.0, "crisis.offending_correlation": 0.0, "fact.crisis_ratio": 1.0
}  # fmt: skip


@pytest.mark.slow
def test_a_county_with_room_for_all_has_the_readmissions_and_the_concentration_of_the_process(
    build: Build,
) -> None:
    """Within two points: episodes take time, and people are in jail, which the process leaves out."""
    scenario = build({**ROOM, "months": 60, "jail.bookings": 1200}, NOBODY_DIFFERS_BY_PLACE)
    process = as_registered(scenario.parameters)
    history = History(model.run(scenario, 1, 0), scenario.county.horizon)
    leaving = sum(
        rate.value for rate in (scenario.parameters.people.death, scenario.parameters.people.moving_away)
    )
    closed = process.readmitted(365, 1, process.by_stays(), leaving)
    for days in (30, 90, 180, 365):
        people = Reoffending(discharges, admissions, float(days)).follow(history, history.horizon)
        assert people.followed.sum() > 5000
        assert people.had_event[people.followed].mean() == pytest.approx(closed[days], abs=0.02), days
    year = counts(process, 100_000, 1, 1, 0.0, visited=1.0)
    busiest = MEASURES["crises_top_5pct"].function(history, np.array([365.0, 365 + YEAR]))["all"][0]
    assert busiest == pytest.approx(of_the_busiest(year.visits, 0.05), abs=0.015)
    rate = MEASURES["hospital_days_per_person_year"].function(history, np.array([365.0, history.horizon]))
    h = scenario.parameters.hospital
    stay = h.inpatient_stay.mean + h.long_stay_share.value * (h.long_stay.mean - h.inpatient_stay.mean)
    assert rate["all"][0] == pytest.approx(process.mean(process.admissions) * YEAR * stay, rel=0.08)


def test_the_registers_values_give_the_fitted_outputs() -> None:
    """16 % of stays in 30 days; 13.4 % of people in a month and 38.9 % in a year."""
    found = list(outputs(as_registered(register())).values())
    assert found == pytest.approx([0.16, 0.134, 0.389], abs=0.005)
