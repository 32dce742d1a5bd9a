"""Who has a bed in a shelter on day 0, and who waits for one."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, expm1, log

import numpy as np
from scipy.optimize import brentq

from simulation.county.county import County
from simulation.county.person import Person
from simulation.engine.stream import StreamArray
from simulation.initial_state.homelessness_equilibrium import HomelessnessEquilibrium
from simulation.pathway import housing, shelter


def place_in_shelter(county: County, homeless: Sequence[Person], homes: HomelessnessEquilibrium) -> None:
    """Send people without a home to the shelter, those likelier found in a bed sooner."""
    streams = StreamArray.of(person.stream for person in homeless)
    shares = [max(share, 1e-12) for share in shares_in_bed(county, homeless, homes)]
    ranks = [
        -log(uniform) * (1 - shares[person.chronic]) / shares[person.chronic]
        for person, uniform in zip(homeless, streams.uniform("initial_state.shelter").tolist(), strict=True)
    ]
    for number in np.argsort(ranks, kind="stable").tolist():
        housing.to_shelter(county, homeless[number])


def shares_in_bed(
    county: County, homeless: Sequence[Person], homes: HomelessnessEquilibrium
) -> tuple[float, float]:
    """Of the shelter's users in spells that are not chronic, and in chronic ones, the share in a bed.

    Who is in jail on day 0 uses none. The wait is the same for everyone: a bed goes to the next in line.
    """
    users, arrests = [0.0, 0.0], 0.0
    for person in homeless:
        outside = 1 / (1 + homes.days_in_jail(person.mean_arrest_rate, homeless=True))
        users[person.chronic] += county.parameters.housing.shelter_use.value * outside
        arrests += homes.homeless_ratio * person.mean_arrest_rate / len(homeless)
    stays = [shelter.stay(county, chronic).mean for chronic in (False, True)]
    leaving = [arrests + county.leaving_rate + homes.spells.ends(chronic) for chronic in (False, True)]

    def shares(wait: float) -> tuple[float, float]:
        return in_bed(wait, stays[0], leaving[0]), in_bed(wait, stays[1], leaving[1])

    def beds_missing(wait: float) -> float:
        short, chronic = shares(wait)
        return users[0] * short + users[1] * chronic - county.shelter.slots

    if beds_missing(0.0) <= 0 or not county.shelter.slots:
        return shares(0.0)
    longest = 1.0
    while beds_missing(longest) > 0:
        longest *= 2
    return shares(float(brentq(beds_missing, 0.0, longest)))


def in_bed(wait: float, stay: float, leaving: float) -> float:
    """The share of a shelter's users in a bed, who wait so long for each stay of this mean length.

    leaving: how often per day they cease to use it, waiting or in bed.
    """
    if not wait:
        return 1.0
    per_wait = exp(-leaving * wait) / (1 / stay + leaving)
    waiting = -expm1(-leaving * wait) / leaving if leaving else wait
    return per_wait / (per_wait + waiting)
