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
