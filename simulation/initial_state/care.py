"""Who is in a program on day 0, waits for one, or is in the care that follows it."""

from __future__ import annotations

from collections.abc import Iterable

from simulation.county.county import County
from simulation.county.outcome import Home
from simulation.county.person import Person
from simulation.county.service import Service
from simulation.county.team import Team
from simulation.initial_state.home import house_member
from simulation.initial_state.jail import open_case
from simulation.initial_state.selection import choose, entry_substream, stay_in_progress, weighted
from simulation.pathway import arrest, diversion, fact, journey, participation, readiness, stepdown
from simulation.pathway.community import spawn


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
    shares = arrest.charge_shares(county, person, in_crisis=False)
    divertible = {charge: share for charge, share in shares.items() if charge in diversion.DIVERTIBLE}
    return open_case(
        county, person, weighted(divertible, person.stream.uniform("initial_state.program_charge")), behind
    )


def place_in_program(county: County, people: list[Person], care: Service, number: int) -> None:
    """Fill a team or lower-intensity care with people who came from the court."""
    for person in choose(candidates(county, people, care), number, f"initial_state.enrolled.{care.name}"):
        behind, length = program_in_progress(county, person)
        case = program_case(county, person, behind)
        stay = participation.begin(county, person, -behind, length)
        county.court.admit(person, "in_community", since=-behind)
        care.admit(person, "diverted", since=-behind)
        fact.begin(county, person, care)
        if person.program == "fact" and person.home is Home.NONE:
            spawn(county, person, house_member(county, person, behind))
        if person.program == "fact":
            spawn(county, person, readiness.reviews(county, person, stay))
        spawn(county, person, journey.in_program(county, person, case, stay))


def place_on_waiting_list(county: County, people: list[Person], team: Team, number: int) -> None:
    """People whom the court has admitted and who wait for the team in the community."""
    since_arrest = county.parameters.court.referral_delay.mean + diversion.PIPELINE
    for person in choose(candidates(county, people, team), number, f"initial_state.waiting.{team.name}"):
        person.program = "admitted"
        county.court.admit(person, "in_community")
        case = program_case(county, person, since_arrest)
        spawn(county, person, journey.program(county, person, case))


def program_in_progress(county: County, person: Person) -> tuple[float, float]:
    """Days in the program so far, and the days it takes to complete if nothing else ends it first.

    Programs are found in proportion to how long they last, which is at most the legal limit: draw one,
    keep it with that chance, or draw again.
    """
    p, stream = county.parameters.court, person.stream
    limit = county.rules.program_limit
    other = sum(rate.per_day for rate in (p.withdrawal, p.discharge, p.transfer))
    other += participation.failure_rate(county, person)
    while True:
        length = p.program_length.sample(stream.uniform("initial_state.program_length"))
        whole = min(length, stream.exponential("initial_state.program_exit") / other, limit)
        if stream.uniform("initial_state.program_kept") < whole / limit:
            behind = whole * stream.uniform("initial_state.program_behind")
            return behind, length


def place_in_outpatient_care(county: County, people: list[Person], number: int) -> None:
    """Outpatient slots held by people who completed the program."""
    free = [p for p in people if not p.in_custody and p.program is None]
    for person in choose(free, number, "initial_state.outpatient"):
        behind, ahead = stay_in_progress(
            county.parameters.stepdown.stay, entry_substream(person), "initial_state.stepdown"
        )
        county.outpatient.admit(person, "step_down", since=-behind)
        spawn(county, person, stepdown.outpatient_care(county, person, ahead, "completed"))


def place_in_substance_use_treatment(county: County, people: list[Person], number: int) -> None:
    """Places in substance use treatment held by people outside the program."""
    free = [p for p in people if not p.in_custody and p.program is None and p.traits.substance_use]
    for person in choose(free, number, "initial_state.substance_use"):
        behind, ahead = stay_in_progress(
            county.parameters.stepdown.substance_use_stay, entry_substream(person), "initial_state.treated"
        )
        county.substance_use.admit(person, "step_down", since=-behind)
        spawn(county, person, county.substance_use.visit(person, ahead, "completed"))
