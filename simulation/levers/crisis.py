"""What is done for people in a crisis."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulation.county import County
from simulation.levers.lever import Lever


class RunMobileCrisis(Lever):
    """Run the mobile crisis teams from one hour of the day to another; 0 to 24 is around the clock.

    ``teams`` is how many are on duty at a time; left out, as many as before.
    """

    lever: Literal["run_mobile_crisis"]
    opens: Annotated[float, Field(ge=0, le=24)]
    closes: Annotated[float, Field(ge=0, le=24)]
    teams: Annotated[int, Field(ge=0, le=1000)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"opens {self.opens:g} must come before closes {self.closes:g}")
        return self

    def pull(self, county: County) -> None:
        county.policy.mobile_hours = (self.opens, self.closes)
        if self.teams is not None:
            county.policy.mobile_teams = self.teams
        county.mobile_roster.ring("new hours")
