"""What the model assumes: every number with its unit, range, source and evidence grade.

A parameter's dotted path (``court.evaluation``) is its name everywhere: in the evidence register, in
the journeys, as the stream of chance it draws from, and in reports.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from statistics import NormalDist
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulation import unit as units
from simulation.frozen import Frozen

Grade = Literal["A", "B", "C", "D"]
Law = Literal["fixed", "exponential", "lognormal"]
Text = Annotated[str, Field(min_length=3)]

_NORMAL = NormalDist()


class Parameter(Frozen):
    """One number the model assumes, with where it comes from and how far it could be off.

    ``value`` lies between ``low`` and ``high``, all three in ``unit``. Grades: A measured in this
    population, B published elsewhere, C indirect or derived, D assumption.
    """

    unit_family: ClassVar[str]

    value: Annotated[float, Field(ge=0)]
    unit: str
    low: Annotated[float, Field(ge=0)]
    high: Annotated[float, Field(ge=0)]
    meaning: Text
    population: Text
    source: Text
    grade: Grade

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_unit(self.unit, self.unit_family)
        if not self.low <= self.value <= self.high:
            raise ValueError(f"value {self.value:g} lies outside its own range {self.low:g} to {self.high:g}")
        return self

    def at(self, quantile: float) -> Self:
        """The same parameter moved inside its range.

        ``quantile`` in (0, 1): 0 gives ``low``, 0.5 the central ``value``, 1 ``high``; straight lines
        between, so that the register's central value is the median of what is drawn.
        """
        if quantile < 0.5:
            moved = self.low + 2 * quantile * (self.value - self.low)
        else:
            moved = self.value + (2 * quantile - 1) * (self.high - self.value)
        return self.model_copy(update={"value": moved})


class Share(Parameter):
    """A probability between 0 and 1."""

    unit_family = "share"
    value: Annotated[float, Field(ge=0, le=1)]
    high: Annotated[float, Field(ge=0, le=1)]


class Ratio(Parameter):
    """What a hazard or an odds is multiplied by; 1 means no effect."""

    unit_family = "ratio"


class Rate(Parameter):
    """How often something happens to one person (or post), if it went on at this pace."""

    unit_family = "rate"

    @property
    def per_day(self) -> float:
        """Events per person-day."""
        return self.value * units.RATES[self.unit]


class Number(Parameter):
    """A plain number that is neither a share, a ratio nor a rate."""

    unit_family = "number"


class Duration(Parameter):
    """How long something lasts: a family of distributions and its typical value.

    ``value`` is the length itself (``fixed``), the mean (``exponential``) or the median
    (``lognormal``, whose ``sigma`` is the standard deviation of the logarithm).
    """

    unit_family = "duration"
    law: Law
    sigma: Annotated[float, Field(ge=0, le=3)] = 0.0

    @model_validator(mode="after")
    def _spread(self) -> Self:
        if (self.law == "lognormal") != (self.sigma > 0):
            raise ValueError("sigma goes with the lognormal law, and only with it")
        return self

    @property
    def days(self) -> float:
        """``value`` in days."""
        return self.value * units.DAYS[self.unit]

    @property
    def mean(self) -> float:
        """Mean length in days."""
        return self.days * math.exp(self.sigma**2 / 2)

    def sample(self, luck: float) -> float:
        """The length in days below which a share ``luck`` of all lengths lies."""
        return self._quantile(luck, self.days)

    def sample_in_progress(self, luck: float) -> float:
        """The same for a stay found in progress, which is longer than a stay begun.

        A stay of length x is found with a chance in proportion to x (length bias): the lognormal's
        median grows by exp(sigma^2); the exponential becomes a gamma of shape 2.
        """
        if self.law == "exponential":
            return self.days * _gamma_two_quantile(luck)
        return self._quantile(luck, self.days * math.exp(self.sigma**2))

    def _quantile(self, luck: float, centre: float) -> float:
        if self.law == "lognormal":
            return centre * math.exp(self.sigma * _NORMAL.inv_cdf(luck))
        return centre if self.law == "fixed" else -centre * math.log1p(-luck)


def _gamma_two_quantile(luck: float) -> float:
    """Quantile of the gamma law of shape 2 and scale 1, by Newton's method on its closed form."""
    x = 1.0 if luck < 0.9 else 4.0
    for _ in range(60):
        tail = math.exp(-x)
        step = (1 - (1 + x) * tail - luck) / max(x * tail, 1e-12)
        x = max(x - max(min(step, 1.0), -1.0), 1e-9)
        if abs(step) < 1e-12:
            break
    return x


def check_unit(unit: str, wanted: str) -> None:
    """Refuse a unit of another family, saying which ones are allowed (ValueError)."""
    found = units.family(unit)
    if found == wanted:
        return
    allowed = ", ".join(units.FAMILIES[wanted])
    what = f"unit '{unit}' is a {found}, not a {wanted}" if found else f"unit '{unit}' is unknown"
    raise ValueError(f"{what}. Allowed: {allowed}")


class Section(Frozen):
    """A group of parameters that belong to one part of the pathway."""


class People(Section):
    """Who is in contact with the crisis or justice system."""

    death: Rate
    moving_away: Rate
    female: Share
    age_18_25: Share
    age_26_40: Share
    age_41_55: Share
    substance_use: Share
    high_risk: Share
    high_impairment: Share
    homeless: Share
    homeless_concentration: Number
    homeless_spell: Duration


class Arrest(Section):
    """Offending and what the arrest is for."""

    rate: Rate
    frailty_shape: Number
    high_risk_ratio: Ratio
    substance_use_ratio: Ratio
    young_ratio: Ratio
    homeless_ratio: Ratio
    felony: Share
    felony_in_crisis: Share
    violation: Share
    ordinance: Share
    cite_and_release: Share


class Crisis(Section):
    """Crisis episodes, intercepts 0 and 1."""

    rate: Rate
    homeless_ratio: Ratio
    line_share: Share
    line_wait: Duration
    call: Duration
    phone_resolution: Share
    ed_share: Share
    mobile_wait: Duration
    mobile_visit: Duration
    mobile_resolution: Share
    cit_share: Share
    arrest_untrained: Share
    cit_arrest_odds: Ratio
    police_transport: Share
    stabilization_stay: Duration
    step_up: Share
    short_term_stay: Duration
    short_term_to_inpatient: Share


class Hospital(Section):
    """Emergency department and inpatient psychiatry."""

    ed_wait: Duration
    ed_stay: Duration
    ed_admission: Share
    boarding: Duration
    inpatient_stay: Duration


class Jail(Section):
    """Booking, screening, release and sentence, intercept 2."""

    release_felony: Share
    release_other: Share
    release_violation: Share
    hold: Duration
    sentence: Duration
    screening: Duration
    screening_sensitivity: Share


class Court(Section):
    """Disposition, diversion and the program's hearings, intercepts 2 and 3."""

    charged: Share
    charging: Duration
    disposition_detained: Duration
    disposition_released: Duration
    conviction_detained: Share
    conviction_released: Share
    jail_if_detained: Share
    jail_if_released: Share
    referral_delay: Duration
    referral_if_identified: Share
    referral_if_missed: Share
    consent: Share
    evaluation: Duration
    charge_excluded: Share
    eligible: Share
    assessment: Duration
    granted: Share
    hearing_attendance: Share
    warrant: Share
    warrant_return: Duration
    warrant_stay: Duration
    sanction: Share
    sanction_stay: Duration
    program_length: Duration
    withdrawal: Rate
    discharge: Rate
    transfer: Rate
    failure: Rate
    termination_after_arrest: Share
    arrest_ratio: Ratio


class Fact(Section):
    """Forensic Assertive Community Treatment, intercepts 3 and 4."""

    arrest_ratio: Ratio
    crisis_ratio: Ratio
    forensic_fidelity: Share
    therapy_attendance: Share
    patience: Duration


class Staffing(Section):
    """Posts: how fast they fall vacant and are filled."""

    turnover: Rate
    recruitment: Duration
    raise_turnover_ratio: Ratio


class Housing(Section):
    """Units for people without fixed address, intercepts 4 and 5."""

    lease_up: Duration
    tenancy_loss: Rate
    move_on: Rate
    unit_held: Duration
    grace: Duration


class StepDown(Section):
    """Care after the program."""

    referred: Share
    stay: Duration
    patience: Duration
    return_to_fact: Share


class LeverEffect(Section):
    """What a lever does to the link it acts on."""

    embedded_sensitivity: Share
    embedded_delay_ratio: Ratio


class Parameters(Frozen):
    """All of the model's assumptions that are not local to one county."""

    people: People
    arrest: Arrest
    crisis: Crisis
    hospital: Hospital
    jail: Jail
    court: Court
    fact: Fact
    staffing: Staffing
    housing: Housing
    stepdown: StepDown
    lever: LeverEffect

    def __iter__(self) -> Iterator[tuple[str, Parameter]]:  # type: ignore[override]
        """Every parameter with its dotted path, in the register's order."""
        for section_name in type(self).model_fields:
            section = getattr(self, section_name)
            for name in type(section).model_fields:
                yield f"{section_name}.{name}", getattr(section, name)

    def replacing(self, changes: dict[str, Parameter]) -> Parameters:
        """A copy in which some parameters, by dotted path, are others."""
        sections: dict[str, dict[str, Any]] = {}
        for path, parameter in changes.items():
            section, name = path.split(".")
            sections.setdefault(section, {})[name] = parameter
        return self.model_copy(
            update={s: getattr(self, s).model_copy(update=new) for s, new in sections.items()}
        )

    def drawn(self, luck: Callable[[str], float]) -> Parameters:
        """One sample of what we do not know: each parameter moved inside its own range.

        ``luck(path)`` gives a number in (0, 1) for each dotted path.
        """
        return self.replacing({path: parameter.at(luck(path)) for path, parameter in self})
