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

from simulation.measures.incidence import cumulative_incidence
from simulation.measures.reoffending import FollowUp, Reoffending
from simulation.measures.row import NONE, Period, Row, ratio, table
from simulation.measures.stay import Custody, day, days, death_after, joined
from simulation.measures.timeline import Mask, Moments
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
    definition = DEFINITIONS[since]
    people = definition.follow(custody, custody.until, period)
    unclear = replace(definition, event=unclear_convictions).follow(custody, custody.until, period)
    base = Row(
        measure="three-year recidivism",
        name=FAMILY,
        cohort=period.label,
        item=ITEMS[since],
        value=NONE,
        unit="share",
        missing=ratio(int((np.isnan(people.event) & unclear.had_event).sum()), len(people.rows)),
        note=_lag(records),
    )
    return table([_naive(base, people), _incidence(base, people)])


def releases(custody: Custody) -> Moments:
    """Every release from jail or prison to the community; a return the next day is none."""
    return _observed(joined(custody.everywhere, 1).releases, custody)


def placements(custody: Custody) -> Moments:
    """Every admission to the court's program."""
    admitted = days(custody.records["participants"]["admission_date"])
    return _observed(Moments(custody.people.of("participants"), admitted), custody)


def _observed(moments: Moments, custody: Custody) -> Moments:
    return moments.only(moments.day < custody.until)


def new_convictions(custody: Custody) -> Moments:
    """Arrests that led to a conviction of a felony or misdemeanor."""
    return _arrests(custody, convicted_of_crime(custody.records))


def unclear_convictions(custody: Custody) -> Moments:
    """Arrests that led to a conviction whose charge is not recorded."""
    no_charge = custody.records["arrests"]["charge_level"].isna().to_numpy(dtype=bool)
    return _arrests(custody, convicted(custody.records) & no_charge)


def _arrests(custody: Custody, rows: Mask) -> Moments:
    arrested = days(custody.records["arrests"]["arrested"])
    return Moments(custody.people.of("arrests"), arrested).only(rows)


def convicted(records: Records) -> Mask:
    """Arrests that led to a conviction while observed."""
    return np.asarray(days(records["arrests"]["conviction_date"]) < day(records.observed_until))


def convicted_of_crime(records: Records) -> Mask:
    """Of these, the ones for a felony or misdemeanor."""
    level = records["arrests"]["charge_level"]
    return convicted(records) & level.isin(COUNTED).to_numpy(dtype=bool, na_value=False)


DEFINITIONS: dict[Since, Reoffending[Custody]] = {
    "release": Reoffending(releases, new_convictions, THREE_YEARS, once=True, competing=death_after),
    "placement": Reoffending(placements, new_convictions, THREE_YEARS, once=True, competing=death_after),
}
"""A conviction on an arrest of the same day led to the stay, and is not new."""


def _lag(records: Records) -> str:
    """How long convictions take, which is how far the last ones are behind."""
    arrests = records["arrests"][convicted_of_crime(records)]
    if not len(arrests):
        return ""
    lag = np.median(days(arrests["conviction_date"]) - days(arrests["arrested"]))
    return f"Half the convictions come {lag:.0f} days or more after the arrest: the latest are not here yet."


def _naive(base: Row, people: FollowUp) -> Row:
    """The share of those followed for three years."""
    followed = int(people.followed.sum())
    convictions = int((people.followed & people.had_event).sum())
    return replace(
        base,
        measure=f"{base.measure}, naive",
        value=ratio(convictions, followed),
        numerator=convictions,
        denominator=followed,
        left_out={"not followed for three years": len(people.rows) - followed},
    )


def _incidence(base: Row, people: FollowUp) -> Row:
    """The cumulative incidence at three years, of everyone."""
    estimate = cumulative_incidence(people.survival(), THREE_YEARS)
    return replace(
        base,
        measure=f"{base.measure}, cumulative incidence",
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        numerator=estimate.events,
        denominator=estimate.persons,
        note=" ".join(filter(None, (estimate.note, base.note))),
    )
