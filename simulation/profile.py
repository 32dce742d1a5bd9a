"""When in the day, the week and the year something happens: a clock that runs faster in busy hours."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate


class Profile:
    """Time as a risk that follows the clock and the calendar lives it.

    ``hours`` (24), ``weekdays`` (7, Monday first) and ``months`` (12) say how much more or less happens
    than on average; each is scaled to a mean of 1, the months over a common year. Inside an hour the pace
    is even. A risk of constant hazard on this clock is a periodic one on the wall clock, without any
    thinning (time change: Lewis and Shedler 1976; Cox and Lewis, The Statistical Analysis of Series of
    Events, 1966). After ``days`` days the pace is 1.
    """

    __slots__ = ("_days", "_hours", "_length", "_paces", "hours", "peak", "weekdays")

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
        self._hours = [0.0, *accumulate(share / 24 for share in self.hours)]
        dates = (start + timedelta(days=number) for number in range(days))
        self._paces = [self.weekdays[day.weekday()] * by_month[day.month - 1] for day in dates]
        self._length = days
        self._days = [0.0, *accumulate(self._paces)]
        self.peak = max(1.0, max(self.hours) * max(self._paces, default=1.0))

    def passed(self, day: float) -> float:
        """How much has passed on this clock from day 0 to ``day`` (0 or later)."""
        number = int(day)
        if number >= self._length:
            return self._days[-1] + day - self._length
        hour = (day - number) * 24
        whole = int(hour)
        in_day = self._hours[whole] + (hour - whole) * self.hours[whole] / 24
        return self._days[number] + self._paces[number] * in_day

    def day(self, passed: float) -> float:
        """The day by which so much has passed on this clock: the inverse of ``passed``."""
        if passed >= self._days[-1]:
            return len(self._paces) + passed - self._days[-1]
        number = bisect_right(self._days, passed) - 1
        in_day = (passed - self._days[number]) / self._paces[number]
        whole = min(bisect_right(self._hours, in_day) - 1, 23)
        return number + (whole + (in_day - self._hours[whole]) / self.hours[whole] * 24) / 24


def _scaled(indices: Sequence[float], lengths: Sequence[float]) -> tuple[float, ...]:
    mean = sum(i * n for i, n in zip(indices, lengths, strict=True)) / sum(lengths)
    return tuple(index / mean for index in indices)
