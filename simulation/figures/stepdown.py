"""Care after the program in one county."""

from __future__ import annotations

from simulation.figures.kind import Stock
from simulation.frozen import Frozen


class StepDownFigures(Frozen):
    """Outpatient care after the program."""

    outpatient_slots: Stock
    outpatient_occupied: Stock
