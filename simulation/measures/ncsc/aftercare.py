"""After the program: convictions, days incarcerated and in hospital, one and two years on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulation.measures.ncsc.cohort import Calendar
from simulation.measures.ncsc.court import CHARGES, Court
from simulation.measures.ncsc.fact import Cohorted, Fact, Mask
from simulation.measures.ncsc.guide import guide_measure
from simulation.measures.ncsc.spell import in_custody, in_hospital
from simulation.measures.reoffending import Reoffending, anniversary
from simulation.measures.timeline import Days, Moments, Spells

YEARS = (1, 2)
NEW_CHARGES = ("felony", "misdemeanor", "dui", "ordinance", "unknown")
"""A violation of probation is no new charge: the guide asks for felony, misdemeanor and ordinance."""


def followed(court: Court, years: int) -> Cohorted:
    """The exit cohorts, without those whose years after the exit the records do not yet cover."""
    label = "1 year" if years == 1 else f"{years} years"
    return court.exits.leave_out(last_day(court, years) >= court.until, f"not yet followed for {label}")


def last_day(court: Court, years: int) -> Days:
    """The last day of the years after each exit."""
    return anniversary(years)(court, exits(court))


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
    charge = np.append(court.arrests.charge[new_convictions(court)], -1)
    for years in YEARS:
        rows = followed(court, years)
        people = Reoffending(exits, convicted_arrests, anniversary(years)).follow(court, court.until)
        yield rows.report(within(years), people.had_event)
        for name in NEW_CHARGES:
            of_charge = charge[people.event_row] == CHARGES.index(name)
            yield rows.report(f"{within(years)}: {name}", people.had_event & of_charge)


def exits(court: Court) -> Moments:
    """Every exit from the program."""
    return Moments(court.person[court.exits.stay], court.exits.day)


def new_convictions(court: Court) -> Mask:
    """Arrests that led to a conviction of a new charge."""
    new = np.isin(court.arrests.charge, [CHARGES.index(name) for name in NEW_CHARGES])
    return np.asarray(court.arrests.convicted & new)


def convicted_arrests(court: Court) -> Moments:
    """The person and day of these arrests."""
    return Moments(court.arrests.person, court.arrests.day).only(new_convictions(court))


def days_after(court: Court, spells: Spells, item: str) -> Iterator[Fact]:
    """Days in spells within one year, and within two, after each exit."""
    origin = exits(court)
    for years in YEARS:
        days = spells.days_between(origin.person, origin.day, last_day(court, years))
        yield followed(court, years).report(f"{item} {within(years)}", days, "days").spreading()


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
