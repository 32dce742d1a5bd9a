"""Living in the community: five competing risks, and orders of custody that interrupt them."""

from __future__ import annotations

from dataclasses import replace

from simulation.county.age import GROWN_OLDER, YEAR, YEARS
from simulation.county.county import County
from simulation.county.outcome import Home
from simulation.county.person import CustodyOrder, Person
from simulation.county.team import Team
from simulation.engine.clock import Process, RunningProcess, Signal
from simulation.engine.hazard import Five, Hazards, Risk
from simulation.inputs.parameters import Parameters

# Looked up once: in Python 3.11 reading a member of an enum costs as much as ten comparisons.
NO_HOME, OWN_HOME = Home.NONE, Home.OWN


def live(county: County, person: Person) -> Process[CustodyOrder | Risk]:
    """Wait in the community until a risk strikes or custody is ordered; returns which."""
    if person.hazards is None:
        person.hazards = Hazards(person.stream, county.crisis_demand, county.fading)
    env, hazards = county.env, person.hazards
    while not person.pending_orders:
        if env._now >= person.older:
            grow_older(county, person)
        due_in, until = hazards.resume(env._now, rates(county, person)), person.older - env._now
        signal = person.living = Signal(env, due_in if due_in < until else until)
        news = yield signal
        person.living = None
        hazards.pause(env._now)
        if news is None and due_in < until:
            return hazards.strike()
    first, *later = person.pending_orders
    person.pending_orders = tuple(later)
    return first


def rates(county: County, person: Person) -> Five:
    """The person's hazards per day now, in the order of the ``RISKS``."""
    arrest, crisis = person.arrest_rate * county.offending, county.crisis_rate * person.crisis_ratio
    if person.home is NO_HOME:
        arrest *= county.parameters.arrest.homeless_ratio.value
        crisis *= county.parameters.crisis.homeless_ratio.value
    if person.team is not None:
        arrest, crisis = in_program(county.parameters, person, arrest, crisis)
    death, moving_away = county.exits[person.traits.age_band]
    return crisis, arrest, person.home_rate, death, moving_away


def in_program(p: Parameters, person: Person, arrest: float, crisis: float) -> tuple[float, float]:
    """What the program in whose care someone is makes of their hazards of arrest and crisis."""
    if person.program == "lower_intensity":
        arrest *= p.court.arrest_ratio.value
    elif isinstance(person.team, Team):
        arrest *= p.fact.arrest_ratio.value**person.team.fidelity
        crisis *= p.fact.crisis_ratio.value
    return arrest, crisis


def grow_older(county: County, person: Person) -> None:
    """Come into the next age band, which changes how often the person is arrested."""
    before, band = person.traits.age_band, GROWN_OLDER[person.traits.age_band]
    person.traits = replace(person.traits, age_band=band)
    person.older += YEARS[band] * YEAR
    change = county.age_ratios[band] / county.age_ratios[before]
    person.arrest_rate *= change
    person.mean_arrest_rate *= change
    county.note(person, "person", "grew_older", band)


def raise_risk(county: County, person: Person, risk: Risk, excess: float) -> None:
    """Raise the risk of another crisis or arrest after one; it fades."""
    if person.hazards is not None:
        person.hazards.raised(risk, excess, county.env._now)


def spawn(county: County, person: Person, process: Process[object]) -> None:
    """Start a process beside the person's life; it ends quietly if the person leaves the county."""
    RunningProcess(county.env, process, person)
