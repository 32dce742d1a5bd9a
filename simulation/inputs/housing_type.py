"""Housing types: whom each takes, and who is first when one comes free."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from simulation.inputs.strict_model import StrictModel

HousingType = Literal["supervised", "shared", "master_leased", "longer_term", "supportive"]
Priority = Literal["longest_waiting", "leaving_jail", "highest_need"]

PROGRAM_HOUSING: tuple[HousingType, ...] = ("supervised", "shared", "master_leased")
"""Homes of the program, entered from the street, a shelter or jail."""
PERMANENT_HOUSING: tuple[HousingType, ...] = ("longer_term", "supportive")
"""Homes that outlast the program."""
HOUSING_TYPES: tuple[HousingType, ...] = (*PROGRAM_HOUSING, *PERMANENT_HOUSING)
LEASED: tuple[HousingType, ...] = ("shared", "master_leased", "longer_term")
"""Homes that a private landlord can take off the market."""


class Admits(StrictModel):
    """Whom a kind of home takes; what is left out does not matter there."""

    who: Literal["fact", "anyone"] | None = Field(
        None,
        description="People in FACT only, or anyone without fixed address on the coordinated-entry list.",
    )
    impairment: Literal["any", "high", "low"] = Field("any", description="Functional impairment.")
    substance_use: Literal["any", "with", "without"] = Field(
        "any", description="Co-occurring substance use disorder."
    )
    felony: bool = Field(True, description="Whether people whose last arrest was for a felony are taken.")

    def takes(self, high_impairment: bool, substance_use: bool, felony: bool) -> bool:
        """Whether someone like this is taken."""
        return (
            self.impairment in ("any", "high" if high_impairment else "low")
            and self.substance_use in ("any", "with" if substance_use else "without")
            and (self.felony or not felony)
        )


USUAL_ADMISSION: dict[str, Admits] = {
    "supervised": Admits(who="fact", impairment="high"),
    "shared": Admits(who="fact"),
    "master_leased": Admits(who="fact"),
    "longer_term": Admits(who="fact"),
    "supportive": Admits(who="anyone"),
}
"""Whom each kind takes where the county's file does not say otherwise."""


@dataclass
class HomeRules:
    """What a county decides about its homes, and levers change.

    admits: whom each kind takes; priority: who is first; kept: kinds of the program's homes that stay
    with the person after it; landlord_loss_ratio and search_ratio multiply the parameters;
    held: days a unit is held for someone in jail, None for the parameter.
    """

    admits: dict[str, Admits] = field(default_factory=lambda: dict(USUAL_ADMISSION))
    priority: Priority = "longest_waiting"
    kept: frozenset[str] = frozenset()
    landlord_loss_ratio: float = 1.0
    search_ratio: float = 1.0
    held: float | None = None

    def open_to(self, who: str) -> list[str]:
        """Kinds that this group enters from the street, in order of preference."""
        return [kind for kind in HOUSING_TYPES if kind != "longer_term" and self.admits[kind].who == who]

    def outlasts_program(self, kind: str) -> bool:
        """Whether a home of this kind stays with the person when the program is over."""
        return kind in PERMANENT_HOUSING or kind in self.kept or self.admits[kind].who == "anyone"

    def change(self, kind: str, rule: Admits) -> bool:
        """Take others into one kind of home from now on; False if they are the same as before."""
        before = self.admits[kind]
        self.admits[kind] = rule.model_copy(update={"who": rule.who or before.who})
        return self.admits[kind] != before
