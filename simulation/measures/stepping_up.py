"""The Stepping Up four: what a county counts to know whether fewer people with SMI are in its jail.

How many people with a serious mental illness (SMI) are booked, how long they stay, how many are connected
to treatment, and how many come back (Stepping Up Initiative, Reducing the Number of People with Mental
Illnesses in Jail: Six Questions County Leaders Need to Ask, question 3; National Association of Counties,
Council of State Governments Justice Center, American Psychiatric Association Foundation, 2017).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from simulation.measures.incidence import cumulative_incidence
from simulation.measures.reoffending import Reoffending
from simulation.measures.row import Period, Row, ratio, spread, table
from simulation.measures.stay import Custody, Stays, death_after, joined, within
from simulation.measures.timeline import Codes, Days, Moments
from simulation.record import Records

FAMILY = "Stepping Up"
YEAR = 365.0
BY = "serious_mental_illness"
GROUPS = {"yes": 1.0, "no": 0.0}


def stepping_up(records: Records, period: Period) -> pd.DataFrame:
    """The four measures of a period as the tidy table, for people with SMI beside the others."""
    custody = Custody(records)
    rows = [
        *booked(custody.jail, period),
        *length_of_stay(custody.jail, period),
        *connected(custody.jail, period),
        *recidivism(custody, period),
    ]
    return table(rows)


def booked(jail: Stays, period: Period) -> Iterator[Row]:
    """People booked in the period, each once, and their bookings.

    Someone has an SMI if any of their bookings of the period says so, none if all that say say no; the
    denominator is everyone with a known answer.
    """
    inside = jail.only(within(jail.booked, period))
    person, smi = _per_person(inside.person, inside.smi)
    known = int((~np.isnan(smi)).sum())
    for group, answer in GROUPS.items():
        persons = int((smi == answer).sum())
        bookings = int(np.isin(inside.person, person[smi == answer]).sum())
        counts = (
            ("people booked", persons, "persons", persons, known, smi),
            ("share of the people booked", ratio(persons, known), "share", persons, known, smi),
            ("bookings", bookings, "bookings", bookings, len(inside), inside.smi),
        )
        for item, value, unit, part, whole, asked in counts:
            yield Row(
                measure="people booked",
                name=FAMILY,
                cohort=period.label,
                item=item,
                by=BY,
                group=group,
                value=value,
                unit=unit,
                numerator=part,
                denominator=whole,
                missing=_share_unknown(asked),
            )


def length_of_stay(jail: Stays, period: Period) -> Iterator[Row]:
    """Mean days from booking to release of the stays that end in the period."""
    out = jail.only(within(jail.released, period))
    length = out.released - out.booked
    wrong = length < 0
    for group, answer in GROUPS.items():
        of_group = out.smi == answer
        days = length[of_group & ~wrong]
        yield Row(
            measure="average length of stay",
            name=FAMILY,
            cohort=period.label,
            item="days from booking to release, of stays that ended",
            by=BY,
            group=group,
            value=float(days.mean()) if len(days) else np.nan,
            unit="days",
            numerator=float(days.sum()),
            denominator=len(days),
            left_out={"released before booking": int((of_group & wrong).sum())},
            missing=_share_unknown(out.smi),
            **spread(days),
        )


def connected(jail: Stays, period: Period) -> Iterator[Row]:
    """Share of the people with SMI released in the period who were linked to treatment at a release.

    A person counts once, as connected if any of their releases of the period was.
    """
    out = jail.only(within(jail.released, period) & (jail.smi == 1))
    _, linked = _per_person(out.person, out.connected)
    known = ~np.isnan(linked)
    yield Row(
        measure="connected to treatment",
        name=FAMILY,
        cohort=period.label,
        item="people released who were connected to treatment",
        by=BY,
        group="yes",
        value=ratio(float(linked[known].sum()), int(known.sum())),
        unit="share",
        numerator=float(linked[known].sum()),
        denominator=int(known.sum()),
        missing=_share_unknown(linked),
    )


def releases(custody: Custody) -> Moments:
    """Every release from jail or prison while observed; a return the next day is the same stay."""
    return _free(custody).releases


def _free(custody: Custody) -> Stays:
    stays = joined(custody.everywhere, 1)
    return stays.only(stays.released < custody.until)


def bookings(custody: Custody) -> Moments:
    """Every booking into jail."""
    return custody.jail.bookings


RETURN = Reoffending(releases, bookings, YEAR, once=True, competing=death_after)


def recidivism(custody: Custody, period: Period) -> Iterator[Row]:
    """Cumulative incidence of a new booking within 365 days of a person's first release of the period.

    Death competes and the end of the records censors. A return the next day is the same stay. The SMI is
    what was known at that release: who comes back has more chances of being found to have one later.
    """
    people = RETURN.follow(custody, custody.until, period)
    smi = _free(custody).smi[people.rows]
    for group, answer in GROUPS.items():
        estimate = cumulative_incidence(people.survival(smi == answer), YEAR)
        yield Row(
            measure="recidivism",
            name=FAMILY,
            cohort=period.label,
            item="people back in jail within 365 days of their first release of the period",
            by=BY,
            group=group,
            value=estimate.value,
            unit="share",
            low=estimate.low,
            high=estimate.high,
            numerator=estimate.events,
            denominator=estimate.persons,
            missing=_share_unknown(smi),
            note=estimate.note,
        )


def _per_person(person: Codes, answer: Days) -> tuple[Codes, Days]:
    """Each person once with 1 if any answer is yes, 0 if all known ones are no, nan if none is known."""
    if not len(person):
        return person, answer
    persons, place = np.unique(person, return_inverse=True)
    best = np.full(len(persons), np.nan)
    np.fmax.at(best, place, answer)
    return persons, best


def _share_unknown(answer: Days) -> float:
    return ratio(int(np.isnan(answer).sum()), len(answer))
