"""What the FACT teams decide beside their posts: who is first, which groups there are, who answers crises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from simulation.county.county import County
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.sections.fact import FactPriority, Hour
from simulation.inputs.shift_schedule import Hours
from simulation.levers.lever import Lever, LeverProblem, unknown
from simulation.pathway import fact


class FactLever(Lever):
    """A lever on what the FACT teams decide."""

    section = "fact"


class RankFactList(FactLever):
    """Decide anew who is first for a place on a FACT team; those who wait already are put in that order."""

    lever: Literal["rank_fact_list"]
    priority: FactPriority = Field(
        description="Who has waited longest, who waits in jail, or who needs it most (no fixed address, "
        "substance use)."
    )

    def apply(self, county: County) -> None:
        county.policy.fact_priority = self.priority
        for team in county.fact.values():
            team.reorder(lambda person: fact.priority(county, person))


class AddGroupSlots(FactLever):
    """Open seats in a treatment group (or close, if negative); nobody there is put out."""

    lever: Literal["add_group_slots"]
    group: Annotated[str, Field(description="The group, as the county's file names it.")]
    slots: Annotated[int, Field(ge=-1000, le=1000, description="How many seats more.")]

    def problems(self, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
        """A group that the county does not have."""
        groups = [group.name for group in county.fact.groups]
        yield from unknown("group", f"{county.name} has no group", self.group, groups)

    @property
    def adds_capacity_to(self) -> str:
        """The group, if seats open and do not close."""
        return f"group.{self.group}" if self.slots > 0 else ""

    def apply(self, county: County) -> None:
        group = county.groups[self.group]
        group.resize(max(0, group.slots + self.slots))


class ExtendOnCall(FactLever):
    """Have FACT teams answer their members' crises in these hours; 0 to 24 is around the clock."""

    lever: Literal["extend_on_call"]
    opens: Annotated[Hour, Field(description="Hour of the day at which cover begins.")] = 0.0
    closes: Annotated[Hour, Field(description="Hour at which it ends; if not later, on the next day.")] = 24.0

    def apply(self, county: County) -> None:
        county.policy.on_call = Hours(self.opens, self.closes)
        for team in county.fact.values():
            team.cover()
