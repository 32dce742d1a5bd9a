"""Competence to stand trial: evaluation, and diversion, dismissal or restoration of those found incompetent.

Only cases of people held in jail come here. Proceedings are suspended meanwhile, and the disposition moves by
as many days. On a lesser charge than a felony an incompetent person is diverted or the case dismissed.
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
    held = case.release is not None and case.hold is None and case.charge in diversion.DIVERTIBLE
    if not held or not stream.bernoulli("competency.doubt", p.doubt.value):
        return CaseStatus.OPEN
    county.competency.admit(person, case.charge)
    length = custody.length(county.parameters, CustodyState.EVALUATING, case.charge)
    days = length.sample(stream.uniform("competency.evaluation"))
    return (yield from evaluated(county, person, case, days))


def evaluated(county: County, person: Person, case: Case, days: float) -> Process[CaseStatus]:
    """The rest of the evaluation, and what follows from its finding."""
    yield from suspended(county, case, lasting(person, days))
    if not person.stream.bernoulli("competency.incompetent", county.parameters.competency.incompetent.value):
        county.competency.leave(person, Finding.COMPETENT)
        return CaseStatus.OPEN
    return (yield from incompetent(county, person, case))


def lasting(person: Person, days: float) -> Process[None]:
    """Wait for so many days."""
    yield person.pause(days)


def suspended(county: County, case: Case, process: Process[T]) -> Process[T]:
    """Run a process while proceedings are suspended: the disposition moves by the days it takes."""
    begun = county.day
    outcome = yield from process
    case.due += county.day - begun
    case.suspended += county.day - begun
    return outcome


def incompetent(county: County, person: Person, case: Case) -> Process[CaseStatus]:
    """Found incompetent: diverted by the court, dismissed on a lesser charge, or sent to restoration."""
    motion = person.stream.uniform("competency.diverted") < county.policy.diverted_if_incompetent
    if motion and (yield from suspended(county, case, diversion.ordered(county, person, case))):
        return ended(county, person, case, Finding.DIVERTED)
    if case.charge != RESTORABLE:
        return ended(county, person, case, Finding.DISMISSED)
    return (yield from awaiting_restoration(county, person, case))


def awaiting_restoration(county: County, person: Person, case: Case) -> Process[CaseStatus]:
    """Wait in jail for a restoration place, and be treated there."""
    p, stream = county.parameters.competency, person.stream
    if not (yield from suspended(county, case, county.restoration.enter(person, patience=p.patience.days))):
        return ended(county, person, case, Finding.DISMISSED)
    county.jail.leave(person, Release.RESTORATION)
    length = custody.length(county.parameters, CustodyState.RESTORING, case.charge)
    days = length.sample(stream.uniform("competency.restoration"))
    return (yield from restoring(county, person, case, days))


def restoring(county: County, person: Person, case: Case, days: float) -> Process[CaseStatus]:
    """The rest of the treatment in a restoration place, and the return to jail."""
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
