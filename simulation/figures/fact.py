"""The FACT teams of one county."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.figures.kind import Flow, LocalNumber, Stock
from simulation.frozen import Frozen
from simulation.parameter import Grade, Text


class FactTeam(Frozen):
    """One regional team: clinician posts, people enrolled and waiting on day 0, share of the people."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    posts: Annotated[int, Field(ge=0, le=500)]
    enrolled: Annotated[int, Field(ge=0)]
    waiting: Annotated[int, Field(ge=0)] = 0
    share: Annotated[float, Field(ge=0, le=1)]


class FactFigures(Frozen):
    """Forensic Assertive Community Treatment."""

    teams: tuple[FactTeam, ...]
    caseload_ratio: LocalNumber
    intake: Flow
    contacts: LocalNumber
    forensic_supervisor: Stock
    source: Text
    grade: Grade

    @model_validator(mode="after")
    def _regions(self) -> Self:
        names = [team.name for team in self.teams]
        if len(set(names)) < len(names):
            raise ValueError("two teams have the same name")
        total = sum(team.share for team in self.teams)
        if self.teams and abs(total - 1) > 0.005:
            raise ValueError(f"the shares of the teams sum to {total:.3f}, not to 1")
        return self
