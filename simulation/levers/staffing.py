"""Posts authorized, and what keeps people in them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulation.county import County
from simulation.levers.lever import Lever
from simulation.team import Post


class AddClinicians(Lever):
    """Authorize posts on a FACT team; each is vacant until someone is recruited."""

    lever: Literal["add_clinicians"]
    team: str
    posts: Annotated[int, Field(ge=1, le=100)]

    @property
    def widens(self) -> str:
        """The team."""
        return f"fact.{self.team}"

    def pull(self, county: County) -> None:
        team = county.fact[self.team]
        for _ in range(self.posts):
            luck = county.luck.child(f"post.{team.name}.added", len(team.posts))
            post = Post(team, luck, county.parameters.staffing, county.policy)
            county.env.process(post.life(vacant_for=post.recruitment()))
        team.staffed(team.clinicians)


class RaisePay(Lever):
    """Pay FACT clinicians at the market's rate: fewer leave."""

    lever: Literal["raise_pay"]

    def pull(self, county: County) -> None:
        county.policy.turnover_ratio = county.parameters.staffing.raise_turnover_ratio.value
        for team in county.fact.values():
            for post in team.posts:
                post.tenure.ring("pay")
