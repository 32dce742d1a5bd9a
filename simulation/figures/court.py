"""The diversion court of one county."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.figures.kind import LocalDuration, Stock
from simulation.frozen import Frozen
from simulation.weekday import Weekday


class DocketDay(Frozen):
    """A weekday on which the diversion court sits, and how many cases it hears."""

    weekday: Weekday
    slots: Stock


class CourtFigures(Frozen):
    """The diversion court and those who work for it."""

    evaluators: Stock
    assessors: Stock
    docket: Annotated[tuple[DocketDay, ...], Field()]
    hearing_interval: LocalDuration
    program_limit: LocalDuration
    lower_intensity_slots: Stock
    lower_intensity_enrolled: Stock
