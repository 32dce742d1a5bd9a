"""A bench warrant: absent until returned to court, or terminated from the program."""

from __future__ import annotations

from math import inf

from simulation.county.county import County
from simulation.county.person import Person
from simulation.county.service import Service
from simulation.engine.clock import Process
from simulation.pathway import contact, fact, housing
from simulation.pathway.community import spawn
from simulation.pathway.stay import Participation


def issued(county: County, person: Person, stay: Participation) -> Process[bool]:
    """Whether someone on a warrant returns in time, by way of jail, and has a place in care then."""
    p, stream = county.parameters.court, person.stream
    care, day = person.team, county.day
    county.note(person, "warrant", "issued")
    if not county.policy.rules.place_held:
        fact.leave(county, person, care, "warrant")
        person.program = "absent"
    away = p.warrant_return.sample(stream.uniform("court.warrant_return"))
    if stream.bernoulli("court.absconding", p.absconding.value):
        away = inf
    longest = min(county.policy.rules.warrant_limit, stay.limit - day)
    yield person.pause(min(away, longest))
    if away > longest:
        county.note(person, "warrant", "terminated")
        return False
    county.note(person, "warrant", "returned")
    stay.put_off(county.day - day)
    person.order_custody("warrant", p.warrant_stay.sample(stream.uniform("court.warrant_stay")))
    if person.team is None and not (yield from back_in_care(county, person, care, stay)):
        return False
    contact.skip(person)
    stay.reviewed = county.day
    return True


def back_in_care(county: County, person: Person, care: Service, stay: Participation) -> Process[bool]:
    """Wait for a place in care again, with the usual patience and inside the legal limit."""
    patience = min(county.parameters.fact.patience.days, stay.limit - county.day)
    if not (yield from care.enter(person, why="returned", patience=patience)):
        return False
    fact.begin(county, person, care)
    if person.program == "fact":
        spawn(county, person, housing.seek(county, person, "fact"))
    return True
