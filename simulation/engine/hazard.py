"""Risks that race each other at rates that change with circumstances."""

from __future__ import annotations

from enum import StrEnum, auto
from math import inf

from simulation.engine.stream import Stream
from simulation.inputs.demand_profile import EVEN_DEMAND, DemandProfile


class Risk(StrEnum):
    """What may strike a person in the community; ``HOUSING`` is the loss of a home, or finding one."""

    CRISIS = auto()
    ARREST = auto()
    HOUSING = auto()
    DEATH = auto()
    MOVING_AWAY = auto()


RISKS = tuple(risk.value for risk in Risk)
"""The names of the risks, of which each is also the decision that draws it."""
_RISKS = tuple(Risk)
Five = tuple[float, float, float, float, float]


class Hazards:
    """Each of the five ``RISKS`` carries a unit-exponential remainder and spends it at its current rate.

    A change of circumstances changes the rates and needs no new draw, so two scenarios use the same
    random numbers. Rates are per day, in the order of ``RISKS``; a rate of 0 never strikes. Crises spend
    their remainder on the clock of ``profile``, the other risks on the calendar's. The sums are written out
    risk by risk: that is a third of the cost of a loop, and every change of circumstances passes here.
    """

    __slots__ = ("_passed", "_profile", "_rates", "_remaining", "_since", "_stream")

    def __init__(
        self, stream: Stream, profile: DemandProfile = EVEN_DEMAND, remaining: list[float] | None = None
    ) -> None:
        self._stream = stream
        self._profile = profile
        self._remaining = remaining or [stream.exponential(name) for name in RISKS]
        self._rates: Five = (0.0, 0.0, 0.0, 0.0, 0.0)
        self._since = -1.0
        self._passed = 0.0

    def resume(self, day: float, rates: Five) -> float:
        """Expose the person to these rates from ``day`` on; the days until the first risk strikes."""
        profile = self._profile
        if day != self._since:
            self._since, self._passed = day, profile.passed(day)
        self._rates = rates
        crisis, arrest, housing, death, moving_away = rates
        left = self._remaining
        try:
            paced = left[0] / crisis
            first = min(left[1] / arrest, left[2] / housing, left[3] / death, left[4] / moving_away)
        except ZeroDivisionError:
            paced, *others = (owed / rate if rate else inf for owed, rate in zip(left, rates, strict=True))
            first = min(others)
        if paced < first * profile.peak:
            first = min(first, profile.day(self._passed + paced) - day)
        return first if first > 0.0 else 0.0

    def pause(self, day: float) -> None:
        """Spend what was lived through since ``resume``; no risk runs until the next one."""
        passed, lived = self._profile.passed(day), day - self._since
        crisis, arrest, housing, death, moving_away = self._rates
        left = self._remaining
        left[0] -= (passed - self._passed) * crisis
        left[1] -= lived * arrest
        left[2] -= lived * housing
        left[3] -= lived * death
        left[4] -= lived * moving_away
        self._since, self._passed = day, passed

    def strike(self) -> Risk:
        """Which risk came due (the one with nothing left to spend); it starts afresh."""
        left = self._remaining
        struck = left.index(min(left))
        left[struck] = self._stream.exponential(RISKS[struck])
        return _RISKS[struck]
