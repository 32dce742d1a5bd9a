"""Jail: custody that a case or a release opens, and short stays on a court's order."""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.outcome import Disposition, Release
from simulation.county.person import CustodyOrder, Person
from simulation.engine.clock import Process, Signal
from simulation.pathway import housing, jail_care
from simulation.pathway.arrest import Case


def custody(county: County, person: Person, case: Case) -> Process[Release | Disposition]:
    """Booked, and in jail until released, diverted, or done with the case."""
    case.custody = Signal(county.env, float("inf") if case.hold is None else case.hold)
    booked, gate = county.day, case.custody
    jail_care.begin(county, person, case, gate)
    outcome = yield from _in_jail(county, person, case.charge, gate)
    case.custody = None
    if outcome is not Release.DIVERTED:
        jail_care.reentry(county, person, case, county.day - booked)
    return outcome


def serve(county: County, person: Person, order: CustodyOrder) -> Process[Release | Disposition]:
    """A stay of a known length: a commitment to serve a sentence, a sanction, a bench warrant."""
    return (yield from _in_jail(county, person, order.kind, Signal(county.env, order.days)))


def _in_jail(county: County, person: Person, why: str, gate: Signal) -> Process[Release | Disposition]:
    county.jail.admit(person, why)
    person.in_custody, person.booked = True, county.day
    housing.into_jail(county, person, gate)
    return (yield from until_released(county, person, gate))


def until_released(county: County, person: Person, gate: Signal) -> Process[Release | Disposition]:
    """The rest of a stay, until the signal that ends it, and the release."""
    outcome: Release | Disposition = (yield gate) or Release.RELEASED
    person.in_custody = False
    county.jail.leave(person, outcome)
    housing.out_of_jail(county, person)
    return outcome
