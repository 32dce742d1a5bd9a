"""Treatment groups: every new member is referred once, in the active phase, and comes week by week.

No effect of a group on arrests or crises is assumed, for the evidence has none.
"""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.person import Person
from simulation.county.team import Member
from simulation.county.treatment import WEEK, TreatmentGroup
from simulation.engine.clock import Process, Signal
from simulation.pathway.community import spawn


def refer(county: County, person: Person) -> None:
    """Refer a new member to the groups meant for them, once they are in the active phase."""
    for group in county.groups.values():
        if group.group_program.suits(person.traits.substance_use):
            spawn(county, person, course(county, person, group, person.team.members[person.id]))


def course(county: County, person: Person, group: TreatmentGroup, member: Member) -> Process[None]:
    """One course of a group, from referral to the last session; it can begin in the active phase only.

    Someone who reached that phase before day 0 has begun then if a seat is free, or has finished by now.
    """
    p, team = county.parameters.fact, person.team
    active = member.since + p.engagement_phase.days
    behind = int(max(0.0, county.day - active) // WEEK)
    yield person.pause(max(0.0, active - county.day))
    left = group.group_program.sessions - behind
    patience = active + p.active_phase.days - county.day
    if team.members.get(person.id) is not member or left <= 0 or patience <= 0:
        return
    if behind and group.is_open:
        group.admit(person, "active_phase", since=county.day - WEEK * behind)
    elif (yield from group.enter(person, "active_phase", patience)):
        left = group.group_program.sessions
    else:
        return
    yield from attend(county, person, group, left)


def attend(county: County, person: Person, group: TreatmentGroup, sessions: int) -> Process[None]:
    """One session a week, except in jail; attending at least half of them completes the group."""
    p, stream, seat, attended = county.parameters.fact, person.stream, group.seats[person.id], 0
    for _ in range(sessions):
        reason = yield seat.signal
        if reason is not None:
            group.leave(person, reason)
            return
        seat.signal = Signal(county.env, WEEK)
        if not person.in_custody:
            engaged = p.therapy_attendance.value * seat.team.engagement(person)
            present = stream.bernoulli(f"group.{group.group_program.name}.session", engaged)
            group.session(person, present)
            attended += present
    group.leave(person, "completed" if 2 * attended >= sessions else "too_few_sessions")


def end(county: County, person: Person, why: str) -> None:
    """Leave every group and its waiting list, because FACT has ended."""
    for group in county.groups.values():
        group.withdraw(person, why)
        group.dismiss(person, why)
