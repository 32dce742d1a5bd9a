"""Levers: everything a county could change on a date, one class each."""

from typing import Annotated

from pydantic import Field

from simulation.levers.capacity import AddSlots, SizedService
from simulation.levers.court import CourtLever
from simulation.levers.crisis import CrisisLever
from simulation.levers.equity import CloseReferralGap
from simulation.levers.housing import HousingLever
from simulation.levers.jail import JailLever
from simulation.levers.lever import Lever, on_its_day
from simulation.levers.staffing import (
    AddClinicians,
    ChangeCaseloadRatio,
    CutPosts,
    EndGrant,
    Hire,
    RaisePay,
    ReduceAdministration,
    SpreadVacancies,
)

AnyLever = Annotated[
    AddSlots
    | AddClinicians
    | Hire
    | CutPosts
    | EndGrant
    | RaisePay
    | ChangeCaseloadRatio
    | ReduceAdministration
    | SpreadVacancies
    | CourtLever
    | JailLever
    | CrisisLever
    | HousingLever
    | CloseReferralGap,
    Field(discriminator="lever"),
]

__all__ = [
    "AddClinicians",
    "AddSlots",
    "AnyLever",
    "ChangeCaseloadRatio",
    "CloseReferralGap",
    "CourtLever",
    "CrisisLever",
    "CutPosts",
    "EndGrant",
    "Hire",
    "HousingLever",
    "JailLever",
    "Lever",
    "RaisePay",
    "ReduceAdministration",
    "SizedService",
    "SpreadVacancies",
    "on_its_day",
]
