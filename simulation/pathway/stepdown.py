"""After completion: outpatient care, and for some a return to FACT."""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.outcome import ProgramExit
from simulation.county.person import Person
from simulation.engine.clock import Process, Signal
from simulation.pathway import contact, fact, housing
from simulation.pathway.community import spawn


def aftercare(county: County, person: Person) -> Process[None]:
    """Step down to outpatient care if a slot comes in time; some return to FACT afterwards."""
    p, stream = county.parameters.stepdown, person.stream
    if not county.has("stepdown"):
        return
    if not stream.bernoulli("stepdown.referred", p.referred.value):
        county.note(person, "outpatient", "lost", "not_referred")
        return
    if person.traits.substance_use and county.substance_use.slots >= 1:
        spawn(county, person, substance_use_treatment(county, person))
    if not (yield from county.outpatient.enter(person, why="step_down", patience=p.patience.days)):
        return
    returns = stream.bernoulli("stepdown.return_to_fact", p.return_to_fact.value)
    way_out = "return_to_fact" if returns else "completed"
    why = yield from outpatient_care(county, person, p.stay.sample(stream.uniform("stepdown.stay")), way_out)
    if why == "return_to_fact" and fact.needs_fact(person) and county.has("fact") and person.program is None:
        yield from readmission(county, person)


def substance_use_treatment(county: County, person: Person) -> Process[None]:
    """Treatment of a substance use disorder in parallel with outpatient care, if a place comes in time."""
    p, treatment = county.parameters.stepdown, county.substance_use
    if treatment.holds_or_waits(person):
        return
    if (yield from treatment.enter(person, why="step_down", patience=p.patience.days)):
        stay = p.substance_use_stay.sample(person.stream.uniform("stepdown.substance_use_stay"))
        yield from treatment.visit(person, stay, "completed")


def outpatient_care(county: County, person: Person, days: float, way_out: str) -> Process[str]:
    """Hold an outpatient slot for some days, or until a new program begins; says why it ended."""
    person.aftercare = Signal(county.env, days)
    why = (yield person.aftercare) or way_out
    person.aftercare = None
    county.outpatient.leave(person, why)
    return why


def readmission(county: County, person: Person) -> Process[None]:
    """Return to the FACT team without the court's supervision, for as long as a program lasts."""
    team = fact.team_for(county, person)
    person.program = "returning"
    patience = county.parameters.fact.patience.days
    rank = fact.priority(county, person)
    if not (yield from team.enter(person, why="return", patience=patience, priority=rank)):
        housing.without_program(county, person)
        return
    fact.begin(county, person, team)
    spawn(county, person, housing.seek(county, person, "fact"))
    length = county.parameters.court.program_length
    yield from in_care(county, person, length.sample(person.stream.uniform("stepdown.readmission")))
    person.program = None
    fact.leave(county, person, team, ProgramExit.SUCCESS)
    yield from housing.after_program(county, person)


def in_care(county: County, person: Person, days: float) -> Process[None]:
    """Some days in the team's care, contacts logged each month."""
    ends = county.day + days
    while ends - county.day > 1e-9:
        begun = county.day
        yield person.pause(min(fact.MONTH, ends - begun))
        contact.since(county, person, begun)
