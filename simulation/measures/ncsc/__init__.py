"""The 28 measures of the NCSC guide for mental health courts, of records and of simulated logs alike."""

from simulation.measures.ncsc import (
    accountability,
    aftercare,
    collaboration,
    functioning,
    processing,
    survey,
    treatment,
)
from simulation.measures.ncsc.cohort import Cohort
from simulation.measures.ncsc.compute import compute
from simulation.measures.ncsc.guide import NCSC, GuideMeasure
from simulation.measures.ncsc.tally import COLUMNS

__all__ = [
    "COLUMNS",
    "NCSC",
    "Cohort",
    "GuideMeasure",
    "accountability",
    "aftercare",
    "collaboration",
    "compute",
    "functioning",
    "processing",
    "survey",
    "treatment",
]
