"""Risks that race each other at rates that change with circumstances."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import inf, log

from simulation.chance import Stream
from simulation.profile import Profile


class Hazards:
    """Each risk carries a unit-exponential remainder and spends it at its current rate.

    A change of circumstances changes the rates and needs no new draw, so two scenarios keep the same
    luck. Rates are per day; a rate of 0 never strikes. The risk named ``paced``, if any, spends its
    remainder on the clock of ``profile``.
    """

    __slots__ = (
        "_luck",
        "_names",
        "_paced",
        "_passed",
        "_profile",
        "_rates",
        "_remaining",
        "_since",
        "_steady",
    )

    def __init__(
        self,
        names: Sequence[str],
        luck: Stream,
        profile: Profile | None = None,
        paced: str = "",
        first: Sequence[float] | None = None,
    ) -> None:
        self._names = names
        self._luck = luck
        self._profile = profile
        self._paced = names.index(paced) if profile is not None else -1
        self._steady = _others(len(names), self._paced)
        self._remaining = [-log(one) for one in first or [luck.luck(name) for name in names]]
        self._rates: Sequence[float] = (0.0,) * len(names)
        self._since = -1.0
        self._passed = 0.0

    def resume(self, day: float, rates: Sequence[float]) -> float:
        """Expose the person to these rates from ``day`` on; the days until the first risk strikes."""
        remaining, first = self._remaining, inf
        for i in self._steady:
            if remaining[i] < first * rates[i]:
                first = remaining[i] / rates[i]
        if self._profile is not None:
            if day != self._since:
                self._passed = self._profile.passed(day)
            paced = self._paced
            rate = rates[paced]
            if remaining[paced] < first * rate * self._profile.peak:
                first = min(first, self._profile.day(self._passed + remaining[paced] / rate) - day)
        self._since, self._rates = day, rates
        return first if first > 0.0 else 0.0

    def pause(self, day: float) -> None:
        """Spend what was lived through since ``resume``; no risk runs until the next one."""
        lived, rates, remaining = day - self._since, self._rates, self._remaining
        for i in self._steady:
            remaining[i] -= lived * rates[i]
        if self._profile is not None:
            passed = self._profile.passed(day)
            remaining[self._paced] -= (passed - self._passed) * rates[self._paced]
            self._passed = passed
        self._since = day

    def strike(self) -> str:
        """Which risk came due (the one with nothing left to spend); it starts afresh."""
        struck = self._remaining.index(min(self._remaining))
        self._remaining[struck] = self._luck.exponential(self._names[struck])
        return self._names[struck]


@cache
def _others(number: int, paced: int) -> tuple[int, ...]:
    """The places of so many risks, the paced one left out."""
    return tuple(i for i in range(number) if i != paced)
