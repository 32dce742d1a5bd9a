"""Risks race: who wins, when, and what a change of circumstances does to it."""

from __future__ import annotations

from math import inf

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulation.engine.hazard import RISKS, Five, Hazards
from simulation.engine.stream import Stream

PEOPLE = 20_000


def at(**rates: float) -> Five:
    """Rates by risk, 0 for the others."""
    assert rates.keys() <= set(RISKS)
    crisis, arrest, housing, death, moving_away = (rates.get(risk, 0.0) for risk in RISKS)
    return crisis, arrest, housing, death, moving_away


def race(person: int, rates: Five) -> tuple[float, str]:
    """When the first risk strikes a person, and which it is."""
    hazards = Hazards(Stream(1, person))
    days = hazards.resume(0.0, rates)
    hazards.pause(days)
    return days, hazards.strike()


def test_the_winner_is_chosen_in_proportion_to_the_rates() -> None:
    rates = (0.2, 0.5, 0.3, 0.05, 0.1)
    winners = [race(person, rates)[1] for person in range(PEOPLE)]
    observed = [winners.count(name) for name in RISKS]
    assert stats.chisquare(observed, np.array(rates) / sum(rates) * PEOPLE).pvalue > 0.001


def test_the_winner_is_chosen_in_proportion_to_the_rates_also_where_some_are_zero() -> None:
    winners = [race(person, at(crisis=0.2, housing=0.5, moving_away=0.3))[1] for person in range(PEOPLE)]
    observed = [winners.count(name) for name in ("crisis", "housing", "moving_away")]
    assert stats.chisquare(observed, np.array([0.2, 0.5, 0.3]) * PEOPLE).pvalue > 0.001


def test_the_first_strike_comes_at_the_sum_of_the_rates() -> None:
    days = [race(person, (0.02, 0.05, 0.03, 0.01, 0.04))[0] for person in range(PEOPLE)]
    assert stats.kstest(days, "expon", args=(0, 1 / 0.15)).pvalue > 0.001


def test_every_risk_spends_its_own_remainder_at_its_own_rate() -> None:
    for risk in RISKS:
        owed = Stream(1, 1).exponential(risk)
        hazards = Hazards(Stream(1, 1))
        days = owed / 0.1 / 2
        hazards.resume(0.0, at(**{risk: 0.1}))
        hazards.pause(days)
        assert np.isclose(hazards.resume(days, at(**{risk: 0.4})), owed / 2 / 0.4)
        hazards.pause(days + owed / 2 / 0.4)
        assert hazards.strike() == risk


def test_with_a_rate_that_doubles_on_day_10_survival_is_the_exponential_of_the_spent_hazard() -> None:
    struck = []
    for person in range(PEOPLE):
        hazards = Hazards(Stream(1, person))
        due = hazards.resume(0.0, at(arrest=0.05))
        if due > 10:
            hazards.pause(10.0)
            due = 10 + hazards.resume(10.0, at(arrest=0.10))
        struck.append(due)
    spent = np.where(np.array(struck) < 10, 0.05 * np.array(struck), 0.5 + 0.10 * (np.array(struck) - 10))
    assert stats.kstest(spent, "expon").pvalue > 0.001


def test_a_rate_of_zero_never_strikes() -> None:
    assert Hazards(Stream(1, 1)).resume(0.0, at()) == inf


def test_days_between_pause_and_resume_do_not_count() -> None:
    hazards = Hazards(Stream(1, 1))
    due = hazards.resume(0.0, at(arrest=0.1))
    hazards.pause(due / 2)
    assert np.isclose(hazards.resume(1000.0, at(arrest=0.1)), due / 2)


def test_after_a_strike_the_risk_starts_afresh_and_the_others_go_on() -> None:
    stream = Stream(1, 1)
    owed = {name: stream.exponential(name) for name in ("arrest", "crisis")}
    first, other = sorted(owed, key=lambda name: owed[name])
    hazards = Hazards(Stream(1, 1))
    days = hazards.resume(0.0, at(arrest=1.0, crisis=1.0))
    hazards.pause(days)
    assert hazards.strike() == first
    left = owed[other] - owed[first]
    assert np.isclose(hazards.resume(days, at(**{other: 1.0})), left)
    assert np.isclose(hazards.resume(days, at(arrest=1.0, crisis=1.0)), min(left, stream.exponential(first)))


@settings(max_examples=300, derandomize=True)
@given(st.integers(0, 10_000), st.floats(1e-4, 10), st.floats(0, 2000))
def test_circumstances_that_change_as_a_risk_falls_due_never_turn_the_clock_back(
    person: int, rate: float, begun: float
) -> None:
    hazards = Hazards(Stream(1, person))
    due = hazards.resume(begun, at(arrest=rate))
    hazards.pause(begun + due)
    assert hazards.resume(begun + due, at(arrest=rate)) >= 0
