"""When in the day, the week and the year something happens: a clock that runs faster in busy hours."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray


class DemandProfile:
    """Time as a risk that follows the clock and the calendar lives it.

    ``hours`` (24), ``weekdays`` (7, Monday first) and ``months`` (12) say how much more or less happens
    than on average; each is scaled to a mean of 1, the months over a common year. Inside an hour the pace
    is even. A risk of constant hazard on this clock is a periodic one on the wall clock, without any
    thinning (time change: Lewis and Shedler 1976; Cox and Lewis, The Statistical Analysis of Series of
    Events, 1966). After ``days`` days the pace is 1.
    """

    __slots__ = ("_grid", "_length", "_paces", "_passed", "hours", "peak", "weekdays")

    def __init__(
        self,
        start: date,
        days: int,
        hours: Sequence[float],
        weekdays: Sequence[float],
        months: Sequence[float],
    ) -> None:
        self.hours = _scaled(hours, [1] * 24)
        self.weekdays = _scaled(weekdays, [1] * 7)
        by_month = _scaled(months, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
        dates = (start + timedelta(days=number) for number in range(days))
        paces = [self.weekdays[day.weekday()] * by_month[day.month - 1] for day in dates]
        self._length = days
        hourly = np.outer(paces, np.array(self.hours) / 24).ravel()
        self._paces: list[float] = hourly.tolist()
        self._passed: list[float] = [0.0, *np.cumsum(hourly).tolist()]
        self._grid = np.array(self._passed)
        self.peak = max(1.0, max(self.hours) * max(paces, default=1.0))

    def passed(self, day: float) -> float:
        """How much has passed on this clock from day 0 to ``day`` (0 or later)."""
        hours = day * 24
        hour = int(hours)
        try:
            return self._passed[hour] + (hours - hour) * self._paces[hour]
        except IndexError:  # after the last day
            return self._passed[-1] + hours / 24 - self._length

    def day(self, passed: float) -> float:
        """The day by which so much has passed on this clock: the inverse of ``passed``."""
        marks = self._passed
        if passed >= marks[-1]:
            return self._length + passed - marks[-1]
        hour = bisect_right(marks, passed) - 1
        return (hour + (passed - marks[hour]) / (marks[hour + 1] - marks[hour])) / 24

    def days(self, passed: NDArray[np.float64]) -> NDArray[np.float64]:
        """``day`` of many at once."""
        inside = np.interp(passed, self._grid, np.arange(len(self._grid)) / 24)
        return np.asarray(inside + np.maximum(passed - self._grid[-1], 0.0))


def _scaled(indices: Sequence[float], lengths: Sequence[float]) -> tuple[float, ...]:
    mean = sum(i * n for i, n in zip(indices, lengths, strict=True)) / sum(lengths)
    return tuple(index / mean for index in indices)


EVEN_DEMAND = DemandProfile(date(2000, 1, 1), 0, [1] * 24, [1] * 7, [1] * 12)
"""The calendar's own clock."""
