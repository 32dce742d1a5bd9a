"""How homes are lost and found without help, so that as many are without one as the register says."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from simulation.initial_state.custody import arrest_rates
from simulation.inputs.parameters import Parameters


@dataclass(frozen=True)
class HomelessnessEquilibrium:
    """How people lose and find homes without help, and what share of them is without one.

    per_day: the loss at the mean arrest rate; found_per_day: homes found per homeless day; housed:
    supportive homes' tenants per homeless person in the community; jail_days and crisis_days: jail days
    per arrest, and per day from arrests in a crisis. The loss is set so that the population's share
    without a home is the parameter's, jail included: spells stand still there, and people without a home
    are there more often.
    """

    per_day: float
    found_per_day: float
    mean_rate: float
    concentration: float
    homeless_ratio: float = 1.0
    jail_days: float = 0.0
    crisis_days: float = 0.0
    housed: float = 0.0

    def rate(self, arrest_rate: float) -> float:
        """Losses of a home per housed day of someone with this arrest rate."""
        if not self.mean_rate:
            return self.per_day
        return float(self.per_day * (arrest_rate / self.mean_rate) ** self.concentration)

    def own(self, arrest_rate: float) -> float:
        """Days with an own home for each day without one, in the community."""
        return self.found_per_day / max(self.rate(arrest_rate), 1e-300)

    def share(self, arrest_rate: float) -> float:
        """The share of days in the community that this person is without a home, in the long run."""
        return 1 / (1 + self.own(arrest_rate) + self.housed)

    def shares(self, arrest_rates: NDArray[np.float64]) -> NDArray[np.float64]:
        """``share`` of many people at once."""
        relative = (arrest_rates / self.mean_rate) ** self.concentration if self.mean_rate else 1.0
        lost = np.maximum(self.per_day * relative, 1e-300)
        return np.asarray(1 / (1 + self.found_per_day / lost + self.housed))

    def days_in_jail(self, arrest_rate: float, homeless: bool) -> float:
        """Jail days for each day in the community, without a home or with one."""
        ratio = self.homeless_ratio if homeless else 1.0
        return arrest_rate * ratio * self.jail_days + self.crisis_days

    def share_on_a_day(self, arrest_rate: float) -> float:
        """The share of all days, in jail or not, that this person is without a home."""
        without = 1 + self.days_in_jail(arrest_rate, homeless=True)
        others = (self.own(arrest_rate) + self.housed) * (1 + self.days_in_jail(arrest_rate, homeless=False))
        return without / (without + others)

    def share_of_newcomers(self, arrest_rate: float) -> float:
        """The share of newcomers without a home: they replace the tenants who leave, too."""
        return min(1.0, self.share(arrest_rate) * (1 + self.housed))


def homelessness_equilibrium(
    p: Parameters, jail_days: float = 0.0, crisis_days: float = 0.0, housed: float = 0.0
) -> HomelessnessEquilibrium:
    """Solve for the loss that keeps the parameter's share of people homeless.

    housed: share of the people who live in supportive homes, which they enter without a home.
    """
    weights, rates = arrest_rates(p)
    mean, wanted = float(weights @ rates), p.people.homeless.value
    found = 1 / p.people.homeless_spell.mean
    power, ratio = p.people.homeless_concentration.value, p.arrest.homeless_ratio.value
    relative = (rates / mean) ** power if mean else np.ones_like(rates)
    free, out = 1 + rates * jail_days + crisis_days, 1 + rates * ratio * jail_days + crisis_days

    def shares(loss: float, tenants: float) -> tuple[float, float]:
        lost = loss * relative
        days = lost * out + (found + tenants * lost) * free
        return float(weights @ (lost * out / days)), float(weights @ (tenants * lost * free / days))

    if not 0 < wanted < 1:
        found *= wanted < 1
        return HomelessnessEquilibrium(0.0, found, mean, power, ratio, jail_days, crisis_days)
    loss, tenants = 0.0, housed / wanted
    for _ in range(20 if housed else 1):
        ends = log(1e-12), log(1e6 * found)
        loss = exp(brentq(lambda x: shares(exp(x), tenants)[0] - wanted, *ends))  # noqa: B023
        more = housed / shares(loss, tenants)[1] if housed else 1.0
        tenants *= more
        if abs(more - 1) < 1e-12:
            break
    return HomelessnessEquilibrium(loss, found, mean, power, ratio, jail_days, crisis_days, tenants)
