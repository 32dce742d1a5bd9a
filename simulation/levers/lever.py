"""What a lever is: a typed, dated change to the county that waits for its day and then acts."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field

from simulation.county.county import County
from simulation.engine.clock import Process
from simulation.inputs.strict_model import StrictModel


class Lever(StrictModel):
    """A change that the county could make on a date."""

    lever: Annotated[str, Field(description="Which lever.")]
    date: Annotated[
        datetime.date, Field(description="The day on which the change is made, inside the county's horizon.")
    ]

    @property
    def section(self) -> str:
        """The section of a county's file that the lever needs: levers are kept in a module for each."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def adds_capacity_to(self) -> str:
        """The service whose capacity this lever enlarges and does nothing else, if that is what it does."""
        return ""

    def apply(self, county: County) -> None:
        """Make the change, now."""
        raise NotImplementedError


def on_its_day(lever: Lever, county: County, day: float) -> Process[None]:
    """Wait for the lever's day, then pull it."""
    yield county.env.timeout(max(0.0, day - county.day))
    lever.apply(county)
