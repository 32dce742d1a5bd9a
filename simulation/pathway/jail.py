"""Jail: custody on a case, and stays on a court's order."""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.outcome import Disposition, Release
from simulation.county.person import CustodyOrder, Person
from simulation.engine.clock import Process, Signal
from simulation.pathway import housing, jail_care
from simulation.pathway.arrest import Case


def custody(county: County, person: Person, case: Case) -> Process[Release | Disposition]:
    """From booking to release, diversion or the end of the case."""
    case.release = Signal(county.env, float("inf") if case.hold is None else case.hold)
    booked, release = county.day, case.release
    jail_care.begin(county, person, case, release)
    outcome = yield from _in_jail(county, person, case.charge, release)
    case.release = None
    if outcome is not Release.DIVERTED:
        jail_care.reentry(county, person, case, county.day - booked)
    return outcome


def serve(county: County, person: Person, order: CustodyOrder) -> Process[Release | Disposition]:
    """A stay of a known length: a commitment to serve a sentence, a sanction, a bench warrant."""
    return (yield from _in_jail(county, person, order.kind, Signal(county.env, order.days)))


def _in_jail(county: County, person: Person, why: str, release: Signal) -> Process[Release | Disposition]:
    county.jail.admit(person, why)
    person.in_custody, person.booked = True, county.day
    housing.into_jail(county, person, release)
    return (yield from until_released(county, person, release))


def until_released(county: County, person: Person, release: Signal) -> Process[Release | Disposition]:
    """The rest of a stay, until the signal that ends it, and the release."""
    outcome: Release | Disposition = (yield release) or Release.RELEASED
    person.in_custody = False
    county.jail.leave(person, outcome)
    housing.out_of_jail(county, person)
    return outcome
