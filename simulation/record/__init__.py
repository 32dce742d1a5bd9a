"""Tidy tables that hold a county's records and simulated logs alike."""

from simulation.record.records import Records, dtypes, typed
from simulation.record.table import (
    TABLES,
    AgeBand,
    Arrest,
    Attendance,
    ChargeLevel,
    ExitType,
    Participant,
    Survey,
)

__all__ = [
    "TABLES",
    "AgeBand",
    "Arrest",
    "Attendance",
    "ChargeLevel",
    "ExitType",
    "Participant",
    "Records",
    "Survey",
    "dtypes",
    "typed",
]
