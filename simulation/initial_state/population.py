"""Who the people are, how many, and what the law of large numbers says about their jail days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from simulation.county import age
from simulation.county.age import leaving_rate
from simulation.county.person import Traits
from simulation.county.pretrial import ChargeMix
from simulation.engine.fading import NOTHING_BESIDE, Beside
from simulation.engine.stream import StreamArray
from simulation.initial_state.custody import (
    NEVER_HELD,
    NO_CUSTODY,
    CustodyByRate,
    CustodyPerArrest,
    Offending,
    Restoration,
    custody_per_arrest,
    restoration_queue,
)
from simulation.initial_state.homelessness_equilibrium import (
    HomelessnessEquilibrium,
    homelessness_equilibrium,
)
from simulation.initial_state.need import Needs, crisis_rate, need
from simulation.inputs.parameters import Parameters


@dataclass(frozen=True)
class Makeup:
    """Local shares: (name, share) of each race and ethnicity, and of each region."""

    race_ethnicity: tuple[tuple[str, float], ...]
    regions: tuple[tuple[str, float], ...]


def pick(shares: Sequence[tuple[str, float]], uniform: NDArray[np.float64]) -> list[str]:
    """The name in whose share the uniform of each falls; the last one takes what rounding leaves."""
    names, parts = zip(*shares, strict=True)
    place = np.searchsorted(np.cumsum(parts), uniform, side="right")
    return [names[i] for i in np.minimum(place, len(names) - 1).tolist()]


def traits(
    p: Parameters, makeup: Makeup, streams: StreamArray, newcomers: bool = False
) -> Iterator[tuple[Traits, float]]:
    """Draw everybody's traits, and the days until they reach the next age band."""
    people = p.people
    ages = streams.uniform("people.age"), streams.uniform("people.years_in_band")
    bands, growing = age.drawn(p, ages, newcomers)
    female = people.female.value
    shape = p.arrest.frailty_shape.value
    offending = streams.uniform("arrest.frailty_shape")
    columns = (
        pick((("female", female), ("male", 1 - female)), streams.uniform("people.female")),
        bands,
        pick(makeup.race_ethnicity, streams.uniform("people.race_ethnicity")),
        (streams.uniform("people.substance_use") < people.substance_use.value).tolist(),
        (streams.uniform("people.high_risk") < people.high_risk.value).tolist(),
        (streams.uniform("people.high_impairment") < people.high_impairment.value).tolist(),
        pick(makeup.regions, streams.uniform("people.region")),
        (gammaincinv(shape, offending) / shape).tolist(),
        need(p, offending, streams.uniform("crisis.frailty_shape")).tolist(),
        (streams.uniform("people.psychotic") < people.psychotic.value).tolist(),
    )
    return zip(map(Traits, *columns), growing, strict=True)


def crisis_arrests(p: Parameters, arrested: float) -> float:
    """Arrests per person-day that begin as a crisis; ``arrested``: their share of crises."""
    return p.crisis.rate.per_day * arrested


@dataclass(frozen=True)
class SteadyState:
    """The steady state: how many people make this many bookings, and fill how many jail beds.

    people: persons in contact; newcomers: arrivals per day that keep their number; jail: expected
    persons in jail; stay: mean jail days per booking; homes: how homes are lost and found; custody: what
    an arrest means for the jail; crisis_arrests: arrests per person-day that begin as a crisis;
    crisis_days: the days out of the community they lead to; restoration_wait: mean days of waiting in
    jail for a restoration place; usual_arrest_rate: of the person behind the
    average arrest; crisis_rate: crises per day of someone of ratio 1 before any episode; admitted: the share
    of episodes that end in an inpatient bed; beside: what else raises the risk of an arrest.
    """

    people: int
    newcomers: float
    jail: float
    stay: float
    homes: HomelessnessEquilibrium
    custody: CustodyByRate
    crisis_arrests: float
    crisis_days: float
    usual_arrest_rate: float
    crisis_rate: float = 0.0
    admitted: float = 0.0
    restoration_wait: float = 0.0
    beside: Beside = NOTHING_BESIDE


class NoBookings(ValueError):
    """The parameters and the county's bookings contradict each other."""


@dataclass(frozen=True)
class Local:
    """What the county's file says of how many people there are.

    bookings_per_day: of people with serious mental illness; crises_arrested, crises_admitted: shares of
    crises that end in arrest and in an inpatient bed; crisis_days: mean days of a crisis; places: in
    restoration; housed: tenants of supportive homes; people, newcomers: how many on day 0 and a day, None to
    work them out; arrests, jail: whether there are any.
    """

    bookings_per_day: float
    crises_arrested: float = 0.0
    crises_admitted: float = 0.0
    crisis_days: float = 0.0
    places: float = inf
    housed: float = 0.0
    people: int | None = None
    newcomers: float | None = None
    arrests: bool = True
    jail: bool = True


def steady_state(p: Parameters, local: Local) -> SteadyState:
    """Size the population so that, before any diversion, it makes as many bookings as the county has.

    A person alternates between the community and jail: with arrest rate a and mean jail days per
    arrest m, arrests per day are a / (1 + a m) and the share of time in jail is a m / (1 + a m); days in
    a restoration place count as neither. Crises add what they make of both. Raises ``NoBookings`` if
    nobody would ever be booked.
    """
    queue, custodies = Restoration(), (NEVER_HELD, NO_CUSTODY)
    if local.arrests:
        usual = custody_per_arrest(p, jail=local.jail)
        referrals = local.bookings_per_day * usual.restored / usual.bookings if usual.bookings else 0.0
        queue = restoration_queue(p, referrals, local.places)
        custodies = (
            CustodyByRate(
                custody_per_arrest(p, False, queue, local.jail),
                custody_per_arrest(p, False, queue, local.jail, felony_ratio=0.0),
            ),
            custody_per_arrest(p, True, queue, local.jail),
        )
    size = _sized(p, local, custodies, 0.0)
    for _ in range(3 if local.housed else 0):
        size = _sized(p, local, custodies, min(0.5, local.housed / max(size.people, 1)))
    return replace(size, restoration_wait=queue.wait, crisis_rate=_crisis_rate(p, size))


def _crisis_rate(p: Parameters, size: SteadyState) -> float:
    offending = Offending.of(p, size.beside)
    homeless = over_ages(size.homes.share(offending.over_life[1]), offending)
    return crisis_rate(p, Needs.of(p, offending, homeless), size.admitted, leaving_rate(p))


def over_ages(shares: NDArray[np.float64], offending: Offending) -> NDArray[np.float64]:
    """Shares on the grid of offending without the axis of age, repeated for every age."""
    uses, risks, ages, points = offending.weights.shape
    return np.asarray(np.repeat(shares.reshape(uses, risks, 1, points), ages, axis=2))


def _sized(
    p: Parameters, local: Local, custodies: tuple[CustodyByRate, CustodyPerArrest], housed: float
) -> SteadyState:
    custody, crisis_custody = custodies
    in_crisis = crisis_arrests(p, local.crises_arrested)
    beside = Beside(in_crisis, custody.usual.further, p.court.disposition_released.mean)
    offending = Offending.of(p, beside)
    weights, rates = offending.nodes
    custody = replace(custody, mix=ChargeMix.of(p, weights, rates))
    usual_rate = float(weights @ rates**2) / max(float(weights @ rates), 1e-12)
    homes = homelessness_equilibrium(p, custody, in_crisis * crisis_custody.kept, housed, offending)
    homeless = over_ages(homes.share(offending.over_life[1]), offending)
    arrests = rates + homeless.ravel() * (offending.homeless.ravel() - rates)
    days = arrests * custody.days(rates) + in_crisis * crisis_custody.days
    kept = arrests * custody.kept(rates) + in_crisis * crisis_custody.kept
    kept += p.crisis.rate.per_day * local.crisis_days
    booked = arrests * custody.bookings(rates) + in_crisis * crisis_custody.bookings
    bookings, in_jail = float(weights @ (booked / (1 + kept))), float(weights @ (days / (1 + kept)))
    if local.bookings_per_day > 0 and bookings <= 0 and local.people is None:
        raise NoBookings("with these parameters nobody is ever booked, but the county has bookings")
    people = round(local.bookings_per_day / bookings) if local.bookings_per_day > 0 else 0
    people = people if local.people is None else local.people
    leaving = leaving_rate(p)
    return SteadyState(
        people=people,
        newcomers=people * leaving if local.newcomers is None else local.newcomers,
        jail=people * in_jail,
        stay=in_jail / bookings if bookings > 0 else 0.0,
        homes=homes,
        custody=custody,
        crisis_arrests=in_crisis,
        crisis_days=in_crisis * crisis_custody.kept,
        usual_arrest_rate=usual_rate,
        admitted=local.crises_admitted,
        beside=beside,
    )
