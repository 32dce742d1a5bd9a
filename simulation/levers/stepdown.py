"""Care after FACT: when people are found ready for it. Its slots are opened with ``add_slots``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulation.county.county import County
from simulation.levers.lever import Lever


class StepDownLever(Lever):
    """A lever on care after the program."""

    section = "stepdown"


class ReviewReadiness(StepDownLever):
    """Ask so often whether people in FACT are ready for less care; each one's next review is as before."""

    lever: Literal["review_readiness"]
    every: Annotated[float, Field(ge=14, le=730, description="Days from one review to the next.")]

    def apply(self, county: County) -> None:
        county.policy.review_interval = self.every
