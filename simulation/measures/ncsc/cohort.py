"""Cohorts: people, arrests or meetings that share a calendar period of 1, 3, 6 or 12 months."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Days = NDArray[np.int64]

LETTERS = {6: "H", 3: "Q"}
LABEL = re.compile(r"(?P<year>\d{4})(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


@dataclass(frozen=True, order=True)
class Cohort:
    """A calendar period of 1, 3, 6 or 12 months that begins where such a period begins in the year.

    Its label is 2025, 2025H1, 2025Q3 or 2025-07; the guide ("Time Frame") recommends six months, a longer
    time for a court with few participants and three months for one with very many.
    """

    start: date
    months: int

    @classmethod
    def parse(cls, label: str) -> Cohort:
        """Read a label; raises ValueError with the labels that are allowed."""
        parts = LABEL.fullmatch(label.strip())
        if not parts:
            raise ValueError(f"{label!r} is not a cohort; write 2025, 2025H1, 2025Q3 or 2025-07")
        for name, months in (("half", 6), ("quarter", 3), ("month", 1)):
            if parts[name]:
                return cls(date(int(parts["year"]), (int(parts[name]) - 1) * months + 1, 1), months)
        return cls(date(int(parts["year"]), 1, 1), 12)

    @classmethod
    def holding(cls, day: date, months: int) -> Cohort:
        """The cohort of that length into which a day falls."""
        return cls(date(day.year, day.month - (day.month - 1) % months, 1), months)

    @property
    def label(self) -> str:
        """How the cohort is written."""
        if self.months == 12:
            return str(self.start.year)
        if self.months == 1:
            return f"{self.start:%Y-%m}"
        return f"{self.start.year}{LETTERS[self.months]}{(self.start.month - 1) // self.months + 1}"

    @property
    def end(self) -> date:
        """The first day after."""
        return (pd.Timestamp(self.start) + pd.DateOffset(months=self.months)).date()

    def next(self) -> Cohort:
        """The cohort that follows."""
        return Cohort(self.end, self.months)

    def within(self, months: int) -> list[Cohort]:
        """The shorter cohorts it is made of, or itself if it is no longer than that."""
        if months >= self.months:
            return [self]
        starts = pd.date_range(self.start, self.end, freq=f"{months}MS", inclusive="left")
        return [Cohort(start.date(), months) for start in starts]


@dataclass(frozen=True)
class Calendar:
    """Cohorts of one length in order of time, and the days between which each lies.

    Days count from 1970-01-01.
    """

    cohorts: tuple[Cohort, ...]

    @classmethod
    def of(cls, cohorts: Iterable[Cohort]) -> Calendar:
        """A calendar of these cohorts, in order and each once."""
        return cls(tuple(sorted(set(cohorts))))

    def within(self, months: int) -> Calendar:
        """The calendar of the shorter cohorts these are made of."""
        return Calendar.of(part for cohort in self.cohorts for part in cohort.within(months))

    def place(self, day: Days) -> NDArray[np.int64]:
        """For each day the number of its cohort, -1 for none."""
        starts = number_of_days([cohort.start for cohort in self.cohorts])
        ends = number_of_days([cohort.end for cohort in self.cohorts])
        at = np.searchsorted(starts, day, side="right") - 1
        inside = (at >= 0) & (day < ends[at])
        return np.where(inside, at, -1)


def number_of_days(dates: Sequence[date]) -> Days:
    """Days since 1970-01-01."""
    return np.array(dates, dtype="datetime64[D]").astype(np.int64)


def occurring(day: Days, months: int) -> list[Cohort]:
    """The cohorts of that length into which at least one of the days falls."""
    first_of_month = np.unique(day.astype("datetime64[D]").astype("datetime64[M]"))
    return sorted({Cohort.holding(month.astype(date), months) for month in first_of_month})
