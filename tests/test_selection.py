"""Who completes a program: those arrested less often, and for reasons that can be followed one by one."""

from __future__ import annotations

import numpy as np
import pytest

from simulation import model
from simulation.county.county import County
from simulation.county.person import Person, Traits
from simulation.engine.stream import Stream
from simulation.initial_state import population
from simulation.inputs.parameters import Parameters
from simulation.pathway import participation
from tests.conftest import Build

SOMEBODY = Traits("male", "26-40", "White", False, False, False, "west", 1.0)
SURE, NEVER = {"court.termination_after_arrest": 1.0}, {"court.termination_after_arrest": 0.0}


def participant(county: County, arrest_rate: float = 0.0) -> tuple[Person, participation.Participation]:
    """Someone who began the program today and would complete it in 400 days."""
    person = Person(county.env, 1, Stream(1, 1), SOMEBODY, (arrest_rate, 0.0))
    return person, participation.begin(county, person, county.day, 400.0)


def test_the_usual_arrest_rate_is_that_of_the_person_behind_the_average_arrest(build: Build) -> None:
    """Gamma frailty of shape k and mean 1, nobody else apart: E[r^2] / E[r] = r (1 + 1 / k)."""
    ratios = ("high_risk", "substance_use", "young", "age_41_55", "age_56")
    alike = {f"arrest.{name}_ratio": 1.0 for name in ratios}
    evidence = {**alike, "arrest.frailty_shape": 2.0, "arrest.return_excess": 0.0}
    p: Parameters = build(evidence=evidence).parameters
    usual = population.steady_state(p, population.Local(1.0, 0.05)).usual_arrest_rate
    assert usual == pytest.approx(p.arrest.rate.per_day * 1.5, rel=0.005)


def test_who_is_arrested_twice_as_often_stops_taking_part_twice_as_often(build: Build) -> None:
    county = model.build(build(evidence={"court.failure_concentration": 1.0}), 1, 0)
    usual = county.usual_arrest_rate
    rates = [participation.failure_rate(county, participant(county, usual * k)[0]) for k in (0, 1, 2)]
    per_day = county.parameters.court.failure.per_day
    assert rates == pytest.approx([0.0, per_day, 2 * per_day])


def test_with_exponent_0_everybody_stops_taking_part_equally_often(build: Build) -> None:
    county = model.build(build(evidence={"court.failure_concentration": 0.0}), 1, 0)
    rates = [participation.failure_rate(county, participant(county, rate)[0]) for rate in (1e-5, 0.01)]
    assert rates == pytest.approx([county.parameters.court.failure.per_day] * 2)


def test_a_long_time_in_jail_ends_the_program_and_a_short_one_does_not(build: Build) -> None:
    county = model.build(build(evidence={"court.custody_limit": 45.0}), 1, 0)
    person, stay = participant(county)
    person.in_custody = True
    person.booked = county.day - 44.0
    assert not participation.terminated(county, person, stay)
    person.booked = county.day - 46.0
    assert participation.terminated(county, person, stay)


def test_a_charged_arrest_ends_the_program_or_puts_off_completion(build: Build) -> None:
    for evidence, ended in ((SURE, True), (NEVER, False)):
        county = model.build(build(evidence={**evidence, "court.arrest_free": 20.0}), 1, 0)
        person, stay = participant(county)
        assert not participation.terminated(county, person, stay), "no arrest, no end"
        person.charged_arrests += 1
        assert participation.terminated(county, person, stay) is ended
        months = 20 * 365.25 / 12
        assert stay.goal == pytest.approx(400.0 if ended else county.day + months)


def test_an_arrest_early_in_the_program_puts_nothing_off(build: Build) -> None:
    county = model.build(build(evidence=NEVER), 1, 0)
    person, stay = participant(county)
    person.charged_arrests += 1
    assert not participation.terminated(county, person, stay)
    assert stay.goal == 400.0


def test_participants_who_complete_have_been_arrested_less_often_before(build: Build) -> None:
    """Selection without any effect: frailty of completers is below that of others who entered alike."""
    ones = ("fact.arrest_ratio", "court.arrest_ratio", "arrest.homeless_ratio")
    county = model.build(build({"court.lower_intensity_enrolled": 0}, dict.fromkeys(ones, 1.0)), 1, 0)
    random = np.random.default_rng(1)
    found: dict[str, list[float]] = {"success": [], "failure": []}
    for number in range(3000):
        rate = county.usual_arrest_rate * random.gamma(1.6) / 1.6
        person = Person(county.env, number, Stream(7, number), SOMEBODY, (rate, 0.0))
        way, _ = participation.begin(county, person, county.day, 456.0).next_way_out()
        if way in found:
            found[way].append(rate)
    assert np.mean(found["success"]) < 0.8 * np.mean(found["failure"])
