"""Sanctions, with jail or without, and incentives that follow a review."""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.person import Person
from simulation.pathway.stay import Participation


def impose(county: County, person: Person, stay: Participation) -> None:
    """Sanction: the phase and completion move back, and the person goes to jail if policy says so."""
    p = county.parameters.court
    stay.sanctions += 1
    stay.goal += p.setback.days
    stay.credit -= p.setback.days
    days = p.sanction_stay.sample(person.stream.uniform("court.sanction_stay"))
    jail = jailed(county, stay)
    county.note(person, "court", "sanctioned", "jail" if jail else "without_jail")
    if jail:
        person.order_custody("sanction", days)


def jailed(county: County, stay: Participation) -> bool:
    """Whether this sanction is jail: always, never, or after milder ones."""
    policy = county.policy.rules.sanctions
    first = county.parameters.court.sanctions_before_jail.value
    return policy == "jail" or (policy == "graduated" and stay.sanctions > first)


def reward(county: County, person: Person, stay: Participation) -> None:
    """Incentive: the next phase comes sooner; behavior does not change."""
    p = county.parameters.court
    if person.stream.bernoulli("court.incentive", p.incentive.value):
        stay.credit += p.advance.days
        county.note(person, "court", "rewarded")
