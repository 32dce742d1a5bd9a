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
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from simulation.measures.incidence import Estimate, cumulative_incidence
from simulation.measures.reoffending import Reoffending
from simulation.measures.row import Period, Row, table
from simulation.measures.stay import Custody, Stays, day, death_after, joined, within
from simulation.measures.timeline import Days, Mask, Moments, gap_before
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
    stays = custody.jail
    again = readmissions(stays)[within(stays.booked, period)]
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
            note=_look_back(stays, period),
        )


def readmissions(stays: Stays) -> Mask:
    """Which stays began within 365 days of the end of an earlier stay of the same person."""
    ended = np.where(np.isnan(stays.released), stays.booked, stays.released)
    return gap_before(stays.person, stays.booked, ended) <= YEAR


def _look_back(stays: Stays, period: Period) -> str:
    """A caution if the records do not reach back far enough to know a readmission."""
    reach = day(period.start) - stays.booked.min() if len(stays) else 0.0
    if reach >= YEAR:
        return ""
    return (
        f"Records begin {max(reach, 0):.0f} days before the period, not 365: some readmissions are not seen."
    )


def population(custody: Custody, period: Period, on: date | None = None) -> Row:
    """People in jail on one day: booked by then, and released later or not yet; each counts once."""
    counted = on or period.end - timedelta(days=1)
    stays = custody.jail
    inside = (stays.booked <= day(counted)) & ~(stays.released <= day(counted))
    persons = len(np.unique(stays.person[inside]))
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
    """How many come back within a time, of whom, and who was left out; ``label``: which of the two it is."""

    per: Per
    label: str
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
    observed = Observed(custody, per, rule or Rule())
    exclude = {"under way when the records begin": Observed.under_way}
    if per == "first_release":
        look_back = f"first stay within {observed.rule.look_back} days of the records' first day"
        exclude[look_back] = Observed.too_early
    definition = Reoffending(
        Observed.releases, Observed.bookings, horizon, exclude, competing=Observed.deaths
    )
    people = definition.follow(observed, custody.until, period)
    estimate = cumulative_incidence(people.survival(), horizon)
    return Return(per, _label(per, horizon), estimate, dict(people.left_out))


@dataclass(frozen=True)
class Observed:
    """Stays and releases of a county's records, as a rule counts them."""

    custody: Custody
    per: Per
    rule: Rule

    @cached_property
    def stays(self) -> Stays:
        """Stays in jail or prison, those joined that the rule takes for one."""
        return joined(self.custody.everywhere, self.rule.same_stay)

    @cached_property
    def ended(self) -> Stays:
        """Stays that ended while observed; per first release, each person's first stay."""
        counted = self.stays.first | (self.per == "release")
        return self.stays.only(counted & (self.stays.released < self.custody.until))

    @cached_property
    def begin(self) -> float:
        """The first day whose bookings the records hold."""
        return day(self.rule.begin) if self.rule.begin else float(self.stays.booked.min(initial=np.inf))

    def releases(self) -> Moments:
        """The releases from which people are followed."""
        return self.ended.releases

    def bookings(self) -> Moments:
        """The bookings that count as a return."""
        return self.stays.bookings

    def deaths(self, origin: Moments) -> Days:
        """The day each person died after a release; nan if no later death is recorded."""
        return death_after(self.custody, origin)

    def under_way(self) -> Mask:
        """Which stays had begun before the records."""
        return np.asarray(self.ended.booked < self.begin)

    def too_early(self) -> Mask:
        """Which stays may follow one that ended just before the records begin."""
        return np.asarray(self.ended.booked < self.begin + self.rule.look_back)


def _label(per: Per, horizon: float) -> str:
    of = {"release": "of all releases", "first_release": "of people, each at their first release"}[per]
    return f"back within {horizon:.0f} days, {of}"


def returns(custody: Custody, period: Period) -> Iterator[Row]:
    """Return to custody within 365 days of the period's releases, and of people's first releases."""
    pers: tuple[Per, ...] = ("release", "first_release")
    for per in pers:
        returned = return_to_custody(custody, per, period)
        estimate = returned.estimate
        yield Row(
            measure="return to custody",
            name=FAMILY,
            cohort=period.label,
            item=returned.label,
            value=estimate.value,
            unit="share",
            low=estimate.low,
            high=estimate.high,
            numerator=estimate.events,
            denominator=estimate.persons,
            left_out=returned.left_out,
            note=estimate.note,
        )
