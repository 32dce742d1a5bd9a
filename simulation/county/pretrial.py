"""Charges of arrests, and how a person who is booked and charged gets out of jail."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulation.county.outcome import Charge
from simulation.inputs.parameters import Parameters

ChargeKind = Literal["felony", "other", "violation"]
WayOut = Literal["recognizance", "bail", "held"]
Numbers = NDArray[np.float64]
R = TypeVar("R", float, NDArray[np.float64])

CHARGES: tuple[ChargeKind, ...] = ("felony", "other", "violation")
"""Kinds of charge that bail schedules and release policies distinguish."""


def charge_shares(p: Parameters, in_crisis: bool, felony_ratio: float = 1.0) -> dict[Charge, float]:
    """Share of arrests by most serious charge, of arrests at a crisis call or of all others.

    felony_ratio: how many times the usual share of felonies this is, at the expense of misdemeanors.
    """
    felony = p.arrest.felony_in_crisis if in_crisis else p.arrest.felony
    shares = {
        Charge.FELONY: felony.value * felony_ratio,
        Charge.VIOLATION: p.arrest.violation.value,
        Charge.ORDINANCE: p.arrest.ordinance.value,
    }
    return {**shares, Charge.MISDEMEANOR: max(0.0, 1 - sum(shares.values()))}


@dataclass(frozen=True)
class ChargeMix:
    """How the share of felonies falls with how often someone is arrested.

    of_rare: how many times the usual share it is in people who are hardly ever arrested; half_rate: arrests
    per day of those in whom it is half of that; most: what leaves no misdemeanors. At a crisis call the
    occasion decides, and not the person.
    """

    of_rare: float = 1.0
    half_rate: float = inf
    most: float = inf

    @classmethod
    def of(cls, p: Parameters, weights: Numbers, rates: Numbers) -> ChargeMix:
        """The mix by which people of these rates, so many of each, make the usual share over all arrests."""
        a = p.arrest
        half = a.felony_half_rate.per_day
        arrests = weights * rates
        if not arrests.sum() or not half:
            return cls()  # nobody is arrested, or there are no felonies among the frequently arrested
        usual = float(arrests.sum() / (arrests / (1 + rates / half)).sum())
        room = 1 - a.violation.value - a.ordinance.value
        return cls(usual, half, max(1.0, room / a.felony.value) if a.felony.value else inf)

    def felony_ratio(self, rate: R) -> R:
        """How many times the usual share of felonies the arrests of someone with this rate have."""
        ratio = np.minimum(self.of_rare / (1 + rate / self.half_rate), self.most)
        return ratio if isinstance(rate, np.ndarray) else float(ratio)


ANY_RATE = ChargeMix()
"""The usual shares for everybody."""


def kind(charge: str) -> ChargeKind:
    """Which of ``CHARGES`` a charge level is."""
    return "felony" if charge == "felony" else "violation" if charge == "violation" else "other"


def recognizance(p: Parameters) -> dict[ChargeKind, float]:
    """Share of those charged whom the court releases on their own recognizance, by kind of charge."""
    shares = (p.jail.recognizance_felony, p.jail.recognizance_other, p.jail.recognizance_violation)
    return {charge: share.value for charge, share in zip(CHARGES, shares, strict=True)}


def shares(p: Parameters, on_recognizance: float, charge: str) -> dict[WayOut, float]:
    """Share of those booked and charged by way out: own recognizance, bail posted, or held.

    Whoever is not released on their own recognizance has bail set, and a share of them post it.
    """
    bail = posted(p, on_recognizance, charge)
    return {"recognizance": on_recognizance, "bail": bail, "held": 1 - on_recognizance - bail}


def posted(p: Parameters, on_recognizance: float, charge: str) -> float:
    """Share of those booked and charged who post bail."""
    bail = {"felony": p.jail.bail_felony, "other": p.jail.bail_other, "violation": p.jail.bail_violation}
    return (1 - on_recognizance) * bail[kind(charge)].value


def way_out(p: Parameters, on_recognizance: float, charge: str, uniform: float) -> WayOut:
    """How one person gets out; more release on recognizance makes nobody's way out slower."""
    if uniform < on_recognizance:
        return "recognizance"
    return "bail" if uniform < on_recognizance + posted(p, on_recognizance, charge) else "held"
