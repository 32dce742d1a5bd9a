"""A case in court: charged or not, disposed, closed."""

from __future__ import annotations

from simulation.county import custody
from simulation.county.county import County
from simulation.county.custody import CustodyState
from simulation.county.outcome import Disposition, Release
from simulation.county.person import Person
from simulation.engine.clock import Process
from simulation.pathway.arrest import Case


def charge(county: County, person: Person, case: Case) -> Process[bool]:
    """The prosecutor files a charge, or lets the person go; True if charged."""
    yield person.pause(max(0.0, case.record.arrested + case.charging - county.day))
    if not case.will_be_charged:
        close(county, person, case, Disposition.NOT_CHARGED)
        return False
    case.record.charged = county.day
    person.charged_arrests += 1
    return True


def disposition(county: County, person: Person, case: Case) -> Process[None]:
    """The case runs its ordinary course: conviction or not, jail or not."""
    p, stream = county.parameters.court, case.stream
    yield person.pause(case.time_left(county.day))
    conviction, jail = p.conviction_released, p.jail_if_released
    if case.custody is not None:
        conviction, jail = p.conviction_detained, p.jail_if_detained
    convicted = stream.bernoulli("court.conviction", conviction.value)
    if not (convicted and stream.bernoulli("court.jail", jail.value)):
        close(county, person, case, Disposition.CONVICTED if convicted else Disposition.DISMISSED)
        return
    state = CustodyState.COMMITMENT if case.custody is None else CustodyState.SERVING
    sentence = custody.length(county.parameters, state, case.charge).sample(stream.uniform("jail.sentence"))
    if case.custody is not None:
        yield from serve_on(county, person, case, sentence)
    else:
        close(county, person, case, Disposition.CONVICTED)
        person.order_custody("commitment", sentence)


def serve_on(county: County, person: Person, case: Case, sentence: float) -> Process[None]:
    """Sentenced while in jail: the days after the sentence are served there."""
    released, case.custody = case.custody, None
    county.note(person, "jail", "sentenced", case.charge)
    close(county, person, case, Disposition.CONVICTED)
    yield person.pause(sentence)
    if released is not None:
        released.fire(Release.SENTENCE_SERVED)


def resume(county: County, person: Person, case: Case) -> Process[None]:
    """The program ended without completion: proceedings go on from where they were suspended."""
    length = county.parameters.court.disposition_released
    case.due = county.day + length.sample(person.stream.uniform("court.resumed"))
    yield from disposition(county, person, case)


def close(county: County, person: Person, case: Case, disposition: Disposition) -> None:
    """Write how a case ended, and open the jail if it held the person."""
    case.record.disposed = county.day
    case.record.disposition = str(disposition)
    county.note(person, "case", disposition, case.charge)
    if case.custody is not None:
        case.custody.fire(disposition)
