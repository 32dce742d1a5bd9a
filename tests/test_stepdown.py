"""Readiness, the step down from FACT, substance use treatment, and what an early exit leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from simulation.county.county import County
from simulation.county.person import Person, Traits
from simulation.county.service import Service
from simulation.engine.eventlog import Events
from simulation.engine.stream import Stream
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.measures import MEASURES, History
from simulation.pathway import community, fact, participation, readiness, stepdown
from simulation.pathway.community import spawn
from simulation.pathway.stay import Participation
from tests.conftest import AMPLE, _with_evidence
from tests.test_measures import log_of
from tests.test_service import agrees

YEAR = 365.25


def county_of(
    register: Parameters, slots: Mapping[str, float] = {}, evidence: Mapping[str, float] = {}
) -> County:
    """A county with a team that takes everyone, in which nothing happens to people by itself."""
    never = {"people.death": 0.0, "people.moving_away": 0.0, "stepdown.return_to_fact": 0.0}
    parameters = _with_evidence(register, {**never, **evidence})
    county = County(parameters, Rules(), {**AMPLE, **slots}, ["west"], Stream(3, 0))
    county.fact["west"].resize(1e6)
    return county


def participant(county: County, number: int, substance_use: bool = False) -> Person:
    """Someone enrolled in FACT today."""
    traits = Traits("male", "26-40", "White", substance_use, True, True, "west", 1.0)
    person = Person(county.env, number, Stream(13, number), traits, (0.001, 0.0))
    county.residence.admit(person)
    county.court.admit(person)
    county.fact["west"].admit(person, "diverted")
    fact.begin(county, person, county.fact["west"])
    return person


def reviewed(county: County, number: int) -> tuple[Person, Participation]:
    """Someone whose readiness is reviewed, in a program without end."""
    person = participant(county, number)
    stay = Participation(began=county.day, goal=1e9, limit=1e9, others={})
    spawn(county, person, readiness.reviews(county, person, stay))
    return person, stay


def days(events: Events, service: str, what: str, why: str = "") -> np.ndarray[Any, Any]:
    """Days of rows of a kind, by person."""
    mask = events.where(service, what, why)
    return events.day[mask][np.argsort(events.person[mask], kind="stable")]


# --- Readiness ---


def test_reviews_until_someone_is_found_ready_are_geometric(register: Parameters) -> None:
    people, ready, every, earliest = 1500, 0.25, 30.0, register.stepdown.earliest.days
    county = county_of(register, {}, {"stepdown.ready": ready, "stepdown.review_interval": every})
    for number in range(people):
        reviewed(county, number)
    county.env.run(until=earliest + 100 * every)
    stepped = days(county.finish(), "fact.west", "discharged", "stepped_down")
    assert len(stepped) == people
    assert stepped.min() == pytest.approx(earliest)
    assert agrees((stepped - earliest) / every + 1, 1 / ready)


def test_the_share_found_ready_at_a_look_at_everybody_is_the_published_one(register: Parameters) -> None:
    people = 3000
    county = county_of(register, {"lower_intensity": 0})
    for number in range(people):
        reviewed(county, number)
    horizon = register.stepdown.earliest.days + 1
    county.env.run(until=horizon)
    history = History(county.finish(), horizon)
    share = MEASURES["readiness"].function(history, np.array([0.0, horizon]))["all"][0]
    assert share == pytest.approx(0.14, abs=4 * np.sqrt(0.14 * 0.86 / people))


def test_nobody_is_reviewed_before_a_year_in_the_team(register: Parameters) -> None:
    county = county_of(register, {}, {"stepdown.ready": 1.0})
    reviewed(county, 1)
    county.env.run(until=register.stepdown.earliest.days - 0.5)
    assert county.fact["west"].census == 1
    county.env.run(until=register.stepdown.earliest.days + 0.5)
    assert (county.fact["west"].census, county.lower_intensity.census) == (0, 1)
    assert county.court.census == 1, "the court goes on supervising"


def test_who_is_ready_keeps_the_team_until_there_is_a_place(register: Parameters) -> None:
    evidence = {"stepdown.ready": 1.0, "stepdown.review_interval": 1000.0}
    county = county_of(register, {"lower_intensity": 0}, evidence)
    person, _ = reviewed(county, 1)
    earliest = register.stepdown.earliest.days
    county.env.run(until=earliest + 50)
    assert person.team is county.fact["west"]
    assert county.lower_intensity.waiting == 1
    county.lower_intensity.resize(1)
    county.env.run(until=earliest + 51)
    assert person.team is county.lower_intensity


def test_who_leaves_the_program_waits_for_less_care_no_more(register: Parameters) -> None:
    county = county_of(register, {"lower_intensity": 0}, {"stepdown.ready": 1.0})
    person, stay = reviewed(county, 1)
    county.env.run(until=register.stepdown.earliest.days + 50)
    participation.end(county, person, stay, "success")
    county.env.run(until=register.stepdown.earliest.days + 51)
    county.lower_intensity.resize(1)
    assert (county.lower_intensity.census, county.lower_intensity.waiting) == (0, 0)
    assert county.fact["west"].census == 0


def test_those_who_return_do_so_after_the_parameters_time(register: Parameters) -> None:
    evidence = {
        "stepdown.ready": 1.0,
        "stepdown.earliest": 1.0,
        "stepdown.return_to_fact": 1.0,
        "stepdown.until_return": 100.0,
        "stepdown.review_interval": 5000.0,
    }
    county = county_of(register, {}, evidence)
    for number in range(1500):
        reviewed(county, number)
    county.env.run(until=2000)
    history = History(county.finish(), 2000.0)
    away = history.spans("lower_intensity")
    assert np.isfinite(away.end).all()
    assert agrees(away.end - away.start, 100.0)
    returned = MEASURES["returns_to_fact"].function(history, np.array([0.0, 2000.0]))["all"]
    assert returned == [1500]


# --- Aftercare ---


def after(county: County, people: int, substance_use: bool) -> Events:
    """Aftercare of so many people who completed the program on one day."""
    for number in range(people):
        person = participant(county, number, substance_use)
        fact.leave(county, person, county.fact["west"], "success")
        person.program = None
        spawn(county, person, stepdown.aftercare(county, person))
    county.env.run(until=3 * YEAR)
    return county.finish()


def test_only_people_with_a_disorder_get_treatment_of_substance_use(register: Parameters) -> None:
    everyone = {"stepdown.referred": 1.0}
    without = after(county_of(register, {"substance_use": 1e6}, everyone), 50, substance_use=False)
    with_it = after(county_of(register, {"substance_use": 1e6}, everyone), 50, substance_use=True)
    assert not without.where("substance_use").any()
    assert with_it.where("substance_use", "admitted").sum() == 50
    assert with_it.where("outpatient", "admitted").sum() == 50, "beside outpatient care, not instead of it"


def test_treatment_lasts_as_long_as_the_parameter_says(register: Parameters) -> None:
    events = after(county_of(register, {"substance_use": 1e6}, {"stepdown.referred": 1.0}), 1500, True)
    spans = History(events, 3 * YEAR).spans("substance_use")
    assert agrees(spans.end - spans.start, register.stepdown.substance_use_stay.mean)


def test_who_finds_no_place_in_time_is_lost_to_care(register: Parameters) -> None:
    county = county_of(register, {"substance_use": 2, "outpatient": 0}, {"stepdown.referred": 1.0})
    events = after(county, 40, substance_use=True)
    assert events.where("outpatient", "admitted").sum() == 0
    lost = days(events, "outpatient", "left_waiting", "waited_too_long")
    assert lost == pytest.approx(np.full(40, register.stepdown.patience.days))
    served = days(events, "substance_use", "admitted")
    assert 2 <= len(served) < 40
    assert served.max() <= register.stepdown.patience.days


def test_a_transition_succeeds_only_if_a_disorder_is_treated_too() -> None:
    rows = [
        (-300, 1, "fact.west", "admitted", "diverted"),
        (20, 1, "fact.west", "discharged", "success"),
        (30, 1, "outpatient", "admitted", "step_down"),
    ]
    treated = [(40, 1, "substance_use", "admitted", "step_down")]
    edges, found = np.array([0.0, 400.0]), []
    for more in ([], treated):
        events = log_of([*rows, *more], capacity=[(0, "substance_use", "slots", 3)])
        people = tuple((*p[:4], True, *p[5:]) for p in events.people)
        history = History(Events(**{**{k: getattr(events, k) for k in FIELDS}, "people": people}), 400.0)
        found.append(MEASURES["successful_transitions"].function(history, edges)["all"][0])
    assert found == [0.0, 1.0]


FIELDS = tuple(Events.__dataclass_fields__)


# --- An early exit ---


def test_after_an_early_exit_people_live_on_with_the_hazards_they_had(register: Parameters) -> None:
    county = county_of(register)
    person = participant(county, 1)
    crisis_inside, arrest_inside, *_ = community.rates(county, person)
    stay = Participation(began=0.0, goal=1e9, limit=1e9, others={})
    participation.end(county, person, stay, "failure")
    crisis, arrest, *_ = community.rates(county, person)
    assert (person.program, person.team) == (None, None)
    assert arrest == person.arrest_rate >= arrest_inside
    assert crisis == county.crisis_rate > crisis_inside


def test_nothing_is_held_for_someone_who_left_early(register: Parameters) -> None:
    county = county_of(register)
    person = participant(county, 1)
    stay = Participation(began=0.0, goal=1e9, limit=1e9, others={})
    participation.end(county, person, stay, "voluntary_withdrawal")
    kept: list[Service] = [service for service in person.holding if service is not county.residence]
    assert kept == []
