"""Events and spans of many people on one time line: who had what next, what last, what overlaps.

Columns hold one element an event or span: the person's number and days. Days may be whole (records) or
fractions (a simulated log).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


def keyed(person: NDArray[Any], day: NDArray[Any]) -> NDArray[np.complex128]:
    """Numbers that sort by person and then by day: numpy orders complex numbers by their real part first."""
    key = np.empty(len(person), dtype=np.complex128)
    key.real, key.imag = person, day
    return key


@dataclass(frozen=True)
class Moments:
    """Events of people, one element an event, in any order."""

    person: NDArray[Any]
    day: NDArray[Any]

    def __len__(self) -> int:
        return len(self.person)

    def only(self, rows: Mask | NDArray[Any]) -> Moments:
        """Some of the events."""
        return Moments(self.person[rows], self.day[rows])


def next_row(events: Moments, since: Moments, same_day: bool = False) -> Codes:
    """For each of ``since`` the row of the person's first event at a later time; -1 if there is none.

    same_day: an event at the same time counts too.
    """
    return _row(events, since, 0, "left" if same_day else "right")


def last_row(events: Moments, by: Moments) -> Codes:
    """For each of ``by`` the row of the person's last event at or before that time; -1 if there is none."""
    return _row(events, by, -1, "right")


def _row(events: Moments, asked: Moments, step: int, side: Any) -> Codes:
    keys = keyed(events.person, events.day)
    order = np.argsort(keys, kind="stable")
    at = np.searchsorted(keys[order], keyed(asked.person, asked.day), side=side) + step
    row = np.append(order, -1)[at]
    return np.where((row >= 0) & (np.append(events.person, -1)[row] == asked.person), row, -1)


def day_at(rows: Codes, day: NDArray[Any]) -> Days:
    """The day of each row; nan for -1."""
    return np.append(day.astype(np.float64), np.nan)[rows]


def first_of_each(person: NDArray[Any]) -> Mask:
    """Which rows are their person's first, of rows sorted by person."""
    return np.concatenate(([True], person[1:] != person[:-1]))[: len(person)]


def gap_before(person: NDArray[Any], start: NDArray[Any], end: NDArray[Any]) -> Days:
    """Days from the latest end of the person's earlier spans to the start of each; spans sorted by both.

    Infinite for a person's first span, negative where an earlier one still goes on.
    """
    reached = np.maximum.accumulate(keyed(person, end)).imag
    gap = np.full(len(person), np.inf)
    gap[1:] = start[1:] - reached[:-1]
    return np.where(first_of_each(person), np.inf, gap)


@dataclass(frozen=True)
class Spells:
    """Half-open spells in order of person and day; nobody is in two of them at once."""

    person: Codes
    start: Days
    end: Days

    @classmethod
    def merged(cls, person: NDArray[Any], start: NDArray[Any], end: NDArray[Any]) -> Spells:
        """Spells from spans in any order; those that overlap or touch become one, so no day counts twice."""
        real = np.flatnonzero((end > start) & (person >= 0))
        rows = real[np.lexsort((end[real], start[real], person[real]))]
        person, start, end = person[rows], start[rows].astype(np.float64), end[rows].astype(np.float64)
        if not len(rows):
            return cls(person, start, end)
        first = np.flatnonzero(gap_before(person, start, end) > 0)
        return cls(person[first], start[first], np.maximum.reduceat(end, first))

    def days_between(self, person: NDArray[Any], start: NDArray[Any], end: NDArray[Any]) -> Days:
        """For each person the days in a spell from ``start`` to before ``end``."""
        return self._days_before(person, end) - self._days_before(person, start)

    def _days_before(self, person: NDArray[Any], day: NDArray[Any]) -> Days:
        """Days of all spells before a person's day, those of everyone who sorts before included."""
        if not len(self.person):
            return np.zeros(len(person))
        at = np.searchsorted(keyed(self.person, self.start), keyed(person, day), side="right") - 1
        length = self.end - self.start
        spell = np.maximum(at, 0)
        before = np.concatenate(([0.0], np.cumsum(length)))[spell]
        own = self.person[spell] == person
        inside = np.where(own, np.minimum(day - self.start[spell], length[spell]), length[spell])
        return np.where(at >= 0, before + inside, 0.0)
