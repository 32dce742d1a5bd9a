"""One number the model assumes: a share, a ratio, a rate, a duration, with unit, range, source and grade."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Annotated, ClassVar, Literal, Self

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
