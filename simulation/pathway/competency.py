"""Competence to stand trial: doubted, found or not, restored in a place waited for in jail, or diverted.

Only the cases of people held in jail come here; proceedings are suspended meanwhile, and so is the case's
own clock. Someone found incompetent on a lesser charge is diverted or let go, not restored.
"""

from __future__ import annotations

from simulation.county import custody
from simulation.county.county import County
from simulation.county.custody import CustodyState
from simulation.county.outcome import CaseStatus, Charge, Disposition, Finding, Release
from simulation.county.person import Person
from simulation.engine.clock import Process, T
from simulation.pathway import court, diversion
from simulation.pathway.arrest import Case

RESTORABLE = Charge.FELONY


def questioned(county: County, person: Person, case: Case) -> Process[CaseStatus]:
    """Proceedings on competence, if it is doubted; says whether the case is still open after them."""
    p, stream = county.parameters.competency, case.stream
    held = case.custody is not None and case.hold is None and case.charge in diversion.DIVERTIBLE
    if not held or not stream.bernoulli("competency.doubt", p.doubt.value):
        return CaseStatus.OPEN
    county.competency.admit(person, case.charge)
    length = custody.length(county.parameters, CustodyState.EVALUATING, case.charge)
    days = length.sample(stream.uniform("competency.evaluation"))
    return (yield from evaluated(county, person, case, days))


def evaluated(county: County, person: Person, case: Case, days: float) -> Process[CaseStatus]:
    """The evaluation, so many days of it, and the finding."""
    yield from suspended(county, case, lasting(person, days))
    if not person.stream.bernoulli("competency.incompetent", county.parameters.competency.incompetent.value):
        county.competency.leave(person, Finding.COMPETENT)
        return CaseStatus.OPEN
    return (yield from incompetent(county, person, case))


def lasting(person: Person, days: float) -> Process[None]:
    """So many days."""
    yield person.pause(days)


def suspended(county: County, case: Case, process: Process[T]) -> Process[T]:
    """A process during which the clock of the case stands still."""
    begun = county.day
    outcome = yield from process
    case.due += county.day - begun
    case.suspended += county.day - begun
    return outcome


def incompetent(county: County, person: Person, case: Case) -> Process[CaseStatus]:
    """Diverted by the court, let go on a lesser charge, or restored so that the case goes on."""
    motion = person.stream.uniform("competency.diverted") < county.policy.diverted_if_incompetent
    if motion and (yield from suspended(county, case, diversion.ordered(county, person, case))):
        return ended(county, person, case, Finding.DIVERTED)
    if case.charge != RESTORABLE:
        return ended(county, person, case, Finding.DISMISSED)
    return (yield from awaiting_restoration(county, person, case))


def awaiting_restoration(county: County, person: Person, case: Case) -> Process[CaseStatus]:
    """Wait in jail for a place in restoration, and be treated there."""
    p, stream = county.parameters.competency, person.stream
    if not (yield from suspended(county, case, county.restoration.enter(person, patience=p.patience.days))):
        return ended(county, person, case, Finding.DISMISSED)
    county.jail.leave(person, Release.RESTORATION)
    length = custody.length(county.parameters, CustodyState.RESTORING, case.charge)
    days = length.sample(stream.uniform("competency.restoration"))
    return (yield from restoring(county, person, case, days))


def restoring(county: County, person: Person, case: Case, days: float) -> Process[CaseStatus]:
    """So many days of treatment in a restoration place, and back to jail."""
    yield from suspended(county, case, lasting(person, days))
    restored = person.stream.bernoulli("competency.restored", county.parameters.competency.restored.value)
    finding = Finding.RESTORED if restored else Finding.NOT_RESTORED
    county.restoration.leave(person, finding)
    county.jail.admit(person, case.charge)
    return ended(county, person, case, finding)


def ended(county: County, person: Person, case: Case, finding: Finding) -> CaseStatus:
    """The end of these proceedings: the case stays open, is diverted or is closed."""
    county.competency.leave(person, finding)
    if finding is Finding.RESTORED:
        return CaseStatus.OPEN
    if finding is Finding.DIVERTED:
        return CaseStatus.DIVERTED
    court.close(county, person, case, Disposition.DISMISSED_AS_INCOMPETENT)
    return CaseStatus.CLOSED
