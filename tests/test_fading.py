"""A risk that an event raises and that fades: the process against its closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from simulation.engine.fading import (
    Beside,
    Raise,
    excess_in_progress,
    long_run_rate,
    mean_gap,
    survival,
)
from simulation.engine.hazard import Hazards, Risk, sooner
from simulation.engine.stream import Stream
from simulation.inputs.demand_profile import DemandProfile

ARRESTS = (0.0, 0.01, 0.0, 0.0, 0.0)
FADING = (20.0, 60.0)


def gaps(people: int, excess: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Days from an arrest that raised the risk to the next one."""
    days = []
    for person in range(people):
        hazards = Hazards(Stream(1, person), fading=FADING)
        hazards.raised(Risk.ARREST, excess, 0.0)
        days.append(hazards.resume(0.0, ARRESTS))
    return np.array(days)


@pytest.mark.parametrize("excess", [0.5, 4.0])
def test_the_days_to_the_next_event_have_the_survival_of_the_raised_hazard(excess: float) -> None:
    def cdf(
        days: np.ndarray[tuple[int], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return 1 - survival(days, 0.01, excess, 60.0)

    assert stats.kstest(gaps(20_000, excess), cdf).pvalue > 0.001


def test_a_change_of_circumstances_spends_the_raised_hazard_up_to_it() -> None:
    """The rate halves after 30 days: the hazard spent is exponential whatever the cut."""
    spent = []
    for person in range(20_000):
        hazards = Hazards(Stream(1, person), fading=FADING)
        hazards.raised(Risk.ARREST, 4.0, 0.0)
        due = hazards.resume(0.0, ARRESTS)
        if due > 30:
            hazards.pause(30.0)
            due = 30 + hazards.resume(30.0, (0.0, 0.005, 0.0, 0.0, 0.0))
        raised = np.array([min(due, 30.0), due])
        whole = raised + 4 * 60 * (1 - np.exp(-raised / 60))
        spent.append(0.01 * whole[0] + 0.005 * (whole[1] - whole[0]))
    assert stats.kstest(spent, "expon").pvalue > 0.001


def test_an_excess_fades_while_no_risk_runs() -> None:
    hazards, later = (Hazards(Stream(1, 1), fading=FADING) for _ in range(2))
    hazards.raised(Risk.ARREST, 4.0 * np.exp(-0.5), 0.0)
    later.resume(0.0, ARRESTS)
    later.pause(0.0)
    later.raised(Risk.ARREST, 4.0, 0.0)
    assert later.resume(30.0, ARRESTS) == pytest.approx(hazards.resume(0.0, ARRESTS))


def test_death_and_moving_away_run_on_in_custody_and_strike_on_return() -> None:
    hazards = Hazards(Stream(1, 1))
    due = hazards.resume(0.0, (0.0, 0.0, 0.0, 0.001, 0.0))
    hazards.pause(0.0)
    assert hazards.resume(due + 1, (0.5, 0.5, 0.5, 0.001, 0.0)) == 0.0
    hazards.pause(due + 1)
    assert hazards.strike() is Risk.DEATH


def test_a_raised_risk_of_crisis_fades_on_the_clock_of_crises() -> None:
    """Twice the pace by day: as many hours of the day pass as on the calendar over whole days."""
    from datetime import date

    profile = DemandProfile(date(2025, 1, 1), 800, [1] * 12 + [3] * 12, [1] * 7, [1] * 12)
    days = []
    for person in range(10_000):
        hazards = Hazards(Stream(1, person), profile, FADING)
        hazards.raised(Risk.CRISIS, 5.0, 0.0)
        days.append(profile.passed(hazards.resume(0.0, (0.02, 0.0, 0.0, 0.0, 0.0))))
    assert stats.kstest(days, lambda t: 1 - survival(t, 0.02, 5.0, 20.0)).pvalue > 0.001


@pytest.mark.parametrize(
    ("days", "excess", "mean"), [(3, 1, 2), (0.01, 12, 30), (5000, 12, 30), (400, 5, 365)]
)
def test_the_time_until_a_raised_rate_has_spent_as_much_solves_its_equation(
    days: float, excess: float, mean: float
) -> None:
    t = sooner(days, excess, mean)
    assert t + excess * mean * (1 - np.exp(-t / mean)) == pytest.approx(days, rel=1e-9)


@pytest.mark.parametrize(
    ("rate", "excess", "mean", "leaving"), [(0.01, 2, 30, 0.0), (0.05, 11, 100, 2e-4), (5e-4, 5, 365, 2e-4)]
)
def test_the_mean_gap_is_the_integral_of_the_survival(
    rate: float, excess: float, mean: float, leaving: float
) -> None:
    def present(t: float) -> float:
        return float(np.exp(-leaving * t) * survival(np.array(t), rate, excess, mean))

    wanted = sum(integrate.quad(present, a, b, limit=200)[0] for a, b in ((0, mean), (mean, 40 / rate)))
    assert mean_gap(np.array(rate), excess, mean, leaving) == pytest.approx(wanted, rel=1e-6)


def test_lives_of_events_and_exits_have_the_long_run_rate_and_the_excess_of_the_closed_form() -> None:
    """2,000 lives one after another, each of events after which the risk is raised one way or the other."""
    raises, mean, rate, leaving = (Raise(0.3, 6.0), Raise(0.7, 1.0)), 60.0, 0.01, 0.002
    random = np.random.default_rng(1)
    events, lived, raised_days = 0, 0.0, 0.0
    for person in range(4_000):
        hazards, day = Hazards(Stream(2, person), fading=FADING), 0.0
        excess = 0.0
        while True:
            due = hazards.resume(day, (0.0, rate, 0.0, leaving, 0.0))
            raised_days += excess * mean * (1 - np.exp(-due / mean))
            day += due
            hazards.pause(day)
            if hazards.strike() is Risk.DEATH:
                break
            events += 1
            excess = 6.0 if random.random() < 0.3 else 1.0
            hazards.raised(Risk.ARREST, excess, day)
        lived += day
    wanted = float(long_run_rate(np.array(rate), raises, mean, leaving))
    assert events / lived == pytest.approx(wanted, rel=0.03)
    uniform = (np.arange(20_000) + 0.5) / 20_000
    excesses = excess_in_progress(uniform, np.full(20_000, rate), raises, mean, leaving)
    assert raised_days / lived == pytest.approx(excesses.mean(), rel=0.03)


@pytest.mark.parametrize("beside", [Beside(others=0.004), Beside(again=0.4, later=50.0)])
def test_what_raises_the_risk_beside_its_own_events_adds_as_the_closed_form_says(beside: Beside) -> None:
    """Other events at a constant rate, or a second raise some days after a share of events."""
    rate, leaving, excess, mean = 0.005, 0.001, 4.0, 60.0
    random = np.random.default_rng(3)
    events, lived = 0, 0.0
    for person in range(3_000):
        hazards, day, again = Hazards(Stream(4, person), fading=FADING), 0.0, np.inf
        other = random.exponential(1 / beside.others) if beside.others else np.inf
        while True:
            due = day + hazards.resume(day, (0.0, rate, 0.0, leaving, 0.0))
            day = min(due, other, again)
            hazards.pause(day)
            if day < due:
                hazards.raised(Risk.ARREST, excess, day)
                again = np.inf
                other = day + random.exponential(1 / beside.others) if day == other else other
                continue
            if hazards.strike() is Risk.DEATH:
                break
            events += 1
            hazards.raised(Risk.ARREST, excess, day)
            again = day + beside.later if random.random() < beside.again else np.inf
        lived += day
    raises = (Raise(1.0, excess),)
    wanted = float(long_run_rate(np.array(rate), raises, mean, leaving, beside))
    alone = float(long_run_rate(np.array(rate), raises, mean, leaving))
    assert events / lived == pytest.approx(wanted, rel=0.03)
    assert wanted > 1.05 * alone


def test_without_an_excess_the_long_run_rate_is_the_rate() -> None:
    rates = np.array([0.0, 1e-4, 0.01])
    assert long_run_rate(rates, (Raise(1.0, 0.0),), 60.0, 2e-4) == pytest.approx(rates)
