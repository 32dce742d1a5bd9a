"""Participant accountability: reoffending, attendance, compliance, contacts, sanctions, drug tests."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from simulation.measures.ncsc.cohort import Calendar
from simulation.measures.ncsc.court import CHARGES, Court, day_of, is_in, number_of
from simulation.measures.ncsc.fact import Codes, Cohorted, Fact, Mask, choices
from simulation.measures.ncsc.guide import guide_measure
from simulation.measures.ncsc.spell import in_custody
from simulation.measures.ncsc.trait import SPANS, month_span
from simulation.measures.reoffending import Reoffending
from simulation.measures.timeline import Days, Moments


@guide_measure(
    "1",
    "In-Program Reoffending",
    cohort="exit",
    unit="share",
    label="Arrested in the program and charged",
    page=10,
    needs=("arrests",),
)
def reoffending(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Share of the exit cohort arrested in the program and formally charged.

    The arrest falls between admission and exit; the charge may come later. Traffic other than DUI does not
    count, nor does the arrest that led to the referral. By the most serious of these charges, and by the
    months in the program, or the phase, in which the first of these arrests came.
    """
    exits = court.exits
    people = IN_PROGRAM.follow(court, court.until)
    yield exits.report("reoffended", people.had_event[exits.stay])
    worst = most_serious(court)
    yield from choices(exits, worst[exits.stay], tuple(f"most serious charge: {name}" for name in CHARGES))
    after = people.event - court.admission
    names = tuple(f"first arrest after {span} months" for span in SPANS)
    yield from by_time(exits, month_span(after[exits.stay]), names)
    if len(court.records["phases"]):
        stay = np.flatnonzero(people.had_event)
        phase, phases = phase_of(court, stay, people.event[stay].astype(np.int64))
        at = np.full(len(court.stays), -1)
        at[stay] = phase
        names = tuple(f"first arrest in phase {name}" for name in phases)
        yield from by_time(exits, at[exits.stay], names)


def admissions(court: Court) -> Moments:
    """The admission of each stay; the stays, and not the people, are followed."""
    return Moments(np.arange(len(court.stays)), court.admission)


def in_program(court: Court) -> Mask:
    """Charged arrests during a stay, without the one that led to the referral."""
    arrests = court.arrests
    return np.asarray((arrests.stay >= 0) & arrests.charged & ~arrests.index)


def charged_arrests(court: Court) -> Moments:
    """The stay and day of these arrests."""
    return Moments(court.arrests.stay, court.arrests.day).only(in_program(court))


def exit_day(court: Court, origin: Moments) -> Days:
    """The last day of each stay."""
    return court.exit.astype(np.float64)


IN_PROGRAM = Reoffending(admissions, charged_arrests, window=exit_day, same_day=True)


def most_serious(court: Court) -> Codes:
    """The most serious charge of each stay's arrests, a place in ``CHARGES``; the next after them if none."""
    rows = in_program(court)
    worst = np.full(len(court.stays), len(CHARGES))
    np.minimum.at(worst, court.arrests.stay[rows], court.arrests.charge[rows])
    return worst


def by_time(exits: Cohorted, when: Codes, names: tuple[str, ...]) -> Iterator[Fact]:
    """The share of a cohort whose first arrest came in each part of the program; of all, arrested or not."""
    for number, name in enumerate(names):
        yield exits.report(name, when == number)


def phase_of(court: Court, stay: Codes, day: Codes) -> tuple[Codes, tuple[str, ...]]:
    """The phase each stay was in on a day, -1 if none had begun, and the names of the phases."""
    table = court.records["phases"]
    entered = day_of(table["start"])
    begun = pd.DataFrame(
        {"stay": court.stay_at(table["person"], entered), "on": entered, "phase": table["phase"]}
    )
    asked = pd.DataFrame({"stay": stay, "on": day}).sort_values("on", kind="stable")
    phase = pd.merge_asof(asked, begun.sort_values("on", kind="stable"), on="on", by="stay")["phase"]
    names = tuple(sorted(table["phase"].unique()))
    code = pd.Index(names, dtype="string").get_indexer(pd.Index(phase))
    return code[np.argsort(asked.index.to_numpy())].astype(np.int64), names


def attended(court: Court, kind: str) -> Fact:
    """Each participant's attended sessions over the scheduled ones that were not excused."""
    table = court.records["attendance"]
    table = table[is_in(table["kind"], kind)]
    stay = court.stay_at(table["person"], day_of(table["start"]), day_of(table["end"]) - 1)
    kept, scheduled, excused = (
        court.total(stay, table[name].to_numpy("float64", na_value=0))
        for name in ("attended", "scheduled", "excused")
    )
    exits = court.exits
    due, kept = (scheduled - excused)[exits.stay], kept[exits.stay]
    recorded = court.total(stay)[exits.stay] > 0
    exits = exits.leave_out(recorded & (due <= 0), "none scheduled")
    exits = exits.leave_out(kept > due, "more attended than scheduled")
    with np.errstate(invalid="ignore", divide="ignore"):
        return exits.report("attended", kept / due).spreading()


@guide_measure(
    "2",
    "Attendance at Scheduled Judicial Status Hearings",
    cohort="exit",
    unit="share",
    label="Status hearings attended",
    page=12,
    needs=("attendance",),
)
def hearings(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Each participant's share of scheduled status hearings attended, averaged over the exit cohort.

    A hearing excused by the court is not counted as scheduled.
    """
    yield attended(court, "hearing")


@guide_measure(
    "3",
    "Attendance at Scheduled Therapeutic Sessions",
    cohort="exit",
    unit="share",
    label="Therapy sessions attended",
    page=14,
    needs=("attendance",),
)
def therapy(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Each participant's share of scheduled therapy sessions attended, averaged over the exit cohort.

    Sessions are of mental health and substance use counseling, without ancillary services. An excused
    absence is not counted as scheduled.
    """
    yield attended(court, "therapy")


@guide_measure(
    "A1",
    "Compliance with Program Requirements",
    cohort="exit",
    unit="share",
    label="Meetings at which rated substantially compliant",
    page=45,
    needs=("ratings",),
    simulated=False,
)
def compliance(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Each participant's share of meetings at which the team rated them substantially compliant.

    Averaged over the exit cohort.
    """
    table = court.records["ratings"]
    stay = court.stay_at(table["person"], day_of(table["date"]))
    share = court.average(stay, number_of(table["compliant"]))
    yield court.exits.report("substantial compliance", share[court.exits.stay]).spreading()


@guide_measure(
    "A2",
    "Contacts with Case Manager",
    cohort="exit",
    unit="contacts",
    label="Contacts with the case manager",
    page=45,
    needs=("contacts.case_manager",),
    simulated=False,
)
def case_manager(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean number of contacts with case managers, monitors or probation officers during the program."""
    table = court.records["contacts"]
    table = table[table["case_manager"].notna()]
    month = table["month"]
    stay = court.stay_at(table["person"], day_of(month), day_of(month + pd.offsets.MonthEnd(1)))
    number = court.total(stay, number_of(table["case_manager"]))
    number[court.total(stay) == 0] = np.nan
    yield court.exits.report("contacts", number[court.exits.stay], "contacts").spreading()


@guide_measure(
    "A3",
    "Average Number of In-Program Jail Days",
    cohort="exit",
    unit="days",
    label="Jail days in the program",
    page=45,
    needs=("custody",),
)
def jail_days(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean days in jail from admission to exit, whatever the reason; the day of release does not count."""
    days = in_custody(court, "jail").days_between(court.person, court.admission, court.exit)
    yield court.exits.report("jail days", days[court.exits.stay], "days").spreading()


@guide_measure(
    "A4",
    "Average Number of Sanctions per Participant",
    cohort="exit",
    unit="sanctions",
    label="Sanctions",
    page=45,
    needs=("responses",),
)
def sanctions(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean number of sanctions, as the court defines them, during the program."""
    number = responses(court, "sanction")[court.exits.stay]
    yield court.exits.report("sanctions", number, "sanctions").spreading()


@guide_measure(
    "A5",
    "Average Number of Incentives per Participant",
    cohort="exit",
    unit="incentives",
    label="Incentives",
    page=45,
    needs=("responses",),
)
def incentives(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean number of incentives, as the court defines them, during the program."""
    simulated = court.records.source == "simulation"
    note = "Only incentives that bring the next phase nearer are simulated." if simulated else ""
    number = responses(court, "incentive")[court.exits.stay]
    yield court.exits.report("incentives", number, "incentives", note).spreading()


def responses(court: Court, kind: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How many sanctions or incentives each stay has seen."""
    table = court.records["responses"]
    table = table[is_in(table["kind"], kind)]
    return court.total(court.stay_at(table["person"], day_of(table["date"])))


@guide_measure(
    "A6",
    "If Drug Testing is Required, % of Clean Tests",
    cohort="exit",
    unit="share",
    label="Drug tests clean and positive",
    page=45,
    needs=("drug_tests",),
    simulated=False,
)
def drug_tests(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Each tested participant's share of positive drug tests, averaged over the exit cohort.

    Positive for an illegal substance, as the guide's formula says; clean, as its title says, is the rest.
    """
    table = court.records["drug_tests"]
    stay = court.stay_at(table["person"], day_of(table["date"]))
    positive = court.average(stay, number_of(table["positive"]))[court.exits.stay]
    exits = court.exits.leave_out(np.isnan(positive), "not tested")
    yield exits.report("positive", positive).spreading()
    yield exits.report("clean", 1 - positive).spreading()
