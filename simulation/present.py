"""Who is where on day 0, with the time already served drawn from the right, length-biased law.

Someone found in jail on a given day is not a typical booking: long stays are found more often, in
proportion to their length, and the time already served is a uniform part of the whole.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from simulation import eventlog, pretrial
from simulation.chance import Crowd, Occasion
from simulation.clock import Bell, Wait
from simulation.county import County
from simulation.parameter import Duration
from simulation.pathway import (
    arrest,
    competency,
    court,
    diversion,
    fact,
    housing,
    journey,
    participation,
    readiness,
    stepdown,
)
from simulation.pathway.community import beside
from simulation.person import Person
from simulation.population import AWAY, Balance, Custody, HomeLoss
from simulation.service import Service
from simulation.team import Team

K = TypeVar("K")


def once(person: Person) -> Occasion:
    """The luck of what is decided once about a person, when they enter the model."""
    return person.luck.occasion(0)


def arrive(county: County, person: Person, homes: HomeLoss) -> None:
    """Count a newcomer among the county's people, with a home or without."""
    county.residence.admit(person, "newcomer")
    if once(person).happens("present.homeless", homes.share_of_newcomers(person.arrest_rate)):
        housing.homeless(county, person)


def settle(county: County, people: Sequence[Person], homes: HomeLoss) -> None:
    """Count people among the county's on day 0, with a home or without."""
    listed = listed_share(county, homes)
    lucks = Crowd.of(person.luck for person in people).luck("present.homeless").tolist()
    for person, luck in zip(people, lucks, strict=True):
        county.residence.admit(person, "present")
        if luck < homes.share_on_a_day(person.arrest_rate):
            housing.homeless(county, person, listed)


def listed_share(county: County, homes: HomeLoss) -> float:
    """The share of people without a home on a day who are on the coordinated-entry list.

    Spells on the list end sooner, by the rate at which supportive homes come free; that rate follows
    from the tenants who have to be replaced.
    """
    listed = county.parameters.housing.coordinated_entry.value
    replaced = homes.housed * (county.home_rates["supportive"] + sum(county.leaving_rates))
    slack = homes.found_per_day * listed - replaced * (1 - listed)
    if slack <= 0:
        return listed
    offered = replaced * homes.found_per_day / slack
    on, off = listed / (homes.found_per_day + offered), (1 - listed) / homes.found_per_day
    return on / (on + off)


def live(county: County, people: Sequence[Person], size: Balance) -> None:
    """In jail or in the community, with open cases, as after years of the same."""
    custody, homes = size.custody, size.homes
    ratio = county.parameters.arrest.homeless_ratio.value
    crowd = Crowd.of(person.luck for person in people)
    lucks = zip(crowd.luck("present.jail").tolist(), crowd.luck("present.pending").tolist(), strict=True)
    pending = sum(custody.pending.values())
    for person, (in_custody, first_case) in zip(people, lucks, strict=True):
        homeless = person.home == "none"
        days = homes.days_in_jail(person.arrest_rate, homeless)
        rate = person.arrest_rate * (ratio if homeless else 1.0) + size.crisis_arrests
        if in_custody < days / (1 + days):
            in_jail(county, person, size)
        else:
            county.env.process(journey.life(county, person))
        cases = pending * rate / (1 + days)
        if -math.log(first_case) < cases:
            pending_cases(county, person, custody, cases)


def found(length: Duration, luck: Occasion, decision: str) -> tuple[float, float]:
    """The days behind and the days ahead of a stay found in progress."""
    whole = length.sample_in_progress(luck.luck(decision))
    behind = whole * luck.luck(f"{decision}.behind")
    return behind, whole - behind


def in_jail(county: County, person: Person, size: Balance) -> None:
    """In jail on day 0: on what charge, in which state, since when and until when."""
    p, luck = county.parameters, person.luck
    charge, state = weighted(size.custody.states, luck.luck("present.jail_state"))
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
    behind, ahead = found(length, once(person), f"present.{state}")
    before = p.court.charging.sample(luck.luck("present.before_charge")) if state == "awaiting" else 0.0
    case = open_case(
        county, person, charge, behind + before, charged=state not in ("not_charged", "charging")
    )
    case.custody = Bell(county.env)
    case.charging, case.will_be_charged = behind + ahead, state != "not_charged"
    if state in ("recognizance", "bail"):
        case.hold, case.custody = behind + ahead, Bell(county.env, ahead)
        case.due = p.court.disposition_released.sample(luck.luck("present.later")) - behind
    elif state == "awaiting":
        case.due = ahead
    elif state == "charging":
        length = pretrial.until_disposition(p, charge)
        case.due = ahead + length.sample(luck.luck("present.later"))
    start_stay(county, person, charge, behind + before, case.custody, case)
    beside(county, person, rest_of_case(county, person, case))


def serving(county: County, person: Person, charge: str, state: str) -> None:
    """Serving a sentence on day 0, given in custody or to someone who then came in from the community."""
    p, luck = county.parameters, person.luck
    behind, ahead = found(pretrial.sentence(p, charge), once(person), "present.sentence")
    if state == "commitment":
        start_stay(county, person, "commitment", behind, Bell(county.env, ahead))
        return
    tried = p.court.charging.sample(luck.luck("present.before_charge"))
    tried += pretrial.until_disposition(p, charge).sample(luck.luck("present.before_sentence"))
    county.log.write(-behind, person.id, "jail", "sentenced", charge)
    start_stay(county, person, charge, behind + tried, Bell(county.env, ahead))


COMPETENCY = ("evaluating", "awaiting_restoration", AWAY)


def incompetent(county: County, person: Person, charge: str, where: str, wait: float) -> None:
    """Someone whose competence to stand trial is in question on day 0, and how far that has come."""
    p, luck = county.parameters.competency, person.luck
    stay = {"evaluating": p.evaluation, AWAY: p.restoration}.get(where)
    behind, ahead = found(stay, once(person), f"present.{where}") if stay else (0.0, 0.0)
    doubted = behind
    if where != "evaluating":
        waited = wait * (1 if where == AWAY else luck.luck("present.waited"))
        doubted += waited + p.evaluation.sample(luck.luck("present.evaluated"))
    case = open_case(county, person, charge, doubted)
    length = pretrial.until_disposition(county.parameters, charge)
    case.due = length.sample(luck.luck("present.disposition"))
    case.custody = Bell(county.env)
    county.competency.admit(person, charge, since=-doubted)
    if where == AWAY:
        county.restoration.admit(person, since=-behind)
        hold(county, person, case.custody, case)
    else:
        start_stay(county, person, charge, doubted, case.custody, case)
    beside(county, person, proceedings(county, person, case, where, ahead))


def proceedings(county: County, person: Person, case: arrest.Case, where: str, ahead: float) -> Wait:
    """The rest of the proceedings on competence, and of the case."""
    if where == "evaluating":
        outcome = yield from competency.evaluated(county, person, case, ahead)
    elif where == AWAY:
        outcome = yield from competency.restoring(county, person, case, ahead)
    else:
        outcome = yield from competency.awaiting_restoration(county, person, case)
    if outcome != "closed":
        yield from after_charge(county, person, case, outcome == "diverted")


def start_stay(
    county: County,
    person: Person,
    why: str,
    behind: float,
    gate: Bell,
    case: arrest.Case | None = None,
) -> None:
    """Someone who has been in jail for ``behind`` days, until the gate opens."""
    county.jail.admit(person, why, since=-behind)
    person.booked = -behind
    hold(county, person, gate, case)


def hold(county: County, person: Person, gate: Bell, case: arrest.Case | None) -> None:
    """Keep someone in custody until the gate opens."""
    person.in_custody = True
    county.env.process(until_released(county, person, gate, case))


def until_released(county: County, person: Person, gate: Bell, case: arrest.Case | None) -> Wait:
    """The rest of a stay that began before day 0, and then life."""
    outcome = yield gate
    if case is not None:
        case.custody = None
    person.in_custody = False
    county.jail.leave(person, outcome or "released")
    housing.out_of_jail(county, person)
    yield from journey.life(county, person)


def open_case(
    county: County, person: Person, charge: str, behind: float, charged: bool = True
) -> arrest.Case:
    """A case that began before day 0, charged already or never to be."""
    record = eventlog.Arrest(person.id, -behind, charge, booked=True)
    county.log.arrests.append(record)
    if charged:
        record.charged = -behind
        person.charged_arrests += 1
    luck = person.luck.next("arrests")
    excluded = arrest.excluded_from_diversion(county.parameters, luck, charge)
    return arrest.Case(record, luck, excluded=excluded)


def rest_of_case(county: County, person: Person, case: arrest.Case) -> Wait:
    """The rest of the case of someone in jail on day 0, the prosecutor's decision included if it is due."""
    if not math.isnan(case.record.charged):
        yield from after_charge(county, person, case)
    elif (yield from court.charge(county, person, case)):
        yield from journey.tried(county, person, case)


def after_charge(county: County, person: Person, case: arrest.Case, diverted: bool = False) -> Wait:
    """The rest of a case that was charged before day 0: diversion still races disposition."""
    identified = county.policy.screening_sensitivity
    case.identified = case.booked and case.luck.happens("jail.identified", identified)
    yield from journey.diverted_or_disposed(county, person, case, diverted)


def pending_cases(county: County, person: Person, custody: Custody, mean: float) -> None:
    """Cases of people already released or cited: Poisson many, each found in progress."""
    passed, length = 0.0, county.parameters.court.disposition_released
    for number in itertools.count():
        luck = person.luck.occasion(number)
        passed += luck.exponential("present.pending")
        if passed >= mean:
            return
        charge = weighted(custody.pending, luck.luck("present.pending_charge"))
        behind, ahead = found(length, luck, "present.pending_case")
        case = open_case(county, person, charge, behind)
        case.record.booked = not luck.happens("present.pending_cited", custody.cited[charge])
        case.due = ahead
        beside(county, person, after_charge(county, person, case))


def weighted(weights: Mapping[K, float], luck: float) -> K:
    """One key, with a chance in proportion to its weight."""
    point = luck * sum(weights.values())
    for key, weight in weights.items():
        point -= weight
        if point < 0:
            return key
    return list(weights)[-1]


def choose(
    people: Iterable[Person],
    number: int,
    decision: str,
    weight: Callable[[Person], float] = lambda person: person.arrest_rate,
) -> list[Person]:
    """So many people without replacement, in proportion to how often each is arrested, or to a weight.

    Each person's own luck over their rate, smallest first (Efraimidis and Spirakis 2006), so that who
    is chosen does not depend on the order of the people.
    """
    people = list(people)
    luck = Crowd.of(person.luck for person in people).luck(decision)
    weights = np.fromiter(map(weight, people), np.float64, len(people))
    ranks = -np.log(luck) / np.maximum(weights, 1e-12)
    return [people[place] for place in np.argsort(ranks, kind="stable")[:number].tolist()]


def candidates(county: County, people: Iterable[Person], care: Service) -> list[Person]:
    """People outside jail and outside any program whom this care would take."""
    wanted = isinstance(care, Team)
    return [
        person
        for person in people
        if not person.in_custody
        and person.program is None
        and (fact.needs_fact(person) and county.has("fact")) == wanted
        and (not wanted or f"fact.{person.traits.region}" == care.name)
    ]


def program_case(county: County, person: Person, behind: float) -> arrest.Case:
    """The case on which someone in the program on day 0 was diverted."""
    shares = county.charges[False]
    divertible = {charge: share for charge, share in shares.items() if charge in diversion.DIVERTIBLE}
    return open_case(county, person, weighted(divertible, person.luck.luck("present.program_charge")), behind)


def enroll(county: County, people: list[Person], care: Service, number: int) -> None:
    """Fill a team or lower-intensity care with people who came from the court."""
    for person in choose(candidates(county, people, care), number, f"present.{care.name}"):
        behind, length = program_in_progress(county, person)
        case = program_case(county, person, behind)
        stay = participation.begin(county, person, -behind, length)
        county.court.admit(person, "in_community", since=-behind)
        care.admit(person, "diverted", since=-behind)
        fact.begin(county, person, care)
        if person.program == "fact" and person.home == "none":
            beside(county, person, housing.on_day_0(county, person, behind))
        if person.program == "fact":
            beside(county, person, readiness.reviews(county, person, stay))
        beside(county, person, journey.in_program(county, person, case, stay))


def wait(county: County, people: list[Person], team: Team, number: int) -> None:
    """People whom the court has admitted and who wait for the team in the community."""
    since_arrest = county.parameters.court.referral_delay.mean + diversion.PIPELINE
    for person in choose(candidates(county, people, team), number, f"present.waiting.{team.name}"):
        person.program = "admitted"
        county.court.admit(person, "in_community")
        case = program_case(county, person, since_arrest)
        beside(county, person, journey.program(county, person, case))


def program_in_progress(county: County, person: Person) -> tuple[float, float]:
    """Days in the program so far, and the days it takes to complete if nothing else ends it first.

    Programs are found in proportion to how long they last, which is at most the legal limit: draw one,
    keep it with that chance, or draw again.
    """
    p, luck = county.parameters.court, person.luck
    limit = county.rules.program_limit
    other = sum(rate.per_day for rate in (p.withdrawal, p.discharge, p.transfer))
    other += participation.failure_rate(county, person)
    while True:
        length = p.program_length.sample(luck.luck("present.program_length"))
        whole = min(length, luck.exponential("present.program_exit") / other, limit)
        if luck.luck("present.program_kept") < whole / limit:
            behind = whole * luck.luck("present.program_behind")
            return behind, length


def tenants(county: County, people: list[Person], kind: str, number: int) -> None:
    """Homes that people live in already and keep: they live there from day 0 on."""
    homes = county.homes[kind]
    for person in people[:number]:
        homes.refer(person, "present")
        homes.admit(person, "present", since=-housing.tenancy_age(county, person, kind))
        beside(county, person, housing.tenancy(county, person, homes))


def supportive(county: County, people: list[Person], size: Balance, number: int) -> None:
    """Supportive homes hold people who were without a home once: those who lose one most often."""

    def weight(person: Person) -> float:
        return 1 / (size.homes.own(person.arrest_rate) + size.homes.housed)

    housed = [person for person in people if person.home == "own"]
    tenants(county, choose(housed, number, "present.supportive", weight), "supportive", number)


def house(county: County, people: list[Person], number: int) -> None:
    """Longer-term units that former participants live in already."""
    free = [p for p in people if not p.in_custody and p.program is None and p.home == "none"]
    former = [person for person in free if fact.needs_fact(person)]
    tenants(county, choose(former, number, "present.longer_term"), "longer_term", number)


def step_down(county: County, people: list[Person], number: int) -> None:
    """Outpatient slots held by people who completed the program."""
    free = [p for p in people if not p.in_custody and p.program is None]
    for person in choose(free, number, "present.outpatient"):
        behind, ahead = found(county.parameters.stepdown.stay, once(person), "present.stepdown")
        county.outpatient.admit(person, "step_down", since=-behind)
        beside(county, person, stepdown.outpatient_care(county, person, ahead, "completed"))


def treat(county: County, people: list[Person], number: int) -> None:
    """Places in substance use treatment held by people outside the program."""
    free = [p for p in people if not p.in_custody and p.program is None and p.traits.substance_use]
    for person in choose(free, number, "present.substance_use"):
        behind, ahead = found(county.parameters.stepdown.substance_use_stay, once(person), "present.treated")
        county.substance_use.admit(person, "step_down", since=-behind)
        beside(county, person, county.substance_use.visit(person, ahead, "completed"))
