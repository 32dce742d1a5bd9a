"""The posts of one county beyond its FACT teams' clinicians: a list such as position control keeps."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.inputs.parameter import Grade, Text
from simulation.inputs.role import Role
from simulation.inputs.strict_model import StrictModel


class Absence(StrictModel):
    """A span in which whoever is in post is away: on family leave, on loan."""

    start: Annotated[date, Field(description="The first day away.")]
    end: Annotated[date, Field(description="The first day back.")]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise ValueError(f"start {self.start} must come before end {self.end}")
        return self


class PostInputs(StrictModel):
    """Posts of one role in one service, all on the same terms."""

    service: Annotated[
        str, Field(description="Where they work: `fact.` and a team, or a service with slots.")
    ]
    role: Annotated[Role, Field(description="What they do; a psychiatrist carries no caseload (DACTS H1).")]
    number: Annotated[int, Field(ge=1, le=500, description="How many such posts.")] = 1
    fte: Annotated[float, Field(gt=0, le=2, description="Full-time equivalents of each.")] = 1.0
    places: Annotated[
        float | None,
        Field(description="People served at once by one full-time person; a team's caseload ratio, else 1."),
    ] = None
    salary: Annotated[float | None, Field(description="USD a year for one full-time person.")] = None
    market_salary: Annotated[
        float | None, Field(description="What the market pays; without both, the usual pay is assumed.")
    ] = None
    fund: Annotated[str, Field(description="The grant that pays, if one does; levers name it.")] = ""
    until: Annotated[
        date | None, Field(description="The day on which the posts end for good, as when a grant does.")
    ] = None
    away: Annotated[tuple[Absence, ...], Field(description="When whoever is in post is away.")] = ()

    @model_validator(mode="after")
    def _positive(self) -> Self:
        for name in ("places", "salary", "market_salary"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} {value:g} is not above 0")
        return self

    @property
    def pay(self) -> float | None:
        """Salary over the market's, none if either is not known."""
        if self.salary is None or self.market_salary is None:
            return None
        return self.salary / self.market_salary


class StaffingInputs(StrictModel):
    """Posts with their roles; they make slots beside the capacities that the file gives."""

    posts: Annotated[tuple[PostInputs, ...], Field(description="The posts, a row for each kind.")] = ()
    source: Annotated[Text, Field(description="Where the list is from.")]
    grade: Annotated[Grade, Field(description="A to D, as in the evidence register.")]
