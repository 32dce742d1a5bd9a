"""One run: a scenario, a seed and a replication in; a log out."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, count
from math import inf

from simulation import initial_state, levers
from simulation.county import fidelity_review as fidelity
from simulation.county.county import County
from simulation.county.person import Person
from simulation.county.staffing import Terms
from simulation.engine.clock import Process
from simulation.engine.eventlog import Events
from simulation.engine.stream import Stream
from simulation.initial_state import population
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.parameters import Parameters
from simulation.inputs.sections.staffing import PostInputs
from simulation.inputs.weekday import WEEKDAYS
from simulation.pathway import crisis, docket, fact, journey
from simulation.pathway.crisis_expectation import expected_episode
from simulation.scenario import Scenario

NEWCOMERS_FROM = 10_000_000
"""Ids of newcomers start here, so that who is there on day 0 changes nobody's random stream."""


def run(scenario: Scenario, seed: int, replication: int) -> Events:
    """Let the county live through its horizon once.

    The log is complete to the end of the horizon; what would happen later is not in it.

    Equal arguments give an identical log; scenarios that differ only in their levers give identical
    logs up to the first lever's day.
    """
    with garbage_kept():
        county = build(scenario, seed, replication)
        county.env.live_until(scenario.county.horizon)
        return county.finish()


def build(scenario: Scenario, seed: int, replication: int) -> County:
    """The county on the morning of day 0, everyone in place and every clock wound."""
    file = scenario.county
    stream = Stream(seed, replication)
    county = County(
        parameters=scenario.parameters,
        rules=file.rules,
        slots=slots(scenario),
        regions=[team.name for team in file.fact.teams],
        stream=stream,
    )
    open_services(county, file)
    background(county, file)
    size = sized(scenario)
    county.usual_arrest_rate = size.usual_arrest_rate
    county.charge_mix = size.custody.mix
    county.crisis_rate = size.crisis_rate * county.has("crisis")
    makeup = local_makeup(file)
    initial_state.start_visits(county, file, size, makeup.regions)
    people = list(initial_state.people_of(county, makeup, size, range(size.people), present=True))
    place_everyone(county, file, size, people)
    county.env.process(arrivals(county, makeup, size))
    for one in scenario.levers:
        county.env.process(levers.on_its_day(one, county, file.day(one.date)))
    return county


def slots(scenario: Scenario) -> dict[str, float]:
    """Slots on day 0 by service, of a shelter for everyone those of people with serious mental illness."""
    file, share = scenario.county, scenario.parameters.people.smi_share_of_homeless.value
    beds = file.housing.total_shelter_beds
    return file.slots if beds is None else {**file.slots, "shelter": float(round(beds.value * share))}


@lru_cache(maxsize=64)
def steady_state_of(parameters: Parameters, local: population.Local) -> population.SteadyState:
    """The population's size for these parameters (worked out once, used by every replication)."""
    return population.steady_state(parameters, local)


def sized(scenario: Scenario) -> population.SteadyState:
    """How many people are in contact with the system, from the county's bookings or its own count."""
    file, p, rules = scenario.county, scenario.parameters, scenario.county.rules
    unserved = rules.shift_schedule.unserved(p.crisis.mobile_wait.days, rules.crisis_demand)
    expected = expected_episode(p, rules, unserved, file.slots)
    people = file.people
    local = population.Local(
        bookings_per_day=file.jail.bookings.per_day * file.jail.smi_share_of_bookings.value,
        crises_arrested=0.0 if "crisis" in file.off else expected.arrest,
        crises_admitted=expected.inpatient,
        crisis_days=0.0 if "crisis" in file.off else expected.days,
        places=file.slots["restoration"],
        housed=file.housing.housed,
        people=None if people is None else int(people.number.value),
        newcomers=people.newcomers.per_day if people and people.newcomers else None,
        arrests=not {"jail", "court"} <= file.off,
        jail="jail" not in file.off,
    )
    return steady_state_of(p, local)


def local_makeup(file: CountyFile) -> population.Makeup:
    """Local shares that traits are drawn from."""
    return population.Makeup(
        race_ethnicity=tuple((group.name, group.share) for group in file.race_ethnicity.groups),
        regions=tuple((team.name, team.share) for team in file.fact.teams) or (("county", 1.0),),
    )


def open_services(county: County, file: CountyFile) -> None:
    """Staff the teams, wind the intake, the docket and the mobile teams' hours."""
    env = county.env
    county.log.capacity(0.0, "calendar", "first_weekday", file.start.weekday())
    for figures in file.fact.teams:
        county.fact[figures.name].forensic = figures.forensic
        post(county, f"fact.{figures.name}", Terms(), figures.posts)
    for row in file.staffing.posts if file.staffing else ():
        post(county, row.service, terms(file, row), row.number)
    for staff in county.staff.values():
        for one in staff.posts:
            env.process(one.life(vacant_for=one.vacancy_on_day_0(), settled=True))
    env.process(fidelity.reviews(county, file.fact.scores))
    for team in county.fact.values():
        env.process(fact.open_intake_each_month(county, team))
    for day in file.court.docket:
        first = (WEEKDAYS.index(day.weekday) - file.start.weekday()) % 7
        env.process(docket.docket_days(county, int(day.slots.value), float(first)))
    env.process(crisis.shifts(county))
    for opening in file.housing.opening:
        env.process(homes_open(county, opening.kind, opening.homes.value, file.day(opening.opens)))


def homes_open(county: County, kind: str, number: float, day: float) -> Process[None]:
    """Open homes of one kind on their day."""
    yield county.env.timeout(max(0.0, day - county.day))
    homes = county.homes[kind]
    homes.resize(homes.slots + number)


def post(county: County, service: str, terms: Terms, number: int) -> None:
    """Authorize posts that exist on day 0."""
    staff = county.staff_of(service)
    for _ in range(number):
        staff.authorize(county.stream.child(f"post.{service}.{terms.role}", staff.count(terms.role)), terms)


def terms(file: CountyFile, row: PostInputs) -> Terms:
    """The terms of a row of posts, dates as days of the run."""
    return Terms(
        role=row.role,
        fte=row.fte,
        places=row.places,
        pay=row.pay,
        fund=row.fund,
        until=inf if row.until is None else file.day(row.until),
        away=tuple((file.day(span.start), file.day(span.end)) for span in row.away),
    )


def background(county: County, file: CountyFile) -> None:
    """Note the people in jail without serious mental illness, who are a series and not persons."""
    jail = file.jail
    others = jail.average_daily_population.value - jail.mental_health_cases.value
    booked = jail.bookings.per_day * (1 - jail.smi_share_of_bookings.value)
    county.log.capacity(0.0, "jail", "background_population", max(0.0, others))
    county.log.capacity(0.0, "jail", "background_bookings", booked)
    county.background_bookings = booked
    county.log.capacity(0.0, "screening", "specificity", county.policy.screening_specificity)
    if jail.rated_beds is not None:
        county.log.capacity(0.0, "jail", "rated_beds", jail.rated_beds.value)


def place_everyone(
    county: County, file: CountyFile, size: population.SteadyState, people: list[Person]
) -> None:
    """Put everyone in their place on day 0."""
    initial_state.place_in_homes(county, people, size.homes)
    initial_state.raise_risks(county, people, size)
    initial_state.place_in_supportive_homes(county, people, size, int(file.housing.housed))
    for figures in file.fact.teams:
        initial_state.place_in_program(county, people, county.fact[figures.name], figures.enrolled)
        initial_state.place_on_waiting_list(county, people, county.fact[figures.name], figures.waiting)
    initial_state.place_in_program(
        county, people, county.lower_intensity, int(file.court.lower_intensity_enrolled.value)
    )
    initial_state.place_in_jail_or_community(county, people, size)
    initial_state.place_in_longer_term_homes(county, people, int(file.housing.former))
    initial_state.place_in_outpatient_care(county, people, int(file.stepdown.outpatient_occupied.value))
    initial_state.place_in_substance_use_treatment(county, people, int(file.stepdown.treated))


def arrivals(county: County, makeup: population.Makeup, size: population.SteadyState) -> Process[None]:
    """Newcomers to the county's crisis and justice system, one after another."""
    if not size.newcomers:
        return
    stream = county.stream.child("arrivals")
    groups = (range(first, first + 256) for first in count(NEWCOMERS_FROM, 256))
    people = chain.from_iterable(initial_state.people_of(county, makeup, size, group) for group in groups)
    while True:
        yield county.env.timeout(stream.exponential("arrival") / size.newcomers)
        person = next(people)
        person.older += county.day
        initial_state.add_newcomer(county, person, size.homes)
        county.env.process(journey.life(county, person))


@contextmanager
def garbage_kept() -> Iterator[None]:
    """No garbage collection while a run makes a million small objects; one sweep after it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
        gc.collect()
