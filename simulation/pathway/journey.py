"""The model, to be said aloud: one person's life in the county.

A ``yield from`` is a stage of life; what happens beside it (a court case, a search for a home) is a
process of its own and reaches the person through a signal.
"""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.outcome import CaseStatus, CrisisEnding, Disposition, ProgramExit
from simulation.county.person import CustodyOrder, Person
from simulation.engine.clock import Process
from simulation.engine.hazard import Risk
from simulation.pathway import (
    arrest,
    community,
    competency,
    court,
    crisis,
    diversion,
    fact,
    housing,
    jail,
    jail_care,
    participation,
    readiness,
    stepdown,
)
from simulation.pathway.community import spawn
from simulation.pathway.stay import Participation

CRISIS, ARREST, HOUSING = Risk.CRISIS, Risk.ARREST, Risk.HOUSING


def life(county: County, person: Person) -> Process[None]:
    """From arriving in the county, or from day 0, to leaving it."""
    while person.departure is None:
        event = yield from community.live(county, person)
        if isinstance(event, CustodyOrder):
            if county.has("jail"):
                yield from custody_ordered(county, person, event)
        elif event is CRISIS:
            yield from crisis_then_perhaps_arrest(county, person)
        elif event is ARREST:
            yield from arrested(county, person)
        elif event is HOUSING:
            housing.change(county, person)
        else:
            leave(county, person, event)


def leave(county: County, person: Person, why: Risk) -> None:
    """Die or move away; the sixth exit, administrative closure, ends participation in the program."""
    programs = (county.court, county.lower_intensity, *county.fact.values())
    person.leave_county(why, dict.fromkeys(programs, ProgramExit.ADMINISTRATIVE_CLOSURE))


def custody_ordered(county: County, person: Person, order: CustodyOrder) -> Process[None]:
    """Jail on a court's order; release from a sentence raises the risk of an arrest as any other does."""
    yield from jail.serve(county, person, order)
    if order.kind == "commitment":
        community.raise_risk(county, person, ARREST, county.parameters.arrest.return_excess.value)


def crisis_then_perhaps_arrest(county: County, person: Person) -> Process[None]:
    """Intercepts 0 and 1: a crisis is resolved by phone, in the field, in a facility, or by arrest."""
    ending = yield from crisis.episode(county, person)
    community.raise_risk(county, person, CRISIS, crisis.excess_after(county.parameters.crisis, ending))
    if ending is CrisisEnding.ARREST:
        yield from arrested(county, person, in_crisis=True)


def arrested(county: County, person: Person, in_crisis: bool = False) -> Process[None]:
    """Intercept 2: cited or booked, while the court case goes on beside the person's life."""
    case = arrest.make(county, person, in_crisis)
    spawn(county, person, case_in_court(county, person, case))
    if case.booked:
        yield from jail.custody(county, person, case)
    community.raise_risk(county, person, ARREST, county.parameters.arrest.return_excess.value)


def case_in_court(county: County, person: Person, case: arrest.Case) -> Process[None]:
    """Intercept 2: screened, charged or let go, tried."""
    if case.booked:
        yield from jail_care.screen(county, person, case)
    if not (yield from court.charge(county, person, case)):
        return
    yield from tried(county, person, case)


def tried(county: County, person: Person, case: arrest.Case) -> Process[None]:
    """Intercept 3: first competent or not, then diverted or disposed."""
    status = yield from competency.questioned(county, person, case)
    if status is not CaseStatus.CLOSED:
        yield from diverted_or_disposed(county, person, case, status is CaseStatus.DIVERTED)


def diverted_or_disposed(
    county: County, person: Person, case: arrest.Case, diverted: bool = False
) -> Process[None]:
    """The program for those whom the court admits, the ordinary course of the case for the others."""
    if diverted or (yield from diversion.admitted(county, person, case)):
        yield from program(county, person, case)
    else:
        yield from court.disposition(county, person, case)


def program(county: County, person: Person, case: arrest.Case) -> Process[None]:
    """Intercept 3: a place in FACT or in lower-intensity care, waited for in jail if need be."""
    granted = county.day
    care = yield from fact.find_place(county, person, case)
    if care is None:
        participation.discharge(county, person, ProgramExit.VOLUNTARY_WITHDRAWAL)
        housing.without_program(county, person)
        yield from court.disposition(county, person, case)
        return
    if person.program == "fact":
        spawn(county, person, housing.seek(county, person, "fact"))
    length = county.parameters.court.program_length.sample(person.stream.uniform("court.program_length"))
    stay = participation.begin(county, person, county.day, length)
    stay.limit = granted + county.rules.program_limit
    if person.program == "fact":
        spawn(county, person, readiness.reviews(county, person, stay))
    yield from in_program(county, person, case, stay)


def in_program(county: County, person: Person, case: arrest.Case, stay: Participation) -> Process[None]:
    """Intercepts 4 and 5: hearings and therapy until the exit, and what follows."""
    spawn(county, person, participation.reports(county, person, stay))
    way_out = yield from participation.follow(county, person, stay)
    participation.end(county, person, stay, way_out)
    spawn(county, person, housing.after_program(county, person))
    if way_out is ProgramExit.SUCCESS:
        court.close(county, person, case, Disposition.DISMISSED_AFTER_DIVERSION)
        yield from stepdown.aftercare(county, person)
    elif way_out is ProgramExit.TRANSFER:
        court.close(county, person, case, Disposition.TRANSFERRED)
    else:
        yield from court.resume(county, person, case)
