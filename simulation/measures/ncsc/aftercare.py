"""After the program: convictions, days incarcerated and in hospital, one and two years on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulation.measures.ncsc.cohort import Calendar
from simulation.measures.ncsc.court import CHARGES, Court, keyed
from simulation.measures.ncsc.fact import Codes, Cohorted, Days, Fact
from simulation.measures.ncsc.guide import guide_measure
from simulation.measures.ncsc.spell import Spells, in_custody, in_hospital

YEARS = (1, 2)
NEW_CHARGES = ("felony", "misdemeanor", "dui", "ordinance", "unknown")
"""A violation of probation is no new charge: the guide asks for felony, misdemeanor and ordinance."""


def anniversary(day: Days, years: int) -> Days:
    """The same day so many years later; 29 February becomes 1 March."""
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    first_of_month = (month + 12 * years).astype("datetime64[D]").astype(np.int64)
    return np.asarray(first_of_month + (day - month.astype("datetime64[D]").astype(np.int64)), dtype=np.int64)


def followed(court: Court, years: int) -> Cohorted:
    """The exit cohorts, without those whose years after the exit the records do not yet cover."""
    exits = court.exits
    label = "1 year" if years == 1 else f"{years} years"
    return exits.leave_out(anniversary(exits.day, years) >= court.until, f"not yet followed for {label}")


def within(years: int) -> str:
    """How the time frame is called."""
    return "within 1 year" if years == 1 else f"within {years} years"


@guide_measure(
    "14",
    "Post-Program Recidivism",
    cohort="exit",
    unit="share",
    label="Convicted of an arrest after the program",
    page=42,
    needs=("arrests",),
)
def recidivism(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Share of the exit cohort convicted of a new charge for an arrest after the exit.

    The arrest comes within one year, and within two, which includes the first; the conviction may come
    later. By the charge of the first such arrest. Traffic other than DUI and violations of probation do not
    count.
    """
    first, charge = first_conviction(court)
    for years in YEARS:
        rows = followed(court, years)
        struck = first <= anniversary(court.exits.day, years)
        yield rows.says(within(years), struck)
        for name in NEW_CHARGES:
            share = struck & (charge == CHARGES.index(name))
            yield rows.says(f"{within(years)}: {name}", share)


def first_conviction(court: Court) -> tuple[Days, Codes]:
    """For each exit the day and charge of the first later arrest that led to conviction.

    A day far away, and charge -1, where there is none.
    """
    arrests, exits = court.arrests, court.exits
    new = np.isin(arrests.charge, [CHARGES.index(name) for name in NEW_CHARGES])
    rows = np.flatnonzero(arrests.convicted & new)
    person = court.person[exits.stay]
    at = np.searchsorted(
        keyed(arrests.person[rows], arrests.day[rows]), keyed(person, exits.day), side="right"
    )
    row = np.append(rows, -1)[at]
    found = row >= 0
    found[found] = arrests.person[row[found]] == person[found]
    far = np.iinfo(np.int64).max
    if not len(arrests.day):
        return np.full(len(exits), far), np.full(len(exits), -1)
    return np.where(found, arrests.day[row], far), np.where(found, arrests.charge[row], -1)


def days_after(court: Court, spells: Spells, item: str) -> Iterator[Fact]:
    """Days in spells within one year, and within two, after each exit."""
    exits = court.exits
    for years in YEARS:
        end = anniversary(exits.day, years)
        days = spells.days_between(court.person[exits.stay], exits.day, end)
        yield followed(court, years).says(f"{item} {within(years)}", days, "days").spreading()


@guide_measure(
    "A13",
    "Average Number of Days Incarcerated",
    cohort="exit",
    unit="days",
    label="Days in jail or prison after the program",
    page=46,
    needs=("custody",),
)
def days_incarcerated(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean days in jail or prison in the year, and in the two years, from the day of exit."""
    yield from days_after(court, in_custody(court, "jail", "prison"), "days incarcerated")


@guide_measure(
    "A14",
    "Average Number of Days Hospitalized",
    cohort="exit",
    unit="days",
    label="Hospital days after the program",
    page=46,
    needs=("episodes",),
)
def days_hospitalized(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean days in hospital in the year, and in the two years, from the day of exit."""
    yield from days_after(court, in_hospital(court), "days in hospital")
