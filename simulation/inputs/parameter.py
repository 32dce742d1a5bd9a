"""One number the model assumes: a share, a ratio, a rate, a duration, with unit, range, source and grade."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from typing_extensions import TypeAliasType

from simulation.inputs import unit as units
from simulation.inputs.distribution import Distribution, Exponential, Fixed, Lognormal, lognormal_mixture
from simulation.inputs.strict_model import StrictModel

Grade = Literal["A", "B", "C", "D"]
Seen = Literal["data", "text", "excerpt", "secondary", "memory", "none"]
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
    seen: Annotated[
        Seen | None,
        Field(
            description="How the source was seen: data computed from, its whole text, an excerpt (abstract, "
            "first page, summary), secondary (another's account), from memory, or none that has the number."
        ),
    ] = None
    county_record: Annotated[
        Text | None, Field(description="The county's own record that would replace the number.")
    ] = None
    added: Annotated[
        str | None,
        Field(pattern=r"^\d{4}-\d{2}$", description="Year and month in which the parameter was added."),
    ] = None

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
    """How long something lasts: a distribution, of which each class below is one."""

    unit_family = "duration"
    distribution: Annotated[str, Field(description="How lengths are distributed around the value.")]

    @model_validator(mode="before")
    @classmethod
    def _without_zeros(cls, data: Any) -> Any:
        """Leave out the keys of other distributions where they are 0, as files of format 1 may have them."""
        if not isinstance(data, dict):
            return data
        return {
            key: value for key, value in data.items() if value or key not in OF_SOME - cls.model_fields.keys()
        }

    @cached_property
    def days(self) -> float:
        """``value`` in days."""
        return self.value * units.DAYS[self.unit]

    @property
    def lengths(self) -> Distribution:
        """The distribution of the lengths in days."""
        raise NotImplementedError

    @cached_property
    def mean(self) -> float:
        """Mean length in days."""
        return self.lengths.mean

    @cached_property
    def sample(self) -> Callable[[float], float]:
        """The length in days below which a share of all lengths lies, given the share."""
        return self.lengths.quantile

    @cached_property
    def sample_in_progress(self) -> Callable[[float], float]:
        """The same for a stay found in progress, which is longer than a stay begun."""
        return self.lengths.quantile_in_progress


class FixedDuration(Duration):
    """Always the same length: ``value``."""

    distribution: Literal["fixed"]

    @cached_property
    def lengths(self) -> Distribution:
        """Every length is the value."""
        return Fixed(self.days)


class ExponentialDuration(Duration):
    """Lengths that end at the same rate however long they have lasted; ``value`` is their mean."""

    distribution: Literal["exponential"]

    @cached_property
    def lengths(self) -> Distribution:
        """Exponential, with the value as mean."""
        return Exponential(self.days)


Sigma = Annotated[
    float, Field(gt=0, le=3, description="Of lognormal lengths, the standard deviation of their logarithm.")
]


class LognormalDuration(Duration):
    """Lengths whose logarithm is normal; ``value`` is their median."""

    distribution: Literal["lognormal"]
    sigma: Sigma

    @cached_property
    def lengths(self) -> Distribution:
        """Lognormal, with the value as median."""
        return Lognormal(self.days, self.sigma)


class MixtureDuration(Duration):
    """Lognormal lengths of which some are short ones; ``value`` is the median of the others."""

    distribution: Literal["mixture"]
    sigma: Sigma
    short_share: Annotated[
        float, Field(gt=0, lt=1, description="Of a mixture, the share of lengths that are short.")
    ]
    short_value: Annotated[
        float, Field(gt=0, description="Of a mixture, the median of the short lengths, in the same unit.")
    ]
    short_sigma: Annotated[
        float,
        Field(
            gt=0, le=3, description="Of a mixture, the standard deviation of the logarithm of the short ones."
        ),
    ]

    @cached_property
    def lengths(self) -> Distribution:
        """The short lengths and the others, both lognormal."""
        short = (self.short_value * units.DAYS[self.unit], self.short_sigma)
        return lognormal_mixture(self.short_share, short, (self.days, self.sigma))


DISTRIBUTIONS = ("fixed", "exponential", "lognormal", "mixture")
OF_SOME = frozenset(MixtureDuration.model_fields) - frozenset(Duration.model_fields)
"""Keys that some distributions have and others do not."""

AnyDuration = TypeAliasType(
    "AnyDuration",
    Annotated[
        FixedDuration | ExponentialDuration | LognormalDuration | MixtureDuration,
        Field(discriminator="distribution"),
    ],
)
"""A duration of the distribution that it names."""


def check_unit(unit: str, wanted: str) -> None:
    """Refuse a unit of another family, saying which ones are allowed (ValueError)."""
    family = units.family(unit)
    if family == wanted:
        return
    allowed = ", ".join(units.FAMILIES[wanted])
    what = f"unit '{unit}' is a {family}, not a {wanted}" if family else f"unit '{unit}' is unknown"
    raise ValueError(f"{what}. Allowed: {allowed}")
