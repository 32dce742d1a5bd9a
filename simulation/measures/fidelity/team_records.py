"""A team as county records, or the records of a simulated log, show it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from simulation.measures.fidelity.window import (
    AFTERCARE,
    YEAR,
    Authorized,
    Codes,
    Contacts,
    Days,
    Enrollments,
    Mask,
    Staff,
    TeamWindow,
    Words,
    days_between,
)
from simulation.measures.stay import People, day, days
from simulation.measures.timeline import Moments, last_row
from simulation.record import Records

JUSTICE = {"participants": "admission_date", "arrests": "arrested", "custody": "booked"}
"""Tables that show a contact with criminal justice, and the column of its day."""


def team_window(
    records: Records,
    team: str | None = None,
    until: float | None = None,
    authorized: Authorized | None = None,
) -> TeamWindow:
    """A team, or all teams together, by a day; ``until``: the end of the records if not given.

    authorized: the posts there should be; without them the most held at once in two years.
    """
    return _Reader(records, team, until, authorized or Authorized()).window()


class _Reader:
    def __init__(self, records: Records, team: str | None, until: float | None, authorized: Authorized):
        self.records, self.team, self.authorized = records, team, authorized
        self.until = min(until or np.inf, day(records.observed_until))
        self.begin = -np.inf if pd.isna(records.observed_from) else day(records.observed_from)
        self.simulated = records.source == "simulation"
        self.people = People(
            records, "episodes", "participants", "arrests", "custody", "contacts", "attendance"
        )

    def window(self) -> TeamWindow:
        enrollments = self.enrollments()
        return TeamWindow(
            day=self.until,
            begin=self.begin,
            enrollments=enrollments,
            staff=self.staff(),
            contacts=self.contacts(enrollments),
            aftercare=self.aftercare(),
            crises=None,
            meetings=days(self.records["meetings"]["date"]),
            ratings=days(self.records["ratings"]["date"]),
        )

    def enrollments(self) -> Enrollments:
        rows = self.records["episodes"]
        begun = self._of_team(rows) & is_one_of(rows["service"], "fact") & (days(rows["start"]) < self.until)
        person, rows = self.people.of("episodes")[begun], rows[begun]
        start, end = days(rows["start"]), self._end(rows)
        way_out = np.where(np.isinf(end), "", text(rows["way_out"]))
        return Enrollments(person, start, end, way_out, self._justice()[person])

    def staff(self) -> Staff | None:
        rows = self.records["posts"]
        rows = rows[self._of_team(rows) & (days(rows["start"]) < self.until)]
        if not len(rows):
            return None
        start, end, fte = days(rows["start"]), self._end(rows), rows["fte"].to_numpy(np.float64)
        begin = max(self.begin, float(start.min()))
        two_years = max(self.until - 2 * YEAR, begin)
        most = peak(start, end, fte, self.until - 2 * YEAR)
        note = f"Full staffing taken as the most ever held at once, {most:g} FTE."
        return Staff(
            role=np.array([role.lower().replace("_", " ") for role in text(rows["role"])], dtype=object),
            member=text(rows["member"]),
            fte=fte,
            carries=rows["clinician"].fillna(True).to_numpy(dtype=bool),
            start=start,
            end=end,
            begin=begin,
            positions=self.authorized.posts or peak(start, end, np.ones(len(rows)), two_years),
            authorized=self.authorized.fte or most,
            roles_recorded=self.simulated,
            note="" if self.authorized.fte else note,
        )

    def contacts(self, enrollments: Enrollments) -> Contacts | None:
        """Of a simulated log the sessions of each review, whose span is covered; of records the months'."""
        return self._reviews(enrollments) if self.simulated else self._months(enrollments)

    def _months(self, enrollments: Enrollments) -> Contacts | None:
        rows = self.records["contacts"]
        recent = self._recent(days(rows["month"])) & np.isin(self.people.of("contacts"), enrollments.person)
        rows = rows[recent]
        if not len(rows):
            return None
        after = day(pd.Timestamp(rows["month"].max()) + pd.offsets.MonthBegin(1))
        first, last = days(rows["month"]).min(), min(after, self.until)
        enrolled = days_between(enrollments.start, enrollments.end, first, last)
        kept, minutes, outside = (numbers(rows[name]) for name in ("services", "minutes", "in_community"))
        return Contacts(kept, minutes, outside, float(enrolled.sum()))

    def _reviews(self, enrollments: Enrollments) -> Contacts | None:
        rows = self.records["attendance"]
        ended = days(rows["end"])
        recent = (ended >= max(self.begin, self.until - YEAR)) & (ended <= self.until)
        therapy = is_one_of(rows["kind"], "therapy") & recent
        person, rows = self.people.of("attendance")[therapy], rows[therapy]
        start, end = days(rows["start"]), days(rows["end"])
        inside = during(person, end, enrollments)
        kept = numbers(rows["attended"])[inside]
        per_contact = self._minutes_per_contact()
        unknown = np.full(len(kept), np.nan)
        return Contacts(kept, kept * per_contact, unknown, float((end - start)[inside].sum()))

    def _minutes_per_contact(self) -> float:
        rows = self.records["contacts"]
        services = float(rows["services"].sum())
        return float(rows["minutes"].sum()) / services if services else 0.0

    def aftercare(self) -> tuple[Codes, Days] | None:
        rows = self.records["episodes"]
        care = is_one_of(rows["service"], *AFTERCARE)
        if not (self.simulated or care.any()):
            return None
        return self.people.of("episodes")[care], days(rows["start"])[care]

    def _justice(self) -> Days:
        """The latest known contact of each person with criminal justice; nan if no table shows any."""
        if all(self.records[name].empty for name in JUSTICE):
            return np.full(self.people.size, np.nan)
        latest = np.full(self.people.size, -np.inf)
        for name, column in JUSTICE.items():
            when = days(self.records[name][column])
            known = when < self.until
            np.maximum.at(latest, self.people.of(name)[known], when[known])
        return latest

    def _of_team(self, rows: pd.DataFrame) -> Mask:
        return np.ones(len(rows), dtype=bool) if self.team is None else is_one_of(rows["team"], self.team)

    def _end(self, rows: pd.DataFrame) -> Days:
        """The end of each span, infinite if it has not come by the day."""
        end = days(rows["end"])
        return np.where(end < self.until, end, np.inf)

    def _recent(self, when: Days) -> Mask:
        return np.asarray((when >= max(self.begin, self.until - YEAR)) & (when < self.until))


def during(person: Codes, when: Days, enrollments: Enrollments) -> Mask:
    """Which days of persons fall into one of their enrollments, both ends included."""
    row = last_row(Moments(enrollments.person, enrollments.start), Moments(person, when))
    return np.asarray((row >= 0) & (np.append(enrollments.end, -np.inf)[row] >= when))


def peak(start: Days, end: Days, weight: Days, since: float) -> float:
    """The largest total weight of spans that were open at once since a day."""
    begin = np.maximum(start, since)
    points = begin[end > begin]
    inside = (begin[None] <= points[:, None]) & (end[None] > points[:, None])
    return float((inside * weight).sum(axis=1).max(initial=0.0))


def is_one_of(column: pd.Series[Any], *words: str) -> Mask:
    """Where a column holds one of these words; an empty cell holds none."""
    return np.asarray(column.isin(words).to_numpy(dtype=bool, na_value=False))


def text(column: pd.Series[Any]) -> Words:
    """A column as words; empty for an empty cell."""
    return column.fillna("").to_numpy(dtype=object)


def numbers(column: pd.Series[Any]) -> Days:
    """A column as floats; nan for an empty cell."""
    return column.to_numpy(dtype=np.float64, na_value=np.nan)
