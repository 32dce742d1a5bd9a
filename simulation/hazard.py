"""Risks that race each other at rates that change with circumstances."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from simulation.chance import Stream
from simulation.profile import Profile


class Hazards:
    """Each risk carries a unit-exponential remainder and spends it at its current rate.

    A change of circumstances changes the rates and needs no new draw, so two scenarios keep the same
    luck. Rates are per day; a rate of 0 never strikes. ``profiles`` are the clocks of the risks that
    follow the hour and the calendar, None for those that do not.
    """

    __slots__ = ("_luck", "_names", "_profiles", "_rates", "_remaining", "_since")

    def __init__(self, names: Sequence[str], luck: Stream, profiles: Sequence[Profile | None] = ()) -> None:
        self._names = names
        self._luck = luck
        self._profiles = profiles or (None,) * len(names)
        self._remaining = [luck.exponential(name) for name in names]
        self._rates: Sequence[float] = (0.0,) * len(names)
        self._since = 0.0

    def resume(self, day: float, rates: Sequence[float]) -> float:
        """Expose the person to these rates from ``day`` on; the days until the first risk strikes."""
        self._since = day
        self._rates = rates
        first = inf
        for remaining, rate, profile in zip(self._remaining, rates, self._profiles, strict=True):
            if rate > 0 and (profile is not None or remaining < first * rate):
                due = remaining / rate
                if profile is not None:
                    due = profile.day(profile.passed(day) + due) - day
                first = min(first, due)
        return max(0.0, first)

    def pause(self, day: float) -> None:
        """Spend what was lived through since ``resume``; no risk runs until the next one."""
        since, remaining = self._since, self._remaining
        for i, (rate, profile) in enumerate(zip(self._rates, self._profiles, strict=True)):
            lived = day - since if profile is None else profile.passed(day) - profile.passed(since)
            remaining[i] -= lived * rate
        self._since = day

    def strike(self) -> str:
        """Which risk came due (the one with nothing left to spend); it starts afresh."""
        struck = self._remaining.index(min(self._remaining))
        self._remaining[struck] = self._luck.exponential(self._names[struck])
        return self._names[struck]
