"""The targets that a county's records support."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from dateutil.relativedelta import relativedelta

from calibration.records.recordlog import as_events
from calibration.targets.target import Point, Target, months_between
from simulation.measures import MEASURES, History
from simulation.record import Records

NEEDS: dict[str, tuple[str, ...]] = {
    "bookings": ("custody",),
    "jail_adp": ("custody",),
    "jail_stay": ("custody",),
    "arrests": ("arrests",),
    "rearrest_1y": ("custody", "arrests"),
    "rearrest_2y": ("custody", "arrests"),
    "crisis_contacts": ("crisis",),
    "hospital_days": ("hospital",),
    "emergency_visits": ("psychiatric_emergency",),
    "fact_census": ("fact",),
    "court_census": ("participants",),
    "diversion_referrals": ("participants",),
    "diversion_admissions": ("participants",),
    "days_arrest_to_referral": ("participants",),
    "days_referral_to_admission": ("participants",),
    "days_in_program": ("participants",),
    "program_exits": ("participants",),
    "hearing_attendance": ("hearing",),
    "therapy_attendance": ("therapy",),
}
"""Measures that records can show, and the tables (or kinds of rows) that each stands on."""


WHOLE_JAIL = ("bookings", "jail_adp", "jail_stay", "arrests", "rearrest_1y", "rearrest_2y")
"""Measures of all people with serious mental illness, which records of participants alone do not show."""


HALF = 0.5


def record_targets(records: Records, start: date | None = None) -> tuple[list[Target], list[str]]:
    """The targets that records support, by month where a month has a value, and what was left out and why.

    ``start``: the first day of a month from which the records are complete; left out: the first month
    with half as many dates as those of the last year.
    """
    until = records.observed_until.date().replace(day=1)
    begin = start or complete_from(records)
    months = _months(begin, until) if begin else []
    if len(months) < 3:
        return [], ["the records cover less than two whole months: no target was made of them"]
    day_of = {day: float((day - months[0]).days) for day in months}
    horizon = float((until - months[0]).days)
    history = History(as_events(records, months[0]), horizon)
    notes, targets = [f"Records were read as complete from {months[0]} up to {until}."], []
    held = present(records)
    for name, needed in NEEDS.items():
        if not all(table in held for table in needed):
            continue
        if name in WHOLE_JAIL and participants_only(records):
            notes.append(f"{name}: left out; custody and arrests hold participants of the program only.")
            continue
        edges = np.array([day_of[day] for day in months])
        targets += _target(history, name, months, edges)
    return targets, notes


def _target(history: History, name: str, months: Sequence[date], edges: Any) -> list[Target]:
    """A series of months of a stock or flow; of a mean or share the whole span, where few have a value."""
    counted = MEASURES[name].kind in ("stock", "flow")
    at = edges if counted else edges[[0, -1]]
    days = list(months) if counted else [months[0], months[-1]]
    values = MEASURES[name].function(history, at)["all"]
    points = [
        Point(first, last, float(value))
        for first, last, value in zip(days, days[1:], values, strict=False)
        if np.isfinite(value)
    ]
    source = f"computed from the records, as {name} of a simulated log"
    return [Target(name, "all", tuple(points), source=source)] if points else []


def _months(first: date, last: date) -> list[date]:
    return [first + relativedelta(months=month) for month in range(months_between(first, last) + 1)]


def complete_from(records: Records) -> date | None:
    """The first month with half as many beginnings as those of the last year; None without dates.

    Whoever was there on the first day began earlier, so that a few dates lie long before.
    """
    begun = [
        records[table][column].dropna()
        for table, column in (("custody", "booked"), ("participants", "referral_date"), ("episodes", "start"))
        if len(records[table])
    ]
    months = [days.dt.to_period("M").value_counts().sort_index() for days in begun if len(days)]
    if not months:
        return None
    fullest = max(months, key=lambda days: int(days.sum()))
    first = fullest[fullest >= HALF * fullest.iloc[-12:].median()].index[0]
    return pd.Timestamp(first.start_time).date()


def present(records: Records) -> set[str]:
    """The tables, and the kinds of rows in them, that hold anything."""
    held = {name for name, table in records.tables.items() if len(table)}
    held |= set(records["episodes"]["service"].dropna()) | set(records["attendance"]["kind"].dropna())
    return held


def participants_only(records: Records) -> bool:
    """Whether everyone who was in custody is a participant, so that the table is not the jail's."""
    people = set(records["participants"]["person"].dropna())
    return bool(people) and set(records["custody"]["person"].dropna()) <= people
