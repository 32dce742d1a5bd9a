"""Levers: everything a county could change on a date, one class each."""

from typing import Annotated

from pydantic import Field

from simulation.levers.capacity import AddSlots, SizedService
from simulation.levers.court import AddDocketDay, StopReferrals
from simulation.levers.crisis import RunMobileCrisis
from simulation.levers.jail import EmbedJailStaff
from simulation.levers.lever import Lever, on_its_day
from simulation.levers.staffing import AddClinicians, RaisePay

AnyLever = Annotated[
    AddSlots | AddClinicians | AddDocketDay | StopReferrals | EmbedJailStaff | RaisePay | RunMobileCrisis,
    Field(discriminator="lever"),
]

__all__ = [
    "AddClinicians",
    "AddDocketDay",
    "AddSlots",
    "AnyLever",
    "EmbedJailStaff",
    "Lever",
    "RaisePay",
    "RunMobileCrisis",
    "SizedService",
    "StopReferrals",
    "on_its_day",
]
