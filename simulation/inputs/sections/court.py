"""The diversion court of one county."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulation.inputs.sections.quantity import LocalDuration, Stock
from simulation.inputs.sections.service_spec import with_capacities
from simulation.inputs.strict_model import StrictModel
from simulation.inputs.weekday import Weekday

Sanctions = Literal["jail", "graduated", "no_jail"]


class DocketDay(StrictModel):
    """A weekday on which the diversion court sits, and how many cases it hears."""

    weekday: Annotated[Weekday, Field(description="The day of the week.")]
    slots: Annotated[
        Stock, Field(description="Cases heard on such a day, motions for diversion before status hearings.")
    ]


class Phase(StrictModel):
    """A phase of the program before the last one."""

    length: Annotated[LocalDuration, Field(description="How long the phase lasts.")]
    hearing_interval: Annotated[LocalDuration, Field(description="Time between status hearings in it.")]


@with_capacities("court")
class CourtInputs(StrictModel):
    """The diversion court and those who work for it."""

    docket: Annotated[
        tuple[DocketDay, ...],
        Field(description="The days on which the diversion court sits; an empty list, if it does not."),
    ]
    phases: Annotated[
        tuple[Phase, ...], Field(description="Phases of the program before the last one, in order.")
    ] = ()
    hearing_interval: Annotated[
        LocalDuration, Field(description="Time between a participant's status hearings.")
    ]
    program_limit: Annotated[
        LocalDuration, Field(description="The longest time in the program that the law allows.")
    ]
    report_interval: Annotated[
        LocalDuration | None,
        Field(description="Time between progress reports to the court; left out, there are none."),
    ] = None
    evaluation_deadline: Annotated[
        LocalDuration | None,
        Field(description="Time the court gives for an evaluation, from its order; left out, no limit."),
    ] = None
    assessment_deadline: Annotated[
        LocalDuration | None,
        Field(description="Time the court gives for a clinical assessment; left out, no limit."),
    ] = None
    warrant_limit: Annotated[
        LocalDuration | None,
        Field(description="Absence on a bench warrant that ends the program; left out, none does."),
    ] = None
    place_held: Annotated[
        bool, Field(description="Whether the place in care is held for someone on a bench warrant.")
    ] = True
    sanctions: Annotated[
        Sanctions,
        Field(description="Whether sanctions are jail, jail after milder ones (graduated), or never jail."),
    ] = "jail"
    lower_intensity_enrolled: Annotated[Stock, Field(description="How many of them are taken on day 0.")]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.report_interval and self.report_interval.days < 30:
            raise ValueError(f"reports every {self.report_interval.days:g} days are closer than 30 days")
        return self
