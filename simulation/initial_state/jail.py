"""Who is in jail on day 0, or has a case open: as after years of the same."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from simulation.county import pretrial
from simulation.county.county import County
from simulation.county.outcome import CaseStatus, Charge, Home, Release
from simulation.county.person import Person
from simulation.engine import eventlog
from simulation.engine.clock import Process, Signal
from simulation.engine.stream import StreamArray
from simulation.initial_state.custody import AWAY, Custody
from simulation.initial_state.population import SteadyState
from simulation.initial_state.selection import found, once, weighted
from simulation.pathway import arrest, competency, court, housing, journey
from simulation.pathway.community import spawn


def live(county: County, people: Sequence[Person], size: SteadyState) -> None:
    """In jail or in the community, with open cases, as after years of the same."""
    custody, homes = size.custody, size.homes
    ratio = county.parameters.arrest.homeless_ratio.value
    crowd = StreamArray.of(person.stream for person in people)
    uniforms = zip(
        crowd.uniform("initial_state.jail").tolist(),
        crowd.uniform("initial_state.pending").tolist(),
        strict=True,
    )
    pending = sum(custody.pending.values())
    for person, (in_custody, first_case) in zip(people, uniforms, strict=True):
        homeless = person.home is Home.NONE
        days = homes.days_in_jail(person.arrest_rate, homeless)
        rate = person.arrest_rate * (ratio if homeless else 1.0) + size.crisis_arrests
        if in_custody < days / (1 + days):
            in_jail(county, person, size)
        else:
            county.env.process(journey.life(county, person))
        cases = pending * rate / (1 + days)
        if -math.log(first_case) < cases:
            pending_cases(county, person, custody, cases)


def in_jail(county: County, person: Person, size: SteadyState) -> None:
    """In jail on day 0: on what charge, in which state, since when and until when."""
    p, stream = county.parameters, person.stream
    charge, state = weighted(size.custody.states, stream.uniform("initial_state.jail_state"))
    if state in ("serving", "commitment"):
        serving(county, person, charge, state)
        return
    if state in COMPETENCY:
        incompetent(county, person, charge, state, size.restoration_wait)
        return
    length = {
        "not_charged": p.court.charging,
        "charging": p.court.charging,
        "awaiting": pretrial.until_disposition(p, charge),
    }.get(state) or pretrial.until_release(p, state)
    behind, ahead = found(length, once(person), f"initial_state.{state}")
    before = (
        p.court.charging.sample(stream.uniform("initial_state.before_charge")) if state == "awaiting" else 0.0
    )
    case = open_case(
        county, person, charge, behind + before, charged=state not in ("not_charged", "charging")
    )
    case.custody = Signal(county.env)
    case.charging, case.will_be_charged = behind + ahead, state != "not_charged"
    if state in ("recognizance", "bail"):
        case.hold, case.custody = behind + ahead, Signal(county.env, ahead)
        case.due = p.court.disposition_released.sample(stream.uniform("initial_state.later")) - behind
    elif state == "awaiting":
        case.due = ahead
    elif state == "charging":
        length = pretrial.until_disposition(p, charge)
        case.due = ahead + length.sample(stream.uniform("initial_state.later"))
    start_stay(county, person, charge, behind + before, case.custody, case)
    spawn(county, person, rest_of_case(county, person, case))


def serving(county: County, person: Person, charge: Charge, state: str) -> None:
    """Serving a sentence on day 0, given in custody or to someone who then came in from the community."""
    p, stream = county.parameters, person.stream
    behind, ahead = found(pretrial.sentence(p, charge), once(person), "initial_state.sentence")
    if state == "commitment":
        start_stay(county, person, "commitment", behind, Signal(county.env, ahead))
        return
    tried = p.court.charging.sample(stream.uniform("initial_state.before_charge"))
    tried += pretrial.until_disposition(p, charge).sample(stream.uniform("initial_state.before_sentence"))
    county.log.write(-behind, person.id, "jail", "sentenced", charge)
    start_stay(county, person, charge, behind + tried, Signal(county.env, ahead))


COMPETENCY = ("evaluating", "awaiting_restoration", AWAY)


def incompetent(county: County, person: Person, charge: Charge, where: str, wait: float) -> None:
    """Someone whose competence to stand trial is in question on day 0, and how far that has come."""
    p, stream = county.parameters.competency, person.stream
    stay = {"evaluating": p.evaluation, AWAY: p.restoration}.get(where)
    behind, ahead = found(stay, once(person), f"initial_state.{where}") if stay else (0.0, 0.0)
    doubted = behind
    if where != "evaluating":
        waited = wait * (1 if where == AWAY else stream.uniform("initial_state.waited"))
        doubted += waited + p.evaluation.sample(stream.uniform("initial_state.evaluated"))
    case = open_case(county, person, charge, doubted)
    length = pretrial.until_disposition(county.parameters, charge)
    case.due = length.sample(stream.uniform("initial_state.disposition"))
    case.custody = Signal(county.env)
    county.competency.admit(person, charge, since=-doubted)
    if where == AWAY:
        county.restoration.admit(person, since=-behind)
        hold(county, person, case.custody, case)
    else:
        start_stay(county, person, charge, doubted, case.custody, case)
    spawn(county, person, proceedings(county, person, case, where, ahead))


def proceedings(county: County, person: Person, case: arrest.Case, where: str, ahead: float) -> Process[None]:
    """The rest of the proceedings on competence, and of the case."""
    if where == "evaluating":
        status = yield from competency.evaluated(county, person, case, ahead)
    elif where == AWAY:
        status = yield from competency.restoring(county, person, case, ahead)
    else:
        status = yield from competency.awaiting_restoration(county, person, case)
    if status is not CaseStatus.CLOSED:
        yield from after_charge(county, person, case, status is CaseStatus.DIVERTED)


def start_stay(
    county: County,
    person: Person,
    why: str,
    behind: float,
    gate: Signal,
    case: arrest.Case | None = None,
) -> None:
    """Someone who has been in jail for ``behind`` days, until the gate opens."""
    county.jail.admit(person, why, since=-behind)
    person.booked = -behind
    hold(county, person, gate, case)


def hold(county: County, person: Person, gate: Signal, case: arrest.Case | None) -> None:
    """Keep someone in custody until the gate opens."""
    person.in_custody = True
    county.env.process(until_released(county, person, gate, case))


def until_released(county: County, person: Person, gate: Signal, case: arrest.Case | None) -> Process[None]:
    """The rest of a stay that began before day 0, and then life."""
    outcome = yield gate
    if case is not None:
        case.custody = None
    person.in_custody = False
    county.jail.leave(person, outcome or Release.RELEASED)
    housing.out_of_jail(county, person)
    yield from journey.life(county, person)


def open_case(
    county: County, person: Person, charge: Charge, behind: float, charged: bool = True
) -> arrest.Case:
    """A case that began before day 0, charged already or never to be."""
    record = eventlog.Arrest(person.id, -behind, str(charge), booked=True)
    county.log.arrests.append(record)
    if charged:
        record.charged = -behind
        person.charged_arrests += 1
    stream = person.stream.next_substream("arrests")
    excluded = arrest.excluded_from_diversion(county.parameters, stream, charge)
    return arrest.Case(record, charge, stream, excluded=excluded)


def rest_of_case(county: County, person: Person, case: arrest.Case) -> Process[None]:
    """The rest of the case of someone in jail on day 0, the prosecutor's decision included if it is due."""
    if not math.isnan(case.record.charged):
        yield from after_charge(county, person, case)
    elif (yield from court.charge(county, person, case)):
        yield from journey.tried(county, person, case)


def after_charge(county: County, person: Person, case: arrest.Case, diverted: bool = False) -> Process[None]:
    """The rest of a case that was charged before day 0: diversion still races disposition."""
    identified = county.policy.screening_sensitivity
    case.identified = case.booked and case.stream.bernoulli("jail.identified", identified)
    yield from journey.diverted_or_disposed(county, person, case, diverted)


def pending_cases(county: County, person: Person, custody: Custody, mean: float) -> None:
    """Cases of people already released or cited: Poisson many, each found in progress."""
    passed, length = 0.0, county.parameters.court.disposition_released
    for number in itertools.count():
        stream = person.stream.substream(number)
        passed += stream.exponential("initial_state.pending")
        if passed >= mean:
            return
        charge = weighted(custody.pending, stream.uniform("initial_state.pending_charge"))
        behind, ahead = found(length, stream, "initial_state.pending_case")
        case = open_case(county, person, charge, behind)
        case.record.booked = not stream.bernoulli("initial_state.pending_cited", custody.cited[charge])
        case.due = ahead
        spawn(county, person, after_charge(county, person, case))
