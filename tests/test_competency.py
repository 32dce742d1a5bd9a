"""Restoration of competence is a queue with a jail for a waiting room."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from numpy.typing import NDArray

from simulation import model
from simulation.county.outcome import Charge
from simulation.engine.clock import Process, Signal
from simulation.engine.eventlog import Arrest, Events
from simulation.engine.stream import Stream
from simulation.initial_state import custody
from simulation.inputs.parameter import OF_SOME
from simulation.inputs.parameters import Parameters
from simulation.measures import MEASURES, History
from simulation.pathway import competency
from simulation.pathway.arrest import Case
from simulation.scenario import Scenario
from tests.conftest import Build, duration
from tests.test_docket import court, somebody
from tests.test_participation import set_to
from tests.test_service import agrees, erlang_c

Numbers = NDArray[np.float64]

PLACES, LOAD, STAY = 3, 1.8, 20.0


def exponential_stays(register: Parameters) -> Parameters:
    """The register with exponential days in restoration, mean ``STAY``, and patience that nobody uses up."""
    common = register.competency.restoration.model_dump(exclude=set(OF_SOME))
    stay = duration(**{**common, "distribution": "exponential", "value": STAY, "low": 0})
    return set_to(register.replacing({"competency.restoration": stay}), {"competency.patience": 10_000})


def held(register: Parameters, people: int) -> Events:
    """The log of people found incompetent at random who are restored in ``PLACES`` places."""
    county = court(exponential_stays(register))
    county.restoration.resize(PLACES)

    def found_incompetent(number: int) -> Process[None]:
        person = somebody(county, number)
        county.log.enrol((number, "female", "26-40", "White", False, False, False, "west"))
        county.jail.admit(person, "felony")
        county.competency.admit(person)
        case = Case(
            Arrest(number, county.day, "felony", True),
            Charge.FELONY,
            Stream(1, number).substream(0),
            release=Signal(county.env),
        )
        yield from competency.awaiting_restoration(county, person, case)
        county.jail.leave(person, "released")

    def coming() -> Process[None]:
        for number in range(people):
            yield county.env.timeout(Stream(17, number).exponential("arrival") * STAY / LOAD)
            county.env.process(found_incompetent(number))

    county.env.process(coming())
    county.env.run()
    return county.log.read()


def test_the_wait_in_jail_for_restoration_is_erlangs_and_the_days_there_are_its_census(
    register: Parameters,
) -> None:
    people = 160_000
    history = History(held(register, people), inf)
    waits = history.waits("restoration")
    wait = erlang_c(PLACES, LOAD) * STAY / (PLACES - LOAD)
    assert agrees((waits.end - waits.start)[people // 10 :], wait)
    horizon = float(waits.start.max())
    edges = np.array([horizon / 10, horizon])
    jail = MEASURES["jail_days"].function(history, edges)["for=awaiting_restoration"] / np.diff(edges)
    census = MEASURES["competency_census"].function(history, edges)["state=waiting"]
    assert jail == pytest.approx(census), "whoever waits does so in jail"
    assert census[0] == pytest.approx(LOAD / STAY * wait, rel=0.1), "Little's law"


def test_the_steady_state_uses_the_same_formula(register: Parameters) -> None:
    queue = custody.restoration_queue(exponential_stays(register), LOAD / STAY, PLACES)
    assert queue.wait == pytest.approx(erlang_c(PLACES, LOAD) * STAY / (PLACES - LOAD))
    assert queue.served == 1.0


def test_stays_in_restoration_have_the_means_of_the_jail_program_and_the_hospital(
    register: Parameters,
) -> None:
    """By hand: half of 55 days, half of 7.7 months or 234 days; the model has 46 x 1.197 and 156 x 1.499."""
    assert register.competency.restoration.mean == pytest.approx((55 + 234) / 2, rel=0.01)


def test_with_too_few_places_all_wait_as_long_as_anyone_does_and_the_places_are_full(
    register: Parameters,
) -> None:
    full = custody.restoration_queue(register, 1.0, 10)
    assert full.wait == register.competency.patience.days
    assert full.served * register.competency.restoration.mean == pytest.approx(10)


def test_suspended_days_move_the_case_by_as_much(register: Parameters) -> None:
    county = court(set_to(register, {"competency.incompetent": 0.0}))
    person = somebody(county, 1)
    case = Case(
        Arrest(1, 0.0, "felony", True),
        Charge.FELONY,
        Stream(1, 1).substream(0),
        due=40.0,
        release=Signal(county.env),
    )
    county.competency.admit(person)
    county.env.process(competency.evaluated(county, person, case, 25.0))
    county.env.run(until=100)
    assert (case.due, case.suspended) == (65.0, 25.0)
    events = county.log.read()
    assert events.day[events.where("competency", "discharged", "competent")].tolist() == [25.0]


@pytest.mark.parametrize(
    ("charge", "ending"), [(Charge.FELONY, "restored"), (Charge.MISDEMEANOR, "dismissed")]
)
def test_a_lesser_charge_is_dismissed_and_a_felony_restored(
    register: Parameters, charge: Charge, ending: str
) -> None:
    certain = {"competency.incompetent": 1.0, "competency.diverted": 0.0, "competency.restored": 1.0}
    county = court(set_to(register, certain))
    person = somebody(county, 1)
    case = Case(
        Arrest(1, 0.0, charge, True), charge, Stream(1, 1).substream(0), due=40.0, release=Signal(county.env)
    )
    county.jail.admit(person, charge)
    county.competency.admit(person)
    county.env.process(competency.evaluated(county, person, case, 25.0))
    county.env.run(until=2000)
    events = county.log.read()
    assert events.where("competency", "discharged", ending).sum() == 1
    assert bool(events.where("case", "dismissed_as_incompetent").any()) == (ending == "dismissed")
    assert county.jail.census == 1, "back in jail, or not yet out of it"


OFTEN = {"competency.doubt": 0.5, "competency.restoration": 40.0}
RUNS = 20


@pytest.fixture(scope="module")
def runs(without_programs: Build) -> tuple[Scenario, list[History]]:
    """A year and a half of a county in which competence is often doubted and nobody is diverted."""
    figures = {"jail.bookings": 400, "months": 18, "competency.restoration_places": 9}
    scenario = without_programs(figures, {**OFTEN, "competency.diverted": 0.0})
    return scenario, [History(model.run(scenario, 1, r), scenario.county.horizon) for r in range(RUNS)]


def over(
    runs: tuple[Scenario, list[History]], measure: str, state: str, days: tuple[float, float]
) -> Numbers:
    """A measure between two days, one number a run."""
    found = [MEASURES[measure].function(h, np.array(days))[state][0] for h in runs[1]]
    return np.array(found)


@pytest.mark.parametrize("state", ["all", "state=in_evaluation", "state=in_restoration"])
def test_on_day_0_as_many_are_in_proceedings_as_later(
    runs: tuple[Scenario, list[History]], state: str
) -> None:
    first = over(runs, "competency_census", state, (0.0, 10.0))
    later = over(runs, "competency_census", state, (200.0, 540.0))
    error = np.hypot(first.std(ddof=1), later.std(ddof=1)) / np.sqrt(RUNS)
    assert error < 0.2 * later.mean(), "too few people to tell"
    assert abs(first.mean() - later.mean()) < 4 * error


def test_the_jail_holds_its_steady_state_with_competence_in_it(
    runs: tuple[Scenario, list[History]],
) -> None:
    scenario, _ = runs
    found = over(runs, "jail_adp", "all", (0.0, scenario.county.horizon))
    wanted = model.sized(scenario).jail
    assert abs(found.mean() - wanted) < max(4 * found.std(ddof=1) / np.sqrt(RUNS), 0.02 * wanted)


def test_more_places_shorten_the_wait_in_jail(build: Build) -> None:
    figures = {"jail.bookings": 400, "months": 18, "competency.restoration_places": 2}
    more = {"lever": "add_slots", "date": "2027-04-01", "service": "restoration", "slots": 30}
    found = []
    for levers in ([], [more]):
        scenario = build(figures, OFTEN, levers)
        history = History(model.run(scenario, 1, 0), scenario.county.horizon)
        edges = np.array([90.0, scenario.county.horizon])
        found.append(MEASURES["jail_days"].function(history, edges)["for=awaiting_restoration"][0])
    assert found[1] < 0.3 * found[0]
