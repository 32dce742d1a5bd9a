"""Participation in the program: reviews, status hearings, reports to the court, and exits."""

from __future__ import annotations

from math import inf

from simulation.county.county import County
from simulation.county.outcome import ProgramExit
from simulation.county.person import Person
from simulation.engine.clock import Process
from simulation.pathway import contact, fact, sanction, warrant
from simulation.pathway.docket import hearing
from simulation.pathway.stay import Participation


def begin(county: County, person: Person, began: float, length: float) -> Participation:
    """A participation that began on a day (today, or before day 0) and takes so long to complete."""
    stream, limit = person.stream, began + county.rules.program_limit
    stay = Participation(began, began + length, limit, other_exits(county, person))
    stay.arrests, stay.reviewed = person.charged_arrests, county.day
    wait = stay.hearing_interval(county)
    if began < county.day:
        wait *= stream.uniform("initial_state.hearing")
    stay.hearing = county.day + wait
    return stay


def other_exits(county: County, person: Person) -> dict[ProgramExit, float]:
    """The day on which each exit but completion and the legal limit would come."""
    p, stream, today = county.parameters.court, person.stream, county.day
    withdrawal, discharge, transfer = (
        max(rate.per_day, 1e-12) for rate in (p.withdrawal, p.discharge, p.transfer)
    )
    failure = max(failure_rate(county, person), 1e-12)
    return {
        ProgramExit.VOLUNTARY_WITHDRAWAL: today
        + stream.exponential("court.voluntary_withdrawal") / withdrawal,
        ProgramExit.DISCHARGE: today + stream.exponential("court.discharge") / discharge,
        ProgramExit.TRANSFER: today + stream.exponential("court.transfer") / transfer,
        ProgramExit.FAILURE: today + stream.exponential("court.failure") / failure,
    }


def failure_rate(county: County, person: Person) -> float:
    """Terminations per day for not taking part: more of those who are arrested more often."""
    p = county.parameters.court
    relative = person.mean_arrest_rate / county.usual_arrest_rate if county.usual_arrest_rate else 1.0
    return float(p.failure.per_day * relative**p.failure_concentration.value)


def follow(county: County, person: Person, stay: Participation) -> Process[ProgramExit]:
    """The program, one review after another, until the first exit; returns it."""
    while True:
        way, last_day = stay.next_way_out()
        yield person.pause(max(0.0, min(last_day, stay.hearing) - county.day))
        compliant = reviewed(county, person, stay)
        way, last_day = stay.next_way_out()
        if county.day >= last_day:
            return way
        if terminated(county, person, stay):
            return ProgramExit.FAILURE
        back = yield from status_hearing(county, person, stay, compliant)
        if not back:
            return ProgramExit.FAILURE
        stay.hearing = county.day + stay.hearing_interval(county)


def terminated(county: County, person: Person, stay: Participation) -> bool:
    """Whether a charged arrest since the last review, or a long time in jail, ends the program.

    After an arrest completion needs some time without another.
    """
    p, stream = county.parameters.court, person.stream
    if person.in_custody and county.day - person.booked > p.custody_limit.days:
        return True
    share = p.termination_after_arrest.value
    while stay.arrests < person.charged_arrests:
        stay.arrests += 1
        if stream.bernoulli("court.termination_after_arrest", share):
            return True
        stay.goal = max(stay.goal, county.day + p.arrest_free.days)
    return False


def reviewed(county: County, person: Person, stay: Participation) -> bool:
    """Contacts and lost engagement since the last review; whether half or more contacts were kept."""
    if county.day - stay.reviewed < 1:  # what was offered today is looked at the next time
        return True
    begun, stay.reviewed = stay.reviewed, county.day
    stay.others[ProgramExit.VOLUNTARY_WITHDRAWAL] -= contact.withdrawal_advance(county, person)
    return contact.since(county, person, begun)


def status_hearing(county: County, person: Person, stay: Participation, compliant: bool) -> Process[bool]:
    """A status hearing, carried from docket day to docket day; False if the person does not come back.

    A miss may bring a warrant; a miss or a poor review a sanction; a good review an incentive.
    """
    p, stream = county.parameters.court, person.stream
    patience = min(p.carried.days, stay.next_way_out()[1] - county.day)
    if person.in_custody or not (yield from hearing(county, person, "status", patience)):
        return True
    present = person.in_custody or stream.bernoulli("court.hearing_attendance", p.hearing_attendance.value)
    county.log.attended((county.day, county.day), person.id, "hearing", (1, int(present)))
    if not present and stream.bernoulli("court.warrant", p.warrant.value):
        reviewed(county, person, stay)
        return (yield from warrant.issued(county, person, stay))
    if present and compliant:
        sanction.reward(county, person, stay)
    elif stream.bernoulli("court.sanction", p.sanction.value):
        sanction.impose(county, person, stay)
    return True


def reports(county: County, person: Person, stay: Participation) -> Process[None]:
    """A progress report to the court every so many days, written by a court case manager."""
    p, every = county.parameters.court, county.rules.report_interval
    due = stay.began
    while every < inf:
        due += every
        if due < county.day:
            continue
        yield person.pause(max(0.0, due - p.report_notice.days - county.day))
        if stay.over:
            return
        if (yield from county.reporting.enter(person, "due", patience=every / 2)):
            yield from county.reporting.visit(person, p.report.sample(person.stream.uniform("court.report")))
            county.note(person, "reporting", "filed", "on_time" if county.day <= due else "late")


def end(county: County, person: Person, stay: Participation, way_out: ProgramExit) -> None:
    """End care and the court's supervision by one of the exits."""
    stay.over = True
    for care in (county.lower_intensity, *county.fact.values()):
        care.withdraw(person, way_out)
    if person.team is not None:
        fact.leave(county, person, person.team, way_out)
    discharge(county, person, way_out)


def discharge(county: County, person: Person, way_out: ProgramExit) -> None:
    """End the court's supervision."""
    person.program = None
    county.court.leave(person, way_out)
