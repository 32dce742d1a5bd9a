"""Competence to stand trial: doubted, found or not, restored in a place waited for in jail, or diverted.

Only the cases of people held in jail come here; proceedings are suspended meanwhile, and so is the case's
own clock. Someone found incompetent on a lesser charge is diverted or let go, not restored.
"""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.person import Person
from simulation.engine.clock import Process, T
from simulation.pathway import court, diversion
from simulation.pathway.arrest import Case

RESTORABLE = "felony"


def questioned(county: County, person: Person, case: Case) -> Process[str]:
    """If competence is doubted, what becomes of the case: ``diverted``, ``closed``, or nothing, going on."""
    p, stream = county.parameters.competency, case.stream
    held = case.custody is not None and case.hold is None and case.record.charge in diversion.DIVERTIBLE
    if not held or not stream.bernoulli("competency.doubt", p.doubt.value):
        return ""
    county.competency.admit(person, case.record.charge)
    days = p.evaluation.sample(stream.uniform("competency.evaluation"))
    return (yield from evaluated(county, person, case, days))


def evaluated(county: County, person: Person, case: Case, days: float) -> Process[str]:
    """The evaluation, so many days of it, and the finding."""
    yield from suspended(county, case, lasting(person, days))
    if not person.stream.bernoulli("competency.incompetent", county.parameters.competency.incompetent.value):
        county.competency.leave(person, "competent")
        return ""
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


def incompetent(county: County, person: Person, case: Case) -> Process[str]:
    """Diverted by the court, let go on a lesser charge, or restored so that the case goes on."""
    motion = person.stream.uniform("competency.diverted") < county.policy.diverted_if_incompetent
    if motion and (yield from suspended(county, case, diversion.ordered(county, person, case))):
        return ended(county, person, case, "diverted")
    if case.record.charge != RESTORABLE:
        return ended(county, person, case, "dismissed")
    return (yield from awaiting_restoration(county, person, case))


def awaiting_restoration(county: County, person: Person, case: Case) -> Process[str]:
    """Wait in jail for a place in restoration, and be treated there."""
    p, stream = county.parameters.competency, person.stream
    if not (yield from suspended(county, case, county.restoration.enter(person, patience=p.patience.days))):
        return ended(county, person, case, "dismissed")
    county.jail.leave(person, "restoration")
    days = p.restoration.sample(stream.uniform("competency.restoration"))
    return (yield from restoring(county, person, case, days))


def restoring(county: County, person: Person, case: Case, days: float) -> Process[str]:
    """So many days of treatment in a restoration place, and back to jail."""
    yield from suspended(county, case, lasting(person, days))
    restored = person.stream.bernoulli("competency.restored", county.parameters.competency.restored.value)
    outcome = "restored" if restored else "not_restored"
    county.restoration.leave(person, outcome)
    county.jail.admit(person, case.record.charge)
    return ended(county, person, case, outcome)


def ended(county: County, person: Person, case: Case, outcome: str) -> str:
    """The end of these proceedings: the case goes on, is diverted or is closed."""
    county.competency.leave(person, outcome)
    if outcome in ("diverted", "restored"):
        return "diverted" if outcome == "diverted" else ""
    court.close(county, person, case, "dismissed_as_incompetent")
    return "closed"
