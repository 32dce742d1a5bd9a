"""Collaboration: information at team meetings, notice of arrests, prescriptions, staff training."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulation.measures.ncsc.cohort import Calendar, number_of_days
from simulation.measures.ncsc.court import Arrests, Court, day_of, is_in, number_of
from simulation.measures.ncsc.fact import Cohorted, Exclusions, Fact, Grouping, Mask, Values
from simulation.measures.ncsc.guide import guide_measure

HOURS = (24, 48)
TOO_RECENT = 2
"""Days before the end of the records within which an arrest may still be notified in time."""


@guide_measure(
    "9",
    "Team Collaboration",
    cohort="month",
    unit="share",
    label="Meetings at which a member's information was missing",
    page=26,
    by=("member",),
    needs=("meetings",),
    simulated=False,
)
def team_information(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Share of pre-docket meetings at which information required of a member was missing.

    By month and member, as in the guide's formula; the rest, at which it was available, beside it. It is
    missing if it was for at least one case; a meeting that needed nothing of the member is not applicable.
    Attendance does not matter.
    """
    table = court.records["meetings"]
    member, names = table["member"].factorize(sort=True)
    own = Grouping("member", member.astype(np.int64), tuple(names))
    rows = Cohorted(day_of(table["date"]), np.full(len(table), -1), Exclusions(len(table)), (own,))
    rows = rows.leave_out(number_of(table["required"]) == 0, "not applicable")
    missing = np.where(np.isnan(number_of(table["missing"])), np.nan, number_of(table["missing"]) > 0)
    yield rows.report("missing", missing)
    yield rows.report("available", 1 - missing)


def arrests_in_program(court: Court) -> tuple[Arrests, Cohorted, Values]:
    """Arrests while enrolled that led to custody, or may have, by day; and their rows' numbers."""
    arrests = court.arrests
    enrolled = np.flatnonzero((arrests.stay >= 0) & ~arrests.index)
    booked = number_of(court.records["arrests"]["booked"])[arrests.row]
    rows = Cohorted(arrests.day, arrests.stay, Exclusions(len(arrests.day)))
    rows = rows.leave_out(booked == 0, "not taken into custody")
    return arrests, rows.only(enrolled), enrolled.astype(np.float64)


def elapsed(court: Court, column: str) -> tuple[Cohorted, Values, Mask]:
    """Hours from each arrest in the program to another time, and whether they are known to the hour.

    Hours are whole days times 24 where the times of day are not known, and nan where the other time is
    not on record.
    """
    arrests, rows, at = arrests_in_program(court)
    table = court.records["arrests"].iloc[arrests.row[at.astype(np.int64)]]
    timed = number_of(table["time_known"]) == 1
    hours = (table[column] - table["arrested"]).dt.total_seconds().to_numpy("float64") / 3600
    days = (table[column].dt.normalize() - table["arrested"].dt.normalize()).dt.days.to_numpy("float64")
    hours = np.where(timed, hours, days * 24)
    rows = rows.leave_out(hours < 0, "before the arrest")
    recent = np.isnan(hours) & (rows.day >= court.until - TOO_RECENT)
    return rows.leave_out(recent, "too recent to tell"), hours, timed


@guide_measure(
    "10",
    "Agency Collaboration",
    cohort="period",
    unit="share",
    label="Arrests of which the court was notified in time",
    page=29,
    by=(),
    needs=("arrests.notified",),
    simulated=False,
)
def notification(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Share of arrests of enrolled participants of which the team was notified within 24 and 48 hours.

    All arrests in the period that led to custody, charged or not; those within 24 hours are among those
    within 48. One day and two where the times are not known. An arrest of which no notice is on record was
    not notified in time.
    """
    rows, hours, timed = elapsed(court, "notified")
    for limit in HOURS:
        yield rows.report(f"within {limit} hours", hours <= limit)
    yield rows.report("no notice on record", np.isnan(hours))
    yield rows.only(timed).report("hours to notice", hours[timed], "hours").spreading()
    yield rows.only(~timed).report("days to notice", hours[~timed] / 24, "days").spreading()


@guide_measure(
    "A11",
    "Jail Prescriptions",
    cohort="period",
    unit="share",
    label="Arrests after which the jail had the prescriptions in time",
    page=46,
    by=(),
    needs=("arrests.prescription",),
    simulated=False,
)
def prescriptions(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Share of arrests after which health care in jail had prescription information within 24 hours.

    All arrests of enrolled participants in the period that led to custody; one day where the times are not
    known.
    """
    rows, hours, _ = elapsed(court, "prescription")
    yield rows.report("within 24 hours", hours <= 24)
    yield rows.report("no prescription on record", np.isnan(hours))


@guide_measure(
    "A12",
    "MHC Staff Training",
    cohort="period",
    unit="share",
    label="Staff who attended a training event",
    page=46,
    by=(),
    needs=("trainings", "posts.member"),
    simulated=False,
)
def training(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Share of the staff who attended at least one training event in the period.

    Staff are those who held a post in the period, each counted once.
    """
    posts, trainings = court.records["posts"], court.records["trainings"]
    posts = posts[posts["member"].notna()]
    since, until = day_of(posts["start"]), day_of(posts["end"].fillna(court.records.observed_until))
    attended = day_of(trainings["date"])
    day, trained = [], []
    for cohort in calendar.cohorts:
        start, end = number_of_days([cohort.start, cohort.end])
        staff = posts["member"][(since < end) & (until > start)].drop_duplicates()
        present = trainings["member"][(attended >= start) & (attended < end)]
        trained.append(is_in(staff, *present))
        day.append(np.full(len(staff), start))
    days = np.concatenate(day)
    rows = Cohorted(days, np.full(len(days), -1), Exclusions(len(days)))
    yield rows.report("trained", np.concatenate(trained))
