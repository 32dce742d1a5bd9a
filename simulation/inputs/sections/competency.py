"""What one county has for people found incompetent to stand trial."""

from __future__ import annotations

from simulation.inputs.sections.service_spec import with_capacities
from simulation.inputs.strict_model import StrictModel


@with_capacities("competency")
class CompetencyInputs(StrictModel):
    """Restoration of competence to stand trial; a county without this section has no such cases."""
