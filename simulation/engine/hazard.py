"""Risks that race each other at rates that change with circumstances, two of which an event raises."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum, auto
from math import exp, inf

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
_PLACE = {risk: place for place, risk in enumerate(Risk)}
Five = tuple[float, float, float, float, float]
NEGLIGIBLE = 0.002
"""An excess below this is over."""


class Hazards:
    """Each of the five ``RISKS`` carries a unit-exponential remainder and spends it at its current rate.

    A change of circumstances changes the rates and needs no new draw, so two scenarios use the same
    random numbers. Rates are per day, in the order of ``RISKS``; a rate of 0 never strikes. Crises spend
    their remainder on the clock of ``profile``, the other risks on the calendar's. The sums are written out
    risk by risk: that is a third of the cost of a loop, and every change of circumstances passes here.

    After ``raised`` the rate of a crisis or an arrest is 1 + excess * exp(-t / mean) times what it would be,
    t days after the event, where ``fading`` holds the two means in days; t goes on while no risk runs.
    Death and moving away do not wait: between ``pause`` and ``resume`` they spend at the last rates, and
    strike at once if they came due.
    """

    __slots__ = ("_excess", "_fading", "_passed", "_profile", "_rates", "_remaining", "_since", "_stream")

    def __init__(
        self,
        stream: Stream,
        profile: DemandProfile = EVEN_DEMAND,
        fading: tuple[float, float] = (1.0, 1.0),
        remaining: list[float] | None = None,
    ) -> None:
        self._stream = stream
        self._profile = profile
        self._fading = fading
        self._excess: Sequence[float] = ()  # of a crisis and of an arrest; empty while both are over
        self._remaining = remaining or [stream.exponential(name) for name in RISKS]
        self._rates: Five = (0.0, 0.0, 0.0, 0.0, 0.0)
        self._since = -1.0  # not exposed yet
        self._passed = 0.0

    def raised(self, risk: Risk, excess: float, day: float) -> None:
        """Raise the rate of a crisis or an arrest from ``day`` on by ``excess`` times itself, which fades."""
        self._away(day)
        both = [*self._excess] or [0.0, 0.0]
        both[_PLACE[risk]] = excess
        self._excess = both

    def resume(self, day: float, rates: Five) -> float:
        """Expose the person to these rates from ``day`` on; the days until the first risk strikes."""
        if day != self._since:
            self._away(day)
        self._rates = rates
        crisis, arrest, housing, death, moving_away = rates
        left = self._remaining
        try:
            paced, arrested = left[0] / crisis, left[1] / arrest
            first = min(left[2] / housing, left[3] / death, left[4] / moving_away)
        except ZeroDivisionError:
            paced, arrested, *others = (
                owed / rate if rate else inf for owed, rate in zip(left, rates, strict=True)
            )
            first = min(others)
        profile = self._profile
        if self._excess:
            raised, excess = self._excess
            if arrested < first * (1 + excess):
                arrested = sooner(arrested, excess, self._fading[1])
            if arrested < first:
                first = arrested
            if paced < first * profile.peak * (1 + raised):
                paced = sooner(paced, raised, self._fading[0])
        elif arrested < first:
            first = arrested
        if paced < first * profile.peak:
            first = min(first, profile.day(self._passed + paced) - day)
        return first if first > 0.0 else 0.0

    def pause(self, day: float) -> None:
        """Spend what was lived through since ``resume``; until the next one only the exits run."""
        passed, lived = self._profile.passed(day), day - self._since
        crisis, arrest, housing, death, moving_away = self._rates
        left = self._remaining
        if self._excess:
            self._spend_excess(passed - self._passed, lived)
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

    def _away(self, day: float) -> None:
        """The time in which no risk ran: an excess fades, and whoever is due to leave leaves after it."""
        passed, away = self._profile.passed(day), day - self._since
        if self._since >= 0.0:
            left, (*_, death, moving_away) = self._remaining, self._rates
            left[3] -= away * death
            left[4] -= away * moving_away
            if self._excess:
                self._fade(passed - self._passed, away)
        self._since, self._passed = day, passed

    def _spend_excess(self, paced: float, lived: float) -> None:
        """What the raised rates spend beyond the others: all that fades meanwhile, at the rate."""
        crisis, arrest = self._excess
        self._fade(paced, lived)
        later_crisis, later_arrest = self._excess or (0.0, 0.0)
        left, rates, fading = self._remaining, self._rates, self._fading
        left[0] -= rates[0] * fading[0] * (crisis - later_crisis)
        left[1] -= rates[1] * fading[1] * (arrest - later_arrest)

    def _fade(self, paced: float, lived: float) -> None:
        crisis, arrest = self._excess
        fading = self._fading
        if crisis:
            crisis *= exp(-paced / fading[0])
        if arrest:
            arrest *= exp(-lived / fading[1])
        crisis = crisis if crisis > NEGLIGIBLE else 0.0
        arrest = arrest if arrest > NEGLIGIBLE else 0.0
        self._excess = (crisis, arrest) if crisis or arrest else ()


def sooner(days: float, excess: float, mean: float) -> float:
    """The days in which a raised rate spends what the rate alone would spend in ``days``.

    Solves t + excess * mean * (1 - exp(-t / mean)) = days, whose left side is concave: Newton's steps from
    days / (1 + excess) come from below and stay below.

    >>> sooner(3.0, 1.0, 2.0)
    1.809...
    """
    if not excess or days <= 0:
        return days
    if days > (excess + 40) * mean:
        return days - excess * mean
    t = days / (1 + excess)
    for _ in range(50):
        fading = excess * exp(-t / mean)
        step = (days - t - mean * (excess - fading)) / (1 + fading)
        t += step
        if step < 1e-9 * days:
            break
    return t
