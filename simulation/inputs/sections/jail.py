"""The jail of one county."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.inputs.sections.quantity import Flow, LocalShare, Stock
from simulation.inputs.sections.service_spec import with_capacities
from simulation.inputs.strict_model import StrictModel


@with_capacities("jail")
class JailInputs(StrictModel):
    """What the sheriff publishes; the simulated people are the share with serious mental illness."""

    bookings: Annotated[Flow, Field(description="Everybody booked, with serious mental illness or without.")]
    average_daily_population: Annotated[Stock, Field(description="Everybody in jail on an average day.")]
    mental_health_cases: Annotated[
        Stock, Field(description="Those with an open mental-health case; the rest are a series.")
    ]
    smi_share_of_bookings: Annotated[
        LocalShare, Field(description="Share of bookings that are of people with serious mental illness.")
    ]
    rated_beds: Annotated[
        Stock | None,
        Field(description="Beds the jail is rated for; days above are reported, nobody is turned away."),
    ] = None
