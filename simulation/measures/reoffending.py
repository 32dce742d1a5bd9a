"""Re-offending by one algorithm: a standard declares its origin, event, window and exclusions.

The people followed are those with an origin (a release, an exit from the program). Each is followed to the
first event that counts (an arrest, a conviction, a booking) at a later time. Who has one by the end of the
window has re-offended; who cannot be observed to the end of it is not followed, and left out of a plain share
or censored in a cumulative incidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
import pandas as pd

from simulation.measures.incidence import SurvivalData, follow
from simulation.measures.row import Period
from simulation.measures.stay import within
from simulation.measures.timeline import Codes, Days, Mask, Moments, day_at, first_of_each, next_row

Source = TypeVar("Source")
Window = Callable[[Source, Moments], Days]


def anniversary(years: int) -> Callable[[Any, Moments], Days]:
    """A window of calendar years: to the same day so many years later, 1 March for 29 February."""

    def last_day(_: Any, origin: Moments) -> Days:
        date = pd.DatetimeIndex(origin.day.astype("datetime64[D]"))
        month = date.to_period("M")
        later = (month + 12 * years).to_timestamp() + (date - month.to_timestamp())
        return later.to_numpy(dtype="datetime64[D]").astype(np.float64)

    return last_day


@dataclass(frozen=True)
class FollowUp:
    """People followed, one element an origin that counts.

    rows: which of the source's origins these are; origin: person and day; event_row: row of the first event,
    -1 for none; event: its day, nan for none; end: last day of the window; until: first day not observed;
    settled: days after the window until outcomes are known; competing: day of death, nan for none; left_out:
    how many origins were excluded, by reason.
    """

    rows: Codes
    origin: Moments
    event_row: Codes
    event: Days
    end: Days
    until: float
    settled: float
    competing: Days
    left_out: Mapping[str, int]

    @property
    def had_event(self) -> Mask:
        """Who had an event by the end of the window."""
        return np.asarray(self.event <= self.end)

    @property
    def followed(self) -> Mask:
        """Who was observed to the end of the window, and until outcomes were known."""
        return np.asarray(self.end + self.settled < self.until)

    def survival(self, rows: Mask | slice = slice(None)) -> SurvivalData:
        """Time to the event, to death or to the end of observation, of all or some."""
        return follow(self.origin.day[rows], self.event[rows], self.until, self.competing[rows])


@dataclass(frozen=True)
class Reoffending(Generic[Source]):
    """A definition of re-offending over a source: a simulated history, a county's custody or court records.

    origin: persons and days from which they are followed; event: what counts, at a later time, or from the
    same day on with ``same_day``. window: days, or the last day for each origin, which counts. exclude: by
    reason, which origins do not count. once: each person counts from the first origin (of the period).
    settled: days after the window until an outcome is known. competing: days of death, nan for none.
    """

    origin: Callable[[Source], Moments]
    event: Callable[[Source], Moments]
    window: float | Window[Source]
    exclude: Mapping[str, Callable[[Source], Mask]] = field(default_factory=dict)
    once: bool = False
    same_day: bool = False
    settled: float = 0.0
    competing: Callable[[Source, Moments], Days] | None = None

    def follow(self, source: Source, until: float, period: Period | None = None) -> FollowUp:
        """Follow everyone with an origin (in the period) to the first event.

        until: first day that is not observed.
        """
        origin, events = self.origin(source), self.event(source)
        rows, left_out = self._counted(source, origin, period)
        origin = origin.only(rows)
        row = next_row(events, origin, self.same_day)
        end = self.window(source, origin) if callable(self.window) else origin.day + self.window
        nobody = np.full(len(rows), np.nan)
        return FollowUp(
            rows=rows,
            origin=origin,
            event_row=row,
            event=day_at(row, events.day),
            end=end,
            until=until,
            settled=self.settled,
            competing=self.competing(source, origin) if self.competing else nobody,
            left_out=left_out,
        )

    def _counted(
        self, source: Source, origin: Moments, period: Period | None
    ) -> tuple[Codes, dict[str, int]]:
        """Rows of the origins that count, and how many are excluded for each reason."""
        counted = np.ones(len(origin), dtype=bool) if period is None else within(origin.day, period)
        left_out = {}
        for reason, excluded in self.exclude.items():
            out = counted & excluded(source)
            left_out[reason] = int(out.sum())
            counted = counted & ~out
        rows = np.flatnonzero(counted)
        if self.once:
            rows = rows[np.lexsort((origin.day[rows], origin.person[rows]))]
            rows = rows[first_of_each(origin.person[rows])]
        return rows, left_out
