"""Levers: everything a county could change on a date, one class each."""

from typing import Annotated

from pydantic import Field

from simulation.levers.capacity import AddSlots, SizedService
from simulation.levers.court import AddDocketDay, StopReferrals
from simulation.levers.crisis import CrisisLever
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
    | AddDocketDay
    | StopReferrals
    | JailLever
    | CrisisLever,
    Field(discriminator="lever"),
]

__all__ = [
    "AddClinicians",
    "AddDocketDay",
    "AddSlots",
    "AnyLever",
    "ChangeCaseloadRatio",
    "CrisisLever",
    "CutPosts",
    "EndGrant",
    "Hire",
    "JailLever",
    "Lever",
    "RaisePay",
    "ReduceAdministration",
    "SizedService",
    "SpreadVacancies",
    "StopReferrals",
    "on_its_day",
]
