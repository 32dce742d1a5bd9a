"""Individualized and appropriate treatment: service and supervision by risk and need."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from simulation.measures.ncsc.cohort import Calendar, number_of_days
from simulation.measures.ncsc.court import Court, day_of, number_of
from simulation.measures.ncsc.fact import Codes, Cohorted, Exclusions, Fact, Values
from simulation.measures.ncsc.guide import guide_measure

KINDS = {"supervision": "supervisions", "service": "services"}
PARTS = {"substance use": "substance", "ancillary": "ancillary"}


@guide_measure(
    "11",
    "Need-Based Treatment and Supervision",
    cohort="quarter",
    unit="share",
    label="Participants with above-average supervision and service, by risk and need",
    page=31,
    by=("quadrant",),
    needs=("contacts", "participants.criminogenic_risk", "participants.functional_impairment"),
)
def need_based(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """By risk-need quadrant, the share of participants at or above average supervision and service.

    By quarter, of everyone enrolled on at least one day of it; the average is that of all enrolled. Beside
    it the share below average, and the mean contacts and units. Neither an admission nor an exit cohort.
    """
    rows, place = enrolled(court, calendar)
    if not len(rows):
        return
    units = {name: received(court, rows, place, calendar, column) for name, column in KINDS.items()}
    note = "An enrolled participant without an entry in the quarter, but with one in another, had none."
    for name, amount in units.items():
        known = ~np.isnan(amount)
        sums = np.bincount(place[known], amount[known], minlength=len(calendar.cohorts))
        with np.errstate(invalid="ignore"):
            average = sums / np.bincount(place[known], minlength=len(calendar.cohorts))
        score = np.where(known, amount >= average[place], np.nan)
        yield rows.report(f"above-average {name}", score, note=note)
        yield rows.report(f"below-average {name}", 1 - score, note=note)
    yield rows.report("contacts of supervision", units["supervision"], "contacts", note).spreading()
    yield rows.report("units of service", units["service"], "units", note).spreading()
    yield from parts(court, rows, place, calendar, units["service"])


def parts(court: Court, rows: Cohorted, place: Codes, calendar: Calendar, service: Values) -> Iterator[Fact]:
    """Units of service by type, as far as the records separate them; the rest comes first."""
    table = court.records["contacts"]
    separate = {name: column for name, column in PARTS.items() if table[column].notna().any()}
    amounts = {name: received(court, rows, place, calendar, c) for name, c in separate.items()}
    if not amounts:
        return
    kept = "mental health" if "substance use" in amounts else "mental health and substance use"
    yield rows.report(f"units of {kept} service", service - sum(amounts.values()), "units").spreading()
    for name, amount in amounts.items():
        yield rows.report(f"units of {name} service", amount, "units").spreading()


def enrolled(court: Court, calendar: Calendar) -> tuple[Cohorted, Codes]:
    """A row for each stay and quarter in which it was enrolled on at least one day, and the quarter."""
    stays, places, days = [], [], []
    for number, quarter in enumerate(calendar.cohorts):
        start, end = number_of_days([quarter.start, quarter.end])
        stay = np.flatnonzero((court.admission < end) & (court.exit >= start))
        stays.append(stay)
        places.append(np.full(len(stay), number))
        days.append(np.full(len(stay), start))
    stay, place, day = (np.concatenate(parts) for parts in (stays, places, days))
    return Cohorted(day, stay, Exclusions(len(stay))), place


def received(court: Court, rows: Cohorted, place: Codes, calendar: Calendar, column: str) -> Values:
    """The sum of a column of the contacts in each row's quarter; nan for a stay without any entry."""
    table = court.records["contacts"]
    table = table[table[column].notna()]
    month = day_of(table["month"])
    stay = court.stay_at(table["person"], month, day_of(table["month"] + pd.offsets.MonthEnd(1)))
    quarter = calendar.place(month)
    inside = (stay >= 0) & (quarter >= 0)
    size = len(calendar.cohorts)
    cells = np.bincount(
        stay[inside] * size + quarter[inside],
        number_of(table[column])[inside],
        minlength=len(court.stays) * size,
    )
    ever = court.total(stay) > 0
    return np.where(ever[rows.stay], cells[rows.stay * size + place], np.nan)
