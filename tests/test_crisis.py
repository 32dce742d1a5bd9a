"""The crisis system: the queues of the textbooks as special cases, rules worked out by hand, nothing lost."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from itertools import product
from math import exp
from typing import Any

import numpy as np
import pytest

from simulation import model
from simulation.county.county import County
from simulation.county.outcome import CrisisEnding
from simulation.county.person import Person, Traits
from simulation.county.staffing import Terms
from simulation.engine.clock import Process
from simulation.engine.eventlog import Events
from simulation.engine.stream import Stream
from simulation.inputs.parameter import Parameter
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.inputs.shift_schedule import COUNTYWIDE, Shift, ShiftSchedule
from simulation.pathway import admission, crisis
from simulation.pathway.crisis_expectation import expected_episode
from tests.conftest import AMPLE, Build, duration

RunningProcess = Callable[[County, Person], Process]
HOUR = 1 / 24


def lasting(register: Parameters, **hours: float) -> Parameters:
    """The register with some durations exponential of a mean in hours (``crisis__on_scene=2``)."""
    known = dict(register)
    changes: dict[str, Parameter] = {}
    for name, length in hours.items():
        path = name.replace("__", ".")
        law = "exponential" if length else "fixed"
        new = {"value": length, "unit": "hours", "distribution": law, "sigma": 0.0, "low": 0.0, "high": 1e9}
        changes[path] = duration(**{**known[path].model_dump(), **new})
    return register.replacing(changes)


def holding(p: Parameters, **values: float) -> Parameters:
    """The parameters with some numbers changed, units kept."""
    known = dict(p)
    paths = {name.replace("__", "."): value for name, value in values.items()}
    return p.replacing({path: known[path].model_copy(update={"value": v}) for path, v in paths.items()})


def county_of(p: Parameters, slots: dict[str, float], **rules: Any) -> County:
    """A county with nobody in it and its mobile teams on duty."""
    county = County(p, Rules(**rules), {**AMPLE, **slots}, ["west", "east"], Stream(1, 0))
    county.env.process(crisis.shifts(county))
    return county


def somebody(county: County, number: int, region: str = "west") -> Person:
    """A person with the random stream of their number."""
    traits = Traits("female", "26-40", "White", False, False, False, region, 1.0)
    return Person(county.env, number, county.stream.child("person", number), traits, (0.0, 0.0))


def stream_of(
    county: County, per_day: float, people: int, stage: RunningProcess, afterwards: float = 60
) -> list[str]:
    """Let people come at random and go through a stage, and wait ``afterwards`` days; how each ended."""
    endings: list[str] = []

    def life(person: Person) -> Process[None]:
        endings.append((yield from stage(county, person)))

    def arrivals() -> Generator[Any, Any, None]:
        for number in range(people):
            person = somebody(county, number)
            yield county.env.timeout(person.stream.exponential("arrival") / per_day)
            county.env.process(life(person))

    county.env.process(arrivals())
    county.env.run(until=1.2 * people / per_day + afterwards)
    assert len(endings) > 0.99 * people
    return endings


def share(events: Events, service: str, what: str, of: str) -> float:
    """How often one thing happened at a service for each time another did."""
    return events.where(service, what).sum() / events.where(service, of).sum()


ALL_IN_PERSON = {
    "crisis__line_share": 0.0,
    "crisis__ed_share": 0.0,
    "crisis__mobile_contact": 1.0,
    "crisis__mobile_arrest": 0.0,
}


@pytest.mark.parametrize(("load", "patience"), [(0.8, 0.5), (1.5, 1.0), (0.5, 2.0)])
def test_one_team_loses_as_many_calls_to_police_as_a_queue_with_fixed_patience(
    register: Parameters, load: float, patience: float
) -> None:
    """M/M/1+D (Barrer 1957): loss (1 - r) r q / (1 - r^2 q), q = exp(-(1 - r) patience / service)."""
    p = lasting(register, crisis__travel=0, crisis__on_scene=1)
    p = holding(p, **ALL_IN_PERSON, crisis__mobile_wait=patience * 60, crisis__mobile_resolution=1.0)
    county = county_of(p, {}, shift_schedule=ShiftSchedule((Shift(0, 24, 1),)))
    stream_of(county, 24 * load, 40_000, crisis.respond)
    q = exp(-(1 - load) * patience)
    theory = (1 - load) * load * q / (1 - load**2 * q)
    assert share(county.finish(), "mobile_crisis", "left_waiting", "referred") == pytest.approx(
        theory, rel=0.06
    )


def test_travel_and_time_on_scene_count_by_their_mean_when_nobody_waits(register: Parameters) -> None:
    """Without patience two teams are Erlang's loss system, whatever the laws of travel and scene."""
    p = holding(register, **ALL_IN_PERSON, crisis__mobile_wait=0.0, crisis__mobile_resolution=1.0)
    county = county_of(p, {}, shift_schedule=ShiftSchedule((Shift(0, 24, 2),)))
    busy = p.crisis.travel.mean + p.crisis.on_scene.mean
    stream_of(county, 1.5 / busy, 40_000, crisis.respond)
    loss = (1.5**2 / 2) / (1 + 1.5 + 1.5**2 / 2)
    assert share(county.finish(), "mobile_crisis", "declined", "referred") == pytest.approx(loss, rel=0.04)


def test_chairs_refuse_as_erlang_says(register: Parameters) -> None:
    p = holding(register, crisis__step_up=0.0)
    county = county_of(p, {"stabilization": 4})
    stream_of(county, 3 / p.crisis.stabilization_stay.mean, 40_000, crisis.facility)
    terms = [3**k / math.factorial(k) for k in range(5)]
    refused = share(county.finish(), "stabilization", "declined", "referred")
    assert refused == pytest.approx(terms[4] / sum(terms), rel=0.05)


def test_boarding_blocks_the_emergency_department_as_the_exact_chain_says(register: Parameters) -> None:
    """One room, one bed, no buffer between them: who is done waits in the room until the bed is free.

    States (room, bed): room 0 empty, 1 in treatment, 2 boarding; solved for the stationary law.
    """
    come, treated, discharged = 0.8, 1.0, 0.7
    p = lasting(register, hospital__ed_stay=24 / treated, hospital__inpatient_stay=24 / discharged)
    p = holding(p, hospital__ed_admission=1.0, hospital__ed_wait=0.0, hospital__boarding=1e9)
    p = holding(p, hospital__long_stay_share=0.0)
    county = county_of(p, {"emergency_department": 1, "inpatient": 1})
    people = 40_000
    stream_of(county, come, people, crisis.emergency_department)
    states = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1)]
    at = {state: i for i, state in enumerate(states)}
    flows = {
        ((0, 0), (1, 0)): come,
        ((0, 1), (1, 1)): come,
        ((1, 0), (0, 1)): treated,
        ((1, 1), (2, 1)): treated,
        ((0, 1), (0, 0)): discharged,
        ((1, 1), (1, 0)): discharged,
        ((2, 1), (0, 1)): discharged,
    }
    rates = np.zeros((5, 5))
    for (a, b), rate in flows.items():
        rates[at[a], at[b]] += rate
        rates[at[a], at[a]] -= rate
    law = np.linalg.lstsq(np.vstack([rates.T, np.ones(5)]), np.append(np.zeros(5), 1.0), rcond=None)[0]
    full = law[at[1, 0]] + law[at[1, 1]] + law[at[2, 1]]
    events = county.finish()
    assert share(events, "emergency_department", "declined", "referred") == pytest.approx(full, rel=0.03)
    boarded = law[at[2, 1]] * people / come
    asked, got = events.where("inpatient", "referred"), events.where("inpatient", "admitted")
    waited = events.day[got].sum() - events.day[asked][: got.sum()].sum()
    assert waited == pytest.approx(boarded, rel=0.05)


# --- Teams and districts ---

TWO_DISTRICTS = ShiftSchedule((Shift(0, 24, 1, "west"), Shift(0, 24, 1, "east")))


def sent(county: County) -> list[tuple[float, int, str]]:
    """Day, person and district of every team sent."""
    e = county.finish()
    rows = np.flatnonzero(e.where("mobile_crisis", "admitted"))
    return [(float(e.day[i]), int(e.person[i]), e.words[e.why[i]]) for i in rows]


def call_at(county: County, number: int, day: float, region: str = "west") -> None:
    """A call from a district on a day, met in the field."""

    def life() -> Process[None]:
        yield county.env.timeout(day)
        yield from crisis.respond(county, somebody(county, number, region))

    county.env.process(life())


def visits_of_an_hour(register: Parameters) -> Parameters:
    """Half an hour's travel and half an hour on scene, exactly; a neighbour travels an hour."""
    known, half = dict(register), {"value": 30, "unit": "minutes", "distribution": "fixed", "sigma": 0.0}
    paths = ("crisis.travel", "crisis.on_scene")
    p = register.replacing({path: duration(**{**known[path].model_dump(), **half}) for path in paths})
    return holding(p, **ALL_IN_PERSON, crisis__mobile_resolution=1.0, crisis__mobile_wait=600.0)


def test_the_districts_own_team_goes_first_then_the_neighbours_then_whoever_is_free(
    register: Parameters,
) -> None:
    county = county_of(visits_of_an_hour(register), {}, shift_schedule=TWO_DISTRICTS)
    for number in range(3):
        call_at(county, number, 1.0)
    county.env.run(until=2)
    # West is back after 1 hour and takes the third call; east took 1 hour to come and half an hour there.
    assert sent(county) == [(1.0, 0, "west"), (1.0, 1, "east"), (pytest.approx(1 + HOUR), 2, "west")]


def test_a_neighbours_team_takes_longer_to_arrive(register: Parameters) -> None:
    county = county_of(visits_of_an_hour(register), {}, shift_schedule=TWO_DISTRICTS)
    for number in range(2):
        call_at(county, number, 1.0)
    county.env.run(until=2)
    e = county.finish()
    arrived = e.day[e.where("mobile_crisis", "arrived")]
    assert arrived.tolist() == pytest.approx([1 + HOUR / 2, 1 + HOUR])


def test_a_team_without_district_goes_anywhere_as_fast(register: Parameters) -> None:
    county = county_of(visits_of_an_hour(register), {}, shift_schedule=ShiftSchedule((Shift(0, 24, 1),)))
    call_at(county, 0, 1.0, "east")
    county.env.run(until=2)
    e = county.finish()
    assert e.day[e.where("mobile_crisis", "arrived")].tolist() == pytest.approx([1 + HOUR / 2])


def test_no_team_is_taken_from_a_scene_when_its_shift_ends(register: Parameters) -> None:
    schedule = ShiftSchedule((Shift(8, 16, 1, "west"), Shift(16, 24, 1, "east")))
    county = county_of(visits_of_an_hour(register), {}, shift_schedule=schedule)
    for number, hour in enumerate((15.9, 15.95)):
        call_at(county, number, hour * HOUR)
    county.env.run(until=2)
    # The second caller waits for the shift that opens at 16; the west team stays until 16:54.
    e, told = county.finish(), []
    for i in np.flatnonzero(e.service == e.code("mobile_crisis")):
        told.append((e.words[e.what[i]], int(e.person[i]), pytest.approx(float(e.day[i]))))
    assert ("admitted", 1, 16 * HOUR) in told
    assert ("discharged", 0, 16.9 * HOUR) in told


def test_nobody_is_sent_a_team_that_is_off_duty_or_out(build: Build) -> None:
    """Replayed from the log: at each dispatch the district's teams on duty exceed those it has out."""
    shifts = ShiftSchedule((Shift(7, 15, 2, "west"), Shift(15, 23, 1, "east"), Shift(22, 6, 1)))
    scenario = build({"months": 3, "crisis.mobile_teams": 0}, {"crisis.rate": 8.0})
    county = model.build(scenario, 1, 0)
    county.policy.shift_schedule = ShiftSchedule(shifts.shifts, scenario.county.start.weekday())
    county.env.run(until=scenario.county.horizon)
    schedule, events = county.policy.shift_schedule, county.finish()
    out: dict[str, int] = {}
    base: dict[int, str] = {}
    rows = np.flatnonzero(events.service == events.code("mobile_crisis"))
    for i in rows:
        what, person = events.words[events.what[i]], int(events.person[i])
        if what == "admitted":
            base[person] = district = events.words[events.why[i]]
            minute = math.floor(events.day[i] * 1440 + 1e-6)  # the schedule rounds to the nearest one
            assert schedule.on_duty(minute / 1440)[district] > out.get(district, 0)
            out[district] = out.get(district, 0) + 1
        elif what == "discharged":
            out[base.pop(person)] -= 1
    assert len(rows) > 500
    assert {"west", "east", COUNTYWIDE} <= set(out)


# --- Police, drop-off, arrest ---


@pytest.mark.parametrize(
    ("no_refusal", "arrested_if_refused", "ending"),
    [
        (True, 0.0, "stabilized"),
        (True, 1.0, "stabilized"),
        (False, 0.0, "left_unseen"),
        (False, 1.0, "arrest"),
    ],
)
def test_the_drop_off_rule_decides_between_chair_hospital_and_jail(
    register: Parameters, no_refusal: bool, arrested_if_refused: float, ending: str
) -> None:
    """Every drop-off would be refused; the emergency department has no place, which tells who went there."""
    p = holding(
        register,
        **ALL_IN_PERSON,
        crisis__arrest_untrained=0.0,
        crisis__police_transport=1.0,
        crisis__drop_off_refused=1.0,
        crisis__arrest_if_refused=arrested_if_refused,
        crisis__step_up=0.0,
        hospital__ed_wait=0.0,
    )
    county = county_of(p, {"emergency_department": 0}, no_refusal=no_refusal)
    assert set(stream_of(county, 10, 50, crisis.respond)) == {ending}


@pytest.mark.parametrize(
    ("values", "rules", "closed"),
    [
        ({}, {}, ""),
        ({"crisis__mobile_arrest": 0.2}, {"no_refusal": False}, "inpatient"),
        (
            {"crisis__cit_share": 0.9, "hospital__ed_wait": 1.0},
            {"coresponder_share": 0.5},
            "emergency_department",
        ),
        (
            {"crisis__line_share": 0.0, "crisis__drop_off_refused": 0.5},
            {"no_refusal": False},
            "stabilization",
        ),
        ({"crisis__line_share": 1.0, "crisis__step_up": 1.0}, {}, "short_term_bed"),
        ({"crisis__walk_in_share": 0.0, "crisis__transfer_share": 0.3}, {}, "crisis_line"),
        (
            {"crisis__arrest_if_refused": 0.5, "crisis__police_contact_share": 1.0},
            {"no_refusal": False},
            "teams",
        ),
    ],
)
def test_where_episodes_end_and_how_long_they_take_is_the_exact_chain(
    register: Parameters, values: dict[str, float], rules: dict[str, Any], closed: str
) -> None:
    """Every service has room for all, or is closed; each ending within four standard errors."""
    if "crisis__police_contact_share" in values:
        values = {"crisis__walk_in_share": 0.0, "crisis__transfer_share": 0.0, **values}
    same = dict.fromkeys(("psychotic_odds", "impairment_odds", "readmission_odds"), 1.0)
    p = holding(register, **values, **{f"hospital__{name}": value for name, value in same.items()})
    teams = 0 if closed == "teams" else 10_000
    schedule = ShiftSchedule((Shift(0, 24, teams, "west"),) if teams else ())
    slots = {closed: 0.0} if closed in AMPLE else {}
    county = county_of(p, slots, shift_schedule=schedule, **rules)
    people = 20_000
    endings = stream_of(county, 1000, people, crisis.episode, afterwards=3000)
    events = county.finish()
    theory = expected_episode(p, Rules(**rules), 1.0 if closed == "teams" else 0.0, slots)
    assert sum(theory.endings.values()) == pytest.approx(1)
    for how in set(endings) | set(theory.endings):
        expected = theory.endings.get(CrisisEnding(how), 0.0)
        found = endings.count(how) / len(endings)
        assert abs(found - expected) <= 4 * math.sqrt(expected * (1 - expected) / len(endings)), how
    begun, over = events.where("crisis", "admitted"), events.where("crisis", "discharged")
    days = (events.day[over].sum() - events.day[begun].sum()) / people
    assert len(endings) == people
    assert days == pytest.approx(theory.days, rel=0.1)
    for service, visits in theory.visits.items():
        visited = events.where(service, "admitted").sum() / people
        assert abs(visited - visits) <= 4 * math.sqrt(visits / people), service


def test_the_expected_share_arrested_is_worked_out_by_hand(register: Parameters) -> None:
    """Calls only, 0.4 of them to the line, which resolves half; no team on duty, untrained police.

    0.8 are in person, 0.9 of them meet police: 0.8 * 0.9 * 0.13 = 0.0936. Another 0.1 of all episodes begin
    with police: 0.9 * 0.0936 + 0.1 * 0.13 = 0.09724.
    """
    p = holding(
        register,
        crisis__walk_in_share=0.0,
        crisis__transfer_share=0.0,
        crisis__police_contact_share=0.1,
        crisis__line_share=0.4,
        crisis__phone_resolution=0.5,
        crisis__ed_share=0.1,
        crisis__arrest_untrained=0.13,
        crisis__cit_share=0.0,
    )
    assert expected_episode(p, Rules(), 1.0).arrest == pytest.approx(0.09724)


@pytest.mark.parametrize("mean", [0.2, 0.35, 0.58])
def test_who_is_admitted_depends_on_traits_and_the_mean_of_all_visits_is_kept(
    register: Parameters, mean: float
) -> None:
    """Visits are in proportion to people times their crisis ratios; odds are multiplied trait by trait."""
    p = holding(register, hospital__ed_admission=mean)
    h, visits, total = p.hospital, 0.0, 0.0
    psychotic = p.people.psychotic.value, p.crisis.psychotic_ratio.value
    impaired = p.people.high_impairment.value, p.crisis.impairment_ratio.value
    for having in product((False, True), repeat=3):
        weight = 1.0
        for has, (share, ratio) in zip(having, (psychotic, impaired, (0.1, 1.0)), strict=True):
            weight *= share * ratio if has else 1 - share
        visits += weight
        total += weight * admission.admitted(p, *having)
    assert total / visits == pytest.approx(mean)
    least, most = (admission.admitted(p, *having) for having in ((False,) * 3, (True,) * 3))
    odds = h.psychotic_odds.value * h.impairment_odds.value * h.readmission_odds.value
    assert most / (1 - most) == pytest.approx(odds * least / (1 - least))


def test_a_discharge_counts_for_thirty_days(register: Parameters) -> None:
    county = county_of(register, {})
    person, p = somebody(county, 1), register
    assert admission.share(p, person, 1.0) == admission.admitted(p, False, False, soon=False)
    person.discharged = 10.0
    assert admission.share(p, person, 40.0) == admission.admitted(p, False, False, soon=True)
    assert admission.share(p, person, 40.1) == admission.admitted(p, False, False, soon=False)


def test_an_officers_odds_are_multiplied_by_training_and_by_a_clinician(register: Parameters) -> None:
    """0.13 is odds of 0.149; times 0.47 it is 0.0656; times one half again 0.0339."""
    values = {"arrest_untrained": 0.13, "cit_arrest_odds": 0.47, "coresponder_arrest_odds": 0.5}
    p = holding(register, **{f"crisis__{name}": value for name, value in values.items()}).crisis
    assert crisis.arrest_share(p, trained=False, joined=False) == pytest.approx(0.13)
    assert crisis.arrest_share(p, trained=True, joined=False) == pytest.approx(0.0656, abs=1e-4)
    assert crisis.arrest_share(p, trained=True, joined=True) == pytest.approx(0.0339, abs=1e-4)


def test_where_the_evidence_finds_nothing_the_range_holds_no_effect(register: Parameters) -> None:
    c = register.crisis
    assert c.cit_arrest_odds.low == 0.47
    assert c.cit_arrest_odds.high == 1.0
    assert c.coresponder_arrest_odds.low < 1.0 <= c.coresponder_arrest_odds.high
    assert c.coresponder_arrest_odds.value == 1.0, "no pooled effect was found, so none is assumed"


def test_each_crisis_ends_once_and_each_arrest_in_a_crisis_has_one_who_made_it(build: Build) -> None:
    busy = {"months": 6, "crisis.no_refusal": False}
    events = model.run(build(busy, {"crisis.rate": 6.0, "crisis.mobile_arrest": 0.2}), 1, 0)
    under_way: set[int] = set()
    for i in np.flatnonzero(events.service == events.code("crisis")):
        what, person = events.words[events.what[i]], int(events.person[i])
        if what == "admitted":
            assert person not in under_way
            under_way.add(person)
        elif what == "discharged":
            under_way.remove(person)
        else:
            assert person in under_way
    arrested = events.where("crisis", "arrested")
    assert arrested.sum() == events.where("crisis", "discharged", "arrest").sum() > 50
    by = {events.words[code] for code in np.unique(events.why[arrested])}
    assert by == {"mobile_team", "officer", "cit_officer"}


# --- The pairs that crew the shifts ---


def staffed_days(register: Parameters, days: int, vacant_for: float, **staffing: float) -> list[bool]:
    """Whether the one team of a round-the-clock schedule is on duty, at noon of each day, with one pair."""
    schedule = ShiftSchedule((Shift(0, 24, 1, "west"),))
    county = county_of(holding(register, **staffing), {}, shift_schedule=schedule)
    staff = county.staff_of("mobile_crisis")
    pair = staff.authorize(Stream(3, 0), Terms("mobile_crisis_pair"))
    county.env.process(pair.life(vacant_for=vacant_for, settled=True))
    found = []
    for day in range(days):
        county.env.run(until=day + 0.5)
        found.append(county.mobile_crisis.is_open)
    return found


def test_a_team_without_a_pair_in_post_stays_at_home(register: Parameters) -> None:
    found = staffed_days(register, 60, 30.0, staffing__turnover=0.0, staffing__ramp_up=0.0)
    assert found == [False] * 30 + [True] * 30


def test_a_pair_that_is_in_post_goes_out_every_day(register: Parameters) -> None:
    assert all(staffed_days(register, 60, 0.0, staffing__turnover=0.0, staffing__ramp_up=0.0))


def test_of_many_teams_as_large_a_share_goes_out_as_pairs_are_in_post(register: Parameters) -> None:
    county = county_of(register, {}, shift_schedule=ShiftSchedule((Shift(0, 24, 400, "west"),)))
    out = crisis.staffed_units(county, county.policy.shift_schedule.on_duty(0.0), 0.7)["west"]
    assert abs(out - 280) < 4 * math.sqrt(400 * 0.7 * 0.3)
    assert crisis.staffed_units(county, {"west": 400.0}, 0.8)["west"] > out, "more pairs, more units"


def test_pairs_in_every_post_answer_as_if_there_were_no_posts(build: Build, register: Parameters) -> None:
    posts = {
        "posts": [{"service": "mobile_crisis", "role": "mobile_crisis_pair", "number": 3}],
        "source": "Assumption: for a test.",
        "grade": "D",
    }
    never = {"staffing.turnover": 0.0, "staffing.ramp_up": 0.0}
    logs = [model.run(build({"months": 2, "staffing": one}, never), 1, 0) for one in (None, posts)]
    told = [[(d, p) for d, p in zip(e.day.tolist(), e.person.tolist(), strict=True)] for e in logs]
    assert told[0] == told[1]


def test_posts_of_pairs_are_refused_a_lever_where_the_county_lists_none(build: Build) -> None:
    assert "mobile_crisis" not in build().county.staffed
