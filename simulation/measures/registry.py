"""What a measure is: a pure function of a history and the edges of the periods, with a definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from simulation.measures.group import groups as groups_of
from simulation.measures.history import Days, History

Kind = Literal["stock", "flow", "mean", "share"]
Values = Mapping[str, Days]
Groups = Literal["always", "asked", "never"]
Function = Callable[[History, Days], Values]


@dataclass(frozen=True)
class Measure:
    """A number anyone may ask for.

    kind: a ``stock`` is a count at one time, averaged over the period; a ``flow`` adds up over it; a
    ``mean`` is days per person, a ``share`` lies between 0 and 1. The function returns one value a
    period for each subgroup, ``all`` first. groups: whether the measure is reported by sex, age, race and
    ethnicity, and risk and need ``always``, when ``asked`` for, or, being no number of people, ``never``.
    """

    name: str
    label: str
    unit: str
    kind: Kind
    definition: str
    source: str
    function: Function
    groups: Groups = "asked"

    def values(self, history: History, edges: Days, subgroups: bool = False) -> Values:
        """The measure and, of itself or if asked for ``subgroups``, the same of each group of people."""
        values = dict(self.function(history, edges))
        if self.groups == "always" or (subgroups and self.groups == "asked"):
            for name, group in groups_of(history).items():
                values[name] = self.function(group, edges)["all"]
        return values


MEASURES: dict[str, Measure] = {}


def measure(
    label: str, unit: str, kind: Kind, source: str = "Offramp", groups: Groups = "asked"
) -> Callable[[Function], Function]:
    """Register a function as a measure; its name and docstring are the measure's name and definition.

    The function takes a ``History`` and the edges of the periods in days, and returns one number a period
    for everyone under ``all``, and for each subgroup of its own. A measure that counts the bookings of a log
    with one booking on day 10 and two on day 40, in two periods of 30 days:

    >>> import numpy as np
    >>> from simulation.engine.eventlog import EventLog
    >>> from simulation.measures.history import History, counts
    >>> @measure("Bookings in jail", "bookings", "flow")
    ... def example_bookings(history, edges):
    ...     "Bookings into jail in the period."
    ...     return {"all": counts(history.spans("jail").start, edges)}
    >>> log = EventLog()
    >>> for person, day in enumerate((10.0, 40.0, 40.5)):
    ...     log.write(day, person, "jail", "admitted", "misdemeanor")
    >>> bookings = MEASURES.pop("example_bookings")
    >>> bookings.definition
    'Bookings into jail in the period.'
    >>> bookings.values(History(log.read(), 60.0), np.array([0.0, 30.0, 60.0]))["all"].tolist()
    [1.0, 2.0]
    """

    def register(function: Function) -> Function:
        name = function.__name__
        known = MEASURES.get(name)
        if known is not None and known.function.__module__ != function.__module__:
            raise ValueError(f"there is a measure {name} already ({known.label}); choose another name")
        definition = " ".join((function.__doc__ or "").split())
        MEASURES[name] = Measure(name, label, unit, kind, definition, source, function, groups)
        return function

    return register
