"""Levers: everything a county could change on a date, one class each.

Importing this package registers all of them; a user's own are registered when their module is imported.
"""

from simulation.levers import court, crisis, equity, fact, housing, jail, staffing, stepdown
from simulation.levers.capacity import AddSlots, SizedService
from simulation.levers.lever import LEVERS, AnyLever, Lever, LeverProblem, on_its_day, own_code, problems

__all__ = [
    "LEVERS",
    "AddSlots",
    "AnyLever",
    "Lever",
    "LeverProblem",
    "SizedService",
    "court",
    "crisis",
    "equity",
    "fact",
    "housing",
    "jail",
    "on_its_day",
    "own_code",
    "problems",
    "staffing",
    "stepdown",
]
