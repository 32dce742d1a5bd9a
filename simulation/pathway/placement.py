"""Which housing types admit a person, on which waiting lists they are, and with what priority."""

from __future__ import annotations

from simulation.county.county import County
from simulation.county.home import Homes
from simulation.county.outcome import Charge
from simulation.county.person import Person

FELONY = Charge.FELONY
JUST_RELEASED = 30.0
"""Days after leaving jail during which someone counts as leaving it."""


def may_enter(county: County, person: Person, kind: str) -> bool:
    """Whether this kind of home takes the person, as the county's rules stand."""
    traits = person.traits
    return county.policy.homes.admits[kind].takes(
        traits.high_impairment, traits.substance_use, person.charge is FELONY
    )


def lists(county: County, person: Person, who: str) -> list[Homes]:
    """The waiting lists open to someone as a member of this group, the preferred housing type first.

    Supervised homes are for those assessed to need supervision, shared ones for those who accept sharing.
    """
    kinds = [kind for kind in county.policy.homes.open_to(who) if may_enter(county, person, kind)]
    p, stream = county.parameters.housing, person.stream
    if not stream.bernoulli("housing.needs_supervision", p.needs_supervision.value):
        kinds = [kind for kind in kinds if kind != "supervised"]
    if not stream.bernoulli("housing.shares", p.accepts_sharing.value):
        kinds = [kind for kind in kinds if kind != "shared"]
    return [county.homes[kind] for kind in kinds]


def priority(county: County, person: Person) -> int:
    """The priority on a list by the county's rule: lowest first, equal ones in order of referral."""
    rule, traits = county.policy.homes.priority, person.traits
    if rule == "highest_need":
        return -int(traits.high_impairment) - int(traits.substance_use)
    if rule == "leaving_jail":
        leaving = person.in_custody or county.day - person.freed <= JUST_RELEASED
        return 0 if leaving else 1
    return 0
