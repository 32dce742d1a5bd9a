"""What a measure of the guide is, and the register of all 28."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Required, TypedDict, Unpack

from simulation.measures.ncsc.cohort import Calendar
from simulation.measures.ncsc.court import Court
from simulation.measures.ncsc.fact import Fact

CohortKind = Literal["exit", "admission", "period", "month", "quarter"]
Function = Callable[[Court, Calendar], Iterable[Fact]]

GUIDE = "NCSC, Mental Health Court Performance Measures: Implementation and User's Guide, 2010"


@dataclass(frozen=True)
class GuideMeasure:
    """One measure of the guide.

    number: 1 to 14, A1 to A14 for the additional ones of its Appendix A; cohort: participants who exit
    or are admitted in the period, or neither: what happens in a ``period``, ``month`` or ``quarter``;
    by: the guide's own disaggregation; needs: tables, or columns as table.column, without which it says
    nothing; simulated: whether anything in the model produces it; page: of the guide.
    """

    number: str
    name: str
    cohort: CohortKind
    unit: str
    label: str
    definition: str
    page: int
    function: Function
    by: tuple[str, ...] = ("exit_type",)
    needs: tuple[str, ...] = ("participants",)
    simulated: bool = True

    @property
    def source(self) -> str:
        """Where the definition stands."""
        return f"{GUIDE}, page {self.page}"


NCSC: dict[str, GuideMeasure] = {}


def in_order(number: str) -> tuple[bool, int]:
    """A key that sorts the numbers as the guide does: 1 to 14, then A1 to A14."""
    return number.startswith("A"), int(number.removeprefix("A"))


class About(TypedDict, total=False):
    """What ``guide_measure`` takes of a measure: the fields of ``GuideMeasure``."""

    cohort: Required[CohortKind]
    unit: Required[str]
    label: Required[str]
    page: Required[int]
    by: tuple[str, ...]
    needs: tuple[str, ...]
    simulated: bool


def guide_measure(number: str, name: str, **about: Unpack[About]) -> Callable[[Function], Function]:
    """Register a function as a measure of the guide; its docstring is the definition."""

    def register(function: Function) -> Function:
        definition = " ".join((function.__doc__ or "").split())
        NCSC[number] = GuideMeasure(
            number=number, name=name, definition=definition, function=function, **about
        )
        for known in sorted(NCSC, key=in_order):
            NCSC[known] = NCSC.pop(known)
        return function

    return register
