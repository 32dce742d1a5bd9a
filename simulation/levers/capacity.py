"""Places opened or closed in any service of a size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from simulation.county.county import County
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.sections.service_spec import SIZED
from simulation.levers.lever import Lever, LeverProblem, missing_section

SECTION = {spec.name: spec.section for spec in SIZED}
"""The section of a county's file to which a service belongs."""

if TYPE_CHECKING:
    SizedService = str
else:
    SizedService = Literal[tuple(SECTION)]


class AddSlots(Lever):
    """Open (or close, if negative) places in one service: homes, beds, evaluators, slots in care."""

    lever: Literal["add_slots"]
    service: Annotated[SizedService, Field(description="Where the places open or close.")]
    slots: Annotated[
        int,
        Field(
            ge=-10_000,
            le=10_000,
            description="How many places more; below 0 closes as many, each when its holder leaves.",
        ),
    ]

    def problems(self, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
        """The section of the service, if the county leaves it out."""
        yield from missing_section(self, SECTION[self.service], county)

    @property
    def adds_capacity_to(self) -> str:
        """The service, if places open and do not close."""
        return self.service if self.slots > 0 else ""

    def apply(self, county: County) -> None:
        service = county.services[self.service]
        service.resize(max(0, service.slots + self.slots))
