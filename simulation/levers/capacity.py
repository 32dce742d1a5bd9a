"""Places opened or closed in any service of a size."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulation.county.county import County
from simulation.inputs.housing_type import KINDS
from simulation.levers.lever import Lever

SizedService = Literal[
    "crisis_line",
    "stabilization",
    "short_term_bed",
    "emergency_department",
    "inpatient",
    "screening",
    "evaluation",
    "assessment",
    "reporting",
    "restoration",
    "lower_intensity",
    "shelter",
    "supervised",
    "shared",
    "master_leased",
    "longer_term",
    "supportive",
    "outpatient",
    "substance_use",
]


SECTION: dict[str, str] = {
    **dict.fromkeys(("crisis_line", "stabilization", "short_term_bed"), "crisis"),
    **dict.fromkeys(("emergency_department", "inpatient"), "crisis"),
    "screening": "jail",
    **dict.fromkeys(("evaluation", "assessment", "reporting", "lower_intensity"), "court"),
    **dict.fromkeys(("outpatient", "substance_use"), "stepdown"),
    **dict.fromkeys(("shelter", *KINDS), "housing"),
}
"""The section of a county's file to which a service belongs."""


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

    @property
    def section(self) -> str:
        """The service's section."""
        return SECTION.get(self.service, "")

    @property
    def adds_capacity_to(self) -> str:
        """The service, if places open and do not close."""
        return self.service if self.slots > 0 else ""

    def apply(self, county: County) -> None:
        service = county.services[self.service]
        service.resize(max(0, service.slots + self.slots))
