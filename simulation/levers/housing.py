"""Homes opened and closed, whom they take, and what keeps people in them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulation.county.county import County
from simulation.inputs import unit as units
from simulation.inputs.housing_type import (
    HOUSING_TYPES,
    LEASED,
    PROGRAM_HOUSING,
    Admits,
    HousingType,
    Priority,
)
from simulation.levers.lever import Lever
from simulation.pathway import housing, placement

Home = Annotated[HousingType, Field(description="Which homes.")]


class HousingLever(Lever):
    """A lever on homes."""

    section = "housing"


class AddHomes(HousingLever):
    """Open homes of one kind (or close, if negative), all at once or so many a month as they are leased."""

    lever: Literal["add_homes"]
    kind: Home
    homes: Annotated[int, Field(ge=-10_000, le=10_000, description="How many homes more.")]
    per_month: Annotated[
        int, Field(ge=1, description="At most so many open a month from that day on; left out, all at once.")
    ] = 10_000

    @property
    def adds_capacity_to(self) -> str:
        """The homes, if some open and none close."""
        return self.kind if self.homes > 0 else ""

    def apply(self, county: County) -> None:
        homes = county.homes[self.kind]
        county.env.process(homes.open_homes(self.homes, self.per_month, units.DAYS["months"]))


class PayLandlords(HousingLever):
    """Pay landlords bonuses and for damage: fewer units are taken away, and a home is found sooner."""

    lever: Literal["pay_landlords"]

    def apply(self, county: County) -> None:
        effect, rules = county.parameters.lever, county.policy.homes
        rules.landlord_loss_ratio = effect.landlord_incentive_loss_ratio.value
        rules.search_ratio = effect.landlord_incentive_search_ratio.value
        before = county.home_rates
        county.set_home_rates()
        if county.home_rates == before:  # looking again for nothing would round everybody's days anew
            return
        for kind in LEASED:
            for tenant in county.homes[kind].tenants:
                housing.set_home_rate(county, tenant)
                tenant.changed()


class RankWaitingLists(HousingLever):
    """Decide anew who is first when a home comes free; those who wait already are put in that order."""

    lever: Literal["rank_waiting_lists"]
    priority: Priority = Field(
        description="Who has waited longest, who leaves jail, or who needs it most (impairment, then "
        "substance use)."
    )

    def apply(self, county: County) -> None:
        county.policy.homes.priority = self.priority
        for kind in HOUSING_TYPES:
            county.homes[kind].reorder(lambda person: placement.priority(county, person))


class AdmitToHomes(HousingLever):
    """Take others into one kind of home; who lives there stays, who waits stands where they now may."""

    lever: Literal["admit_to_homes"]
    kind: Home
    admits: Admits = Field(description="Whom it takes from that day on.")

    def apply(self, county: County) -> None:
        if county.policy.homes.change(self.kind, self.admits):
            housing.reopen_lists(county, self.kind)


class HoldHomes(HousingLever):
    """Hold a unit for someone in jail for so many days."""

    lever: Literal["hold_homes"]
    days: Annotated[float, Field(ge=0, le=730, description="How long the unit is held.")]

    def apply(self, county: County) -> None:
        county.policy.homes.held = self.days


class KeepHomes(HousingLever):
    """Let people keep a home of the program after it, as tenants of their own."""

    lever: Literal["keep_homes"]
    kinds: Annotated[
        tuple[HousingType, ...], Field(min_length=1, description="Which homes; left out, all of the program.")
    ] = PROGRAM_HOUSING

    def apply(self, county: County) -> None:
        county.policy.homes.kept = county.policy.homes.kept | frozenset(self.kinds)
