"""A case in court: charged or not, disposed, closed."""

from __future__ import annotations

from simulation.county import custody
from simulation.county.county import County
from simulation.county.custody import CustodyState
from simulation.county.outcome import Disposition, Release
from simulation.county.person import Person
from simulation.engine.clock import Process
from simulation.inputs.parameter import Share
from simulation.pathway.arrest import Case


def charge(county: County, person: Person, case: Case) -> Process[bool]:
    """Wait for the prosecutor's decision; True if a charge is filed."""
    yield person.pause(max(0.0, case.record.arrested + case.charging - county.day))
    if not case.will_be_charged:
        close(county, person, case, Disposition.NOT_CHARGED)
        return False
    case.record.charged = county.day
    person.charged_arrests += 1
    return True


def disposition(county: County, person: Person, case: Case, at_liberty: Share | None = None) -> Process[None]:
    """The ordinary end of a case: dismissal, conviction, or conviction and a sentence to jail.

    at_liberty: share convicted of people who are not held; that of people released or cited by default.
    """
    p, stream = county.parameters.court, case.stream
    yield person.pause(case.time_left(county.day))
    conviction, jail = at_liberty or p.conviction_released, p.jail_if_released
    if case.release is not None:
        conviction, jail = p.conviction_detained, p.jail_if_detained
    convicted = stream.bernoulli("court.conviction", conviction.value)
    if not (convicted and stream.bernoulli("court.jail", jail.value)):
        close(county, person, case, Disposition.CONVICTED if convicted else Disposition.DISMISSED)
        return
    state = CustodyState.COMMITMENT if case.release is None else CustodyState.SERVING
    sentence = custody.length(county.parameters, state, case.charge).sample(stream.uniform("jail.sentence"))
    if case.release is not None:
        yield from serve_on(county, person, case, sentence)
    else:
        close(county, person, case, Disposition.CONVICTED)
        person.order_custody("commitment", sentence)


def serve_on(county: County, person: Person, case: Case, sentence: float) -> Process[None]:
    """Sentenced while in jail: serve the rest of the sentence there."""
    released, case.release = case.release, None
    county.note(person, "jail", "sentenced", case.charge)
    close(county, person, case, Disposition.CONVICTED)
    yield person.pause(sentence)
    if released is not None:
        released.fire(Release.SENTENCE_SERVED)


def resume(county: County, person: Person, case: Case) -> Process[None]:
    """After a program that was not completed: proceedings resume until the disposition."""
    p = county.parameters.court
    case.due = county.day + p.disposition_released.sample(person.stream.uniform("court.resumed"))
    yield from disposition(county, person, case, p.conviction_terminated)


def close(county: County, person: Person, case: Case, disposition: Disposition) -> None:
    """Close a case, and release the person if it held them in jail."""
    case.record.disposed = county.day
    case.record.disposition = str(disposition)
    county.note(person, "case", disposition, case.charge)
    if case.release is not None:
        case.release.fire(disposition)
