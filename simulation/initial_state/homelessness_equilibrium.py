"""How homes are lost and found without help, so that as many are without one as the register says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log

import numpy as np
from scipy.optimize import brentq

from simulation.county.age import leaving_rate
from simulation.county.pretrial import R
from simulation.initial_state.custody import NEVER_HELD, CustodyByRate, Offending
from simulation.initial_state.spell import Spells
from simulation.initial_state.tenure import Tenure
from simulation.inputs.parameters import Parameters


@dataclass(frozen=True)
class HomelessnessEquilibrium:
    """How people lose and find homes without help, and what share of them is without one.

    per_day: the loss at the mean arrest rate; found_per_day: own homes found per homeless day, by tenants who
    leave a supportive home for one too; spells: of what
    kind they are; mean_rate: arrests per day of the mean person; jail_loss_ratio: what a day in jail
    multiplies the loss by; custody and crisis_days: what an arrest means for the jail, and jail days per day
    from arrests in a crisis; housed: supportive homes' tenants per homeless person in the community. The loss
    is set so that the population's share without a home is the parameter's, jail included: spells stand still
    there, and people without a home are there more often. An arrest rate here is a person's mean over all
    ages.
    """

    per_day: float
    found_per_day: float
    spells: Spells
    mean_rate: float
    concentration: float
    jail_loss_ratio: float = 0.0
    homeless_ratio: float = 1.0
    custody: CustodyByRate = NEVER_HELD
    crisis_days: float = 0.0
    housed: float = 0.0

    def rate(self, arrest_rate: R) -> R:
        """Losses of a home per housed day of someone with this arrest rate."""
        relative: R = (arrest_rate / (self.mean_rate or 1.0)) ** (self.concentration * bool(self.mean_rate))
        return relative * self.per_day

    def own(self, arrest_rate: R) -> R:
        """Days with an own home for each day without one, in the community."""
        in_jail = self.jail_loss_ratio * self.days_in_jail(arrest_rate, homeless=False)
        return self.found_per_day / (self.rate(arrest_rate) * (1 + in_jail) + 1e-300)

    def share(self, arrest_rate: R) -> R:
        """The share of days in the community that this person is without a home, in the long run."""
        return 1 / (1 + self.own(arrest_rate) + self.housed)

    def days_in_jail(self, arrest_rate: R, homeless: bool) -> R:
        """Jail days for each day in the community, without a home or with one."""
        ratio = self.homeless_ratio if homeless else 1.0
        return arrest_rate * self.custody.kept(arrest_rate) * ratio + self.crisis_days

    def share_on_a_day(self, arrest_rate: float) -> float:
        """The share of all days, in jail or not, that this person is without a home."""
        without = 1 + self.days_in_jail(arrest_rate, homeless=True)
        others = (self.own(arrest_rate) + self.housed) * (1 + self.days_in_jail(arrest_rate, homeless=False))
        return without / (without + others)

    def share_of_newcomers(self, arrest_rate: float) -> float:
        """The share of newcomers without a home: they replace the tenants who leave, too.

        People leave whether they are in jail or not.
        """
        return min(1.0, self.share_on_a_day(arrest_rate) * (1 + self.housed))


def homelessness_equilibrium(
    p: Parameters,
    custody: CustodyByRate = NEVER_HELD,
    crisis_days: float = 0.0,
    housed: float = 0.0,
    offending: Offending | None = None,
) -> HomelessnessEquilibrium:
    """Solve for the loss that keeps the parameter's share of people homeless.

    housed: share of the people who live in supportive homes, which they enter without a home.
    """
    weights, rates = (offending or Offending.of(p)).over_life
    mean, wanted = float(weights @ rates), p.people.homeless.value
    power, ratio = p.people.homeless_concentration.value, p.arrest.homeless_ratio.value
    jail_loss = p.people.jail_loss_ratio.value
    relative = (rates / mean) ** power if mean else np.ones_like(rates)
    kept = rates * custody.kept(rates)
    free, out = 1 + kept + crisis_days, 1 + kept * ratio + crisis_days
    relative *= 1 + jail_loss * (free - 1)

    def shares(loss: float, tenants: float, found: float) -> tuple[float, float]:
        lost = loss * relative
        days = lost * out + (found + tenants * lost) * free
        return float(weights @ (lost * out / days)), float(weights @ (tenants * lost * free / days))

    spells = Spells.begun(p)
    found = spells.found * (wanted < 1)
    size = HomelessnessEquilibrium(0.0, found, spells, mean, power, jail_loss, ratio, custody, crisis_days)
    if not 0 < wanted < 1:
        return size
    loss, tenants = 0.0, housed / wanted
    tenancy = Tenure.in_supportive_homes(p).mean
    leaving = leaving_rate(p)
    for _ in range(20 if housed else 1):
        spells = spells.offering(tenants / tenancy)
        found = spells.found + tenants * (1 / tenancy - leaving) * p.housing.left_for_own_home.value
        ends = log(1e-12), log(1e6 * found)
        loss = exp(brentq(lambda x: shares(exp(x), tenants, found)[0] - wanted, *ends))  # noqa: B023
        more = housed / shares(loss, tenants, found)[1] if housed else 1.0
        tenants *= more
        if abs(more - 1) < 1e-12:
            break
    return replace(size, per_day=loss, found_per_day=found, spells=spells, housed=tenants)
