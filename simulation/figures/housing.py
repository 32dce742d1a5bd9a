"""The homes of one county for the people simulated."""

from __future__ import annotations

from simulation.figures.kind import Stock
from simulation.frozen import Frozen


class HousingFigures(Frozen):
    """Units for the people simulated; ``published_supportive_beds`` is quoted, not simulated."""

    published_supportive_beds: Stock
    master_leased: Stock
    longer_term: Stock
    longer_term_occupied: Stock
