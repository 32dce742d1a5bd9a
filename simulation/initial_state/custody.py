"""How often people are arrested, and what an arrest means for the jail, on average."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import isinf

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from simulation.county import custody, pretrial
from simulation.county.custody import STATES, CustodyState
from simulation.county.outcome import Charge
from simulation.inputs.parameters import Parameters
from simulation.pathway.arrest import CITABLE
from simulation.pathway.competency import RESTORABLE
from simulation.pathway.diversion import DIVERTIBLE


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
class CustodyPerArrest:
    """What one arrest means for the jail, on average, by charge.

    states: person-days spent in each state of custody; bookings: admissions to jail an arrest leads to;
    pending: days with a case open in the community; cited: the part of ``pending`` of people who were cited
    and not booked; restored: referrals to restoration an arrest leads to.
    """

    states: dict[tuple[Charge, CustodyState], float]
    bookings: float
    pending: dict[Charge, float]
    cited: dict[Charge, float]
    restored: float = 0.0

    @property
    def days(self) -> float:
        """Jail days an arrest leads to."""
        away = sum(days for (_, state), days in self.states.items() if not STATES[state].in_jail)
        return self.kept - away

    @property
    def kept(self) -> float:
        """Days out of the community that an arrest leads to: jail and restoration."""
        return sum(self.states.values())


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
) -> CustodyPerArrest:
    """The expectation of the journeys in ``arrest``, ``jail`` and ``court``, diversion aside.

    Without a jail everyone is cited, and nobody serves a sentence.
    """
    states: dict[tuple[Charge, CustodyState], float] = {}
    pending: dict[Charge, float] = {}
    cited_part: dict[Charge, float] = {}
    bookings = restored = 0.0
    for charge, share in pretrial.charge_shares(p, in_crisis).items():
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
    return CustodyPerArrest(states, bookings, pending, cited_part, restored)


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
