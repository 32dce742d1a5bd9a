"""Treatment groups: who comes when, by hand; who is turned away, by Erlang; whose time it takes."""

from __future__ import annotations

import math
from typing import Any

import pytest

from simulation import model
from simulation.county.county import County
from simulation.county.person import Person, Traits
from simulation.county.staffing import Terms
from simulation.county.team import MINUTES_A_DAY, Team
from simulation.engine.eventlog import Events
from simulation.engine.stream import Stream
from simulation.inputs.group_program import GroupProgram
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.measures import History
from simulation.pathway import fact, treatment
from tests.conftest import AMPLE, Build, group
from tests.test_crisis import holding

SKILLS = GroupProgram("skills", 6, 120.0)
SAFETY = GroupProgram("safety", 3, 90.0, "substance_use")


def county_of(register: Parameters, *seats: int, **values: float) -> County:
    """A county with teams of one clinician each who never leave, and the two groups."""
    steady = {"staffing__turnover": 0, "staffing__ramp_up": 0, "fact__therapy_attendance": 1, **values}
    slots = {**AMPLE, "group.skills": seats[0], "group.safety": seats[1]}
    county = County(
        holding(register, **steady), Rules(groups=(SKILLS, SAFETY)), slots, ["west", "east"], Stream(1, 0)
    )
    for number, team in enumerate(county.fact.values()):
        county.env.process(team.staff.authorize(Stream(7, number), Terms()).life())
    county.env.run(until=1e-6)
    return county


def member(county: County, number: int, substance_use: bool = False, team: str = "west") -> Person:
    """Someone who enrolls now."""
    traits = Traits("female", "26-40", "White", substance_use, True, True, team, 1.0)
    person = Person(county.env, number, Stream(2, number), traits, (0.0, 0.0))
    county.fact[team].admit(person, "diverted")
    fact.begin(county, person, county.fact[team])
    return person


def timeline(events: Events, number: int, service: str) -> list[tuple[float, str, str]]:
    """Day, verb and reason of one person's rows in a service."""
    words, mine = events.words, events.where(service) & (events.person == number)
    return [
        (round(float(day)), words[what], words[why])
        for day, what, why in zip(events.day[mine], events.what[mine], events.why[mine], strict=True)
    ]


def test_two_members_and_one_seat_take_it_in_turn_as_worked_out_by_hand(register: Parameters) -> None:
    """Active on days 90 and 100, six weeks each: the second waits from 100 to 132 and ends on 174."""
    county = county_of(register, 1, 1)
    member(county, 1)
    county.env.run(until=10)
    member(county, 2)
    county.env.run(until=200)
    events = county.finish()
    began = "active_phase"
    assert timeline(events, 1, "group.skills") == [
        (90, "referred", began), (90, "admitted", began), (132, "discharged", "completed"),
    ]  # fmt: skip
    assert timeline(events, 2, "group.skills") == [
        (100, "referred", began), (132, "admitted", began), (174, "discharged", "completed"),
    ]  # fmt: skip
    assert not timeline(events, 1, "group.safety"), "it is for people with a substance use disorder"
    rows = [(round(s), round(e), n, m) for s, e, p, kind, n, m in events.attendance if p == 1]
    assert rows == [(90, 118, 4, 4), (118, 132, 2, 2)], "a session a week, in rows of at most four"


def test_sessions_in_jail_are_not_held_and_too_few_complete_nothing(register: Parameters) -> None:
    """Two of six sessions are before the arrest: less than half."""
    county = county_of(register, 1, 1)
    person = member(county, 1, substance_use=True)
    county.env.run(until=90 + 15)
    person.in_custody = True
    county.env.run(until=150)
    events = county.finish()
    assert timeline(events, 1, "group.skills")[-1] == (132, "discharged", "too_few_sessions")
    assert timeline(events, 1, "group.safety")[-1] == (111, "discharged", "completed"), "two of three"
    assert sorted(row[3:] for row in events.attendance) == [("group", 2, 2), ("group", 2, 2)]


@pytest.mark.parametrize(("day", "where"), [(80, ""), (95, "left_waiting"), (140, "discharged")])
def test_when_the_program_ends_the_seat_or_the_place_on_the_list_goes_with_it(
    register: Parameters, day: float, where: str
) -> None:
    county = county_of(register, 1, 1)
    member(county, 1)
    person = member(county, 2)
    county.env.run(until=day)
    fact.leave(county, person, county.fact["west"], "voluntary_withdrawal")
    county.env.run(until=300)
    rows = timeline(county.finish(), 2, "group.skills")
    assert rows[-1:] == ([(day, where, "voluntary_withdrawal")] if where else [])


def test_someone_whose_program_ends_at_the_instant_they_get_a_seat_leaves_it(register: Parameters) -> None:
    county = county_of(register, 1, 1)
    member(county, 1)
    person = member(county, 2)
    county.env.run(until=95)
    county.groups["skills"].resize(2)
    fact.leave(county, person, county.fact["west"], "voluntary_withdrawal")
    county.env.run(until=300)
    rows = timeline(county.finish(), 2, "group.skills")
    assert rows[-2:] == [(95, "admitted", "active_phase"), (95, "discharged", "voluntary_withdrawal")]


def test_who_leaves_the_county_leaves_their_group(register: Parameters) -> None:
    county = county_of(register, 1, 1)
    person = member(county, 1)
    county.env.run(until=100)
    person.leave_county("death")
    county.env.run(until=200)
    events = county.finish()
    assert timeline(events, 1, "group.skills")[-1] == (100, "discharged", "death")
    assert [row[3:] for row in events.attendance] == [("group", 1, 1)]


def test_the_teams_share_a_sessions_time_by_their_members_in_the_group(register: Parameters) -> None:
    """Two of three members are the west team's: 80 of 120 minutes a week, 40 for the east team."""
    county = county_of(register, 3, 0)
    p = county.parameters.staffing
    full = MINUTES_A_DAY * (1 - p.leave.value) * (1 - p.administrative_share.value)
    for number, team in enumerate(("west", "west", "east")):
        member(county, number, team=team)
    assert [team.minutes_a_day for team in county.fact.values()] == pytest.approx([full, full])
    county.env.run(until=91)
    cost = [full - team.minutes_a_day for team in county.fact.values()]
    assert cost == pytest.approx([80 / 7, 40 / 7])
    county.env.run(until=133)
    assert [team.minutes_a_day for team in county.fact.values()] == pytest.approx([full, full])


@pytest.mark.parametrize(("seats", "load"), [(3, 2.0), (5, 6.0)])
def test_members_without_patience_find_no_seat_as_often_as_erlangs_loss_formula_says(
    register: Parameters, seats: int, load: float
) -> None:
    """Loss is insensitive to the distribution of the stay: a course of fixed length loses as M/M/c/c does."""
    people, weeks = 20_000, SKILLS.sessions
    county = county_of(register, seats, 0, fact__engagement_phase=0, fact__active_phase=1e-6)

    def arrivals() -> Any:
        for number in range(people):
            yield county.env.timeout(Stream(3, number).exponential("arrival") * weeks * 7 / load)
            traits = Traits("female", "26-40", "White", False, True, True, "west", 1.0)
            person = Person(county.env, number, Stream(2, number), traits, (0.0, 0.0))
            person.team = county.fact["west"]
            person.team.admit(person)
            treatment.refer(county, person)

    county.env.process(arrivals())
    county.env.run()
    events = county.finish()
    terms = [load**k / math.factorial(k) for k in range(seats + 1)]
    lost = events.where("group.skills", "left_waiting").sum() / people
    assert lost == pytest.approx(terms[-1] / sum(terms), rel=0.05)


def test_seats_are_never_overfilled_and_only_members_in_the_active_phase_come(build: Build) -> None:
    groups = [group("cbsst", 3, 12), group("seeking_safety", 2, 8, meant_for="substance_use")]
    teams = [{"name": "west", "posts": 3, "enrolled": 25, "share": 1.0}]
    figures = {"fact.groups": groups, "fact.teams": teams, "months": 18}
    scenario = build(figures, {"court.referral_if_identified": 0.9})
    history = History(model.run(scenario, 1, 0), scenario.county.horizon)
    enrolled = history.spans("fact.west")
    for name, seats in (("group.cbsst", 3), ("group.seeking_safety", 2)):
        spans = history.spans(name)
        assert len(spans) > seats, "seats were taken in turn"
        for day in spans.start[spans.start >= 0]:
            assert ((spans.start <= day) & (spans.end > day)).sum() <= seats
        row = history.latest(enrolled.person, enrolled.start, spans.person, spans.start)
        assert (enrolled.end[row] >= spans.start).all()
        phase = scenario.parameters.fact
        since = spans.start - enrolled.start[row]
        week = 7.0 + 1e-6  # on day 0 the weeks behind are whole ones
        assert (since >= phase.engagement_phase.days - 1e-6).all()
        assert (since <= phase.engagement_phase.days + phase.active_phase.days + week).all()
    only = history.traits("substance_use", history.spans("group.seeking_safety").person)
    assert only.all()


def test_groups_take_time_and_change_no_arrest_and_no_crisis_of_their_own(build: Build) -> None:
    """Where staff have time enough a group leaves every other row of the log as it was."""
    teams = [{"name": "west", "posts": 30, "enrolled": 20, "share": 1.0}]
    plain, grouped = (
        model.run(build({"fact.teams": teams, "fact.groups": groups}), 1, 0)
        for groups in ([], [group("cbsst", 50, 12)])
    )
    assert grouped.where("group.cbsst", "admitted").any()
    others = ~grouped.where("group.cbsst")
    assert sorted(zip(grouped.day[others].tolist(), grouped.person[others].tolist(), strict=True)) == sorted(
        zip(plain.day.tolist(), plain.person.tolist(), strict=True)
    )


def test_where_time_is_short_a_group_costs_the_contacts_that_its_minutes_would_have_made(
    register: Parameters,
) -> None:
    """Ten members want 3 contacts of 100 minutes a week each, of a clinician who has less, less 120."""
    county = county_of(register, 10, 0, fact__contact=100)
    team: Team = county.fact["west"]
    people = [member(county, number) for number in range(10)]
    county.env.run(until=91)
    team.review()
    team.offer(people[0])
    before = team.members[0].due
    county.env.run(until=91 + 35)
    offered = team.offer(people[0]) + team.members[0].due - before
    p = county.parameters.staffing
    minutes = 40 * 60 * (1 - p.leave.value) * (1 - p.administrative_share.value)
    assert minutes < 10 * 3 * 100
    assert offered == pytest.approx(5 * (minutes - 120) / 100 / 10)
