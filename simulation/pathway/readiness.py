"""Readiness for less care than FACT: reviews from a year on, and the step down under the same court."""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.person import Person
from simulation.county.team import Team
from simulation.engine.clock import Process
from simulation.pathway import fact, housing
from simulation.pathway.community import spawn
from simulation.pathway.stay import Participation


def reviews(county: County, person: Person, stay: Participation) -> Process[None]:
    """Review readiness at the county's interval; someone who is ready steps down if there is a place."""
    p = county.parameters.stepdown
    due = stay.began + p.earliest.days
    while county.has("stepdown"):
        while due <= county.day:
            due += county.policy.review_interval
        yield person.pause(due - county.day)
        if stay.over:
            return
        due = county.day + county.policy.review_interval
        if person.in_custody or not isinstance(person.team, Team):
            continue
        ready = person.stream.bernoulli("stepdown.ready", p.ready.value)
        county.note(person, "readiness", "ready" if ready else "not_ready")
        if ready:
            yield from step_down(county, person, stay)


def step_down(county: County, person: Person, stay: Participation) -> Process[None]:
    """Move from the team to lower-intensity care, if a place comes before the next review."""
    p, stream, team, care = county.parameters.stepdown, person.stream, person.team, county.lower_intensity
    if not (yield from care.enter(person, why="step_down", patience=county.policy.review_interval)):
        return
    if stay.over or person.team is not team:
        care.leave(person, "no_longer_needed")
        return
    fact.leave(county, person, team, "stepped_down")
    fact.begin(county, person, care)
    if stream.bernoulli("stepdown.return_to_fact", p.return_to_fact.value):
        spawn(county, person, return_to_team(county, person, stay, team))


def return_to_team(county: County, person: Person, stay: Participation, team: Team) -> Process[None]:
    """Return to the team after a time in less intensive care."""
    p, care = county.parameters.stepdown, person.team
    yield person.pause(p.until_return.sample(person.stream.uniform("stepdown.until_return")))
    if stay.over or person.team is not care:
        return
    patience = county.parameters.fact.patience.days
    rank = fact.priority(county, person)
    if not (yield from team.enter(person, why="return", patience=patience, priority=rank)):
        return
    if stay.over or person.team is not care:
        team.leave(person, "no_longer_needed")
        return
    fact.leave(county, person, care, "return_to_fact")
    fact.begin(county, person, team)
    spawn(county, person, housing.seek(county, person, "fact"))
