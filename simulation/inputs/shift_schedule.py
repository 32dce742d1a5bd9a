"""The mobile crisis teams' shifts: which district has how many teams on duty when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

import numpy as np
from numpy.typing import NDArray

from simulation.inputs.demand_profile import DemandProfile

DAY, WEEK = 1440, 10_080
"""Minutes."""
COUNTYWIDE = "county"
"""The district of teams that have none."""
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class Shift:
    """So many teams of a district on duty from one hour to another, on some weekdays (Monday is 0).

    A shift that closes at an earlier hour than it opens ends on the next day.
    """

    opens: float
    closes: float
    teams: float
    district: str = COUNTYWIDE
    weekdays: tuple[int, ...] = EVERY_DAY

    def spells(self) -> Iterator[tuple[int, int]]:
        """Minute of the week at which each spell of duty begins, and its length in minutes."""
        length = round((self.closes - self.opens) * 60)
        for weekday in self.weekdays:
            yield weekday * DAY + round(self.opens * 60), length if length > 0 else length + DAY


@dataclass(frozen=True)
class Hours:
    """Hours of every day; if ``closes`` does not come after ``opens`` they end on the next day."""

    opens: float
    closes: float

    @property
    def length(self) -> float:
        """Hours a day."""
        return self.closes - self.opens if self.closes > self.opens else self.closes - self.opens + 24

    def cover(self, day: float) -> bool:
        """Whether this moment is inside."""
        return (day % 1 * 24 - self.opens) % 24 < self.length


@dataclass(frozen=True)
class ShiftSchedule:
    """All shifts; ``first_weekday`` is that of day 0."""

    shifts: tuple[Shift, ...] = ()
    first_weekday: int = 0

    def on_duty(self, day: float) -> dict[str, float]:
        """Teams on duty by district, districts without any included."""
        minutes, duty = self._turns
        return duty[bisect_right(minutes, self._minute(day)) - 1]

    def until_change(self, day: float) -> float:
        """Days until a shift begins or ends; infinite without shifts."""
        minutes, _ = self._turns
        if not minutes:
            return inf
        now = self._minute(day)
        following = bisect_right(minutes, now) % len(minutes)
        return ((minutes[following] - now) % WEEK or WEEK) / DAY

    @cached_property
    def _turns(self) -> tuple[list[int], list[dict[str, float]]]:
        """Minutes of the week at which a shift begins or ends, and who is on duty after each."""
        ends = {
            at % WEEK
            for shift in self.shifts
            for begins, length in shift.spells()
            for at in (begins, begins + length)
        }
        minutes = sorted(ends)
        return minutes, [self._duty(minute) for minute in minutes] or [{}]

    def _duty(self, minute: int) -> dict[str, float]:
        teams = {shift.district: 0.0 for shift in self.shifts}
        for shift in self.shifts:
            for begins, length in shift.spells():
                if (minute - begins) % WEEK < length:
                    teams[shift.district] += shift.teams
        return teams

    def _minute(self, day: float) -> int:
        return (round(day * DAY) + self.first_weekday * DAY) % WEEK

    def with_hours(
        self, opens: float, closes: float, teams: float | None, district: str | None
    ) -> ShiftSchedule:
        """Every district (or one) on one shift a day: as many teams as were ever on duty at a time."""
        concerned = {s.district for s in self.shifts} if district is None else {district}
        kept = [shift for shift in self.shifts if shift.district not in concerned]
        new = [
            Shift(opens, closes, self.most(name) if teams is None else teams, name)
            for name in sorted(concerned or {COUNTYWIDE})
        ]
        return replace(self, shifts=(*kept, *new))

    def most(self, district: str) -> float:
        """The most teams of a district that are on duty at one time."""
        begins = [begin for shift in self.shifts for begin, _ in shift.spells()]
        days = [(begin - self.first_weekday * DAY) % WEEK / DAY for begin in begins]
        return max((self.on_duty(day).get(district, 0.0) for day in days), default=0.0)

    def and_shift(self, shift: Shift) -> ShiftSchedule:
        """One shift more."""
        return replace(self, shifts=(*self.shifts, shift))

    def unserved(self, wait: float, profile: DemandProfile | None) -> float:
        """The share of crises at whose hour no team is on duty, nor will be within ``wait`` days."""
        on_duty = np.zeros(WEEK, dtype=bool)
        for shift in self.shifts:
            if shift.teams > 0:
                for begins, length in shift.spells():
                    early = round(wait * DAY)
                    on_duty[np.arange(begins - early, begins + length) % WEEK] = True
        weights = _by_minute(profile)
        return float(weights[~on_duty].sum() / weights.sum())


def _by_minute(profile: DemandProfile | None) -> NDArray[np.float64]:
    """How much of a week's demand falls into each of its minutes."""
    if profile is None:
        return np.ones(WEEK)
    return np.outer(profile.weekdays, np.repeat(profile.hours, 60)).ravel()
