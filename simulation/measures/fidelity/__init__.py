"""Fidelity of a FACT team: the DACTS (28 items) and the FACTS (13 items), with where each score is from."""

from simulation.measures.fidelity.dacts import DACTS
from simulation.measures.fidelity.facts import FACTS
from simulation.measures.fidelity.item import Item, Scale
from simulation.measures.fidelity.observed import observe
from simulation.measures.fidelity.score import Result, Scored, as_table, fidelity
from simulation.measures.fidelity.stated import Answer, Stated

__all__ = [
    "DACTS",
    "FACTS",
    "Answer",
    "Item",
    "Result",
    "Scale",
    "Scored",
    "Stated",
    "as_table",
    "fidelity",
    "observe",
]
