"""The crisis system of one county."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.figures.kind import Stock
from simulation.frozen import Frozen


class CrisisFigures(Frozen):
    """Crisis capacity that serves the simulated people."""

    call_takers: Stock
    mobile_teams: Stock
    mobile_opens: Annotated[float, Field(ge=0, le=24)] = 0.0
    mobile_closes: Annotated[float, Field(ge=0, le=24)] = 24.0
    stabilization_chairs: Stock
    short_term_beds: Stock
    ed_places: Stock
    inpatient_beds: Stock

    @model_validator(mode="after")
    def _hours(self) -> Self:
        if self.mobile_opens >= self.mobile_closes:
            opens, closes = self.mobile_opens, self.mobile_closes
            raise ValueError(f"mobile_opens {opens:g} must come before mobile_closes {closes:g}")
        return self
