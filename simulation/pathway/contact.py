"""Contacts between two reviews: offered as staff time allows, kept as engagement allows."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate
from math import comb

from simulation.county.county import County
from simulation.county.person import Person
from simulation.county.team import Team


def since(county: County, person: Person, begun: float) -> bool:
    """Log the contacts since a day, unless in jail; returns whether at least half were kept."""
    offered = contacts_offered(county, person, begun)
    share = county.parameters.fact.therapy_attendance.value
    if isinstance(person.team, Team):
        share *= person.team.engagement(person)
    kept = binomial_quantile(person.stream.uniform("court.therapy"), offered, share)
    if not person.in_custody:
        county.log.attended((begun, county.day), person.id, "therapy", (offered, kept))
    return 2 * kept >= offered


def contacts_offered(county: County, person: Person, begun: float) -> int:
    """Contacts offered since a day: a team's by its staff time, otherwise as scheduled; none in jail."""
    if isinstance(person.team, Team):
        offered = person.team.offer(person)
    else:
        offered = round((county.day - begun) / 7 * county.policy.contacts_per_week)
    return 0 if person.in_custody else offered


def skip(person: Person) -> None:
    """Discard the contacts and the lost engagement of a time in which the person was away."""
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
def binomial_cdf(trials: int, share: float) -> tuple[float, ...]:
    """Probabilities of at most 0, 1, 2, ... successes in so many trials."""
    chances = (comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(trials + 1))
    return tuple(accumulate(chances))


def binomial_quantile(uniform: float, trials: int, share: float) -> int:
    """The number of contacts kept, from one uniform number: the quantile of a binomial distribution."""
    return min(bisect_left(binomial_cdf(trials, share), uniform), trials)
