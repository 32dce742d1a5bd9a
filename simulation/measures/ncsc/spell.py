"""Spells in jail or hospital, and how many days of them fall between two days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from simulation.measures.ncsc.court import NEVER, Court, day_of, is_in, keyed
from simulation.measures.ncsc.fact import Codes, Days, Values


@dataclass(frozen=True)
class Spells:
    """Half-open spells in order of person and day; nobody is in two of them at once."""

    person: Codes
    start: Days
    end: Days

    @classmethod
    def merged(cls, person: Codes, start: Days, end: Days) -> Spells:
        """Spells from stays in any order; those that overlap or touch become one, so no day counts twice."""
        real = (end > start) & (person >= 0)
        person, start, end = person[real], start[real], end[real]
        order = np.argsort(keyed(person, start), kind="stable")
        person, start, end = person[order], start[order], end[order]
        reached = np.maximum.accumulate(keyed(person, end)) if len(end) else keyed(person, end)
        new = np.ones(len(end), dtype=bool)
        new[1:] = (person[1:] != person[:-1]) | (keyed(person, start)[1:] > reached[:-1])
        first = np.flatnonzero(new)
        last = np.append(first[1:], len(end)) - 1
        longest = end[:0] if not len(end) else reached[last] - keyed(person[last], np.zeros_like(last))
        return cls(person[first], start[first], longest)

    def days_between(self, person: Codes, start: Days, end: Days) -> Values:
        """For each person the days in a spell from ``start`` to before ``end``."""
        return self._days_before(person, end) - self._days_before(person, start)

    def _days_before(self, person: Codes, day: Days) -> Values:
        """Days of all spells before a person's day, everyone who sorts before them included."""
        if not len(self.person):
            return np.zeros(len(person))
        length = self.end - self.start
        at = np.searchsorted(keyed(self.person, self.start), keyed(person, day), side="right") - 1
        spell = np.maximum(at, 0)
        before = np.concatenate(([0], np.cumsum(length)))[spell]
        own = self.person[spell] == person
        inside = np.where(own, np.minimum(day - self.start[spell], length[spell]), length[spell])
        return np.where(at >= 0, before + inside, 0).astype(np.float64)


def in_custody(court: Court, *places: str) -> Spells:
    """When participants were in these places, jail or prison."""
    table = court.records["custody"]
    return spells(court, table[is_in(table["place"], *places)], "booked", "released")


def in_hospital(court: Court) -> Spells:
    """When participants were in hospital."""
    table = court.records["episodes"]
    return spells(court, table[is_in(table["service"], "hospital")], "start", "end")


def spells(court: Court, table: pd.DataFrame, start: str, end: str) -> Spells:
    """Spells of participants; one that has not ended lasts as long as the records."""
    ended: Any = day_of(table[end])
    until = np.where(ended == NEVER, court.until, ended)
    return Spells.merged(court.code(table["person"]), day_of(table[start]), until)
