"""Levers: typed, dated changes to the county, each a process that waits for its day and then acts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulation.bell import Wait
from simulation.county import County
from simulation.frozen import Frozen
from simulation.pathway import court
from simulation.team import Post

SizedService = Literal[
    "crisis_line",
    "stabilization",
    "short_term_bed",
    "emergency_department",
    "inpatient",
    "screening",
    "evaluation",
    "assessment",
    "lower_intensity",
    "master_leased",
    "longer_term",
    "outpatient",
]
Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Lever(Frozen):
    """A change that the county could make on a date."""

    on: date

    def pull(self, county: County) -> None:
        """Make the change, now."""
        raise NotImplementedError


class AddSlots(Lever):
    """Open (or close, if negative) places in one service: homes, beds, evaluators, slots in care."""

    lever: Literal["add_slots"]
    service: SizedService
    slots: Annotated[int, Field(ge=-10_000, le=10_000)]

    def pull(self, county: County) -> None:
        service = county.services[self.service]
        service.resize(max(0, service.slots + self.slots))


class AddClinicians(Lever):
    """Authorize posts on a FACT team; each is vacant until someone is recruited."""

    lever: Literal["add_clinicians"]
    team: str
    posts: Annotated[int, Field(ge=1, le=100)]

    def pull(self, county: County) -> None:
        team = county.fact[self.team]
        for _ in range(self.posts):
            luck = county.luck.child(f"post.{team.name}.added", len(team.posts))
            post = Post(team, luck, county.parameters.staffing, county.policy)
            county.env.process(post.life(vacant_for=post.recruitment()))
        team.staffed(team.clinicians)


class AddDocketDay(Lever):
    """Hold a further docket day each week."""

    lever: Literal["add_docket_day"]
    weekday: Weekday
    slots: Annotated[int, Field(ge=1, le=1000)]

    def pull(self, county: County) -> None:
        wait = (WEEKDAYS.index(self.weekday) - self.on.weekday()) % 7
        county.env.process(court.docket_days(county, self.slots, county.day + wait))


class StopReferrals(Lever):
    """Refer nobody to diversion any more; those already in the program finish it."""

    lever: Literal["stop_referrals"]

    def pull(self, county: County) -> None:
        county.policy.referral_if_identified = 0.0
        county.policy.referral_if_missed = 0.0


class EmbedJailStaff(Lever):
    """Place behavioral health staff in the jail: more people identified, referred sooner."""

    lever: Literal["embed_jail_staff"]

    def pull(self, county: County) -> None:
        effect = county.parameters.lever
        county.policy.screening_sensitivity = effect.embedded_sensitivity.value
        county.policy.referral_delay_ratio = effect.embedded_delay_ratio.value


class RaisePay(Lever):
    """Pay FACT clinicians at the market's rate: fewer leave."""

    lever: Literal["raise_pay"]

    def pull(self, county: County) -> None:
        county.policy.turnover_ratio = county.parameters.staffing.raise_turnover_ratio.value
        for team in county.fact.values():
            for post in team.posts:
                post.tenure.ring("pay")


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


AnyLever = Annotated[
    AddSlots | AddClinicians | AddDocketDay | StopReferrals | EmbedJailStaff | RaisePay | RunMobileCrisis,
    Field(discriminator="lever"),
]


def on_its_day(lever: Lever, county: County, day: float) -> Wait:
    """Wait for the lever's day, then pull it."""
    yield county.env.timeout(max(0.0, day - county.day))
    lever.pull(county)
