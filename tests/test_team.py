"""A FACT team gives the contacts its staff have time for, and who loses their clinician is less engaged."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
import pytest

from simulation import model
from simulation.county.person import Person, Traits
from simulation.county.policy import Policy
from simulation.county.staffing import Post, Terms
from simulation.county.team import Team
from simulation.engine.clock import Clock
from simulation.engine.eventlog import EventLog, Events
from simulation.engine.stream import Stream
from simulation.inputs.parameters import Parameters
from simulation.inputs.role import Role
from simulation.inputs.rules import Rules
from simulation.measures import History
from simulation.measures.history import average
from tests.conftest import Build

NOBODY_SPECIAL = Traits("female", "26-40", "White", False, True, True, "west", 1.0)
WEEK = 7.0


class World:
    """A FACT team that nobody leaves of their own accord, whose hires carry a full caseload at once."""

    def __init__(self, register: Parameters, **fact: float) -> None:
        self.env = Clock()
        self.log = EventLog()
        staffing = changed(register.staffing, turnover=0.0, ramp_up=0.0, leave=0.0, administrative_share=0.4)
        parameters = register.model_copy(
            update={"staffing": staffing, "fact": changed(register.fact, **fact)}
        )
        self.policy = Policy.start(parameters, Rules())
        self.team = Team(self.env, self.log, "fact.west", parameters, self.policy)

    def post(self, role: Role = "case_manager", fte: float = 1.0) -> Post:
        """One more post, filled on day 0."""
        post = self.team.staff.authorize(Stream(1, len(self.team.staff.posts)), Terms(role, fte))
        self.env.process(post.life())
        return post

    def member(self, number: int, since: float | None = None) -> Person:
        """One more person enrolled."""
        person = Person(self.env, number, Stream(2, number), NOBODY_SPECIAL, (0.0, 0.0))
        self.team.admit(person, since=since)
        return person


def changed(section: Any, **values: float) -> Any:
    """A section of the register with some values replaced."""
    return section.model_copy(
        update={name: getattr(section, name).model_copy(update={"value": v}) for name, v in values.items()}
    )


PHASES = {"engagement_contacts": 4 / 3, "transition_contacts": 2 / 3}


# --- Contacts ---


@pytest.mark.parametrize(("enrolled", "a_week"), [(0.0, 4), (-100.0, 3), (-400.0, 2)])
def test_a_full_team_offers_four_contacts_a_week_then_three_then_two(
    register: Parameters, enrolled: float, a_week: int
) -> None:
    world = World(register, **PHASES)
    world.post()
    person = world.member(1, since=enrolled)
    world.env.run(until=10 * WEEK + 1e-6)
    assert world.team.offer(person) == 10 * a_week


def test_where_time_is_short_everyone_gets_the_same_part_of_what_they_should_have(
    register: Parameters,
) -> None:
    world = World(register, contact=48, **PHASES)
    world.post(fte=0.5)
    new, old = world.member(1), [world.member(n, since=-400.0) for n in range(2, 12)]
    world.env.run(until=10 * WEEK + 1e-6)
    minutes_a_week = 0.5 * 40 * 60 * 0.6
    wanted = (4 + 10 * 2) * 48
    part = minutes_a_week / wanted
    assert part == 0.625
    assert world.team.offer(new) == 10 * 4 * part
    assert {world.team.offer(person) for person in old} == {int(10 * 2 * part)}


def test_a_part_of_a_contact_is_kept_for_the_next_time(register: Parameters) -> None:
    world = World(register, **PHASES)
    world.post()
    person = world.member(1)
    offered = []
    for days in (1, 2, 3, 4, 5, 6, 7):
        world.env.run(until=days + 1e-6)
        offered.append(world.team.offer(person))
    assert offered == [0, 1, 0, 1, 0, 1, 1]


def test_minutes_of_contacts_never_exceed_the_minutes_staff_have(build: Build) -> None:
    teams = [{"name": "west", "posts": 2, "enrolled": 30, "share": 1.0}]
    scenario = build({"fact.teams": teams, "months": 36}, {"staffing.turnover": 1.0, "fact.contact": 60.0})
    events = model.run(scenario, 1, 0)
    used, available = (
        minutes_used(events),
        minutes_of_staff(scenario.county.horizon, scenario.parameters, events),
    )
    assert used <= available
    assert used > available / 2, "time was short, so most of it was used"


def minutes_used(events: Events) -> float:
    """Minutes offered in contacts to members of the team."""
    history = History(events, np.inf)
    spans = history.spans("fact.west")
    total = 0
    for start, end, person, kind, offered, _ in events.attendance:
        mine = (spans.person == person) & (spans.start <= start) & (end <= spans.end)
        if kind == "therapy" and mine.any():
            total += offered
    return total * 60.0


def minutes_of_staff(horizon: float, p: Parameters, events: Events) -> float:
    """What those in post had, from tenures: nobody carries more than their FTE."""
    days = sum(
        min(horizon, t.ended if t.ended == t.ended else horizon) - max(0.0, t.began) for t in events.tenures
    )
    share = (1 - p.staffing.administrative_share.value) * (1 - p.staffing.leave.value)
    return float(days * share * 40 * 60 / 7)


# --- Slots and phases ---


def test_new_members_take_more_than_a_slot_until_they_are_in_the_active_phase(register: Parameters) -> None:
    world = World(register, engagement_weight=1.25)
    world.post()
    world.env.run(until=1e-6)
    world.team.open_intake(100)
    people = [Person(world.env, n, Stream(2, n), NOBODY_SPECIAL, (0.0, 0.0)) for n in range(20)]
    for person in people:
        world.env.process(world.team.enter(person))
    world.env.run(until=1)
    assert (world.team.census, world.team.waiting) == (8, 12)
    world.env.run(until=100)
    world.team.review()
    world.team.open_intake(100)
    world.env.run(until=101)
    assert world.team.census == 8 + 1, "two slots are free, and a new member takes 1.25"
    assert world.team.waiting == 11


# --- Relationships ---


def test_whoever_loses_their_clinician_loses_engagement_and_it_comes_back(register: Parameters) -> None:
    lost, recovery = 0.25, register.fact.engagement_recovery.days
    world = World(register, engagement_lost=lost)
    one, _ = world.post(), world.post()
    world.env.run(until=1e-6)
    people = [world.member(n) for n in range(20)]
    theirs = [p for p in people if world.team.members[p.id].clinician is one]
    others = [p for p in people if p not in theirs]
    assert 5 < len(theirs) < 15
    world.env.run(until=10)
    one.end("cut")
    world.env.run(until=40)
    for person in others:
        assert world.team.engagement(person) == 1
    for person in theirs:
        assert world.team.engagement(person) == pytest.approx(1 - lost * exp(-30 / recovery))
        assert world.team.engagement_days_lost(person) == pytest.approx(
            lost * recovery * (1 - exp(-30 / recovery))
        )
        clinician = world.team.members[person.id].clinician
        assert clinician is not None and clinician.filled


def test_engagement_loss_adds_up_over_two_departures(register: Parameters) -> None:
    world = World(register, engagement_lost=0.25)
    one, two, _ = world.post(), world.post(), world.post()
    world.env.run(until=1e-6)
    person = world.member(1)
    member = world.team.members[1]
    for post in (one, two):
        member.clinician = post
        world.team._clinician_left(post)
    assert world.team.engagement(person) == pytest.approx(0.75**2)


def test_a_team_without_turnover_never_loses_engagement(build: Build) -> None:
    county = model.build(build({"months": 24}, {"staffing.turnover": 0.0}), 1, 0)
    county.env.run(until=700)
    members = [(team, m.person) for team in county.fact.values() for m in team.members.values()]
    assert len(members) > 2
    assert {team.engagement(person) for team, person in members} == {1.0}
    assert {team.engagement_days_lost(person) for team, person in members} == {0.0}


def test_everyone_has_a_clinician_in_post_whenever_somebody_is_in_post(build: Build) -> None:
    county = model.build(build({"months": 24}, {"staffing.turnover": 2.0}), 1, 0)
    looked = 0
    for day in range(1, 700, 20):
        county.env.run(until=day)
        for team in county.fact.values():
            able = {post for post in team.staff.posts if post.filled}
            for member in team.members.values():
                looked += 1
                assert member.clinician in able if able else member.clinician is None
    assert looked > 100


def test_turnover_drives_people_out_of_the_program_if_engagement_does(build: Build) -> None:
    def withdrawals(turnover: float, ratio: float) -> int:
        evidence = {
            "staffing.turnover": turnover,
            "fact.engagement_lost": 0.5,
            "fact.disengaged_withdrawal_ratio": ratio,
            "court.withdrawal": 0.6,
        }
        teams = [{"name": "west", "posts": 20, "enrolled": 150, "share": 1.0}]
        events = model.run(build({"fact.teams": teams, "jail.bookings": 600}, evidence), 1, 0)
        return int(events.where("fact.west", "discharged", "voluntary_withdrawal").sum())

    assert withdrawals(3.0, 6.0) > 1.2 * withdrawals(0.0, 6.0)
    assert withdrawals(0.0, 6.0) == withdrawals(0.0, 1.0)


def test_slots_follow_those_in_post(build: Build) -> None:
    events = model.run(build({"months": 24}, {"staffing.ramp_up": 0.0}), 1, 0)
    history = History(events, 730)
    edges = np.arange(0.0, 730.0, 30.0)
    slots, in_post = (average(*history.level("fact.west", what), edges) for what in ("slots", "clinicians"))
    assert slots == pytest.approx(10 * in_post)


def test_two_reviews_on_one_day_leave_one_row_of_contacts(build: Build) -> None:
    events = model.run(build({"months": 24}), 1, 0)
    rows = [(person, int(start)) for start, _, person, kind, *_ in events.attendance if kind == "therapy"]
    assert len(rows) > 50
    assert len(rows) == len(set(rows))
