"""Who the people in contact are."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.inputs.parameter import Grade, Text
from simulation.inputs.sections.quantity import Flow, Stock
from simulation.inputs.strict_model import StrictModel


class Group(StrictModel):
    """A share of the people, by race and ethnicity."""

    name: Annotated[Text, Field(description="Name of the group, used for subgroups in the results.")]
    share: Annotated[float, Field(gt=0, le=1, description="Share of the people in contact who belong to it.")]


class RaceEthnicity(StrictModel):
    """Who the people in contact are; shares sum to 1."""

    groups: Annotated[
        tuple[Group, ...], Field(min_length=1, description="The groups, whose shares sum to 1.")
    ]
    source: Annotated[Text, Field(description="Where the shares come from.")]
    grade: Annotated[
        Grade,
        Field(
            description="How good that is: A measured here, B published elsewhere, C derived, D assumption."
        ),
    ]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(group.share for group in self.groups)
        if abs(total - 1) > 0.005:
            raise ValueError(f"the shares of the groups sum to {total:.3f}, not to 1")
        return self


class PeopleInputs(StrictModel):
    """How many people there are, for a county without a jail from whose bookings they would follow."""

    number: Stock = Field(description="People on day 0.")
    newcomers: Flow | None = Field(
        None, description="People who come; left out, as many as die or move away, so that the number stays."
    )
