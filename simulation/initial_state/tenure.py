"""How long people live in a home of the county: leaving it grows rarer after the first year."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, log1p

from simulation.county.age import leaving_rate
from simulation.county.county import County
from simulation.inputs.parameters import Parameters
from simulation.pathway.housing import SETTLED_AFTER


@dataclass(frozen=True)
class Tenure:
    """Tenancies that end at one rate per day in the first year and at another after it."""

    first_year: float
    later: float

    @classmethod
    def of(cls, county: County, kind: str) -> Tenure:
        """Of homes of a kind, by the loss of the home or by leaving the county."""
        leaving = max(county.leaving_rate, 1e-12)
        return cls(county.home_rates[kind] + leaving, county.settled_rates[kind] + leaving)

    @classmethod
    def in_supportive_homes(cls, p: Parameters) -> Tenure:
        """The same of supportive homes, from the parameters alone."""
        leaving = max(leaving_rate(p), 1e-12)
        loss = p.housing.tenancy_loss.per_day
        return cls(loss + leaving, loss * p.housing.settled_loss_ratio.value + leaving)

    @property
    def _settled(self) -> float:
        """The share of tenancies that last a year."""
        return exp(-self.first_year * SETTLED_AFTER)

    @property
    def mean(self) -> float:
        """Mean days."""
        return self._days_in_first_year + self._settled / self.later

    @property
    def _days_in_first_year(self) -> float:
        return -expm1(-self.first_year * SETTLED_AFTER) / self.first_year

    def age(self, uniform: float) -> float:
        """Days since a tenancy found in progress began, below which lies this share of them."""
        days = uniform * self.mean
        if days < self._days_in_first_year:
            return -log1p(-days * self.first_year) / self.first_year
        beyond = (days - self._days_in_first_year) * self.later / self._settled
        return SETTLED_AFTER - log1p(-beyond) / self.later
