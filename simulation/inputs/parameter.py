"""One number the model assumes: a share, a ratio, a rate, a duration, with unit, range, source and grade."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulation.inputs import unit as units
from simulation.inputs.lognormal import Exponential, Lognormals, two_parts
from simulation.inputs.strict_model import StrictModel

Grade = Literal["A", "B", "C", "D"]
DistributionName = Literal["fixed", "exponential", "lognormal", "mixture"]
Text = Annotated[str, Field(min_length=3)]


class Parameter(StrictModel):
    """One number the model assumes, with where it comes from and how far it could be off.

    ``value`` lies between ``low`` and ``high``, all three in ``unit``. Grades: A measured in this
    population, B published elsewhere, C indirect or derived, D assumption.
    """

    unit_family: ClassVar[str]

    value: Annotated[
        float,
        Field(
            ge=0,
            description="The number, in its unit: of a duration the median (lognormal; of a mixture, of its "
            "longer part), mean (exponential) or length (fixed).",
        ),
    ]
    unit: Annotated[str, Field(description="One of the units of its family.")]
    low: Annotated[float, Field(ge=0, description="The least it could be.")]
    high: Annotated[float, Field(ge=0, description="The most it could be.")]
    meaning: Annotated[Text, Field(description="What the number says.")]
    population: Annotated[Text, Field(description="In whom it was measured.")]
    source: Annotated[
        Text, Field(description="Where the number comes from, so that a reader can look it up.")
    ]
    grade: Annotated[
        Grade,
        Field(
            description="How good that is: A measured here, B published elsewhere, C derived, D assumption."
        ),
    ]

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

    @cached_property
    def per_day(self) -> float:
        """Events per person-day."""
        return self.value * units.RATES[self.unit]


class Number(Parameter):
    """A plain number that is neither a share, a ratio nor a rate."""

    unit_family = "number"


class Duration(Parameter):
    """How long something lasts: a family of distributions and its typical value.

    ``value`` is the length itself (``fixed``), the mean (``exponential``) or the median
    (``lognormal``, whose ``sigma`` is the standard deviation of the logarithm). A ``mixture`` is
    lognormal in two parts: ``short_share`` of all lengths are short ones (``short_value`` their median,
    in the same unit, ``short_sigma`` their spread), the rest are as ``value`` and ``sigma`` say.
    """

    unit_family = "duration"
    distribution: Annotated[
        DistributionName, Field(description="How lengths are distributed around the value.")
    ]
    sigma: Annotated[
        float,
        Field(
            ge=0,
            le=3,
            description="Standard deviation of the logarithm; goes with the lognormal law and with mixtures.",
        ),
    ] = 0.0
    short_share: Annotated[
        float, Field(ge=0, lt=1, description="Of a mixture, the share of lengths that are short.")
    ] = 0.0
    short_value: Annotated[
        float, Field(ge=0, description="Of a mixture, the median of the short lengths, in the same unit.")
    ] = 0.0
    short_sigma: Annotated[
        float, Field(ge=0, le=3, description="Of a mixture, the spread of the logarithm of the short ones.")
    ] = 0.0

    @model_validator(mode="after")
    def _spread(self) -> Self:
        if (self.distribution in ("lognormal", "mixture")) != (self.sigma > 0):
            raise ValueError("sigma goes with a lognormal distribution and with mixtures, and only with them")
        short = (self.short_share > 0, self.short_value > 0, self.short_sigma > 0)
        if short != (self.distribution == "mixture",) * 3:
            raise ValueError(
                "short_share, short_value and short_sigma, all above 0, go with a mixture, and only with it"
            )
        return self

    @cached_property
    def days(self) -> float:
        """``value`` in days."""
        return self.value * units.DAYS[self.unit]

    @cached_property
    def mean(self) -> float:
        """Mean length in days."""
        return self._parts.mean

    @cached_property
    def _parts(self) -> Lognormals:
        """The short and the long part; a law without a short one has only the long one."""
        short = (self.short_value * units.DAYS[self.unit], self.short_sigma)
        return two_parts(self.short_share, short, (self.days, self.sigma))

    @cached_property
    def sample(self) -> Callable[[float], float]:
        """The length in days below which a share of all lengths lies, given the share."""
        if self.distribution == "exponential":
            return Exponential(self.days).quantile
        return self._parts.quantile if self.short_share else self._parts.long.quantile

    def sample_in_progress(self, uniform: float) -> float:
        """The same for a stay found in progress, which is longer than a stay begun.

        A stay of length x is found with a chance in proportion to x (length bias): a lognormal's
        median grows by exp(sigma^2); the exponential becomes a gamma of shape 2.
        """
        if self.distribution == "exponential":
            return self.days * _gamma_two_quantile(uniform)
        return self._parts.length_biased.quantile(uniform)


def _gamma_two_quantile(uniform: float) -> float:
    """Quantile of the gamma law of shape 2 and scale 1, by Newton's method on its closed form."""
    x = 1.0 if uniform < 0.9 else 4.0
    for _ in range(60):
        tail = math.exp(-x)
        step = (1 - (1 + x) * tail - uniform) / max(x * tail, 1e-12)
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
