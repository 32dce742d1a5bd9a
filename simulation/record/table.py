"""The few tidy tables that hold a county's records and simulated logs alike.

One pydantic model a table; its fields are the columns. The data dictionary, the Frictionless schema and
the workbook are generated from these models, and every performance measure is a function of ``Records``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from simulation.inputs.strict_model import StrictModel

ExitType = Literal[
    "success", "administrative_closure", "voluntary_withdrawal", "discharge", "transfer", "failure"
]
ChargeLevel = Literal["felony", "misdemeanor", "ordinance", "violation", "traffic", "dui"]
Level = Literal["high", "low"]
AgeBand = Literal["under 18", "18-25", "26-40", "41-55", "56+"]
Place = Literal[
    "hospital",
    "psychiatric_emergency",
    "crisis",
    "stabilization",
    "short_term_bed",
    "fact",
    "lower_intensity",
    "outpatient",
    "substance_use",
    "vocational",
]
Living = Literal["homeless", "not_homeless"]
PersonId = Annotated[str, Field(min_length=1, max_length=40, description="Code of the person; never a name.")]
Likert = Annotated[int, Field(ge=1, le=5, description="1 strongly disagree to 5 strongly agree.")]
Count = Annotated[int, Field(ge=0)]


class Participant(StrictModel):
    """One stay in the court's program: a person may have several."""

    person: PersonId
    arrest_date: date | None = Field(None, description="Arrest that led to the referral.")
    referral_date: date | None = Field(None, description="Referral to the program.")
    decision_date: date | None = Field(None, description="Decision on the referral, if not an admission.")
    decision: Literal["admitted", "declined", "left_waiting"] | None = None
    decision_reason: str | None = Field(
        None, description="Why a referral was declined, or left the waiting list."
    )
    admission_date: date | None = Field(None, description="Admission to the program.")
    exit_date: date | None = Field(None, description="Permanent exit from the program.")
    exit_type: ExitType | None = Field(None, description="One of the six exit types of the NCSC guide.")
    living_at_entry: Living | None = Field(None, description="A shelter is no fixed address: homeless.")
    living_at_exit: Living | None = None
    criminogenic_risk: Level | None = None
    functional_impairment: Level | None = None
    co_occurring: bool | None = Field(None, description="Co-occurring substance use disorder.")
    charge_level: ChargeLevel | None = Field(None, description="Most serious charge of the arrest.")
    from_other_court: bool | None = Field(None, description="Transferred in from another treatment court.")
    care: Literal["fact", "lower_intensity"] | None = Field(None, description="Level of care in the program.")
    sex: str | None = None
    age_at_admission: Annotated[int, Field(ge=10, le=110)] | None = None
    age_band: AgeBand | None = Field(None, description="Only where the age in years is not recorded.")
    race_ethnicity: str | None = None
    died: date | None = Field(None, description="Date of death, if known.")


class Arrest(StrictModel):
    """One arrest of a person, whenever it happened."""

    person: PersonId
    arrested: datetime = Field(description="Date, and time if known, of the arrest.")
    charge_level: ChargeLevel | None = Field(None, description="Most serious charge.")
    charge_date: date | None = Field(None, description="Formal charge; empty if never charged.")
    conviction_date: date | None = Field(None, description="Conviction on this arrest; empty if none.")
    booked: bool | None = Field(None, description="Taken into custody, and not cited and released.")
    notified: datetime | None = Field(None, description="When the court's team learned of the arrest.")
    prescription: datetime | None = Field(None, description="When the jail received the prescriptions.")
    time_known: bool = Field(False, description="Whether the times of day are known, and not only dates.")


class Custody(StrictModel):
    """One stay in jail or prison, from booking to release."""

    person: PersonId
    place: Literal["jail", "prison"] = "jail"
    booked: date
    released: date | None = Field(None, description="Empty while in jail.")
    reason: str | None = Field(None, description="Charge level, commitment, sanction or warrant.")
    serious_mental_illness: bool | None = None
    connected_to_treatment: bool | None = Field(None, description="Linked to treatment at release.")


class Attendance(StrictModel):
    """Status hearings or therapy sessions of one person in one period, usually a month.

    Therapy is mental health and substance use counseling, not ancillary services.
    """

    person: PersonId
    kind: Literal["hearing", "therapy"]
    start: date
    end: date = Field(description="First day after the period.")
    scheduled: Count
    attended: Count
    excused: Count = Field(0, description="Of the scheduled, excused absences; they leave the denominator.")


class Contact(StrictModel):
    """Units of service and contacts of supervision of one participant in one month."""

    person: PersonId
    month: date = Field(description="First day of the month.")
    services: Count = Field(0, description="Units of service attended: therapy, substance use, ancillary.")
    substance: Count | None = Field(None, description="Of the services, substance use treatment.")
    ancillary: Count | None = Field(None, description="Of the services, others for a criminogenic need.")
    supervisions: Count = Field(0, description="Contacts with the judge or case manager.")
    case_manager: Count | None = Field(None, description="Of the supervisions, with the case manager.")
    minutes: Count | None = Field(None, description="Face-to-face minutes with the team.")
    in_community: Count | None = Field(None, description="Contacts outside the office.")


class Episode(StrictModel):
    """A span in a service; outpatient after the program is the step-down."""

    person: PersonId
    service: Place
    start: date
    end: date | None = None
    way_out: str | None = None
    team: str | None = None


class Home(StrictModel):
    """A span in one living arrangement."""

    person: PersonId
    kind: Literal[
        "homeless", "master_leased", "shared", "supervised", "longer_term", "supportive", "own", "shelter"
    ]
    start: date
    end: date | None = None


class Post(StrictModel):
    """A staff post held by one person for a span; vacant spans have no row."""

    team: str
    role: str
    member: str | None = Field(None, description="Code of the staff member; never a name.")
    fte: Annotated[float, Field(gt=0, le=2)] = 1.0
    start: date
    end: date | None = None
    clinician: bool = Field(True, description="Counts toward the caseload ratio.")


class Survey(StrictModel):
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


class Meeting(StrictModel):
    """Information at one pre-docket meeting from one team member."""

    date: date
    member: str
    required: Count = Field(description="Cases for which information was required of this member.")
    missing: Count = Field(description="Of these, cases for which it was not provided.")


class Phase(StrictModel):
    """The day on which a participant entered a phase of the program."""

    person: PersonId
    phase: str
    start: date


class Rating(StrictModel):
    """The team's rating of one participant at one staff meeting."""

    person: PersonId
    date: date
    compliant: bool = Field(description="Substantial compliance; otherwise material non-compliance.")


class Response(StrictModel):
    """A sanction or an incentive, as the court defines them."""

    person: PersonId
    date: date
    kind: Literal["sanction", "incentive"]
    what: str | None = None
    reason: str | None = None


class DrugTest(StrictModel):
    """One drug test administered to a participant."""

    person: PersonId
    date: date
    positive: bool = Field(description="Positive for an illegal substance.")


class Scale(StrictModel):
    """One score of the Quality of Life Inventory or the Modified Colorado Symptom Index."""

    person: PersonId
    date: date
    scale: Literal["qoli", "csi"]
    moment: Literal["entry", "exit"]
    domain: str | None = Field(None, description="One of the QOLI's domains; empty for the whole scale.")
    score: float


class Caseload(StrictModel):
    """Active cases of one case manager in one week."""

    week: date = Field(description="First day of the week.")
    manager: str = Field(description="Code of the case manager; never a name.")
    active: Count


class Training(StrictModel):
    """One training event attended by one staff member who holds a post."""

    date: date
    member: str
    event: str | None = None


TABLES: dict[str, type[StrictModel]] = {
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
    "phases": Phase,
    "ratings": Rating,
    "responses": Response,
    "drug_tests": DrugTest,
    "scales": Scale,
    "caseloads": Caseload,
    "trainings": Training,
}
