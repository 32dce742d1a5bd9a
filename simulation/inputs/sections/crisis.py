"""The crisis system of one county."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.inputs.demand_profile import DemandProfile
from simulation.inputs.parameter import Grade, Text
from simulation.inputs.sections.quantity import LocalShare, Stock
from simulation.inputs.sections.service_spec import with_capacities
from simulation.inputs.shift_schedule import EVERY_DAY, Shift
from simulation.inputs.strict_model import StrictModel
from simulation.inputs.weekday import WEEKDAYS, AnyWeekday

Hour = Annotated[float, Field(ge=0, le=24)]
Index = Annotated[float, Field(gt=0)]


class CallProfile(StrictModel):
    """When crises happen, against the average of 1; each list is scaled to that mean."""

    hours: Annotated[
        tuple[Index, ...],
        Field(min_length=24, max_length=24, description="24 indices, from midnight on."),
    ] = (1.0,) * 24
    weekdays: Annotated[
        tuple[Index, ...], Field(min_length=7, max_length=7, description="7 indices, Monday first.")
    ] = (1.0,) * 7
    months: Annotated[
        tuple[Index, ...], Field(min_length=12, max_length=12, description="12 indices, January first.")
    ] = (1.0,) * 12
    source: Annotated[Text, Field(description="Where the indices come from.")]
    grade: Annotated[Grade, Field(description="How good that is, as of a quantity.")]


class MobileShift(StrictModel):
    """A shift of mobile crisis teams that belong to a district."""

    district: Annotated[str, Field(description="The region of a FACT team; its crises are answered first.")]
    opens: Annotated[Hour, Field(description="Hour of the day at which the shift begins.")]
    closes: Annotated[Hour, Field(description="Hour at which it ends; if not later, on the next day.")]
    teams: Annotated[Stock, Field(description="Teams of the district on duty in this shift.")]
    weekdays: Annotated[
        tuple[AnyWeekday, ...], Field(min_length=1, description="Days on which it begins; all, if left out.")
    ] = WEEKDAYS

    @property
    def shift(self) -> Shift:
        """The shift as the shift schedule keeps it."""
        days = tuple(WEEKDAYS.index(day) for day in self.weekdays)
        return Shift(self.opens, self.closes, self.teams.value, self.district, days)


@with_capacities("crisis")
class CrisisInputs(StrictModel):
    """Crisis capacity that serves the simulated people."""

    demand_profile: Annotated[
        CallProfile | None, Field(description="When crises happen; evenly at all hours, if left out.")
    ] = None
    mobile_teams: Annotated[
        Stock,
        Field(description="Mobile crisis teams without a district on duty at one time, in their hours."),
    ]
    mobile_opens: Annotated[Hour, Field(description="Hour of the day at which the mobile teams begin.")] = 0.0
    mobile_closes: Annotated[
        Hour, Field(description="Hour at which they end, later than they begin; 0 to 24 is around the clock.")
    ] = 24.0
    mobile_shifts: Annotated[
        tuple[MobileShift, ...], Field(description="Shifts of teams that have a district, beside the others.")
    ] = ()
    coresponder_share: Annotated[
        LocalShare | None,
        Field(description="Share of police responses to a crisis that a clinician joins; none, if left out."),
    ] = None
    no_refusal: Annotated[
        bool, Field(description="Whether the crisis facility takes everyone whom police bring.")
    ] = True

    @model_validator(mode="after")
    def _hours(self) -> Self:
        if self.mobile_opens >= self.mobile_closes:
            opens, closes = self.mobile_opens, self.mobile_closes
            raise ValueError(f"mobile_opens {opens:g} must come before mobile_closes {closes:g}")
        return self

    @property
    def coresponders(self) -> float:
        """Share of police responses that a clinician joins."""
        return self.coresponder_share.value if self.coresponder_share else 0.0

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """Every mobile team's shift."""
        countywide = Shift(self.mobile_opens, self.mobile_closes, self.mobile_teams.value, weekdays=EVERY_DAY)
        districts = tuple(shift.shift for shift in self.mobile_shifts)
        return (countywide, *districts) if countywide.teams > 0 or not districts else districts

    def profile(self, start: date, days: int) -> DemandProfile | None:
        """The clock of crises over a run."""
        given = self.demand_profile
        return DemandProfile(start, days, given.hours, given.weekdays, given.months) if given else None
