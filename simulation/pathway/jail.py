"""Jail: custody that a case or a release opens, and short stays on a court's order."""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.person import CustodyOrder, Person
from simulation.engine.clock import Process, Signal
from simulation.pathway import housing, jail_care
from simulation.pathway.arrest import Case


def custody(county: County, person: Person, case: Case) -> Process[str | None]:
    """Booked, and in jail until released, diverted, or done with the case."""
    case.custody = Signal(county.env, float("inf") if case.hold is None else case.hold)
    booked, gate = county.day, case.custody
    jail_care.begin(county, person, case, gate)
    why = yield from _in_jail(county, person, case.record.charge, gate)
    case.custody = None
    if why != "diverted":
        jail_care.reentry(county, person, case, county.day - booked)
    return why


def serve(county: County, person: Person, order: CustodyOrder) -> Process[str | None]:
    """A stay of a known length: a commitment to serve a sentence, a sanction, a bench warrant."""
    return (yield from _in_jail(county, person, order.kind, Signal(county.env, order.days)))


def _in_jail(county: County, person: Person, why: str, gate: Signal) -> Process[str | None]:
    county.jail.admit(person, why)
    person.in_custody, person.booked = True, county.day
    housing.into_jail(county, person, gate)
    outcome: str | None = yield gate
    person.in_custody = False
    county.jail.leave(person, outcome or "released")
    housing.out_of_jail(county, person)
    return outcome
