"""What is done in jail for a person's illness: screening, identification, notice, medication, re-entry."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from simulation.county.county import County
from simulation.county.person import Person
from simulation.county.team import Team
from simulation.engine.clock import Process, Signal
from simulation.engine.stream import Substream
from simulation.pathway.arrest import Case
from simulation.pathway.community import spawn

Step = Callable[[County, Person, Case], None]


def screen(county: County, person: Person, case: Case) -> Process[None]:
    """Screen for mental illness; someone charged or released before their screen is missed.

    A positive screen is followed up by an interview. People without the illness are screened by the same
    screeners, a background that slows them down.
    """
    p, stream = county.parameters.jail, case.stream
    if county.screening in person.holding:
        return  # booked again before the last screen was over
    patience = case.charging if case.hold is None else min(case.hold, case.charging)
    if not (yield from county.screening.enter(person, patience=patience)):
        return
    work = p.screening.sample(stream.uniform("jail.screening"))
    case.identified = stream.bernoulli("jail.identified", county.policy.screening_sensitivity)
    if case.identified:
        work += p.follow_up.sample(stream.uniform("jail.follow_up"))
    result = "identified" if case.identified else "missed"
    yield from county.screening.visit(person, work / share_of_screeners(county), result)


def share_of_screeners(county: County) -> float:
    """The share of the screeners' time that other people's screens and false alarms leave; 5 % at least."""
    p = county.parameters.jail
    false_alarms = 1 - county.policy.screening_specificity
    others = county.background_bookings * (p.screening.mean + false_alarms * p.follow_up.mean)
    return max(0.05, 1 - others / max(1.0, county.screening.slots))


def begin(county: County, person: Person, case: Case, release: Signal) -> None:
    """Plan what will be done for someone booked now, as far as it comes before a release already set."""
    latest = inf if case.hold is None else case.hold
    planned = [step for step in steps(county, person, case.stream) if step[0] < latest]
    if planned:
        planned.sort(key=lambda step: step[0])
        spawn(county, person, during(county, person, case, (release, planned)))


def during(
    county: County, person: Person, case: Case, stay: tuple[Signal, list[tuple[float, Step]]]
) -> Process[None]:
    """Take each step on its day while the person is in jail."""
    booked, (release, planned) = county.day, stay
    for day, step in planned:
        yield person.pause(booked + day - county.day)
        if release.triggered:
            return
        step(county, person, case)


def steps(county: County, person: Person, stream: Substream) -> list[tuple[float, Step]]:
    """The steps for someone booked now, each with its days after booking."""
    p, policy = county.parameters.jail, county.policy
    planned: list[tuple[float, Step]] = []
    team_notified = person.team is not None and stream.bernoulli("jail.notified", policy.notified)
    in_records = stream.bernoulli("jail.matched", policy.records_matched)
    if team_notified or in_records:
        notice = min(p.notice.sample(stream.uniform("jail.notice")), policy.notice_within)
        planned += [(notice, notified)] * team_notified + [(notice, matched)] * in_records
    if stream.bernoulli("jail.noticed", p.noticed.value):
        planned.append((p.noticing.sample(stream.uniform("jail.noticing")), noticed))
    if stream.bernoulli("jail.medicated", p.medicated.value):
        planned.append((p.medication_check.days, medication))
    return planned


def notified(county: County, person: Person, case: Case) -> None:
    """The team learns that its participant is in jail: they are identified, and perhaps visited there."""
    county.note(person, "notice", "given", "to_care")
    identify(county, person, case, "care")
    team = person.team
    visits = case.stream.bernoulli("jail.in_reach", county.parameters.jail.in_reach.value)
    if visits and isinstance(team, Team):
        county.note(person, "in_reach", "visited", team.name)


def matched(county: County, person: Person, case: Case) -> None:
    """Behavioral health finds the person in its records."""
    identify(county, person, case, "records")


def noticed(county: County, person: Person, case: Case) -> None:
    """Staff, family or counsel notice what the screen missed."""
    identify(county, person, case, "noticed")


def identify(county: County, person: Person, case: Case, by: str) -> None:
    """Know of the illness from now on, unless it was known already."""
    if not case.identified:
        case.identified = True
        county.note(person, "jail", "identified", by)


def medication(county: County, person: Person, case: Case) -> None:
    """Whether someone with a prescription has their medication by now."""
    share = county.parameters.jail.medication_if_missed.value
    if case.identified:
        share = county.policy.medication_continued
    continued = case.stream.bernoulli("jail.medication", share)
    county.note(person, "medication", "continued" if continued else "interrupted")


def reentry(county: County, person: Person, case: Case, days: float) -> None:
    """On release after some days: with a plan and an appointment or without, and whether care follows."""
    p, stream = county.parameters.jail, case.stream
    makes = stream.bernoulli("jail.reentry", county.policy.reentry_planned)
    planned = makes and case.identified and days >= p.planning.days
    odds = p.linked.value / (1 - p.linked.value) * (p.plan_link_odds.value if planned else 1.0)
    linked = stream.bernoulli("jail.linked", odds / (1 + odds)) or person.program is not None
    county.note(
        person, "reentry", "planned" if planned else "unplanned", "linked" if linked else "not_linked"
    )
