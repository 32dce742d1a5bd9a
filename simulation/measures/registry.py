"""What a measure is: a pure function of a history and the edges of the periods, with a definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from simulation.measures.history import Days, History

Kind = Literal["stock", "flow", "mean", "share"]
Values = Mapping[str, Days]
Function = Callable[[History, Days], Values]


@dataclass(frozen=True)
class Measure:
    """A number anyone may ask for.

    kind: a ``stock`` is a count at one time, averaged over the period; a ``flow`` adds up over it; a
    ``mean`` is days per person, a ``share`` lies between 0 and 1. The function returns one value a
    period for each subgroup, ``all`` first.
    """

    name: str
    label: str
    unit: str
    kind: Kind
    definition: str
    source: str
    function: Function


MEASURES: dict[str, Measure] = {}


def measure(label: str, unit: str, kind: Kind, source: str = "Offramp") -> Callable[[Function], Function]:
    """Register a function as a measure; its name and docstring are the measure's name and definition."""

    def register(function: Function) -> Function:
        name = function.__name__
        definition = " ".join((function.__doc__ or "").split())
        MEASURES[name] = Measure(name, label, unit, kind, definition, source, function)
        return function

    return register
