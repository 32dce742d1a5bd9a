"""BSCC recidivism: conviction of a new felony or misdemeanor committed within three years.

"Conviction of a new felony or misdemeanor committed within three years of release from custody or
committed within three years of placement on supervision for a previous criminal conviction" (California
Board of State and Community Corrections, as quoted in the Contra Costa Proposition 47 evaluation plan,
2019, note 4). The day of the arrest stands for the day of the offense; the conviction may come later.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from simulation.measures.incidence import Followed, cumulative_incidence, follow
from simulation.measures.row import NONE, Period, Row, ratio, table
from simulation.measures.stay import Codes, Custody, Days, Mask, day, days, joined, next_after, within
from simulation.record import Records

FAMILY = "BSCC"
THREE_YEARS = 3 * 365.25
COUNTED = ("felony", "misdemeanor", "dui")
"""Driving under the influence is a misdemeanor or felony in California; traffic, ordinances and violations
of probation are neither."""

Since = Literal["release", "placement"]
ITEMS = {
    "release": "convicted of a new offense within three years of release from custody",
    "placement": "convicted of a new offense within three years of admission to supervision",
}


def bscc(records: Records, period: Period, since: Since = "release") -> pd.DataFrame:
    """Three-year recidivism of the people released, or placed, in a period: naive and with censoring.

    A person counts once, from the first such day of the period. ``placement`` takes admission to the
    court's program for placement on supervision. The naive share leaves out people not followed for
    three years; the cumulative incidence keeps them, with death competing.
    """
    custody = Custody(records)
    person, start = _released(custody, period) if since == "release" else _placed(custody, period)
    kept = start < custody.until
    person, start = person[kept], start[kept]
    counted, unknown = _convictions(records)
    again, unclear = (_next(custody, person, start, mask) for mask in (counted, unknown))
    base = Row(
        measure="three-year recidivism",
        name=FAMILY,
        cohort=period.label,
        item=ITEMS[since],
        value=NONE,
        unit="share",
        missing=ratio(int((np.isnan(again) & (unclear - start <= THREE_YEARS)).sum()), len(start)),
        note=_lag(records, counted),
    )
    died = custody.died[person]
    people = follow(start, again, custody.until, np.where(died < start, np.nan, died))
    return table([_naive(base, start, again, custody.until), _incidence(base, people)])


def _released(custody: Custody, period: Period) -> tuple[Codes, Days]:
    """Each person's first release of the period to the community; a return the next day is none."""
    stays = joined(custody.everywhere, 1)
    free = stays.only(within(stays.released, period))
    return free.person[free.first], free.released[free.first]


def _placed(custody: Custody, period: Period) -> tuple[Codes, Days]:
    """Each person's first admission of the period."""
    when = days(custody.records["participants"]["admission_date"])
    inside = within(when, period)
    person, when = custody.people.of("participants")[inside], when[inside]
    order = np.lexsort((when, person))
    person, when = person[order], when[order]
    _, first = np.unique(person, return_index=True)
    return person[first], when[first]


def _convictions(records: Records) -> tuple[Mask, Mask]:
    """Arrests that led to a conviction that counts, and to one whose charge is not recorded."""
    arrests = records["arrests"]
    convicted = days(arrests["conviction_date"]) < day(records.observed_until)
    level = arrests["charge_level"]
    counted = level.isin(COUNTED).to_numpy(dtype=bool, na_value=False)
    return convicted & counted, convicted & level.isna().to_numpy(dtype=bool)


def _next(custody: Custody, person: Codes, start: Days, mask: Mask) -> Days:
    """The day of the first of these arrests after the start; that of the same day led to the stay."""
    when = days(custody.records["arrests"]["arrested"])
    return next_after(person, start, custody.people.of("arrests")[mask], when[mask])


def _lag(records: Records, counted: Mask) -> str:
    """How long convictions take, which is how far the last ones are behind."""
    arrests = records["arrests"][counted]
    if not len(arrests):
        return ""
    lag = np.median(days(arrests["conviction_date"]) - days(arrests["arrested"]))
    return f"Half the convictions come {lag:.0f} days or more after the arrest: the latest are not here yet."


def _naive(base: Row, start: Days, again: Days, until: float) -> Row:
    """The share of those followed for three years."""
    known = start + THREE_YEARS <= until
    struck, whole = int((known & (again - start <= THREE_YEARS)).sum()), int(known.sum())
    return replace(
        base,
        measure=f"{base.measure}, naive",
        value=ratio(struck, whole),
        numerator=struck,
        denominator=whole,
        left_out={"not followed for three years": int((~known).sum())},
    )


def _incidence(base: Row, people: Followed) -> Row:
    """The cumulative incidence at three years, of everyone."""
    found = cumulative_incidence(people, THREE_YEARS)
    return replace(
        base,
        measure=f"{base.measure}, cumulative incidence",
        value=found.value,
        low=found.low,
        high=found.high,
        numerator=found.events,
        denominator=found.persons,
        note=" ".join(filter(None, (found.note, base.note))),
    )
