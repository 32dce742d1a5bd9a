"""Who the people in contact are."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.frozen import Frozen
from simulation.parameter import Grade, Text


class Group(Frozen):
    """A share of the people, by race and ethnicity."""

    name: Text
    share: Annotated[float, Field(gt=0, le=1)]


class RaceEthnicity(Frozen):
    """Who the people in contact are; shares sum to 1."""

    groups: Annotated[tuple[Group, ...], Field(min_length=1)]
    source: Text
    grade: Grade

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(group.share for group in self.groups)
        if abs(total - 1) > 0.005:
            raise ValueError(f"the shares of the groups sum to {total:.3f}, not to 1")
        return self
