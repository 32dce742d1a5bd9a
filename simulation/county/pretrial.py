"""Charges of arrests, and how a person who is booked and charged gets out of jail."""

from __future__ import annotations

from typing import Literal

from simulation.county.outcome import Charge
from simulation.inputs.parameters import Parameters

ChargeKind = Literal["felony", "other", "violation"]
WayOut = Literal["recognizance", "bail", "held"]

CHARGES: tuple[ChargeKind, ...] = ("felony", "other", "violation")
"""Kinds of charge that bail schedules and release policies distinguish."""


def charge_shares(p: Parameters, in_crisis: bool) -> dict[Charge, float]:
    """Share of arrests by most serious charge, of arrests at a crisis call or of all others."""
    felony = p.arrest.felony_in_crisis if in_crisis else p.arrest.felony
    shares = {
        Charge.FELONY: felony.value,
        Charge.VIOLATION: p.arrest.violation.value,
        Charge.ORDINANCE: p.arrest.ordinance.value,
    }
    return {**shares, Charge.MISDEMEANOR: max(0.0, 1 - sum(shares.values()))}


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
