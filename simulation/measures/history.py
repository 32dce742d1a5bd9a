"""A log read as spans: who was where from when to when, and who waited for what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from simulation.engine.eventlog import PEOPLE_COLUMNS, Arrest, Events
from simulation.measures.timeline import Moments, last_row

Days = NDArray[np.float64]
Ids = NDArray[np.int64]
Codes = NDArray[np.int16]
Mask = NDArray[np.bool_]
T = TypeVar("T")


@dataclass(frozen=True)
class Spans:
    """Half-open spans ``[start, end)`` in days; ``end`` is infinite if it was not seen.

    person: ids; why_in and why_out: word codes, -1 where there is none.
    """

    person: Ids
    start: Days
    end: Days
    why_in: Codes
    why_out: Codes

    def only(self, mask: Mask) -> Spans:
        """The spans that a mask selects."""
        return Spans(*(column[mask] for column in vars(self).values()))

    def __len__(self) -> int:
        return len(self.person)


class History:
    """A log with its spans worked out once, for all the measures that ask for them."""

    def __init__(self, events: Events, horizon: float) -> None:
        self.events = events
        self.horizon = horizon
        self._spans: dict[str, Spans] = {}
        self._waits: dict[str, Spans] = {}
        self._last_verb: dict[str, Codes] = {}
        self._remembered: dict[str, object] = {}
        order = np.lexsort((np.arange(len(events)), events.person, events.service))
        self._order = order
        self._service = events.service[order]

    def _rows(self, service: str) -> NDArray[np.intp]:
        """Rows of one service, person by person, in the order written."""
        code = self.events.code(service)
        first, last = np.searchsorted(self._service, [code, code + 1])
        return self._order[first:last]

    def spans(self, service: str) -> Spans:
        """From admission to discharge, for everyone ever admitted to a service."""
        if service not in self._spans:
            self._spans[service], _ = self._paired(service, ("admitted",), ("discharged",))
        return self._spans[service]

    def waits(self, service: str) -> Spans:
        """From referral to admission, refusal or giving up."""
        if service not in self._waits:
            ends = ("admitted", "declined", "left_waiting")
            self._waits[service], self._last_verb[service] = self._paired(service, ("referred",), ends)
        return self._waits[service]

    def ended_by(self, service: str, verb: str) -> Mask:
        """Which waits of a service ended with this verb."""
        self.waits(service)
        return np.asarray(self._last_verb[service] == self.events.code(verb))

    def _paired(self, service: str, begin: tuple[str, ...], finish: tuple[str, ...]) -> tuple[Spans, Codes]:
        e = self.events
        rows = self._rows(service)
        begins = np.isin(e.what[rows], [e.code(word) for word in begin])
        ends = np.isin(e.what[rows], [e.code(word) for word in finish])
        rows, begins = rows[begins | ends], begins[begins | ends]
        at = np.flatnonzero(begins)
        after = np.minimum(at + 1, len(rows) - 1)
        closed = (at + 1 < len(rows)) & ~begins[after]
        closed &= e.person[rows[after]] == e.person[rows[at]] if len(rows) else closed
        start, stop = rows[at], rows[after]
        spans = Spans(
            person=e.person[start],
            start=e.day[start],
            end=np.where(closed, e.day[stop], np.inf),
            why_in=e.why[start],
            why_out=np.where(closed, e.why[stop], -1).astype(np.int16),
        )
        return spans, np.where(closed, e.what[stop], -1).astype(np.int16)

    @cached_property
    def other_residents(self) -> History:
        """The history of other residents' visits."""
        events = self.events
        others = events.other_residents
        if others is None:
            nothing = np.empty(0)
            codes = nothing.astype(np.int16)
            others = Events(nothing, nothing.astype(np.int64), codes, codes, codes, words=events.words)
        return History(others, self.horizon)

    def once(self, name: str, work: Callable[[History], T]) -> T:
        """Work something out the first time it is asked for, and remember it."""
        if name not in self._remembered:
            self._remembered[name] = work(self)
        return cast(T, self._remembered[name])

    def days(self, service: str, what: str) -> tuple[Ids, Days, Codes]:
        """Person, day and reason of every row of this kind."""
        e = self.events
        rows = self._rows(service)
        rows = rows[e.what[rows] == e.code(what)]
        return e.person[rows], e.day[rows], e.why[rows]

    def matching(self, prefix: str) -> list[str]:
        """Services of the log whose name begins like this, in alphabetical order."""
        return [name for name in self._services if name.startswith(prefix)]

    @cached_property
    def _services(self) -> list[str]:
        present = {self.events.words[code] for code in np.unique(self.events.service)}
        return sorted(present | {name for name, _ in self._levels})

    def traits(self, column: str, persons: Ids) -> NDArray[Any]:
        """One trait of each of these people."""
        ids, values = self._people[column]
        return values[np.searchsorted(ids, persons)]

    def latest(self, persons: Ids, days: Days, people: Ids, by: Days) -> Ids:
        """For each of ``people``, the row of their last event at or before ``by``; -1 if there is none."""
        return last_row(Moments(persons, days), Moments(people, by))

    @cached_property
    def _people(self) -> dict[str, tuple[Ids, NDArray[Any]]]:
        rows = sorted(self.events.people)
        columns = list(zip(*rows, strict=True)) or [()] * len(PEOPLE_COLUMNS)
        ids = np.array(columns[0], dtype=np.int64)
        return {name: (ids, np.array(values)) for name, values in zip(PEOPLE_COLUMNS, columns, strict=True)}

    @cached_property
    def arrests(self) -> dict[str, NDArray[Any]]:
        """The arrests table as columns: person, days, charge, disposition."""
        names = [field.name for field in fields(Arrest)]
        return {name: np.array([getattr(a, name) for a in self.events.arrests]) for name in names}

    @cached_property
    def attendance(self) -> dict[str, NDArray[Any]]:
        """The attendance rows as columns: end, person, service, scheduled, attended."""
        names = ("start", "end", "person", "service", "scheduled", "attended")
        columns = list(zip(*self.events.attendance, strict=True)) or [()] * len(names)
        return {name: np.array(values) for name, values in zip(names, columns, strict=True)}

    def level(self, service: str, what: str) -> tuple[Days, Days]:
        """Days on which a capacity changed, and what it was from then on."""
        days, numbers = zip(*self._levels.get((service, what), [(0.0, 0.0)]), strict=True)
        return np.array(days), np.array(numbers)

    @cached_property
    def _levels(self) -> dict[tuple[str, str], list[tuple[float, float]]]:
        levels: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        for day, name, kind, number in self.events.capacity:
            levels[name, kind].append((day, number))
        return dict(levels)


def person_days(start: Days, end: Days, edges: Days) -> Days:
    """Days lived inside each period ``[edges[i], edges[i + 1])``, all people together."""

    def lived_until(points: Days) -> Days:
        return _positive_part(points, start) - _positive_part(points, end[np.isfinite(end)])

    return np.diff(lived_until(np.asarray(edges, dtype=np.float64)))


def _positive_part(points: Days, since: Days) -> Days:
    """For each point, the sum over ``since`` of max(0, point - since)."""
    ordered = np.sort(since)
    sums = np.concatenate(([0.0], np.cumsum(ordered)))
    count = np.searchsorted(ordered, points)
    return np.asarray(points * count - sums[count], dtype=np.float64)


def counts(days: Days, edges: Days) -> Days:
    """How many fall into each period."""
    return np.histogram(days, bins=_half_open(edges))[0].astype(np.float64)


def _half_open(edges: Days) -> Days:
    """Bins that numpy closes on the right are opened there too."""
    bins = np.array(edges, dtype=np.float64)
    bins[-1] = np.nextafter(bins[-1], -np.inf)
    return bins


def means(days: Days, values: Days, edges: Days) -> Days:
    """The mean of the values whose day falls into each period; nan where there is none."""
    total = np.histogram(days, bins=_half_open(edges), weights=values)[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / counts(days, edges), dtype=np.float64)


def average(days: Days, numbers: Days, edges: Days) -> Days:
    """The time-weighted mean of a level that changes in steps."""
    until = np.append(days[1:], np.inf)
    total = np.zeros(len(edges) - 1)
    for day, end, number in zip(days, until, numbers, strict=True):
        if number:
            total += number * person_days(np.array([day]), np.array([end]), edges)
    return total / np.diff(edges)
