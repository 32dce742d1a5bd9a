"""The few tidy tables that hold a county's records and simulated logs alike.

One pydantic model a table; its fields are the columns. The data dictionary, the Frictionless schema and
the workbook are generated from these models, and every performance measure is a function of ``Records``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from simulation.parameters import Frozen

ExitType = Literal[
    "success", "administrative_closure", "voluntary_withdrawal", "discharge", "transfer", "failure"
]
ChargeLevel = Literal["felony", "misdemeanor", "ordinance", "violation", "traffic", "dui"]
Level = Literal["high", "low"]
Living = Literal["homeless", "not_homeless"]
PersonId = Annotated[str, Field(min_length=1, max_length=40, description="Code of the person; never a name.")]
Likert = Annotated[int, Field(ge=1, le=5, description="1 strongly disagree to 5 strongly agree.")]
Count = Annotated[int, Field(ge=0)]


class Participant(Frozen):
    """One stay in the court's program: a person may have several."""

    person: PersonId
    arrest_date: date | None = Field(None, description="Arrest that led to the referral.")
    referral_date: date | None = Field(None, description="Referral to the program.")
    decision_date: date | None = Field(
        None, description="Decision on the referral, if it was not an admission."
    )
    decision: Literal["admitted", "declined", "left_waiting"] | None = None
    decision_reason: str | None = Field(None, description="Why a referral was declined or came to nothing.")
    admission_date: date | None = Field(None, description="Admission to the program.")
    exit_date: date | None = Field(None, description="Permanent exit from the program.")
    exit_type: ExitType | None = Field(None, description="One of the six ways out of the NCSC guide.")
    living_at_entry: Living | None = Field(
        None, description="No fixed address, shelter included, is homeless."
    )
    living_at_exit: Living | None = None
    criminogenic_risk: Level | None = None
    functional_impairment: Level | None = None
    co_occurring: bool | None = Field(None, description="Co-occurring substance use disorder.")
    charge_level: ChargeLevel | None = Field(None, description="Most serious charge of the arrest.")
    care: Literal["fact", "lower_intensity"] | None = Field(None, description="Level of care in the program.")
    sex: str | None = None
    age_at_admission: Annotated[int, Field(ge=10, le=110)] | None = None
    race_ethnicity: str | None = None
    died: date | None = Field(None, description="Date of death, if known.")


class Arrest(Frozen):
    """One arrest of a person, whenever it happened."""

    person: PersonId
    arrested: datetime = Field(description="Date, and time if known, of the arrest.")
    charge_level: ChargeLevel | None = Field(None, description="Most serious charge.")
    charge_date: date | None = Field(None, description="Formal charge; empty if never charged.")
    conviction_date: date | None = Field(None, description="Conviction on this arrest; empty if none.")
    notified: datetime | None = Field(None, description="When the court's team learned of the arrest.")
    time_known: bool = Field(False, description="Whether both times of day are known, and not only dates.")


class Custody(Frozen):
    """One jail stay, from booking to release."""

    person: PersonId
    booked: date
    released: date | None = Field(None, description="Empty while in jail.")
    reason: str | None = Field(None, description="Charge level, commitment, sanction or warrant.")
    serious_mental_illness: bool | None = None
    connected_to_treatment: bool | None = Field(
        None, description="Linked to treatment at release (Stepping Up)."
    )


class Attendance(Frozen):
    """Status hearings or therapy sessions of one person in one period, usually a month."""

    person: PersonId
    kind: Literal["hearing", "therapy"]
    start: date
    end: date = Field(description="First day after the period.")
    scheduled: Count
    attended: Count
    excused: Count = Field(0, description="Excused absences; they leave the denominator.")


class Contact(Frozen):
    """Units of service and contacts of supervision of one participant in one month."""

    person: PersonId
    month: date = Field(description="First day of the month.")
    services: Count = Field(0, description="Units of service attended.")
    supervisions: Count = Field(0, description="Contacts with the judge or case manager.")
    minutes: Count = Field(0, description="Face-to-face minutes with the team.")
    in_community: Count = Field(0, description="Contacts outside the office.")


class Episode(Frozen):
    """A span in a service: hospital, psychiatric emergency, crisis, FACT, outpatient, step-down."""

    person: PersonId
    service: str
    start: date
    end: date | None = None
    way_out: str | None = None
    team: str | None = None


class Home(Frozen):
    """A span in one living arrangement."""

    person: PersonId
    kind: Literal["homeless", "master_leased", "longer_term", "own", "supervised", "shelter"]
    start: date
    end: date | None = None


class Post(Frozen):
    """A staff post held by one person for a span; vacant spans have no row."""

    team: str
    role: str
    fte: Annotated[float, Field(gt=0, le=2)] = 1.0
    start: date
    end: date | None = None
    clinician: bool = Field(True, description="Counts toward the caseload ratio.")


class Survey(Frozen):
    """One exit survey: five statements on fairness, five sources of help named correctly or not."""

    person: PersonId
    date: date
    fair: Likert | None = None
    listened: Likert | None = None
    informed: Likert | None = None
    same_treatment: Likert | None = None
    respected: Likert | None = None
    knows_housing: bool | None = None
    knows_medication: bool | None = None
    knows_symptoms: bool | None = None
    knows_substance: bool | None = Field(None, description="Only for co-occurring disorders.")
    knows_medical: bool | None = None


class Meeting(Frozen):
    """Information at one pre-docket meeting from one team member."""

    date: date
    member: str
    required: Count = Field(description="Cases for which information was required of this member.")
    missing: Count = Field(description="Of these, cases for which it was not provided.")


TABLES: dict[str, type[Frozen]] = {
    "participants": Participant,
    "arrests": Arrest,
    "custody": Custody,
    "attendance": Attendance,
    "contacts": Contact,
    "episodes": Episode,
    "homes": Home,
    "posts": Post,
    "surveys": Survey,
    "meetings": Meeting,
}


@dataclass(frozen=True)
class Records:
    """All tables of one county, or of one simulated log.

    Each table is a DataFrame with its model's fields as columns (datetime64 for dates, pandas' nullable
    types elsewhere); a table nobody filled is empty, never absent. ``observed_until``: the first day that
    is no longer covered, which censors everything; ``source``: records or simulation.
    """

    tables: dict[str, pd.DataFrame]
    observed_until: pd.Timestamp
    source: Literal["records", "simulation"] = "records"
    notes: tuple[str, ...] = field(default=())

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table]
