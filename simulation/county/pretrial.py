"""How a person who is booked and charged gets out of jail, and how long each way takes, by charge."""

from __future__ import annotations

from simulation.inputs.parameter import Duration
from simulation.inputs.parameters import Parameters

CHARGES = ("felony", "other", "violation")
"""Kinds of charge that bail schedules and release policies tell apart."""


def charge_shares(p: Parameters, in_crisis: bool) -> dict[str, float]:
    """Share of arrests by most serious charge, of arrests at a crisis call or of all others."""
    felony = p.arrest.felony_in_crisis if in_crisis else p.arrest.felony
    shares = {
        "felony": felony.value,
        "violation": p.arrest.violation.value,
        "ordinance": p.arrest.ordinance.value,
    }
    return {**shares, "misdemeanor": max(0.0, 1 - sum(shares.values()))}


def kind(charge: str) -> str:
    """Which of ``CHARGES`` a charge level is."""
    return charge if charge in CHARGES else "other"


def recognizance(p: Parameters) -> dict[str, float]:
    """Share of those charged whom the court releases on their own recognizance, by kind of charge."""
    shares = (p.jail.recognizance_felony, p.jail.recognizance_other, p.jail.recognizance_violation)
    return {charge: share.value for charge, share in zip(CHARGES, shares, strict=True)}


def shares(p: Parameters, on_recognizance: float, charge: str) -> dict[str, float]:
    """Share of those booked and charged by way out: own recognizance, bail posted, or held.

    Whoever is not released on their own recognizance has bail set, and a share of them post it.
    """
    bail = posted(p, on_recognizance, charge)
    return {"recognizance": on_recognizance, "bail": bail, "held": 1 - on_recognizance - bail}


def posted(p: Parameters, on_recognizance: float, charge: str) -> float:
    """Share of those booked and charged who post bail."""
    bail = {"felony": p.jail.bail_felony, "violation": p.jail.bail_violation}
    return (1 - on_recognizance) * bail.get(charge, p.jail.bail_other).value


def way_out(p: Parameters, on_recognizance: float, charge: str, uniform: float) -> str:
    """How one person gets out; more release on recognizance makes nobody's way out slower."""
    if uniform < on_recognizance:
        return "recognizance"
    return "bail" if uniform < on_recognizance + posted(p, on_recognizance, charge) else "held"


def until_release(p: Parameters, way: str) -> Duration:
    """Days from booking to a release on recognizance or on bail."""
    return p.jail.recognizance_stay if way == "recognizance" else p.jail.bail_delay


def until_disposition(p: Parameters, charge: str) -> Duration:
    """Days from charge to disposition of someone held until then."""
    return p.court.disposition_detained_felony if charge == "felony" else p.court.disposition_detained_other


def sentence(p: Parameters, charge: str) -> Duration:
    """Days still to serve of a sentence to jail."""
    return p.jail.sentence_felony if charge == "felony" else p.jail.sentence_other
