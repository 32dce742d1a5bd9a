"""How often people are arrested, and what an arrest means for the jail, on average."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from math import isinf

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from simulation.county import custody, pretrial
from simulation.county.age import age_bands, age_ratios, exits
from simulation.county.custody import STATES, CustodyState
from simulation.county.outcome import Charge
from simulation.county.pretrial import ANY_RATE, ChargeMix, R
from simulation.engine.fading import NOTHING_BESIDE, Beside, Raise, long_run_rate
from simulation.inputs.parameters import Parameters
from simulation.pathway.arrest import CITABLE
from simulation.pathway.competency import RESTORABLE
from simulation.pathway.diversion import DIVERTIBLE


@dataclass(frozen=True)
class Offending:
    """How often people are arrested, over the population, on a grid: axes substance use, risk, age, frailty.

    weights: sum to 1; rates, homeless: arrests per day in the community in the long run, with a home and
    without one. Exact over risk, substance use and age, midpoint quantiles over frailty.
    """

    weights: NDArray[np.float64]
    rates: NDArray[np.float64]
    homeless: NDArray[np.float64]

    @property
    def over_life(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights and rates without the axis of age: each person's mean over the ages of the population."""
        weights = self.weights.sum(axis=2)
        return weights.ravel(), ((self.weights * self.rates).sum(axis=2) / weights.clip(1e-300)).ravel()

    @property
    def nodes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights and rates without the axes."""
        return self.weights.ravel(), self.rates.ravel()

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, p: Parameters, beside: Beside = NOTHING_BESIDE, points: int = 200) -> Offending:
        """The grid for these parameters, with what other events add to the risk of an arrest."""
        a, people, leaving, bands = p.arrest, p.people, exits(p), age_bands(p)
        frailty = gammaincinv(a.frailty_shape.value, (np.arange(points) + 0.5) / points)
        axes = (
            np.array([1 - people.substance_use.value, people.substance_use.value]),
            np.array([1 - people.high_risk.value, people.high_risk.value]),
            np.array([band.share for band in bands]),
            np.full(points, 1 / points),
        )
        factors = (
            np.array([1.0, a.substance_use_ratio.value]),
            np.array([1.0, a.high_risk_ratio.value]),
            np.array([age_ratios(p)[band.name] for band in bands]),
            frailty / frailty.mean(),
        )
        weights = reduce(np.multiply, np.ix_(*axes))
        own = a.rate.per_day * reduce(np.multiply, np.ix_(*factors))
        ends = np.array([sum(leaving[band.name]) for band in bands])[:, None]
        rates = mean_arrest_rate(p, own, ends, beside)
        return cls(weights, rates, mean_arrest_rate(p, own * a.homeless_ratio.value, ends, beside))


def mean_arrest_rate(
    p: Parameters,
    rate: NDArray[np.float64],
    leaving: NDArray[np.float64] | float,
    beside: Beside = NOTHING_BESIDE,
) -> NDArray[np.float64]:
    """Arrests per day in the long run at these rates before any arrest, of people who leave at this rate."""
    raises = (Raise(1.0, p.arrest.return_excess.value),)
    return long_run_rate(rate, raises, p.arrest.return_fading.days, leaving, beside)


@dataclass(frozen=True)
class CustodyPerArrest:
    """What one arrest means for the jail, on average, by charge.

    states: person-days spent in each state of custody; bookings: admissions to jail an arrest leads to;
    pending: days with a case open in the community; cited: the part of ``pending`` of people who were cited
    and not booked; restored: referrals to restoration an arrest leads to; further: releases from a sentence
    to which someone came from the community.
    """

    states: dict[tuple[Charge, CustodyState], float]
    bookings: float
    pending: dict[Charge, float]
    cited: dict[Charge, float]
    restored: float = 0.0
    further: float = 0.0

    @property
    def days(self) -> float:
        """Jail days an arrest leads to."""
        away = sum(days for (_, state), days in self.states.items() if not STATES[state].in_jail)
        return self.kept - away

    @property
    def kept(self) -> float:
        """Days out of the community that an arrest leads to: jail and restoration."""
        return sum(self.states.values())


NO_CUSTODY = CustodyPerArrest({}, 0.0, {}, {})


@dataclass(frozen=True)
class CustodyByRate:
    """What one arrest means for the jail, by how often the person is arrested.

    usual: of the average arrest; minor: of one that is no felony, at the usual shares of the other charges;
    mix: how many of the usual share of felonies there are at a rate, between which all is linear.
    """

    usual: CustodyPerArrest = NO_CUSTODY
    minor: CustodyPerArrest = NO_CUSTODY
    mix: ChargeMix = ANY_RATE

    def days(self, rate: R) -> R:
        """Jail days an arrest leads to, at this many arrests per day."""
        return self._between(self.usual.days, self.minor.days, rate)

    def kept(self, rate: R) -> R:
        """Days out of the community that an arrest leads to."""
        return self._between(self.usual.kept, self.minor.kept, rate)

    def bookings(self, rate: R) -> R:
        """Admissions to jail an arrest leads to."""
        return self._between(self.usual.bookings, self.minor.bookings, rate)

    def pending(self, rate: R) -> R:
        """Days with a case open in the community that an arrest leads to."""
        return self._between(sum(self.usual.pending.values()), sum(self.minor.pending.values()), rate)

    def by_charge(self, rate: float) -> CustodyPerArrest:
        """All of it by charge, at this many arrests per day."""
        usual, minor = self.usual, self.minor
        states = {key: self._between(days, minor.states[key], rate) for key, days in usual.states.items()}
        pending = {key: self._between(days, minor.pending[key], rate) for key, days in usual.pending.items()}
        return replace(usual, states=states, pending=pending)

    def _between(self, usual: float, minor: float, rate: R) -> R:
        return self.mix.felony_ratio(rate) * (usual - minor) + minor


NEVER_HELD = CustodyByRate()


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
    p: Parameters,
    in_crisis: bool = False,
    restoration: Restoration = Restoration(),
    jail: bool = True,
    felony_ratio: float = 1.0,
) -> CustodyPerArrest:
    """The expectation of the journeys in ``arrest``, ``jail`` and ``court``, diversion aside.

    Without a jail everyone is cited, and nobody serves a sentence. felony_ratio: how many times the usual
    share of felonies there is.
    """
    states: dict[tuple[Charge, CustodyState], float] = {}
    pending: dict[Charge, float] = {}
    cited_part: dict[Charge, float] = {}
    bookings = restored = further = 0.0
    for charge, share in pretrial.charge_shares(p, in_crisis, felony_ratio).items():
        cited = share * p.arrest.cite_and_release.value * (charge in CITABLE) if jail else share
        begun = entries(p, charge, (cited, share - cited), restoration, jail)
        for state, number in begun.items():
            waited = state is CustodyState.AWAITING_RESTORATION
            states[charge, state] = number * (
                restoration.wait if waited else custody.length(p, state, charge).mean
            )
        charged = (share - cited) * p.court.charged.value
        out = cited * p.court.charged.value + charged - begun[CustodyState.CHARGING]
        pending[charge] = out * p.court.disposition_released.mean
        cited_part[charge] = cited * p.court.charged.value / out if out else 0.0
        bookings += share - cited + begun[CustodyState.COMMITMENT] + begun[CustodyState.RESTORING]
        restored += begun[CustodyState.AWAITING_RESTORATION]
        further += begun[CustodyState.COMMITMENT]
    return CustodyPerArrest(states, bookings, pending, cited_part, restored, further)


def entries(
    p: Parameters, charge: Charge, arrests: tuple[float, float], restoration: Restoration, jail: bool
) -> dict[CustodyState, float]:
    """How often each state of custody begins after so many arrests on a charge, ``(cited, booked)``."""
    c, q = p.court, p.competency
    cited, booked = arrests
    charged = booked * c.charged.value
    ways = pretrial.shares(p, pretrial.recognizance(p)[pretrial.kind(charge)], charge)
    held = charged * ways["held"]
    out = cited * c.charged.value + charged - held
    doubted = held * q.doubt.value * (charge in DIVERTIBLE)
    unfit = doubted * q.incompetent.value
    referred = unfit * (charge == RESTORABLE)
    restoring = referred * restoration.served
    tried = held - (unfit - restoring * q.restored.value)
    begun = {
        CustodyState.CHARGING: held,
        CustodyState.EVALUATING: doubted,
        CustodyState.AWAITING_RESTORATION: referred,
        CustodyState.RESTORING: restoring,
        CustodyState.RECOGNIZANCE: charged * ways["recognizance"],
        CustodyState.BAIL: charged * ways["bail"],
        CustodyState.NOT_CHARGED: booked - charged,
        CustodyState.AWAITING: tried,
        CustodyState.SERVING: tried * c.conviction_detained.value * c.jail_if_detained.value,
        CustodyState.COMMITMENT: jail * out * c.conviction_released.value * c.jail_if_released.value,
    }
    return {state: begun[state] for state in STATES}
