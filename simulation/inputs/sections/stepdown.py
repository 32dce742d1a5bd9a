"""Care after the program in one county."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.inputs.sections.quantity import Stock, value_of
from simulation.inputs.strict_model import StrictModel


class StepDownInputs(StrictModel):
    """Outpatient care and substance use treatment after the program."""

    outpatient_slots: Annotated[Stock, Field(description="Places in outpatient care after the program.")]
    outpatient_occupied: Annotated[Stock, Field(description="How many of them are taken on day 0.")]
    substance_use_slots: Stock | None = Field(
        None,
        description="Places in substance use treatment for people with a co-occurring disorder; left out, "
        "there is none.",
    )
    substance_use_occupied: Stock | None = Field(None, description="How many of them are taken on day 0.")

    @property
    def slots(self) -> dict[str, float]:
        """Slots of each service on day 0."""
        return {
            "outpatient": self.outpatient_slots.value,
            "substance_use": value_of(self.substance_use_slots),
        }

    @property
    def treated(self) -> float:
        """People in substance use treatment on day 0."""
        return value_of(self.substance_use_occupied)
