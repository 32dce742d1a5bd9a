"""A county and a scenario as files describe them: local figures with sources, and dated levers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import blake2b
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, create_model, model_validator

from simulation import unit as units
from simulation.frozen import Frozen
from simulation.lever import AnyLever, Weekday
from simulation.parameters import Grade, Parameter, Parameters, Text, check_unit
from simulation.policy import Rules


class Figure(Frozen):
    """A local number with its unit and source; ``grade`` as in the evidence register."""

    unit_family: ClassVar[str]

    value: Annotated[float, Field(ge=0)]
    unit: str
    source: Text
    grade: Grade

    @model_validator(mode="after")
    def _right_family(self) -> Self:
        check_unit(self.unit, self.unit_family)
        return self


class Stock(Figure):
    """How many there are at one time: persons, homes, beds, slots, posts."""

    unit_family = "stock"


class Flow(Figure):
    """How many come in a span of time: bookings/month, admissions/month."""

    unit_family = "flow"

    @property
    def per_day(self) -> float:
        """Events per day."""
        return self.value * units.FLOWS[self.unit]


class LocalShare(Figure):
    """A share between 0 and 1."""

    unit_family = "share"
    value: Annotated[float, Field(ge=0, le=1)]


class LocalNumber(Figure):
    """A plain number, such as persons per clinician."""

    unit_family = "number"
    value: Annotated[float, Field(gt=0)]


class LocalDuration(Figure):
    """A length of time that the county fixed by rule."""

    unit_family = "duration"
    value: Annotated[float, Field(gt=0)]

    @property
    def days(self) -> float:
        """The length in days."""
        return self.value * units.DAYS[self.unit]


class Group(Frozen):
    """A share of the people, by race and ethnicity."""

    name: Text
    share: Annotated[float, Field(gt=0, le=1)]


class RaceEthnicity(Frozen):
    """Who the people in contact are; shares sum to 1."""

    groups: Annotated[tuple[Group, ...], Field(min_length=1)]
    source: Text
    grade: Grade

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(group.share for group in self.groups)
        if abs(total - 1) > 0.005:
            raise ValueError(f"the shares of the groups sum to {total:.3f}, not to 1")
        return self


class JailFigures(Frozen):
    """What the sheriff publishes; the simulated people are the share with serious mental illness."""

    bookings: Flow
    average_daily_population: Stock
    mental_health_cases: Stock
    smi_share_of_bookings: LocalShare
    screeners: Stock


class CrisisFigures(Frozen):
    """Crisis capacity that serves the simulated people."""

    call_takers: Stock
    mobile_teams: Stock
    mobile_opens: Annotated[float, Field(ge=0, le=24)] = 0.0
    mobile_closes: Annotated[float, Field(ge=0, le=24)] = 24.0
    stabilization_chairs: Stock
    short_term_beds: Stock
    ed_places: Stock
    inpatient_beds: Stock

    @model_validator(mode="after")
    def _hours(self) -> Self:
        if self.mobile_opens >= self.mobile_closes:
            opens, closes = self.mobile_opens, self.mobile_closes
            raise ValueError(f"mobile_opens {opens:g} must come before mobile_closes {closes:g}")
        return self


class DocketDay(Frozen):
    """A weekday on which the diversion court sits, and how many cases it hears."""

    weekday: Weekday
    slots: Stock


class CourtFigures(Frozen):
    """The diversion court and those who work for it."""

    evaluators: Stock
    assessors: Stock
    docket: Annotated[tuple[DocketDay, ...], Field()]
    hearing_interval: LocalDuration
    program_limit: LocalDuration
    lower_intensity_slots: Stock
    lower_intensity_enrolled: Stock


class FactTeam(Frozen):
    """One regional team: clinician posts, people enrolled and waiting on day 0, share of the people."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    posts: Annotated[int, Field(ge=0, le=500)]
    enrolled: Annotated[int, Field(ge=0)]
    waiting: Annotated[int, Field(ge=0)] = 0
    share: Annotated[float, Field(ge=0, le=1)]


class FactFigures(Frozen):
    """Forensic Assertive Community Treatment."""

    teams: Annotated[tuple[FactTeam, ...], Field(min_length=1)]
    caseload_ratio: LocalNumber
    intake: Flow
    contacts: LocalNumber
    forensic_supervisor: Stock
    source: Text
    grade: Grade

    @model_validator(mode="after")
    def _regions(self) -> Self:
        names = [team.name for team in self.teams]
        if len(set(names)) < len(names):
            raise ValueError("two teams have the same name")
        total = sum(team.share for team in self.teams)
        if abs(total - 1) > 0.005:
            raise ValueError(f"the shares of the teams sum to {total:.3f}, not to 1")
        return self


class HousingFigures(Frozen):
    """Units for the people simulated; ``published_supportive_beds`` is quoted, not simulated."""

    published_supportive_beds: Stock
    master_leased: Stock
    longer_term: Stock
    longer_term_occupied: Stock


class StepDownFigures(Frozen):
    """Outpatient care after the program."""

    outpatient_slots: Stock
    outpatient_occupied: Stock


def _or_none(model: type[Frozen], of: Callable[[Any], Any]) -> dict[str, Any]:
    return {name: (of(field.annotation) | None, None) for name, field in model.model_fields.items()}


def _optional(section: type[Frozen]) -> type[Frozen]:
    fields = _or_none(section, lambda parameter: parameter)
    return create_model(f"Local{section.__name__}", __base__=Frozen, __doc__=section.__doc__, **fields)


_sections = _or_none(Parameters, _optional)
LocalEvidence = create_model(
    "LocalEvidence", __base__=Frozen, __doc__="Parameters measured in this county.", **_sections
)


class CountyFile(Frozen):
    """One county: everything local is here, everything else comes from the evidence register."""

    kind: Literal["county"]
    name: Text
    question: Text
    fips: Annotated[str, Field(pattern=r"^\d{5}$")]
    start: date
    months: Annotated[int, Field(ge=1, le=240)]
    population: Stock
    race_ethnicity: RaceEthnicity
    jail: JailFigures
    crisis: CrisisFigures
    court: CourtFigures
    fact: FactFigures
    housing: HousingFigures
    stepdown: StepDownFigures
    local_evidence: LocalEvidence | None = None

    @model_validator(mode="after")
    def _first_of_a_month(self) -> Self:
        if self.start.day != 1:
            raise ValueError(f"start {self.start} is not the first day of a month")
        return self

    @property
    def end(self) -> date:
        """The first day after the horizon."""
        month = self.start.month - 1 + self.months
        return self.start.replace(year=self.start.year + month // 12, month=month % 12 + 1)

    @property
    def horizon(self) -> float:
        """Length of the run in days."""
        return float((self.end - self.start).days)

    def day(self, when: date) -> float:
        """A calendar date as days from the start."""
        return float((when - self.start).days)

    def calendar(self, day: float) -> date:
        """The calendar date on which a day of the run falls."""
        return self.start + timedelta(days=int(day))

    def month_starts(self) -> list[date]:
        """The first day of every month of the horizon, and the day after the last one."""
        first = self.start.year * 12 + self.start.month - 1
        months = [divmod(first + i, 12) for i in range(self.months + 1)]
        return [date(year, month + 1, self.start.day) for year, month in months]

    def parameters(self, register: Parameters) -> Parameters:
        """The register's parameters, those measured in this county replaced."""
        found: dict[str, Parameter] = {}
        for section, values in self.local_evidence or ():
            for name, parameter in values or ():
                if parameter is not None:
                    found[f"{section}.{name}"] = parameter
        return register.replacing(found)

    @property
    def rules(self) -> Rules:
        """The county's standing rules."""
        return Rules(
            hearing_interval=self.court.hearing_interval.days,
            program_limit=self.court.program_limit.days,
            intake_per_month=self.fact.intake.per_day * units.DAYS["months"],
            caseload_ratio=self.fact.caseload_ratio.value,
            sessions_per_week=self.fact.contacts.value,
            mobile_teams=self.crisis.mobile_teams.value,
            mobile_hours=(self.crisis.mobile_opens, self.crisis.mobile_closes),
        )

    @property
    def slots(self) -> dict[str, float]:
        """Slots of every service of fixed size on day 0."""
        return {
            "crisis_line": self.crisis.call_takers.value,
            "mobile_crisis": self.crisis.mobile_teams.value,
            "stabilization": self.crisis.stabilization_chairs.value,
            "short_term_bed": self.crisis.short_term_beds.value,
            "emergency_department": self.crisis.ed_places.value,
            "inpatient": self.crisis.inpatient_beds.value,
            "screening": self.jail.screeners.value,
            "evaluation": self.court.evaluators.value,
            "assessment": self.court.assessors.value,
            "lower_intensity": self.court.lower_intensity_slots.value,
            "master_leased": self.housing.master_leased.value,
            "longer_term": self.housing.longer_term.value,
            "outpatient": self.stepdown.outpatient_slots.value,
        }


class ScenarioFile(Frozen):
    """A question about a county, and the dated levers that put it."""

    kind: Literal["scenario"]
    name: Text
    question: Text
    county: Text
    levers: Annotated[tuple[AnyLever, ...], Field(min_length=1)]


class Scenario(Frozen):
    """What is run: a county, the levers pulled in it, and the parameters that hold there."""

    key: str
    name: str
    question: str
    county: CountyFile
    levers: tuple[AnyLever, ...] = ()
    parameters: Parameters

    def fingerprint(self) -> str:
        """A hash of everything a run depends on besides code, seed and replication."""
        return blake2b(self.model_dump_json(exclude={"key"}).encode(), digest_size=12).hexdigest()
