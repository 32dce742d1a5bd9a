"""Risks that race each other at rates that change with circumstances."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat
from math import inf
from operator import mul, sub, truediv

from simulation.chance import Stream
from simulation.profile import EVEN, Profile


class Hazards:
    """Each risk carries a unit-exponential remainder and spends it at its current rate.

    A change of circumstances changes the rates and needs no new draw, so two scenarios keep the same
    luck. Rates are per day; a rate of 0 never strikes. The first risk spends its remainder on the clock of
    ``profile``, the others on the calendar's.
    """

    __slots__ = ("_luck", "_names", "_passed", "_profile", "_rates", "_remaining", "_since")

    def __init__(
        self,
        names: Sequence[str],
        luck: Stream,
        profile: Profile = EVEN,
        remaining: list[float] | None = None,
    ) -> None:
        self._names = names
        self._luck = luck
        self._profile = profile
        self._remaining = remaining or [luck.exponential(name) for name in names]
        self._rates: Sequence[float] = (0.0,) * len(names)
        self._since = -1.0
        self._passed = 0.0

    def resume(self, day: float, rates: Sequence[float]) -> float:
        """Expose the person to these rates from ``day`` on; the days until the first risk strikes."""
        profile = self._profile
        if day != self._since:
            self._since, self._passed = day, profile.passed(day)
        self._rates = rates
        try:
            paced, *others = map(truediv, self._remaining, rates)
        except ZeroDivisionError:
            risks = zip(self._remaining, rates, strict=True)
            paced, *others = (left / rate if rate else inf for left, rate in risks)
        first = min(others, default=inf)
        if paced < first * profile.peak:
            first = min(first, profile.day(self._passed + paced) - day)
        return first if first > 0.0 else 0.0

    def pause(self, day: float) -> None:
        """Spend what was lived through since ``resume``; no risk runs until the next one."""
        passed = self._profile.passed(day)
        lived = chain((passed - self._passed,), repeat(day - self._since))
        self._remaining = list(map(sub, self._remaining, map(mul, lived, self._rates)))
        self._since, self._passed = day, passed

    def strike(self) -> str:
        """Which risk came due (the one with nothing left to spend); it starts afresh."""
        struck = self._remaining.index(min(self._remaining))
        self._remaining[struck] = self._luck.exponential(self._names[struck])
        return self._names[struck]
