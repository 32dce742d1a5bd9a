"""A county as its file describes it: local quantities with sources."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from math import inf
from typing import Annotated, Any, Literal, Self

from dateutil.relativedelta import relativedelta
from pydantic import Field, create_model, model_validator

from simulation.inputs import unit as units
from simulation.inputs.format import FILE_FORMAT, FileFormat
from simulation.inputs.parameter import Parameter, Text
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules, white
from simulation.inputs.sections import absent
from simulation.inputs.sections.competency import CompetencyInputs
from simulation.inputs.sections.court import CourtInputs
from simulation.inputs.sections.crisis import CrisisInputs
from simulation.inputs.sections.fact import FactInputs
from simulation.inputs.sections.housing import HousingInputs
from simulation.inputs.sections.jail import JailInputs
from simulation.inputs.sections.people import PeopleInputs, RaceEthnicity
from simulation.inputs.sections.quantity import Stock
from simulation.inputs.sections.service_spec import SIZED, VISITED, ServiceSpec
from simulation.inputs.sections.staffing import StaffingInputs
from simulation.inputs.sections.stepdown import StepDownInputs
from simulation.inputs.shift_schedule import ShiftSchedule
from simulation.inputs.strict_model import StrictModel, choices


def _or_none(model: type[StrictModel], of: Callable[[Any], Any]) -> dict[str, Any]:
    return {name: (of(field.annotation) | None, None) for name, field in model.model_fields.items()}


def _optional(section: type[StrictModel]) -> type[StrictModel]:
    name, fields = f"Local{section.__name__}", _or_none(section, lambda parameter: parameter)
    made = create_model(name, __base__=StrictModel, __doc__=section.__doc__, __module__=__name__, **fields)
    globals()[name] = made  # where another process looks for it when a scenario is sent there
    return made


_sections = _or_none(Parameters, _optional)
LocalEvidence = create_model(
    "LocalEvidence", __base__=StrictModel, __doc__="Parameters measured in this county.", **_sections
)


SECTIONS = ("jail", "crisis", "court", "fact", "housing", "stepdown")
"""Parts of the pathway; a county's file may leave any of them out and so switch it off."""


class CountyFile(StrictModel):
    """One county: everything local is here, everything else comes from the evidence register.

    A section of the pathway that is left out is switched off.
    """

    format: FileFormat = FILE_FORMAT
    kind: Annotated[Literal["county"], Field(description="Says that this file describes a county.")]
    name: Annotated[Text, Field(description="The county and state, as printed over results.")]
    question: Annotated[Text, Field(description="What a planner wants to know of the county as it stands.")]
    fips: Annotated[
        str, Field(pattern=r"^\d{5}$", description="Five digits in quotes, so that a leading zero is kept.")
    ]
    start: Annotated[date, Field(description="Day 0 of the run: the first day of a month.")]
    months: Annotated[int, Field(ge=1, le=240, description="Length of the run.")]
    population: Annotated[
        Stock, Field(description="Residents; quoted in reports, the model is sized by bookings.")
    ]
    race_ethnicity: RaceEthnicity
    people: PeopleInputs | None = None
    jail: JailInputs = Field(default_factory=absent.jail)
    crisis: CrisisInputs = Field(default_factory=absent.crisis)
    court: CourtInputs = Field(default_factory=absent.court)
    fact: FactInputs = Field(default_factory=absent.fact)
    housing: HousingInputs = Field(default_factory=absent.housing)
    stepdown: StepDownInputs = Field(default_factory=absent.stepdown)
    staffing: StaffingInputs | None = None
    competency: CompetencyInputs | None = None
    local_evidence: LocalEvidence | None = None

    @model_validator(mode="after")
    def _first_of_a_month(self) -> Self:
        if self.start.day != 1:
            raise ValueError(f"start {self.start} is not the first day of a month")
        return self

    @model_validator(mode="after")
    def _sized(self) -> Self:
        if "jail" in self.off and self.people is None:
            raise ValueError("without the section jail, people.number has to say how many people there are")
        if "court" in self.off and "fact" not in self.off:
            raise ValueError("the section fact needs the section court, through which people come to FACT")
        if len(self.off) == len(SECTIONS):
            raise ValueError(f"every section is left out; at least one is needed: {', '.join(SECTIONS)}")
        return self

    @property
    def off(self) -> frozenset[str]:
        """Sections that are left out."""
        return frozenset(SECTIONS) - self.model_fields_set

    @model_validator(mode="after")
    def _districts(self) -> Self:
        regions = [team.name for team in self.fact.teams]
        for shift in self.crisis.mobile_shifts:
            if shift.district not in regions:
                allowed = ", ".join(regions)
                raise ValueError(
                    f"mobile_shifts: no FACT team's region is '{shift.district}'. Allowed: {allowed}"
                )
        return self

    @model_validator(mode="after")
    def _posts_somewhere(self) -> Self:
        for row in self.staffing.posts if self.staffing else ():
            if row.service not in self.staffed:
                allowed = choices(row.service, [*self.staffed, "mobile_crisis"])
                raise ValueError(f"no posts can be in service '{row.service}'. {allowed}")
            if row.until is not None and row.until <= self.start:
                raise ValueError(f"posts that end on {row.until} have ended before {self.start}")
        return self

    @property
    def staffed(self) -> list[str]:
        """Services in which there can be posts: the FACT teams and all that have slots.

        Mobile crisis too, where the county lists the pairs that staff its shifts.
        """
        rows = self.staffing.posts if self.staffing else ()
        pairs = ["mobile_crisis"] if any(row.service == "mobile_crisis" for row in rows) else []
        return [*(f"fact.{team.name}" for team in self.fact.teams), *self.slots, *pairs]

    @property
    def end(self) -> date:
        """The first day after the horizon."""
        end: date = self.start + relativedelta(months=self.months)
        return end

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
        return [self.start + relativedelta(months=month) for month in range(self.months + 1)]

    def parameters(self, register: Parameters) -> Parameters:
        """The register's parameters, those measured in this county replaced."""
        local: dict[str, Parameter] = {}
        for section, values in self.local_evidence or ():
            for name, parameter in values or ():
                if parameter is not None:
                    local[f"{section}.{name}"] = parameter
        if self.competency is None:
            off = {"value": 0.0, "low": 0.0, "high": 0.0}
            local["competency.doubt"] = register.competency.doubt.model_copy(update=off)
        return register.replacing(local)

    @property
    def rules(self) -> Rules:
        """The county's standing rules."""
        return Rules(
            **self._court_rules,
            intake_per_month=self.fact.intake.per_day * units.DAYS["months"],
            caseload_ratio=self.fact.caseload_ratio.value,
            sessions_per_week=self.fact.contacts.value,
            fact_priority=self.fact.priority,
            groups=tuple(group.group_program for group in self.fact.groups),
            on_call=self.fact.on_call.hours if self.fact.on_call else None,
            crisis_demand=self.crisis.profile(self.start, int(self.horizon)),
            shift_schedule=ShiftSchedule(self.crisis.shifts, self.start.weekday()),
            coresponder_share=self.crisis.coresponders,
            no_refusal=self.crisis.no_refusal,
            not_white=sum(g.share for g in self.race_ethnicity.groups if not white(g.name)),
            homes=self.housing.rules,
            off=self.off,
        )

    @property
    def _court_rules(self) -> dict[str, Any]:
        court = self.court
        limits = ("report_interval", "evaluation_deadline", "assessment_deadline", "warrant_limit")
        given = {name: getattr(court, name) for name in limits}
        return {
            **{name: duration.days for name, duration in given.items() if duration is not None},
            "phases": tuple((phase.length.days, phase.hearing_interval.days) for phase in court.phases),
            "hearing_interval": court.hearing_interval.days,
            "place_held": court.place_held,
            "sanctions": court.sanctions,
            "program_limit": court.program_limit.days,
        }

    @property
    def slots(self) -> dict[str, float]:
        """Slots on day 0 of every service whose capacity the file gives, and of the teams' groups."""
        groups = {f"group.{group.name}": group.slots.value for group in self.fact.groups}
        return {**{spec.name: self._capacity(spec) for spec in SIZED}, **groups}

    @property
    def visits(self) -> dict[str, float]:
        """Visits a day of all residents to every service for which the file gives them."""
        given = {spec.name: getattr(getattr(self, spec.section), spec.visits) for spec in VISITED}
        return {name: flow.per_day for name, flow in given.items() if flow is not None}

    def _capacity(self, spec: ServiceSpec) -> float:
        """The capacity of a service; unlimited where the county has no such cases (``competency``)."""
        section = getattr(self, spec.section)
        quantity: Stock | None = getattr(section, spec.input, None)
        if quantity is not None:
            return quantity.value
        return inf if section is None or spec.default is None else spec.default
