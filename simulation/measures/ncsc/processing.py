"""Case processing: retention, the times from arrest to exit, caseloads, referrals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from simulation.measures.ncsc.cohort import Calendar, Cohort, number_of_days
from simulation.measures.ncsc.court import FAR, NEVER, Court, day_of, is_in, number_of
from simulation.measures.ncsc.fact import Cohorted, Days, Exclusions, Fact, Grouping, choices
from simulation.measures.ncsc.guide import guide_measure
from simulation.measures.ncsc.trait import of_stays


@guide_measure(
    "5",
    "Retention",
    cohort="admission",
    unit="share",
    label="Still active, or out by which way",
    page=18,
    by=(),
)
def retention(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Share of the admission cohort still active and out by each of the six ways.

    At the end of the cohort's period and of each period of that length after it, until everyone is out.
    Administrative closures count.
    """
    code, names = of_stays(court, "exit_type")
    everyone = court.admissions
    place = calendar.place(everyone.day)
    active = names.index("still active")
    for number, cohort in enumerate(calendar.cohorts):
        members = everyone.only(place == number)
        exit_day, way = court.exit[members.stay], code[members.stay]
        for last_day in follow_ups(cohort, exit_day, court.until):
            status = np.where(exit_day <= number_of_days([last_day])[0], way, active)
            for fact in choices(members, status, names):
                yield replace(fact, as_of=last_day.isoformat(), cohort=cohort.label)


def follow_ups(cohort: Cohort, exit_day: Days, until: int) -> Iterator[date]:
    """Last days of the periods at whose end an admission cohort is looked at; at least one."""
    observed = pd.Timestamp(until, unit="D").date()
    period = cohort
    while True:
        last_day = min(period.end, observed) - timedelta(days=1)
        yield last_day
        all_out = (exit_day <= number_of_days([last_day])[0]).all()
        if all_out or period.next().end > observed:
            return
        period = period.next()


def between(court: Court, rows: Cohorted, item: str, dates: tuple[str, str]) -> Fact:
    """The days from one date of a stay to another; the wrong order leaves the stay out."""
    first, last = (day_of(court.stays[name])[rows.stay] for name in dates)
    known = (first != NEVER) & (last != NEVER)
    rows = rows.leave_out(known & (last < first), "dates in the wrong order")
    return rows.report(item, np.where(known, last - first, np.nan), "days").spreading()


@guide_measure(
    "6",
    "Time from Arrest to Referral",
    cohort="exit",
    unit="days",
    label="Days from arrest to referral",
    page=20,
    needs=("participants.arrest_date", "participants.referral_date"),
)
def arrest_to_referral(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean days from the arrest that led to the referral to the day the court received the referral."""
    yield between(court, court.exits, "arrest to referral", ("arrest_date", "referral_date"))


@guide_measure(
    "7",
    "Time from Referral to Admission",
    cohort="exit",
    unit="days",
    label="Days from referral to admission",
    page=22,
    needs=("participants.referral_date",),
)
def referral_to_admission(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean days from the day the court received the referral to admission."""
    yield between(court, court.exits, "referral to admission", ("referral_date", "admission_date"))


@guide_measure(
    "8",
    "Total Time in Program",
    cohort="admission",
    unit="days",
    label="Days in the program",
    page=24,
)
def time_in_program(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean days from admission to permanent exit, of the admission cohort.

    Time on a bench warrant is included. Those still active cannot count yet, so the mean is too short until
    everyone is out.
    """
    rows = court.admissions.leave_out(court.exit == FAR, "still active")
    yield between(court, rows, "admission to exit", ("admission_date", "exit_date"))


@guide_measure(
    "A9",
    "Average Case Manager Caseload",
    cohort="period",
    unit="cases",
    label="Active cases of a case manager",
    page=45,
    by=("manager",),
    needs=("caseloads",),
    simulated=False,
)
def caseload(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean of all weekly caseloads in the period, over all case managers and for each."""
    table = court.records["caseloads"]
    manager, names = table["manager"].factorize(sort=True)
    own = Grouping("manager", manager.astype(np.int64), tuple(names))
    rows = Cohorted(day_of(table["week"]), np.full(len(table), -1), Exclusions(len(table)), (own,))
    yield rows.report("active cases a week", number_of(table["active"]), "cases").spreading()


@guide_measure(
    "A10",
    "Percent of Referrals Admitted",
    cohort="period",
    unit="share",
    label="Referrals admitted",
    page=46,
    by=(),
    needs=("participants.referral_date",),
)
def referrals_admitted(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Participants admitted in the period over referrals in the period.

    Beside it, what became of these same referrals, with the reasons for which they were declined.
    """
    table = court.records["participants"]
    referred, admitted = day_of(table["referral_date"]), day_of(table["admission_date"])
    both = np.concatenate((referred, admitted))
    is_referral = np.arange(len(both)) < len(referred)
    everything = Cohorted(both, np.full(len(both), -1), Exclusions(len(both)))
    yield replace(everything.report("admissions over referrals", ~is_referral), base=is_referral)
    rows = Cohorted(referred, np.full(len(referred), -1), Exclusions(len(referred)))
    was_admitted = admitted != NEVER
    yield rows.report("of these referrals, admitted", was_admitted)
    undecided = ~was_admitted & ~is_in(table["decision"], "declined", "left_waiting")
    yield rows.report("of these referrals, not decided", undecided)
    for decision in ("declined", "left_waiting"):
        so = is_in(table["decision"], decision) & ~was_admitted
        yield rows.report(f"of these referrals, {decision}", so)
        for reason in sorted(table["decision_reason"][so].dropna().unique()):
            yield rows.report(f"{decision}: {reason}", so & is_in(table["decision_reason"], reason))
