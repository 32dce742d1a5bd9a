"""What is done for people in a crisis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulation.county.county import County
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.shift_schedule import COUNTYWIDE, Shift, ShiftSchedule
from simulation.inputs.weekday import WEEKDAYS, AnyWeekday
from simulation.levers.lever import Lever, LeverProblem, unknown

Hour = Annotated[float, Field(ge=0, le=24)]
Share = Annotated[float, Field(ge=0, le=1)]


def change(county: County, schedule: ShiftSchedule) -> None:
    """Put a new shift schedule in force at once; teams at a scene stay there."""
    county.policy.shift_schedule = schedule
    county.shift_change.fire("new schedule")


class CrisisLever(Lever):
    """A lever on what is done for people in a crisis."""

    section = "crisis"


def unknown_district(county: CountyFile, district: str | None) -> Iterator[LeverProblem]:
    """A district that is no FACT team's region."""
    if district is not None:
        regions = [team.name for team in county.fact.teams]
        yield from unknown("district", f"{county.name} has no region", district, regions)


class RunMobileCrisis(CrisisLever):
    """Run the mobile crisis teams from one hour of the day to another; 0 to 24 is around the clock.

    ``teams`` is how many are on duty at a time, in each district; left out, as many as before.
    ``district`` is the only one concerned; left out, all are.
    """

    lever: Literal["run_mobile_crisis"]
    opens: Annotated[Hour, Field(description="Hour of the day at which the teams begin.")]
    closes: Annotated[
        Hour, Field(description="Hour at which they end, later than they begin; 0 to 24 is around the clock.")
    ]
    teams: Annotated[
        Annotated[int, Field(ge=0, le=1000)] | None,
        Field(description="Teams on duty at one time; left out, as many as before."),
    ] = None
    district: Annotated[str | None, Field(description="A FACT team's region; left out, all.")] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"opens {self.opens:g} must come before closes {self.closes:g}")
        return self

    def problems(self, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
        """A district that is no FACT team's region."""
        yield from unknown_district(county, self.district)

    def apply(self, county: County) -> None:
        schedule = county.policy.shift_schedule
        change(county, schedule.with_hours(self.opens, self.closes, self.teams, self.district))


class AddMobileTeam(CrisisLever):
    """Add a shift of mobile crisis teams, in a district or for the whole county."""

    lever: Literal["add_mobile_team"]
    district: Annotated[
        str | None, Field(description="A FACT team's region; left out, the teams go anywhere as fast.")
    ] = None
    opens: Annotated[Hour, Field(description="Hour of the day at which the shift begins.")]
    closes: Annotated[Hour, Field(description="Hour at which it ends; if not later, on the next day.")]
    teams: Annotated[int, Field(ge=1, le=1000, description="Teams more on duty in this shift.")] = 1
    weekdays: Annotated[
        tuple[AnyWeekday, ...], Field(min_length=1, description="Days on which it begins; all, if left out.")
    ] = WEEKDAYS

    def problems(self, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
        """A district that is no FACT team's region."""
        yield from unknown_district(county, self.district)

    @property
    def adds_capacity_to(self) -> str:
        """The mobile teams."""
        return "mobile_crisis"

    def apply(self, county: County) -> None:
        days = tuple(WEEKDAYS.index(day) for day in self.weekdays)
        shift = Shift(self.opens, self.closes, self.teams, self.district or COUNTYWIDE, days)
        change(county, county.policy.shift_schedule.and_shift(shift))


class AddCoresponders(CrisisLever):
    """Have a clinician join a share of the police responses to a crisis.

    No effect on arrests is established and none is assumed on average; the range runs from half the odds
    to slightly more than before.
    """

    lever: Literal["add_coresponders"]
    share: Annotated[
        Share, Field(description="Share of police responses that a clinician joins from now on.")
    ]

    def apply(self, county: County) -> None:
        county.policy.coresponder_share = self.share


class TrainPolice(CrisisLever):
    """Train officers for crises (CIT); the range of its disputed effect on arrests includes none."""

    lever: Literal["train_police"]
    share: Annotated[Share, Field(description="Share of police responses by a trained officer from now on.")]

    def apply(self, county: County) -> None:
        county.policy.cit_share = self.share


class AcceptEveryDropOff(CrisisLever):
    """Have the crisis facility take everyone whom police bring, chairs permitting."""

    lever: Literal["accept_every_drop_off"]

    def apply(self, county: County) -> None:
        county.policy.no_refusal = True
