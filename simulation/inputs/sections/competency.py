"""What one county has for people found incompetent to stand trial."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.inputs.sections.quantity import Stock
from simulation.inputs.strict_model import StrictModel


class CompetencyInputs(StrictModel):
    """Restoration of competence to stand trial; a county without this section has no such cases."""

    restoration_places: Annotated[
        Stock, Field(description="Places in a jail program or state hospital open to the county's people.")
    ]
