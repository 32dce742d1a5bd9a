"""Who the people are, how many, and what the law of large numbers says about their jail days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import exp, inf, isinf, log

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammaincinv

from simulation import pretrial
from simulation.chance import Crowd
from simulation.parameters import Parameters
from simulation.pathway.competency import RESTORABLE
from simulation.pathway.diversion import DIVERTIBLE
from simulation.person import Traits


@dataclass(frozen=True)
class Makeup:
    """Local shares: (name, share) of each race and ethnicity, and of each region."""

    race_ethnicity: tuple[tuple[str, float], ...]
    regions: tuple[tuple[str, float], ...]


def pick(shares: Sequence[tuple[str, float]], luck: NDArray[np.float64]) -> list[str]:
    """The name in whose share the luck of each falls; the last one takes what rounding leaves."""
    names, parts = zip(*shares, strict=True)
    place = np.searchsorted(np.cumsum(parts), luck, side="right")
    return [names[i] for i in np.minimum(place, len(names) - 1).tolist()]


def traits(p: Parameters, makeup: Makeup, crowd: Crowd) -> Iterator[Traits]:
    """Draw everybody's traits."""
    people = p.people
    ages = (
        ("18-25", people.age_18_25.value),
        ("26-40", people.age_26_40.value),
        ("41-55", people.age_41_55.value),
        ("56+", 1.0),
    )
    female = people.female.value
    shape = p.arrest.frailty_shape.value
    columns = (
        pick((("female", female), ("male", 1 - female)), crowd.luck("people.female")),
        pick(ages, crowd.luck("people.age")),
        pick(makeup.race_ethnicity, crowd.luck("people.race_ethnicity")),
        (crowd.luck("people.substance_use") < people.substance_use.value).tolist(),
        (crowd.luck("people.high_risk") < people.high_risk.value).tolist(),
        (crowd.luck("people.high_impairment") < people.high_impairment.value).tolist(),
        pick(makeup.regions, crowd.luck("people.region")),
        (gammaincinv(shape, crowd.luck("arrest.frailty_shape")) / shape).tolist(),
    )
    return map(Traits, *columns)


@dataclass(frozen=True)
class Custody:
    """What one arrest means for the jail, on average, by charge.

    states: person-days spent until release on recognizance or bail, until it is clear that there is no
    charge, held until the charge, awaiting disposition, serving after a sentence in custody, serving after
    a commitment from the community; competence in evaluation, waiting in jail for a restoration place,
    and in that place (``AWAY`` from jail).
    bookings: admissions to jail an arrest leads to; pending: days with a case open in the community;
    cited: the part of ``pending`` of people who were cited and not booked;
    restored: referrals to restoration an arrest leads to.
    """

    states: dict[tuple[str, str], float]
    bookings: float
    pending: dict[str, float]
    cited: dict[str, float]
    restored: float = 0.0

    @property
    def days(self) -> float:
        """Jail days an arrest leads to."""
        return self.kept - sum(days for (_, state), days in self.states.items() if state == AWAY)

    @property
    def kept(self) -> float:
        """Days out of the community that an arrest leads to: jail and restoration."""
        return sum(self.states.values())


AWAY = "restoring"


@dataclass(frozen=True)
class Restoration:
    """How restoration places are found: mean ``wait`` for one in days, and the share ``served`` by one."""

    wait: float = 0.0
    served: float = 1.0


def restoration_queue(p: Parameters, referrals: float, places: float) -> Restoration:
    """The wait for so many places with so many referrals a day.

    Erlang's delay formula when the places suffice; when they do not, all wait as long as anyone does
    and as many as there is room for are served.
    """
    patience, load = p.competency.patience.days, referrals * p.competency.restoration.mean
    if load >= places:
        return Restoration(patience, places / load if load else 1.0)
    if isinf(places):
        return Restoration()
    lost = 1.0
    for k in range(1, int(places) + 1):
        lost = load * lost / (k + load * lost)
    delayed = lost / (1 - load / places * (1 - lost))
    return Restoration(min(patience, delayed * p.competency.restoration.mean / (places - load)))


def custody_per_arrest(
    p: Parameters, in_crisis: bool = False, restoration: Restoration = Restoration(), jail: bool = True
) -> Custody:
    """The expectation of the journeys in ``arrest``, ``jail`` and ``court``, diversion aside.

    Without a jail everyone is cited, and nobody serves a sentence.
    """
    states: dict[tuple[str, str], float] = {}
    pending: dict[str, float] = {}
    cited_part: dict[str, float] = {}
    bookings = restored = 0.0
    c, q, recognizance = p.court, p.competency, pretrial.recognizance(p)
    for charge, share in pretrial.charge_shares(p, in_crisis).items():
        cited = share * p.arrest.cite_and_release.value * (charge in ("misdemeanor", "ordinance"))
        cited = cited if jail else share
        booked = share - cited
        charged = booked * c.charged.value
        ways = pretrial.shares(p, recognizance[pretrial.kind(charge)], charge)
        held = charged * ways["held"]
        out = cited * c.charged.value + charged - held
        states[charge, "charging"] = held * c.charging.mean
        doubted = held * q.doubt.value * (charge in DIVERTIBLE)
        unfit = doubted * q.incompetent.value
        referred = unfit * (charge == RESTORABLE)
        states[charge, "evaluating"] = doubted * q.evaluation.mean
        states[charge, "awaiting_restoration"] = referred * restoration.wait
        states[charge, AWAY] = referred * restoration.served * q.restoration.mean
        held -= unfit - referred * restoration.served * q.restored.value
        sentenced = held * c.conviction_detained.value * c.jail_if_detained.value
        committed = jail * out * c.conviction_released.value * c.jail_if_released.value
        sentence = pretrial.sentence(p, charge).mean
        for way in ("recognizance", "bail"):
            states[charge, way] = charged * ways[way] * pretrial.until_release(p, way).mean
        states[charge, "not_charged"] = (booked - charged) * c.charging.mean
        states[charge, "awaiting"] = held * pretrial.until_disposition(p, charge).mean
        states[charge, "serving"] = sentenced * sentence
        states[charge, "commitment"] = committed * sentence
        pending[charge] = out * c.disposition_released.mean
        cited_part[charge] = cited * c.charged.value / out if out else 0.0
        bookings += booked + committed + referred * restoration.served
        restored += referred
    return Custody(states, bookings, pending, cited_part, restored)


def arrest_rates(p: Parameters, points: int = 400) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Community arrest rates over the population, as (weight, arrests per day) on a grid.

    For someone with a home. Exact over risk, substance use and youth, midpoint quantiles over frailty;
    weights sum to 1.
    """
    a, people = p.arrest, p.people
    shape = a.frailty_shape.value
    frailty = gammaincinv(shape, (np.arange(points) + 0.5) / points) / shape
    frailty *= 1 / frailty.mean()
    factors = (
        (people.high_risk.value, a.high_risk_ratio.value),
        (people.substance_use.value, a.substance_use_ratio.value),
        (people.age_18_25.value, a.young_ratio.value),
    )
    weights, rates = [], []
    for present in product((False, True), repeat=len(factors)):
        weight, rate = 1.0, a.rate.per_day
        for (share, ratio), has in zip(factors, present, strict=True):
            weight *= share if has else 1 - share
            rate *= ratio if has else 1.0
        weights.append(np.full(points, weight / points))
        rates.append(rate * frailty)
    return np.concatenate(weights), np.concatenate(rates)


@dataclass(frozen=True)
class HomeLoss:
    """How people lose and find homes without help, and what share of them is without one.

    per_day: the loss at the mean arrest rate; found_per_day: homes found per homeless day; housed:
    supportive homes' tenants per homeless person in the community; jail_days and crisis_days: jail days
    per arrest, and per day from arrests in a crisis. The loss is set so that the population's share
    without a home is the parameter's, jail included: spells stand still there, and people without a home
    are there more often.
    """

    per_day: float
    found_per_day: float
    mean_rate: float
    concentration: float
    homeless_ratio: float = 1.0
    jail_days: float = 0.0
    crisis_days: float = 0.0
    housed: float = 0.0

    def rate(self, arrest_rate: float) -> float:
        """Losses of a home per housed day of someone with this arrest rate."""
        if not self.mean_rate:
            return self.per_day
        return float(self.per_day * (arrest_rate / self.mean_rate) ** self.concentration)

    def own(self, arrest_rate: float) -> float:
        """Days with an own home for each day without one, in the community."""
        return self.found_per_day / max(self.rate(arrest_rate), 1e-300)

    def share(self, arrest_rate: float) -> float:
        """The share of days in the community that this person is without a home, in the long run."""
        return 1 / (1 + self.own(arrest_rate) + self.housed)

    def shares(self, arrest_rates: NDArray[np.float64]) -> NDArray[np.float64]:
        """``share`` of many people at once."""
        relative = (arrest_rates / self.mean_rate) ** self.concentration if self.mean_rate else 1.0
        lost = np.maximum(self.per_day * relative, 1e-300)
        return np.asarray(1 / (1 + self.found_per_day / lost + self.housed))

    def days_in_jail(self, arrest_rate: float, homeless: bool) -> float:
        """Jail days for each day in the community, without a home or with one."""
        ratio = self.homeless_ratio if homeless else 1.0
        return arrest_rate * ratio * self.jail_days + self.crisis_days

    def share_on_a_day(self, arrest_rate: float) -> float:
        """The share of all days, in jail or not, that this person is without a home."""
        without = 1 + self.days_in_jail(arrest_rate, homeless=True)
        others = (self.own(arrest_rate) + self.housed) * (1 + self.days_in_jail(arrest_rate, homeless=False))
        return without / (without + others)

    def share_of_newcomers(self, arrest_rate: float) -> float:
        """The share of newcomers without a home: they replace the tenants who leave, too."""
        return min(1.0, self.share(arrest_rate) * (1 + self.housed))


def home_loss(
    p: Parameters, jail_days: float = 0.0, crisis_days: float = 0.0, housed: float = 0.0
) -> HomeLoss:
    """Solve for the loss that keeps the parameter's share of people homeless.

    housed: share of the people who live in supportive homes, which they enter without a home.
    """
    weights, rates = arrest_rates(p)
    mean, wanted = float(weights @ rates), p.people.homeless.value
    found = 1 / p.people.homeless_spell.mean
    power, ratio = p.people.homeless_concentration.value, p.arrest.homeless_ratio.value
    relative = (rates / mean) ** power if mean else np.ones_like(rates)
    free, out = 1 + rates * jail_days + crisis_days, 1 + rates * ratio * jail_days + crisis_days

    def shares(loss: float, tenants: float) -> tuple[float, float]:
        lost = loss * relative
        days = lost * out + (found + tenants * lost) * free
        return float(weights @ (lost * out / days)), float(weights @ (tenants * lost * free / days))

    if not 0 < wanted < 1:
        found *= wanted < 1
        return HomeLoss(0.0, found, mean, power, ratio, jail_days, crisis_days)
    loss, tenants = 0.0, housed / wanted
    for _ in range(20 if housed else 1):
        ends = log(1e-12), log(1e6 * found)
        loss = exp(brentq(lambda x: shares(exp(x), tenants)[0] - wanted, *ends))  # noqa: B023
        more = housed / shares(loss, tenants)[1] if housed else 1.0
        tenants *= more
        if abs(more - 1) < 1e-12:
            break
    return HomeLoss(loss, found, mean, power, ratio, jail_days, crisis_days, tenants)


def crisis_arrests(p: Parameters, arrested: float) -> float:
    """Arrests per person-day that begin as a crisis; ``arrested``: their share of in-person crises."""
    c, homeless = p.crisis, p.people.homeless.value
    in_person = 1 - c.line_share.value * c.phone_resolution.value
    rate = c.rate.per_day * (1 + homeless * (c.homeless_ratio.value - 1))
    return rate * in_person * arrested


@dataclass(frozen=True)
class Balance:
    """The back of the envelope: how many people make this many bookings, and fill how many jail beds.

    people: persons in contact; newcomers: arrivals per day that keep their number; jail: expected
    persons in jail; stay: mean jail days per booking; homes: how homes are lost and found; custody: what
    an arrest means for the jail; crisis_arrests: arrests per person-day that begin as a crisis;
    crisis_days: the days out of the community they lead to; restoration_wait: mean days of waiting in
    jail for a restoration place; usual_arrest_rate: of the person behind the
    average arrest.
    """

    people: int
    newcomers: float
    jail: float
    stay: float
    homes: HomeLoss
    custody: Custody
    crisis_arrests: float
    crisis_days: float
    usual_arrest_rate: float
    restoration_wait: float = 0.0


class NoBookings(ValueError):
    """The parameters and the county's bookings contradict each other."""


@dataclass(frozen=True)
class Local:
    """What the county's file says of how many people there are.

    bookings_per_day: of people with serious mental illness; crises_arrested: share of in-person crises
    that end in arrest; places: in restoration; housed: tenants of supportive homes; people, newcomers:
    how many on day 0 and a day, None to work them out; arrests, jail: whether there are any.
    """

    bookings_per_day: float
    crises_arrested: float = 0.0
    places: float = inf
    housed: float = 0.0
    people: int | None = None
    newcomers: float | None = None
    arrests: bool = True
    jail: bool = True


def balance(p: Parameters, local: Local) -> Balance:
    """Size the population so that, before any diversion, it makes as many bookings as the county has.

    A person alternates between the community and jail: with arrest rate a and mean jail days per
    arrest m, arrests per day are a / (1 + a m) and the share of time in jail is a m / (1 + a m); days in
    a restoration place count as neither. Crises add what they make of both. Raises ``NoBookings`` if
    nobody would ever be booked.
    """
    nothing = Custody({}, 0.0, {}, {})
    queue, custodies = Restoration(), (nothing, nothing)
    if local.arrests:
        usual = custody_per_arrest(p, jail=local.jail)
        referrals = local.bookings_per_day * usual.restored / usual.bookings if usual.bookings else 0.0
        queue = restoration_queue(p, referrals, local.places)
        custodies = (
            custody_per_arrest(p, False, queue, local.jail),
            custody_per_arrest(p, True, queue, local.jail),
        )
    size = _balance(p, local, custodies, 0.0)
    for _ in range(3 if local.housed else 0):
        size = _balance(p, local, custodies, min(0.5, local.housed / max(size.people, 1)))
    return replace(size, restoration_wait=queue.wait)


def _balance(p: Parameters, local: Local, custodies: tuple[Custody, Custody], housed: float) -> Balance:
    custody, crisis_custody = custodies
    weights, rates = arrest_rates(p)
    usual_rate = float(weights @ rates**2) / max(float(weights @ rates), 1e-12)
    in_crisis = crisis_arrests(p, local.crises_arrested)
    homes = home_loss(p, custody.kept, in_crisis * crisis_custody.kept, housed)
    homeless = homes.shares(rates)
    rates = rates * (1 + homeless * (p.arrest.homeless_ratio.value - 1))
    days = rates * custody.days + in_crisis * crisis_custody.days
    kept = rates * custody.kept + in_crisis * crisis_custody.kept
    booked = rates * custody.bookings + in_crisis * crisis_custody.bookings
    bookings, in_jail = float(weights @ (booked / (1 + kept))), float(weights @ (days / (1 + kept)))
    if local.bookings_per_day > 0 and bookings <= 0 and local.people is None:
        raise NoBookings("with these parameters nobody is ever booked, but the county has bookings")
    people = round(local.bookings_per_day / bookings) if local.bookings_per_day > 0 else 0
    people = people if local.people is None else local.people
    leaving = p.people.death.per_day + p.people.moving_away.per_day
    replaced = people * float(weights @ (1 / (1 + kept))) * leaving
    return Balance(
        people=people,
        newcomers=replaced if local.newcomers is None else local.newcomers,
        jail=people * in_jail,
        stay=in_jail / bookings if bookings > 0 else 0.0,
        homes=homes,
        custody=custody,
        crisis_arrests=in_crisis,
        crisis_days=in_crisis * crisis_custody.kept,
        usual_arrest_rate=usual_rate,
    )
