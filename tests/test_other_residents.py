"""Other residents load the services of people in a crisis as the textbooks say, and are counted apart."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from itertools import count
from math import inf
from typing import Any

import numpy as np
import pytest

from simulation import model
from simulation.county.county import County
from simulation.county.person import Person
from simulation.engine.clock import Process
from simulation.engine.eventlog import OTHER_RESIDENTS_FROM, Events
from simulation.engine.stream import Stream
from simulation.initial_state.other_residents import Volume, volumes
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.inputs.sections.service_spec import VISITED
from simulation.inputs.shift_schedule import Shift, ShiftSchedule
from simulation.pathway import crisis, visits
from tests.conftest import AMPLE, Build, figure
from tests.test_crisis import holding, lasting, somebody
from tests.test_service import Numbers, agrees, erlang_b, erlang_c

ANYWHERE = (("west", 1.0),)
TOTALS = {
    "crisis.line_calls": figure(40, "calls/week"),
    "crisis.mobile_dispatches": figure(20, "contacts/week"),
    "crisis.stabilization_visits": figure(20, "visits/month"),
    "crisis.short_term_admissions": figure(8, "admissions/month"),
    "crisis.ed_visits": figure(1000, "visits/year"),
    "crisis.inpatient_admissions": figure(600, "admissions/year"),
}
ROOM = {
    "crisis.call_takers": 50,
    "crisis.mobile_teams": 50,
    "crisis.mobile_opens": 0,
    "crisis.stabilization_chairs": 50,
    "crisis.short_term_beds": 100,
    "crisis.ed_places": 100,
    "crisis.inpatient_beds": 200,
}


def county_of(p: Parameters, slots: Mapping[str, float], replication: int = 0, **rules: Any) -> County:
    """A county with nobody in it."""
    county = County(p, Rules(**rules), {**AMPLE, **slots}, ["west", "east"], Stream(1, replication))
    county.env.process(crisis.shifts(county))
    return county


def lived(county: County, per_day: Mapping[str, float], days: float) -> Events:
    """The log of other residents after so many days of their visits."""
    visits.begin(county, ANYWHERE, per_day)
    county.env.live_until(days)
    others = county.finish().other_residents
    assert others is not None
    return others


def outcomes(events: Events, service: str, what: str) -> Numbers:
    """For each referral to a service in order, whether this became of it."""
    referred = events.person[events.where(service, "referred")]
    return np.isin(referred, events.person[events.where(service, what)]).astype(np.float64)


def waits_until(events: Events, service: str, what: str) -> Numbers:
    """Days from referral to this, of those to whom it happened."""
    asked, came = (events.where(service, verb) for verb in ("referred", what))
    referred = dict(zip(events.person[asked].tolist(), events.day[asked].tolist(), strict=True))
    rows = zip(events.person[came].tolist(), events.day[came].tolist(), strict=True)
    return np.array([day - referred[person] for person, day in rows if person in referred])


def busy_days(events: Events, service: str, days: float) -> float:
    """Person-days in a service up to a day."""
    came, went = (events.day[events.where(service, what)] for what in ("admitted", "discharged"))
    return float(days * (len(came) - len(went)) + went.sum() - np.maximum(came, 0.0).sum())


# --- Alone, they are the textbook's queues ---


@pytest.mark.parametrize("law", ["as registered", "exponential"])
def test_alone_without_patience_they_are_erlangs_loss_system_whatever_the_law_of_stays(
    register: Parameters, law: str
) -> None:
    p = register if law == "as registered" else lasting(register, crisis__stabilization_stay=16)
    days, stay = 4000.0, p.crisis.stabilization_stay.mean
    events = lived(county_of(p, {"stabilization": 4}), {"stabilization": 3 / stay}, days)
    assert agrees(outcomes(events, "stabilization", "declined"), erlang_b(4, 3.0))
    served = 3 * (1 - erlang_b(4, 3.0))
    assert busy_days(events, "stabilization", days) / days == pytest.approx(served, rel=0.02)


def test_alone_with_patience_they_wait_as_in_m_m_c(register: Parameters) -> None:
    p = holding(lasting(register, crisis__call=0.5), crisis__line_wait=1e6)
    rate, days = 1.8 / (0.5 / 24), 1200.0
    events = lived(county_of(p, {"crisis_line": 3}), {"crisis_line": rate}, days)
    waits = waits_until(events, "crisis_line", "admitted")
    assert agrees((waits > 1e-9).astype(float), erlang_c(3, 1.8))
    assert agrees(waits, erlang_c(3, 1.8) / (3 - 1.8) * 0.5 / 24)


def test_who_is_not_served_in_time_leaves_when_patience_ends(register: Parameters) -> None:
    p = holding(register, hospital__ed_wait=6)
    events = lived(county_of(p, {"emergency_department": 1}), {"emergency_department": 4.0}, 200.0)
    waits = waits_until(events, "emergency_department", "left_waiting")
    assert len(waits) > 100 and np.allclose(waits, 0.25)
    assert waits_until(events, "emergency_department", "admitted").max() <= 0.25


def test_a_team_is_held_for_travel_and_the_time_on_scene(register: Parameters) -> None:
    p = holding(register, crisis__mobile_wait=0.0)
    busy, days = p.crisis.travel.mean + p.crisis.on_scene.mean, 400.0
    county = county_of(p, {}, shift_schedule=ShiftSchedule((Shift(0, 24, 2),)))
    events = lived(county, {"mobile_crisis": 1.5 / busy}, days)
    assert agrees(outcomes(events, "mobile_crisis", "declined"), erlang_b(2, 1.5))


def test_a_neighbours_team_is_held_for_longer(register: Parameters) -> None:
    """One district's callers, and teams of the other district only: travel takes twice as long."""
    schedule, days = ShiftSchedule((Shift(0, 24, 50, "east"),)), 60.0
    p = register.crisis
    events = lived(county_of(register, {}, shift_schedule=schedule), {"mobile_crisis": 100.0}, days)
    hours = busy_days(events, "mobile_crisis", days) / events.where(what="admitted").sum()
    assert hours == pytest.approx(p.travel.mean * p.neighbor_travel_ratio.value + p.on_scene.mean, rel=0.04)


def test_they_come_when_crises_come(build: Build) -> None:
    scenario = build({**TOTALS, **ROOM})
    events = model.run(scenario, 1, 0).other_residents
    assert events is not None
    profile = scenario.county.rules.crisis_demand
    assert profile is not None
    calls = events.day[events.where("crisis_line", "referred")]
    hours = np.bincount((calls % 1 * 24).astype(int), minlength=24) / len(calls)
    expected = np.array(profile.hours) / 24
    error = np.sqrt(expected * (1 - expected) / len(calls))
    assert (np.abs(hours - expected) < 4 * error).all()


# --- Day 0 ---


def test_day_0_is_any_day_of_a_loss_system(register: Parameters) -> None:
    """Over many replications as many beds are taken at first as later, and stays end as fast."""
    p, slots, load = holding(register, hospital__boarding=0.0), 12, 10.0
    stay = visits.uses(p, {"inpatient": 1.0})["inpatient"].load
    numbers, departures = [], []
    for replication in range(300):
        county = county_of(p, {"inpatient": slots}, replication)
        events = lived(county, {"inpatient": load / stay}, 3.0)
        numbers.append(int((events.day[events.where(what="admitted")] < 0).sum()))
        departures.append(int(events.where(what="discharged").sum()))
    terms = np.array([load**n / math.factorial(n) for n in range(slots + 1)])
    mean = float(np.arange(slots + 1) @ terms / terms.sum())
    assert np.mean(numbers) == pytest.approx(mean, abs=4 * float(np.std(numbers)) / math.sqrt(300))
    assert np.mean(departures) == pytest.approx(
        3.0 * mean / stay, abs=4 * float(np.std(departures)) / math.sqrt(300)
    )


@pytest.mark.parametrize(
    ("load", "slots", "uniform", "taken"), [(0, 5, 0.5, 0), (2, 0, 0.5, 0), (1, 1, 0.49, 0)]
)
def test_places_taken_by_hand(load: float, slots: float, uniform: float, taken: int) -> None:
    assert visits.places_taken(load, slots, uniform) == taken


def test_with_unlimited_places_those_taken_are_poisson() -> None:
    numbers = [visits.places_taken(50.0, inf, (k + 0.5) / 4000) for k in range(4000)]
    assert np.mean(numbers) == pytest.approx(50, rel=0.002) and np.var(numbers) == pytest.approx(50, rel=0.01)


# --- With the simulated people ---


def test_together_they_are_refused_as_often_as_the_total_load_says(register: Parameters) -> None:
    """Each of two Poisson streams sees the time average of the system that both load."""
    stay, days = register.crisis.stabilization_stay, 4000.0
    county = county_of(register, {"stabilization": 4})

    def people() -> Generator[Any, Any, None]:
        for number in count():
            person = somebody(county, number)
            yield county.env.timeout(person.stream.exponential("arrival") * stay.mean / 1.2)
            county.env.process(visit(person))

    def visit(person: Person) -> Process[None]:
        if (yield from county.stabilization.enter(person, patience=0)):
            yield from county.stabilization.visit(person, stay.sample(person.stream.uniform("stay")))

    county.env.process(people())
    visits.begin(county, ANYWHERE, {"stabilization": 1.8 / stay.mean})
    county.env.live_until(days)
    events = county.finish()
    assert events.other_residents is not None
    for log in (events, events.other_residents):
        assert agrees(outcomes(log, "stabilization", "declined"), erlang_b(4, 3.0))
    in_place = sum(busy_days(log, "stabilization", days) for log in (events, events.other_residents)) / days
    assert in_place == pytest.approx(3 * (1 - erlang_b(4, 3.0)), rel=0.02)


def test_where_there_is_room_the_simulated_people_live_as_without_them(build: Build) -> None:
    alone, together = model.run(build(ROOM), 1, 0), model.run(build({**ROOM, **TOTALS}), 1, 0)
    assert alone.other_residents is None and together.other_residents is not None
    for column in ("day", "person"):
        assert np.array_equal(getattr(alone, column), getattr(together, column))
    assert (together.person < OTHER_RESIDENTS_FROM).all()
    assert (together.other_residents.person >= OTHER_RESIDENTS_FROM).all()


def test_they_take_places_from_the_simulated_people(build: Build) -> None:
    full = {**ROOM, "crisis.ed_places": 1}
    busy = {**full, "crisis.ed_visits": figure(2000, "visits/year")}
    alone, together = model.run(build(full), 1, 0), model.run(build(busy), 1, 0)
    lost = [log.where("emergency_department", "left_waiting").sum() for log in (alone, together)]
    assert lost[1] > 2 * lost[0]


TIGHT = {
    "crisis.call_takers": 1,
    "crisis.stabilization_chairs": 1,
    "crisis.short_term_beds": 2,
    "crisis.ed_places": 1,
    "crisis.inpatient_beds": 3,
}


def test_all_together_never_hold_more_than_the_slots_and_nobody_vanishes(build: Build) -> None:
    log = model.run(build({**TOTALS, **TIGHT}), 1, 0)
    assert log.other_residents is not None
    for name, slots in {row[1]: row[3] for row in log.capacity if row[2] == "slots"}.items():
        if name not in {spec.name for spec in VISITED} - {"mobile_crisis"}:
            continue
        steps = [
            (day, step)
            for part in (log, log.other_residents)
            for what, step in (("admitted", 1), ("discharged", -1))
            for day in part.day[part.where(name, what)].tolist()
        ]
        held = np.cumsum([step for _, step in sorted(steps)])
        assert held.min() >= 0 and held.max() <= slots, name
        assert held.max() == slots, f"{name} is never full"
    others = log.other_residents
    for spec in VISITED:
        ends = [others.where(spec.name, what).sum() for what in ("declined", "left_waiting", "admitted")]
        in_place = (others.day[others.where(spec.name, "admitted")] < 0).sum()
        assert 0 <= others.where(spec.name, "referred").sum() - (sum(ends) - in_place) <= 25, spec.name


def test_capacity_changes_nobodys_arrival(build: Build) -> None:
    some = model.run(build({**ROOM, **TOTALS}), 1, 0).other_residents
    fewer = model.run(
        build({**ROOM, **TOTALS, "crisis.stabilization_chairs": 1, "crisis.ed_places": 1}), 1, 0
    )
    assert some is not None and fewer.other_residents is not None
    for spec in VISITED:
        rows = [
            (log.day[log.where(spec.name, "referred")], log.person[log.where(spec.name, "referred")])
            for log in (some, fewer.other_residents)
        ]
        assert np.array_equal(rows[0][0], rows[1][0]) and np.array_equal(rows[0][1], rows[1][1])


def test_together_they_make_the_countys_total(build: Build) -> None:
    """Crises follow each other, so that the simulated people's counts vary more than Poisson counts do."""
    scenario = build({**ROOM, **TOTALS})
    totals = scenario.county.visits
    runs = [model.run(scenario, 1, replication) for replication in range(3)]
    for name, per_day in totals.items():
        admitted = 0
        for log in runs:
            assert log.other_residents is not None
            others = log.other_residents.day[log.other_residents.where(name, "admitted")]
            admitted += log.where(name, "admitted").sum() + (others >= 0).sum()
        expected = 3 * per_day * scenario.county.horizon
        assert abs(admitted - expected) < 4 * math.sqrt(6 * expected), name


@pytest.mark.slow
def test_the_expected_visits_of_the_simulated_people_are_those_they_make(build: Build) -> None:
    """Crises follow each other, so that counts vary some six times as much as Poisson counts do."""
    scenario = build({**ROOM, **TOTALS, "jail.bookings": 980, "fact.on_call": None})
    known = volumes(scenario.county, scenario.parameters, model.sized(scenario))
    runs = [model.run(scenario, 1, replication) for replication in range(6)]
    for name, volume in known.items():
        visited = sum(log.where(name, "admitted").sum() for log in runs)
        expected = len(runs) * volume.simulated * scenario.county.horizon
        assert visited == pytest.approx(expected, rel=0.03 + 3 * math.sqrt(6 / expected)), name


# --- What the county file says ---


def test_a_file_without_totals_has_no_other_residents(build: Build) -> None:
    scenario = build()
    assert scenario.county.visits == {}
    log = model.run(scenario, 1, 0)
    assert log.other_residents is None
    assert not [row for row in log.capacity if row[2] == "other_residents"]


def test_the_rate_of_arrivals_is_in_the_log(build: Build) -> None:
    scenario = build({**ROOM, **TOTALS})
    noted = {
        name: rate for _, name, what, rate in model.run(scenario, 1, 0).capacity if what == "other_residents"
    }
    known = volumes(scenario.county, scenario.parameters, model.sized(scenario))
    assert noted == {name: volume.requests for name, volume in known.items()}
    assert set(noted) == {spec.name for spec in VISITED}


def test_nobody_else_comes_where_the_simulated_people_alone_exceed_the_total(build: Build) -> None:
    scenario = build({**ROOM, "crisis.ed_visits": figure(1, "visits/year")})
    assert (
        volumes(scenario.county, scenario.parameters, model.sized(scenario))["emergency_department"].others
        == 0
    )
    assert model.run(scenario, 1, 0).other_residents is None


def test_requests_at_hours_without_a_team_come_on_top_of_the_dispatches() -> None:
    assert Volume(10.0, 4.0, served=0.75).requests == pytest.approx(8.0)
    assert Volume(10.0, 4.0, served=0.0).requests == 0.0
