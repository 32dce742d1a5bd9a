"""Every number anyone sees: pure functions of a log, the same for records and for simulated people."""

from simulation.measures import (
    all_residents,
    capacity,
    court,
    crisis,
    fact,
    hospital,
    housing,
    jail,
    jail_care,
    program,
    recidivism,
    staffing,
    stepdown,
)
from simulation.measures.history import History
from simulation.measures.registry import MEASURES, Measure

__all__ = [
    "MEASURES",
    "History",
    "Measure",
    "all_residents",
    "capacity",
    "court",
    "crisis",
    "fact",
    "hospital",
    "housing",
    "jail",
    "jail_care",
    "program",
    "recidivism",
    "staffing",
    "stepdown",
]
