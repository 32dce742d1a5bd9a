"""Contacts with the program between two reviews: offered as staff time allows, kept as engagement allows."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate
from math import comb

from simulation.county.county import County
from simulation.county.person import Person
from simulation.county.team import Team


def since(county: County, person: Person, begun: float) -> bool:
    """Contacts since a day, in one row unless in jail; whether half or more of those offered were kept."""
    offered = contacts_offered(county, person, begun)
    share = county.parameters.fact.therapy_attendance.value
    if isinstance(person.team, Team):
        share *= person.team.engagement(person)
    kept = binomial_quantile(person.stream.uniform("court.therapy"), offered, share)
    if not person.in_custody:
        county.log.attended((begun, county.day), person.id, "therapy", (offered, kept))
    return 2 * kept >= offered


def contacts_offered(county: County, person: Person, begun: float) -> int:
    """By a team what its staff have time for, in lower-intensity care what is scheduled; none in jail."""
    if isinstance(person.team, Team):
        offered = person.team.offer(person)
    else:
        offered = round((county.day - begun) / 7 * county.policy.contacts_per_week)
    return 0 if person.in_custody else offered


def skip(person: Person) -> None:
    """Forget what a team would have offered to someone who was away, and the engagement lost meanwhile."""
    if isinstance(person.team, Team):
        person.team.offer(person)
        person.team.engagement_days_lost(person)


def withdrawal_advance(county: County, person: Person) -> float:
    """Days by which a voluntary withdrawal comes sooner, for the engagement lost since the last review."""
    if not isinstance(person.team, Team):
        return 0.0
    ratio = county.parameters.fact.disengaged_withdrawal_ratio.value
    return (ratio - 1) * person.team.engagement_days_lost(person)


@lru_cache(maxsize=4096)
def binomial_ladder(trials: int, share: float) -> tuple[float, ...]:
    """Probabilities of at most 0, 1, 2, ... successes in so many trials."""
    chances = (comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(trials + 1))
    return tuple(accumulate(chances))


def binomial_quantile(uniform: float, trials: int, share: float) -> int:
    """How many of so many contacts are kept, in one draw."""
    return min(bisect_left(binomial_ladder(trials, share), uniform), trials)
