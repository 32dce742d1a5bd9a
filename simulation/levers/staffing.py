"""Posts authorized and ended, and what keeps people in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from math import inf
from typing import Annotated, Literal

from pydantic import Field

from simulation.county.county import County
from simulation.county.staffing import Terms
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.role import WITHOUT_CASELOAD, Role
from simulation.inputs.strict_model import choices
from simulation.levers.lever import Lever, LeverProblem, unknown
from simulation.pathway import fact

Share = Annotated[float, Field(gt=0, lt=1)]


def teams(county: CountyFile, levers: Sequence[Lever], lever: Lever) -> list[str]:
    """The county's FACT teams, and those that another lever sets up on an earlier day than this one's."""
    added = [other.team for other in levers if isinstance(other, AddTeam) and other.date < lever.date]
    return [*(team.name for team in county.fact.teams), *added]


def nowhere(
    lever: Hire | CutPosts | RaisePay, county: CountyFile, levers: Sequence[Lever]
) -> Iterator[LeverProblem]:
    """A service in which there can be no posts."""
    added = (f"fact.{team}" for team in teams(county, levers, lever))
    staffed = list(dict.fromkeys([*county.staffed, *added]))
    if lever.service is not None:
        yield from unknown("service", "no posts can be in service", lever.service, staffed)


def hire(county: County, service: str, terms: Terms, number: int) -> None:
    """Authorize posts, each vacant until someone is recruited."""
    staff = county.staff_of(service)
    for _ in range(number):
        key = f"post.{service}.{terms.role}.added"
        post = staff.authorize(county.stream.child(key, staff.count(terms.role)), terms)
        county.env.process(post.life(vacant_for=post.recruitment()))
    staff.changed()


class AddClinicians(Lever):
    """Authorize clinicians' posts on a FACT team; each is vacant until someone is recruited."""

    lever: Literal["add_clinicians"]
    team: Annotated[str, Field(description="A FACT team of the county.")]
    posts: Annotated[
        int,
        Field(
            ge=1,
            le=100,
            description="How many posts are authorized; each is vacant until someone is recruited.",
        ),
    ]
    role: Annotated[Role, Field(description="What the clinicians do.")] = "case_manager"

    def problems(self, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
        """A team that the county does not have by then."""
        known = teams(county, levers, self)
        yield from unknown("team", f"{county.name} has no FACT team", self.team, known)

    @property
    def adds_capacity_to(self) -> str:
        """The team."""
        return f"fact.{self.team}"

    def apply(self, county: County) -> None:
        hire(county, f"fact.{self.team}", Terms(self.role), self.posts)


class Hire(Lever):
    """Authorize posts in any service with slots; each is vacant until someone is recruited."""

    lever: Literal["hire"]
    service: Annotated[str, Field(description="Where they work: `fact.` and a team, or a service.")]
    role: Annotated[Role, Field(description="What they do.")]
    posts: Annotated[int, Field(ge=1, le=100, description="How many posts are authorized.")] = 1
    fte: Annotated[float, Field(gt=0, le=2, description="Full-time equivalents of each.")] = 1.0
    places: Annotated[
        float | None,
        Field(description="People served at once by one full-time person; a team's caseload ratio, else 1."),
    ] = None
    pay: Annotated[float | None, Field(description="Salary over the market's; the usual, if left out.")] = (
        None
    )
    fund: Annotated[str, Field(description="The grant that pays, if one does.")] = ""
    until: Annotated[date | None, Field(description="The day on which the posts end for good.")] = None

    def problems(self, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
        """A service in which there can be no posts, and posts that end before they begin."""
        yield from nowhere(self, county, levers)
        if self.until is not None and self.until <= self.date:
            yield (
                ("until",),
                f"{self.until} does not come after {self.date}, the day on which the posts begin",
            )

    @property
    def adds_capacity_to(self) -> str:
        """The service, if slots are all that its posts make: those of a team also give contacts."""
        team = self.service.startswith("fact.") or self.role in WITHOUT_CASELOAD
        return "" if team else self.service

    def apply(self, county: County) -> None:
        until = inf if self.until is None else county.day + (self.until - self.date).days
        terms = Terms(self.role, self.fte, self.places, self.pay, self.fund, until)
        hire(county, self.service, terms, self.posts)


class CutPosts(Lever):
    """End posts for good: vacant ones first, then the last authorized; nobody served is put out."""

    lever: Literal["cut_posts"]
    service: Annotated[str, Field(description="Where they work: `fact.` and a team, or a service.")]
    role: Annotated[Role, Field(description="What they do.")]
    posts: Annotated[int, Field(ge=1, le=500, description="How many posts end.")] = 1

    def problems(self, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
        """A service in which there can be no posts."""
        yield from nowhere(self, county, levers)

    def apply(self, county: County) -> None:
        county.staff_of(self.service).cut(self.role, self.posts)


class EndGrant(Lever):
    """The grant ends: the posts it pays end for good."""

    lever: Literal["end_grant"]
    fund: Annotated[str, Field(min_length=1, description="The grant, as the posts name it.")]

    def problems(self, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
        """A grant that pays no posts."""
        rows = county.staffing.posts if county.staffing else ()
        hired = [lever.fund for lever in levers if isinstance(lever, Hire)]
        funds = sorted({fund for fund in (*(row.fund for row in rows), *hired) if fund})
        yield from unknown("fund", "no posts are paid by a grant", self.fund, funds)

    def apply(self, county: County) -> None:
        for staff in county.staff.values():
            for post in list(staff.posts):
                if post.terms.fund == self.fund:
                    post.end("grant_ended")


class RaisePay(Lever):
    """Pay at least a share of the market's salary, to everyone or in one service or role: fewer leave."""

    lever: Literal["raise_pay"]
    to: Annotated[float, Field(gt=0, le=3, description="Salary over the market's; 1 is parity.")] = 1.0
    service: Annotated[str | None, Field(description="Where; everywhere, if left out.")] = None
    role: Annotated[Role | None, Field(description="To whom; to everyone, if left out.")] = None

    def problems(self, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
        """A service in which there can be no posts."""
        yield from nowhere(self, county, levers)

    def apply(self, county: County) -> None:
        for staff in county.staff.values():
            if self.service in (None, staff.service.name):
                staff.pay_at_least(self.to, self.role)


class ChangeCaseloadRatio(Lever):
    """Let each clinician of the FACT teams carry more people, or fewer."""

    lever: Literal["change_caseload_ratio"]
    ratio: Annotated[float, Field(gt=0, le=100, description="Persons per clinician.")]

    def apply(self, county: County) -> None:
        county.policy.caseload_ratio = self.ratio
        for team in county.fact.values():
            team.staff.places = self.ratio
            team.staff.changed()


class ReduceAdministration(Lever):
    """Take paperwork off staff, so that it takes this share of their time: more contacts, fewer leave."""

    lever: Literal["reduce_administration"]
    to: Annotated[Share, Field(description="Share of staff time for paperwork, meetings and travel.")]

    def apply(self, county: County) -> None:
        county.policy.administrative_share = min(self.to, county.policy.administrative_share)
        for staff in county.staff.values():
            staff.changed()
            staff.look_again()


class SpreadVacancies(Lever):
    """Spread the people of a vacant post over the team, which goes on enrolling: caseloads rise instead."""

    lever: Literal["spread_vacancies"]

    def apply(self, county: County) -> None:
        county.policy.spread_vacancies = True
        for staff in county.staff.values():
            staff.changed()


class ChangeLeave(Lever):
    """Change the share of paid time that staff are on leave; nobody is known to leave or stay for it."""

    lever: Literal["change_leave"]
    to: Annotated[float, Field(ge=0, lt=1, description="Share of paid time, all staff together.")]

    def apply(self, county: County) -> None:
        county.policy.leave = self.to
        for staff in county.staff.values():
            staff.changed()


class ChangeIntakeCap(Lever):
    """Let each FACT team enroll more or fewer people a month, from the next month's opening on."""

    lever: Literal["change_intake_cap"]
    per_month: Annotated[float, Field(ge=0, le=1000, description="Persons a month and team.")]

    def apply(self, county: County) -> None:
        county.policy.intake_per_month = self.per_month


class ShareRegions(Lever):
    """Let a FACT team with room take people of a region whose own team is full."""

    lever: Literal["share_regions"]

    def apply(self, county: County) -> None:
        county.policy.overflow = True


class AddTeam(Lever):
    """Set up a FACT team whose posts have to be filled first; before its first review it changes no arrests.

    It takes people of the regions it serves when their own team is full.
    """

    lever: Literal["add_team"]
    team: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", description="Its name, unlike any other team's.")]
    serves: Annotated[
        tuple[str, ...], Field(min_length=1, description="Regions, by the name of the team they have.")
    ]
    posts: Annotated[int, Field(ge=1, le=100, description="Case managers' posts that are authorized.")]

    def problems(self, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
        """A team that there is already, and regions that the county does not have."""
        regions = [team.name for team in county.fact.teams]
        others = [lever.team for lever in levers if isinstance(lever, AddTeam) and lever is not self]
        if self.team in (*regions, *others):
            yield ("team",), f"{county.name} has a team '{self.team}'"
        for number, region in enumerate(self.serves):
            if region not in regions:
                message = f"{county.name} has no region '{region}'. {choices(region, regions)}"
                yield ("serves", number), message

    def apply(self, county: County) -> None:
        team = county.add_team(self.team, self.serves)
        hire(county, team.name, Terms(), self.posts)
        county.env.process(fact.open_intake_each_month(county, team))
