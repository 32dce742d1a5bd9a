"""Justice Counts: admissions, single-day population and readmissions of a jail.

Admissions are events, not people. The population is a count on one day. A readmission is an admission
within 365 days of a previous incarceration, so four admissions of one person in a year are one admission
and three readmissions (Council of State Governments Justice Center, Justice Counts Tier 1 metrics for
jails). Beside these counts stands how soon people come back, with censoring.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from simulation.measures.incidence import Estimate, cumulative_incidence, follow
from simulation.measures.row import Period, Row, table
from simulation.measures.stay import Custody, Days, Mask, Stays, day, joined, within
from simulation.record import Records

FAMILY = "Justice Counts"
YEAR = 365.0

Per = Literal["release", "first_release"]


def justice_counts(records: Records, period: Period, on: date | None = None) -> pd.DataFrame:
    """Admissions, readmissions, population and return to custody of a period, as the tidy table.

    on: the day of the population count; the last day of the period if not given.
    """
    custody = Custody(records)
    counted = [*admissions(custody, period), population(custody, period, on)]
    return table([*counted, *returns(custody, period)])


def admissions(custody: Custody, period: Period) -> Iterator[Row]:
    """All admissions of the period as events: those that are readmissions, and the others."""
    found = custody.jail
    again = readmissions(found)[within(found.booked, period)]
    total, back = len(again), int(again.sum())
    items = {
        "admissions": ("all admissions, as events", total),
        "first admissions": ("admissions of people not in jail in the 365 days before", total - back),
        "readmissions": ("admissions within 365 days of a previous incarceration", back),
    }
    for measure, (item, count) in items.items():
        yield Row(
            measure=measure,
            name=FAMILY,
            cohort=period.label,
            item=item,
            value=count,
            unit="admissions",
            numerator=count,
            denominator=total,
            note=_look_back(found, period),
        )


def readmissions(found: Stays) -> Mask:
    """Which stays began within 365 days of the end of an earlier stay of the same person."""
    if not len(found):
        return np.zeros(0, dtype=bool)
    ended = np.where(np.isnan(found.released), found.booked, found.released)
    since = found.on_one_line(found.booked)[1:] - np.maximum.accumulate(found.on_one_line(ended))[:-1]
    return np.concatenate(([False], ~found.first[1:] & (since <= YEAR)))


def _look_back(found: Stays, period: Period) -> str:
    """A caution if the records do not reach back far enough to know a readmission."""
    reach = day(period.start) - found.booked.min() if len(found) else 0.0
    if reach >= YEAR:
        return ""
    return (
        f"Records begin {max(reach, 0):.0f} days before the period, not 365: some readmissions are not seen."
    )


def population(custody: Custody, period: Period, on: date | None = None) -> Row:
    """People in jail on one day: booked by then, and released later or not yet; each counts once."""
    counted = on or period.end - timedelta(days=1)
    found = custody.jail
    inside = (found.booked <= day(counted)) & ~(found.released <= day(counted))
    persons = len(np.unique(found.person[inside]))
    return Row(
        measure="population",
        name=FAMILY,
        cohort=period.label,
        as_of=str(counted),
        item="people in jail on one day",
        value=persons,
        unit="persons",
        numerator=persons,
    )


@dataclass(frozen=True)
class Rule:
    """What counts as one stay and as a first release.

    same_stay: nights between two stays that make them one: a transfer, or a night that a record made of
    daily counts cannot tell. begin: first day whose bookings the records hold, else their first booking.
    look_back: days from there in which nobody's stay can be called their first: they may have left just
    before. The longer, the surer and the lower the share, since people seen early come back often.
    """

    same_stay: int = 1
    begin: date | None = None
    look_back: int = 30


@dataclass(frozen=True)
class Return:
    """How many come back within a time, of whom, and who was left out; ``says`` tells which it shows."""

    per: Per
    says: str
    estimate: Estimate
    left_out: dict[str, int]


def return_to_custody(
    custody: Custody,
    per: Per = "release",
    period: Period | None = None,
    horizon: float = YEAR,
    rule: Rule | None = None,
) -> Return:
    """The cumulative incidence of a new stay within some days of a release, death competing.

    per ``release``: every release counts, so people who come and go often weigh more; per
    ``first_release``: each person counts once, at the first release that the records show.
    """
    rule = rule or Rule()
    found = joined(custody.everywhere, rule.same_stay)
    began = day(rule.begin) if rule.begin else float(found.booked.min(initial=custody.until))
    kept = (found.released < custody.until) & (within(found.released, period) if period else True)
    if per == "first_release":
        kept = kept & found.first
    left_out = {"under way when the records begin": kept & (found.booked < began)}
    if per == "first_release":
        early = (found.booked >= began) & (found.booked < began + rule.look_back)
        left_out[f"first stay within {rule.look_back} days of the records' first day"] = kept & early
    for mask in left_out.values():
        kept = kept & ~mask
    start, died = found.released[kept], custody.died[found.person[kept]]
    people = follow(start, _following(found)[kept], custody.until, np.where(died < start, np.nan, died))
    estimate = cumulative_incidence(people, horizon)
    return Return(
        per, _says(per, horizon), estimate, {why: int(mask.sum()) for why, mask in left_out.items()}
    )


def _following(found: Stays) -> Days:
    """The booking of each person's next stay, nan after the last."""
    again = np.append(~found.first[1:], False)[: len(found)]
    return np.where(again, np.roll(found.booked, -1), np.nan)


def _says(per: Per, horizon: float) -> str:
    of = {"release": "of all releases", "first_release": "of people, each at their first release"}[per]
    return f"back within {horizon:.0f} days, {of}"


def returns(custody: Custody, period: Period) -> Iterator[Row]:
    """Return to custody within 365 days of the period's releases, and of people's first releases."""
    pers: tuple[Per, ...] = ("release", "first_release")
    for per in pers:
        one = return_to_custody(custody, per, period)
        found = one.estimate
        yield Row(
            measure="return to custody",
            name=FAMILY,
            cohort=period.label,
            item=one.says,
            value=found.value,
            unit="share",
            low=found.low,
            high=found.high,
            numerator=found.events,
            denominator=found.persons,
            left_out=one.left_out,
            note=found.note,
        )
