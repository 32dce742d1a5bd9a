"""Levers: everything a county could change on a date, one class each."""

from typing import Annotated

from pydantic import Field

from simulation.levers.capacity import AddSlots, SizedService
from simulation.levers.court import CourtLever
from simulation.levers.crisis import CrisisLever
from simulation.levers.equity import CloseReferralGap
from simulation.levers.fact import AddGroupSlots, FactLever
from simulation.levers.housing import HousingLever
from simulation.levers.jail import JailLever
from simulation.levers.lever import Lever, on_its_day
from simulation.levers.staffing import AddClinicians, AddTeam, CutPosts, Hire, RaisePay, StaffingLever
from simulation.levers.stepdown import StepDownLever

AnyLever = Annotated[
    AddSlots
    | StaffingLever
    | FactLever
    | CourtLever
    | JailLever
    | CrisisLever
    | HousingLever
    | StepDownLever
    | CloseReferralGap,
    Field(discriminator="lever"),
]

__all__ = [
    "AddClinicians",
    "AddGroupSlots",
    "AddSlots",
    "AddTeam",
    "AnyLever",
    "CloseReferralGap",
    "CourtLever",
    "CrisisLever",
    "CutPosts",
    "Hire",
    "HousingLever",
    "JailLever",
    "Lever",
    "RaisePay",
    "SizedService",
    "StaffingLever",
    "StepDownLever",
    "on_its_day",
]
