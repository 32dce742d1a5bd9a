"""A local number with its unit and source, typed as a stock, a flow, a share, a number or a duration."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from simulation.inputs import unit as units
from simulation.inputs.parameter import Grade, Text, check_unit
from simulation.inputs.strict_model import StrictModel


class Quantity(StrictModel):
    """A local number with its unit and source; ``grade`` as in the evidence register."""

    unit_family: ClassVar[str]

    value: Annotated[float, Field(ge=0, description="The number itself, in its unit.")]
    unit: Annotated[str, Field(description="One of the units of its family.")]
    source: Annotated[
        Text, Field(description="Where the number comes from, so that a reader can look it up.")
    ]
    grade: Annotated[
        Grade,
        Field(
            description="How good that is: A measured here, B published elsewhere, C derived, D assumption."
        ),
    ]

    @model_validator(mode="after")
    def _right_family(self) -> Self:
        check_unit(self.unit, self.unit_family)
        return self


class Stock(Quantity):
    """How many there are at one time: persons, homes, beds, slots, posts."""

    unit_family = "stock"


class Flow(Quantity):
    """How many come in a span of time: bookings/month, admissions/month."""

    unit_family = "flow"

    @property
    def per_day(self) -> float:
        """Events per day."""
        return self.value * units.FLOWS[self.unit]


class LocalShare(Quantity):
    """A share between 0 and 1."""

    unit_family = "share"
    value: Annotated[float, Field(ge=0, le=1)]


class LocalNumber(Quantity):
    """A plain number, such as persons per clinician."""

    unit_family = "number"
    value: Annotated[float, Field(gt=0)]


class LocalDuration(Quantity):
    """A length of time that the county fixed by rule."""

    unit_family = "duration"
    value: Annotated[float, Field(gt=0)]

    @property
    def days(self) -> float:
        """The length in days."""
        return self.value * units.DAYS[self.unit]


def value_of(stock: Stock | None) -> float:
    """The number, none if it was left out."""
    return stock.value if stock is not None else 0.0
