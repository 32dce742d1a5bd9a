"""The jail of one county."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.inputs.sections.quantity import Flow, LocalShare, Stock
from simulation.inputs.strict_model import StrictModel


class JailInputs(StrictModel):
    """What the sheriff publishes; the simulated people are the share with serious mental illness."""

    bookings: Flow
    average_daily_population: Stock
    mental_health_cases: Stock
    smi_share_of_bookings: LocalShare
    screeners: Stock
    rated_beds: Annotated[
        Stock | None,
        Field(description="Beds the jail is rated for; days above are reported, nobody is turned away."),
    ] = None
