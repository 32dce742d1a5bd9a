"""The homes of one county for the people simulated."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.inputs.housing_type import (
    HOUSING_TYPES,
    USUAL_ADMISSION,
    Admits,
    HomeRules,
    HousingType,
    Priority,
)
from simulation.inputs.sections.quantity import Stock, value_of
from simulation.inputs.sections.service_spec import with_capacities
from simulation.inputs.strict_model import StrictModel


class Opening(StrictModel):
    """Homes of one kind that open on a date."""

    kind: HousingType = Field(description="Which homes.")
    homes: Stock = Field(description="How many open that day.")
    opens: date = Field(description="The day on which they open.")


class HomesAdmit(StrictModel):
    """Whom each kind of home takes, where the county's rule differs from the usual one."""

    supervised: Admits | None = None
    shared: Admits | None = None
    master_leased: Admits | None = None
    longer_term: Admits | None = None
    supportive: Admits | None = None


@with_capacities("housing")
class HousingInputs(StrictModel):
    """Homes for the people simulated, none of a kind left out; ``published_supportive_beds`` is quoted."""

    published_supportive_beds: Annotated[
        Stock | None, Field(description="Supportive beds; quoted in reports, not simulated.")
    ] = None
    longer_term_occupied: Annotated[
        Stock | None, Field(description="How many of those former participants live in on day 0.")
    ] = None
    supportive_occupied: Stock | None = Field(
        None, description="How many people live in those on day 0, most of whom were never in FACT."
    )
    total_shelter_beds: Stock | None = Field(
        None,
        description="Beds in shelters of all homeless adults, in place of shelter_beds: those with serious "
        "mental illness use their share (people.smi_share_of_homeless).",
    )
    opening: Annotated[tuple[Opening, ...], Field(description="Homes that open on a date.")] = ()
    admits: HomesAdmit | None = None
    priority: Priority = Field(
        "longest_waiting",
        description="Who is first when a home comes free: who has waited longest, who leaves jail, or who "
        "needs it most (high impairment, then substance use).",
    )

    @model_validator(mode="after")
    def _occupied(self) -> Self:
        for kind in ("longer_term", "supportive"):
            held, slots = (value_of(getattr(self, name)) for name in (f"{kind}_occupied", kind))
            if held > slots:
                raise ValueError(f"{kind}_occupied {held:g} is more than the {slots:g} homes there are")
        return self

    @model_validator(mode="after")
    def _one_number_of_beds(self) -> Self:
        if self.total_shelter_beds is not None and getattr(self, "shelter_beds", None) is not None:
            raise ValueError("give shelter_beds or total_shelter_beds, not both")
        return self

    @property
    def former(self) -> float:
        """Former participants who live in longer-term homes on day 0."""
        return value_of(self.longer_term_occupied)

    @property
    def housed(self) -> float:
        """People who live in supportive homes on day 0."""
        return value_of(self.supportive_occupied)

    @property
    def rules(self) -> HomeRules:
        """Whom the homes take, and in what order."""
        rules = HomeRules(dict(USUAL_ADMISSION), self.priority)
        for kind in HOUSING_TYPES:
            if self.admits is not None and (rule := getattr(self.admits, kind)) is not None:
                rules.change(kind, rule)
        return rules
