"""Fidelity of a FACT team: the DACTS (28 items) and the FACTS (13 items), with where each score is from."""

from simulation.measures.fidelity.dacts import DACTS
from simulation.measures.fidelity.facts import FACTS
from simulation.measures.fidelity.item import Item, Scale
from simulation.measures.fidelity.score import Result, Scored, as_table, fidelity
from simulation.measures.fidelity.stated import Answer, Stated
from simulation.measures.fidelity.team_records import team_window
from simulation.measures.fidelity.window import TeamWindow

__all__ = [
    "DACTS",
    "FACTS",
    "Answer",
    "Item",
    "Result",
    "Scale",
    "Scored",
    "Stated",
    "TeamWindow",
    "as_table",
    "fidelity",
    "team_window",
]
