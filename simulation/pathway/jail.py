"""Jail: custody that a case or a release opens, and short stays on a court's order."""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.person import Call, Person
from simulation.engine.clock import Bell, Wait
from simulation.pathway import housing, jail_care
from simulation.pathway.arrest import Case


def custody(county: County, person: Person, case: Case) -> Wait:
    """Booked, and in jail until released, diverted, or done with the case."""
    case.custody = Bell(county.env, float("inf") if case.hold is None else case.hold)
    booked, gate = county.day, case.custody
    jail_care.begin(county, person, case, gate)
    why = yield from _in_jail(county, person, case.record.charge, gate)
    case.custody = None
    if why != "diverted":
        jail_care.reentry(county, person, case, county.day - booked)
    return why


def serve(county: County, person: Person, call: Call) -> Wait:
    """A stay of a known length: a commitment to serve a sentence, a sanction, a bench warrant."""
    return (yield from _in_jail(county, person, call.kind, Bell(county.env, call.days)))


def _in_jail(county: County, person: Person, why: str, gate: Bell) -> Wait:
    county.jail.admit(person, why)
    person.in_custody, person.booked = True, county.day
    housing.into_jail(county, person, gate)
    outcome = yield gate
    person.in_custody = False
    county.jail.leave(person, outcome or "released")
    housing.out_of_jail(county, person)
    return outcome
