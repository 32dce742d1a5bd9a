"""Who is in jail on day 0 or has a case open, drawn from the steady state."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from simulation.county import custody
from simulation.county.county import County
from simulation.county.custody import STATES, CustodyState
from simulation.county.outcome import CaseStatus, Charge, Home
from simulation.county.person import Person
from simulation.engine import eventlog
from simulation.engine.clock import Process, Signal
from simulation.engine.hazard import Risk
from simulation.engine.stream import StreamArray
from simulation.initial_state.custody import CustodyPerArrest
from simulation.initial_state.population import SteadyState
from simulation.initial_state.selection import entry_substream, stay_in_progress, weighted
from simulation.pathway import arrest, competency, court, jail, journey
from simulation.pathway.community import raise_risk, rates, spawn


def place_in_jail_or_community(county: County, people: Sequence[Person], size: SteadyState) -> None:
    """Put everyone in jail or in the community, with open cases, as in the steady state."""
    homes = size.homes
    ratio = county.parameters.arrest.homeless_ratio.value
    streams = StreamArray.of(person.stream for person in people)
    uniforms = zip(
        streams.uniform("initial_state.jail").tolist(),
        streams.uniform("initial_state.pending").tolist(),
        strict=True,
    )
    for person, (in_custody, first_case) in zip(people, uniforms, strict=True):
        expose(county, person)
        homeless = person.home is Home.NONE
        days = homes.days_in_jail(person.mean_arrest_rate, homeless)
        rate = person.mean_arrest_rate * (ratio if homeless else 1.0) + size.crisis_arrests
        if in_custody < days / (1 + days):
            place_in_jail(county, person, size)
        else:
            county.env.process(journey.life(county, person))
        cases = size.custody.pending(person.mean_arrest_rate) * rate / (1 + days)
        if -math.log(first_case) < cases:
            open_pending_cases(county, person, size.custody.by_charge(person.mean_arrest_rate), cases)


def expose(county: County, person: Person) -> None:
    """Let the exits of someone begin to run on day 0, also in jail."""
    if person.hazards is not None:
        person.hazards.resume(0.0, rates(county, person))
        person.hazards.pause(0.0)


COMPETENCY = (CustodyState.EVALUATING, CustodyState.AWAITING_RESTORATION, CustodyState.RESTORING)
SENTENCED = (CustodyState.SERVING, CustodyState.COMMITMENT)


def place_in_jail(county: County, person: Person, size: SteadyState) -> None:
    """Put someone in jail: the charge, the state of custody, since when and until when."""
    per_arrest = size.custody.by_charge(person.mean_arrest_rate)
    charge, state = weighted(per_arrest.states, person.stream.uniform("initial_state.jail_state"))
    if state in SENTENCED:
        place_serving_sentence(county, person, charge, state)
    elif state in COMPETENCY:
        place_in_competency_proceedings(county, person, charge, state, size.restoration_wait)
    else:
        place_before_disposition(county, person, charge, state)


def custody_in_progress(
    county: County, person: Person, charge: Charge, state: CustodyState
) -> tuple[float, float]:
    """The days behind and the days ahead of a state of custody found in progress on day 0."""
    length = custody.length(county.parameters, state, charge)
    return stay_in_progress(length, entry_substream(person), STATES[state].in_progress)


def place_before_disposition(county: County, person: Person, charge: Charge, state: CustodyState) -> None:
    """In jail before disposition on day 0: until released, until charged or not, or until the disposition."""
    p, stream = county.parameters, person.stream
    behind, ahead = custody_in_progress(county, person, charge, state)
    before = 0.0
    if state is CustodyState.AWAITING:
        before = p.court.charging.sample(stream.uniform("initial_state.before_charge"))
    case = open_case(county, person, charge, behind + before, charged=STATES[state].charged)
    case.release = Signal(county.env)
    case.charging, case.will_be_charged = behind + ahead, state is not CustodyState.NOT_CHARGED
    if state is CustodyState.AWAITING:
        case.due = ahead
    elif state is CustodyState.CHARGING:
        awaiting = custody.length(p, CustodyState.AWAITING, charge)
        case.due = ahead + awaiting.sample(stream.uniform("initial_state.later"))
    elif state is not CustodyState.NOT_CHARGED:
        case.hold, case.release = behind + ahead, Signal(county.env, ahead)
        case.due = p.court.disposition_released.sample(stream.uniform("initial_state.later")) - behind
    start_stay(county, person, charge, behind + before, case.release, case)
    spawn(county, person, rest_of_case(county, person, case))


def place_serving_sentence(county: County, person: Person, charge: Charge, state: CustodyState) -> None:
    """Serving a sentence on day 0, given in custody or to someone who then came in from the community."""
    p, stream = county.parameters, person.stream
    behind, ahead = custody_in_progress(county, person, charge, state)
    if state is CustodyState.COMMITMENT:
        start_stay(county, person, state, behind, Signal(county.env, ahead))
        return
    awaiting = custody.length(p, CustodyState.AWAITING, charge)
    tried = p.court.charging.sample(stream.uniform("initial_state.before_charge"))
    tried += awaiting.sample(stream.uniform("initial_state.before_sentence"))
    county.log.write(-behind, person.id, "jail", "sentenced", charge)
    start_stay(county, person, charge, behind + tried, Signal(county.env, ahead))


def place_in_competency_proceedings(
    county: County, person: Person, charge: Charge, state: CustodyState, wait: float
) -> None:
    """Someone whose competence to stand trial is in question on day 0, and how far that has come."""
    p, stream = county.parameters, person.stream
    behind, ahead = 0.0, 0.0
    if state is not CustodyState.AWAITING_RESTORATION:
        behind, ahead = custody_in_progress(county, person, charge, state)
    doubted = behind
    if state is not CustodyState.EVALUATING:
        waited = wait * (1 if state is CustodyState.RESTORING else stream.uniform("initial_state.waited"))
        doubted += waited + p.competency.evaluation.sample(stream.uniform("initial_state.evaluated"))
    case = open_case(county, person, charge, doubted)
    awaiting = custody.length(p, CustodyState.AWAITING, charge)
    case.due = awaiting.sample(stream.uniform("initial_state.disposition"))
    case.release = Signal(county.env)
    county.competency.admit(person, charge, since=-doubted)
    if state is CustodyState.RESTORING:
        county.restoration.admit(person, since=-behind)
        person.booked = -doubted
        hold(county, person, case.release, case)
    else:
        start_stay(county, person, charge, doubted, case.release, case)
    spawn(county, person, proceedings(county, person, case, state, ahead))


def proceedings(
    county: County, person: Person, case: arrest.Case, state: CustodyState, ahead: float
) -> Process[None]:
    """The rest of the proceedings on competence, and of the case."""
    if state is CustodyState.EVALUATING:
        status = yield from competency.evaluated(county, person, case, ahead)
    elif state is CustodyState.RESTORING:
        status = yield from competency.restoring(county, person, case, ahead)
    else:
        status = yield from competency.awaiting_restoration(county, person, case)
    if status is not CaseStatus.CLOSED:
        yield from after_charge(county, person, case, status is CaseStatus.DIVERTED)


def start_stay(
    county: County,
    person: Person,
    why: Charge | CustodyState,
    behind: float,
    release: Signal,
    case: arrest.Case | None = None,
) -> None:
    """Someone who has been in jail for ``behind`` days, until ``release`` fires."""
    county.jail.admit(person, why, since=-behind)
    person.booked = -behind
    hold(county, person, release, case)


def hold(county: County, person: Person, release: Signal, case: arrest.Case | None) -> None:
    """Keep someone in custody until ``release`` fires."""
    person.in_custody = True
    county.env.process(until_released(county, person, release, case))


def until_released(
    county: County, person: Person, release: Signal, case: arrest.Case | None
) -> Process[None]:
    """The rest of a stay in jail that began before day 0, and life after it."""
    yield from jail.until_released(county, person, release)
    if case is not None:
        case.release = None
    raise_risk(county, person, Risk.ARREST, county.parameters.arrest.return_excess.value)
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


def open_pending_cases(county: County, person: Person, per_arrest: CustodyPerArrest, mean: float) -> None:
    """Cases of people already released or cited: Poisson many, each in progress."""
    passed, length = 0.0, county.parameters.court.disposition_released
    for number in itertools.count():
        stream = person.stream.substream(number)
        passed += stream.exponential("initial_state.pending")
        if passed >= mean:
            return
        charge = weighted(per_arrest.pending, stream.uniform("initial_state.pending_charge"))
        behind, ahead = stay_in_progress(length, stream, "initial_state.pending_case")
        case = open_case(county, person, charge, behind)
        case.record.booked = not stream.bernoulli("initial_state.pending_cited", per_arrest.cited[charge])
        case.due = ahead
        spawn(county, person, after_charge(county, person, case))
