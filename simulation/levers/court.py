"""What the court decides: its days, and whom it takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulation.county import County
from simulation.levers.lever import Lever
from simulation.pathway import docket
from simulation.weekday import WEEKDAYS, Weekday


class AddDocketDay(Lever):
    """Hold a further docket day each week."""

    lever: Literal["add_docket_day"]
    weekday: Weekday
    slots: Annotated[int, Field(ge=1, le=1000)]

    def pull(self, county: County) -> None:
        wait = (WEEKDAYS.index(self.weekday) - self.on.weekday()) % 7
        county.env.process(docket.docket_days(county, self.slots, county.day + wait))


class StopReferrals(Lever):
    """Refer nobody to diversion any more; those already in the program finish it."""

    lever: Literal["stop_referrals"]

    def pull(self, county: County) -> None:
        county.policy.referral_if_identified = 0.0
        county.policy.referral_if_missed = 0.0
