"""The states of custody: what ends each, how long it lasts, and where the person is meanwhile.

One table for all who need it: the journey draws how long a state lasts, the expectation takes the mean, and
the initial state draws a stay in progress.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto

from simulation.county.outcome import Charge
from simulation.inputs.parameter import Duration
from simulation.inputs.parameters import Parameters


class CustodyState(StrEnum):
    """Where someone stands who is in custody on a case or a sentence."""

    CHARGING = auto()
    EVALUATING = auto()
    AWAITING_RESTORATION = auto()
    RESTORING = auto()
    RECOGNIZANCE = auto()
    BAIL = auto()
    NOT_CHARGED = auto()
    AWAITING = auto()
    SERVING = auto()
    COMMITMENT = auto()


Length = Callable[[Parameters, Charge], Duration]


@dataclass(frozen=True)
class CustodySpec:
    """One state of custody.

    means: what the person is held for, and so what ends the state; length: its distribution in days, None
    for the wait for a place in restoration, which ends when one is free; in_progress: the random decision
    that draws a stay in progress on day 0; in_jail: False in a restoration place; charged: whether a
    charge was filed before it began.
    """

    means: str
    length: Length | None
    in_progress: str
    in_jail: bool = True
    charged: bool = True


def _charging(p: Parameters, _: Charge) -> Duration:
    return p.court.charging


def _disposition(p: Parameters, charge: Charge) -> Duration:
    felony = charge is Charge.FELONY
    return p.court.disposition_detained_felony if felony else p.court.disposition_detained_other


def _sentence(p: Parameters, charge: Charge) -> Duration:
    return p.jail.sentence_felony if charge is Charge.FELONY else p.jail.sentence_other


STATES: dict[CustodyState, CustodySpec] = {
    CustodyState.CHARGING: CustodySpec(
        "held until the prosecutor files a charge", _charging, "initial_state.charging", charged=False
    ),
    CustodyState.EVALUATING: CustodySpec(
        "held until competence is evaluated",
        lambda p, _: p.competency.evaluation,
        "initial_state.evaluating",
    ),
    CustodyState.AWAITING_RESTORATION: CustodySpec("held until a restoration place is free", None, ""),
    CustodyState.RESTORING: CustodySpec(
        "in a restoration place until restored or not",
        lambda p, _: p.competency.restoration,
        "initial_state.restoring",
        in_jail=False,
    ),
    CustodyState.RECOGNIZANCE: CustodySpec(
        "held until released on recognizance",
        lambda p, _: p.jail.recognizance_stay,
        "initial_state.recognizance",
    ),
    CustodyState.BAIL: CustodySpec(
        "held until bail is posted", lambda p, _: p.jail.bail_delay, "initial_state.bail"
    ),
    CustodyState.NOT_CHARGED: CustodySpec(
        "held until the prosecutor files no charge", _charging, "initial_state.not_charged", charged=False
    ),
    CustodyState.AWAITING: CustodySpec(
        "held from the charge until the disposition", _disposition, "initial_state.awaiting"
    ),
    CustodyState.SERVING: CustodySpec(
        "serving a sentence given in custody", _sentence, "initial_state.sentence"
    ),
    CustodyState.COMMITMENT: CustodySpec(
        "serving a sentence to which one came from the community", _sentence, "initial_state.sentence"
    ),
}
"""Every state, in the order in which the initial state draws them."""


def length(p: Parameters, state: CustodyState, charge: Charge) -> Duration:
    """How many days a state lasts on this charge; ``KeyError`` for a state that ends with a free place."""
    distribution = STATES[state].length
    if distribution is None:
        raise KeyError(f"{state} has no length of its own: it lasts until a place is free")
    return distribution(p, charge)
