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
    forensic: Annotated[
        float,
        Field(ge=0, le=1, description="Part of the team that works as FACT; 0 is plain ACT, 1 the default."),
    ] = 1.0


class FidelityScore(Frozen):
    """The score of one item of a fidelity scale, by a site visit or a plan."""

    item: Annotated[
        str,
        Field(
            pattern=r"^([HO]([1-9]|1[01])|S([1-9]|10)|F([1-9]|1[0-3]))$", description="As H11, O4, S9, F8."
        ),
    ]
    score: Annotated[int, Field(ge=1, le=5, description="By the scale's anchors, 5 is best.")]
    source: Annotated[Text, Field(description="Who says so.")]


class FactFigures(Frozen):
    """Forensic Assertive Community Treatment."""

    teams: tuple[FactTeam, ...]
    caseload_ratio: LocalNumber
    intake: Flow
    contacts: LocalNumber
    forensic_supervisor: Stock
    fidelity: Annotated[
        tuple[FidelityScore, ...],
        Field(description="Items of the DACTS and the FACTS that are known of the teams; they go first."),
    ] = ()
    source: Text
    grade: Grade

    @property
    def scores(self) -> dict[str, int]:
        """The scores given, by item."""
        return {one.item: one.score for one in self.fidelity}

    @model_validator(mode="after")
    def _regions(self) -> Self:
        names = [team.name for team in self.teams]
        if len(set(names)) < len(names):
            raise ValueError("two teams have the same name")
        total = sum(team.share for team in self.teams)
        if self.teams and abs(total - 1) > 0.005:
            raise ValueError(f"the shares of the teams sum to {total:.3f}, not to 1")
        return self
