"""Care after the program in one county."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.inputs.sections.quantity import Stock, value_of
from simulation.inputs.sections.service_spec import with_capacities
from simulation.inputs.strict_model import StrictModel


@with_capacities("stepdown")
class StepDownInputs(StrictModel):
    """Outpatient care and substance use treatment after the program."""

    outpatient_occupied: Annotated[Stock, Field(description="How many of them are taken on day 0.")]
    substance_use_occupied: Stock | None = Field(None, description="How many of them are taken on day 0.")

    @property
    def treated(self) -> float:
        """People in substance use treatment on day 0."""
        return value_of(self.substance_use_occupied)
