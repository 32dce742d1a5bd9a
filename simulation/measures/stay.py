"""Stays in custody read from records: one person's stays in order, and what follows a release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from simulation.measures.row import Period
from simulation.measures.timeline import Codes, Days, Mask, Moments, first_of_each, gap_before
from simulation.record import Records


def days(dates: pd.Series[Any]) -> Days:
    """Days since 1970-01-01, nan for an empty date; the time of day is dropped."""
    whole = dates.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(whole), np.nan, whole.astype(np.int64).astype(np.float64))


def day(when: date) -> float:
    """One date as days since 1970-01-01."""
    return float(np.datetime64(pd.Timestamp(when).date(), "D").astype(np.int64))


def yes_or_no(column: pd.Series[Any]) -> Days:
    """1 for yes, 0 for no, nan for unknown."""
    return column.to_numpy(dtype="float64", na_value=np.nan)


class People:
    """The persons of some tables as numbers, so that rows of one table find their rows in another."""

    def __init__(self, records: Records, *tables: str) -> None:
        rows = [records[name]["person"] for name in tables]
        codes, names = pd.factorize(pd.concat(rows, ignore_index=True))
        parts = np.split(codes.astype(np.int64), np.cumsum([len(column) for column in rows])[:-1])
        self._codes = dict(zip(tables, parts, strict=True))
        self.size = len(names)

    def of(self, table: str) -> Codes:
        """The number of each row's person."""
        return self._codes[table]


@dataclass(frozen=True)
class Stays:
    """Stays by person and day of booking; released is nan while inside.

    smi, connected: 1 yes, 0 no, nan unknown; a merged stay has them if any of its parts has.
    """

    person: Codes
    booked: Days
    released: Days
    smi: Days
    connected: Days

    def only(self, rows: Mask | Codes) -> Stays:
        """Some of the stays."""
        return Stays(*(column[rows] for column in vars(self).values()))

    def __len__(self) -> int:
        return len(self.person)

    @property
    def first(self) -> Mask:
        """Which stay is its person's first."""
        return first_of_each(self.person)

    @property
    def bookings(self) -> Moments:
        """When each stay began."""
        return Moments(self.person, self.booked)

    @property
    def releases(self) -> Moments:
        """When each stay ended; nan for one that has not."""
        return Moments(self.person, self.released)


class Custody:
    """A county's stays in custody, worked out once for all the measures that ask for them."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.people = People(records, "custody", "participants", "arrests")
        self.until = day(records.observed_until)

    @cached_property
    def jail(self) -> Stays:
        """The stays in jail."""
        return self._stays(["jail"])

    @cached_property
    def everywhere(self) -> Stays:
        """The stays in jail and in prison."""
        return self._stays(["jail", "prison"])

    def _stays(self, places: list[str]) -> Stays:
        rows = self.records["custody"]
        there = rows["place"].isin(places).to_numpy(dtype=bool, na_value=False)
        rows, person = rows[there], self.people.of("custody")[there]
        booked, released = days(rows["booked"]), days(rows["released"])
        order = np.lexsort((released, booked, person))
        smi, connected = yes_or_no(rows["serious_mental_illness"]), yes_or_no(rows["connected_to_treatment"])
        return Stays(person, booked, released, smi, connected).only(order)

    @cached_property
    def died(self) -> Days:
        """The day each person died, by number; nan if no death is recorded."""
        return deaths(self.records, self.people)


def deaths(records: Records, people: People) -> Days:
    """The day each person died, by number; nan if no death is recorded."""
    rows = records["participants"]
    known = rows["died"].notna().to_numpy(dtype=bool)
    died = np.full(people.size, np.nan)
    died[people.of("participants")[known]] = days(rows["died"])[known]
    return died


def death_after(custody: Custody, origin: Moments) -> Days:
    """The day each person died after an origin; nan if no later death is recorded."""
    died = custody.died[origin.person]
    return np.where(died < origin.day, np.nan, died)


def joined(stays: Stays, nights: float) -> Stays:
    """Stays of one person that overlap or lie at most so many nights apart become one.

    A return to the same or another jail on the same day is a transfer, and a record made of daily counts
    cannot see a night out.
    """
    if not len(stays):
        return stays
    end = np.where(np.isnan(stays.released), np.inf, stays.released)
    starts = np.flatnonzero(gap_before(stays.person, stays.booked, end) > nights)
    released = np.maximum.reduceat(end, starts)
    return Stays(
        stays.person[starts],
        stays.booked[starts],
        np.where(np.isinf(released), np.nan, released),
        np.fmax.reduceat(stays.smi, starts),
        np.fmax.reduceat(stays.connected, starts),
    )


def within(when: Days, period: Period) -> Mask:
    """Which days lie in a period; an unknown day does not."""
    return np.asarray((when >= day(period.start)) & (when < day(period.end)))
