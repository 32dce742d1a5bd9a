"""Care in the program: a FACT team for those who need most, lower-intensity care for the others."""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.outcome import Home, Release
from simulation.county.person import Person
from simulation.county.service import Service
from simulation.county.team import Team
from simulation.engine.clock import Process
from simulation.pathway import treatment
from simulation.pathway.arrest import Case

MONTH = 365.25 / 12


def needs_fact(person: Person) -> bool:
    """High criminogenic risk and high functional impairment: whom FACT is for."""
    return person.traits.high_risk and person.traits.high_impairment


def team_for(county: County, person: Person) -> Team:
    """The team of the person's region or, if it is full, the one with most room that serves the region."""
    region = person.traits.region
    own = county.fact[region]
    if own.free:
        return own
    others = [t for t in county.fact.values() if region in t.serves or county.policy.overflow]
    return max((own, *others), key=lambda team: team.free)


def priority(county: County, person: Person) -> int:
    """The priority on a team's list by the county's rule: lowest first, equal ones in order of referral."""
    rule = county.policy.fact_priority
    if rule == "in_custody":
        return 0 if person.in_custody else 1
    if rule == "highest_need":
        return -int(person.home is Home.NONE) - int(person.traits.substance_use)
    return 0


def find_place(county: County, person: Person, case: Case) -> Process[Service | None]:
    """Wait for a place in care, in jail if the case holds the person there; None if no place came in time.

    In jail the wait ends with the disposition, in the community with the patience for FACT, and anywhere
    with the legal limit of diversion. Who gets no place in FACT waits for lower-intensity care.
    """
    last_day = county.day + county.rules.program_limit
    choices: list[Service] = [county.lower_intensity]
    if needs_fact(person) and county.has("fact"):
        choices.insert(0, team_for(county, person))
    for care in choices:
        patience = county.parameters.fact.patience.days
        if case.release is not None:
            patience = case.time_left(county.day)
        patience = min(patience, last_day - county.day)
        rank = priority(county, person) if isinstance(care, Team) else 0
        if (yield from care.enter(person, why="diverted", patience=patience, priority=rank)):
            begin(county, person, care, case)
            return care
    return None


def begin(county: County, person: Person, care: Service, case: Case | None = None) -> None:
    """Begin care: leave jail if the case held them there, leave aftercare, and let hazards change."""
    county.outpatient.withdraw(person, "new_program")
    if person.aftercare is not None:
        person.aftercare.fire("new_program")
    person.program = "fact" if isinstance(care, Team) else "lower_intensity"
    person.team = care
    if case is not None and case.release is not None:
        case.release.fire(Release.DIVERTED)
        case.release = None
    if isinstance(care, Team):
        treatment.refer(county, person)
    person.changed()


def leave(county: County, person: Person, care: Service, way_out: str) -> None:
    """End care, its treatment groups and its effects on hazards."""
    treatment.end(county, person, way_out)
    person.team = None
    care.leave(person, way_out)
    person.changed()


def open_intake_each_month(county: County, team: Team) -> Process[None]:
    """Review the team's members and take in the month's number of people, on the first of each month."""
    while True:
        team.review()
        team.open_intake(county.policy.intake_per_month)
        yield county.env.timeout(MONTH)
