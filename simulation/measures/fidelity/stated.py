"""What an observer states about the team where records have no answer."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.inputs.strict_model import StrictModel
from simulation.measures.fidelity.dacts import DACTS
from simulation.measures.fidelity.facts import FACTS
from simulation.measures.fidelity.item import Item

ITEMS: dict[str, Item] = {item.key: item for scale in (DACTS, FACTS) for item in scale.items}


class Answer(StrictModel):
    """One item: its raw value, from which the score follows, or the score itself."""

    raw: float | None = Field(None, allow_inf_nan=False, description="In the item's unit.")
    score: Annotated[int, Field(ge=1, le=5)] | None = None
    source: str = Field("", description="Who says so: a site visit, a policy, a chart review.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.raw is None) == (self.score is None):
            raise ValueError("give the raw value or the score, and not both")
        return self


class Stated(StrictModel):
    """Inputs by item, H1 to H11, O1 to O7, S1 to S10 and F1 to F13, and the posts that should be filled."""

    items: dict[str, Answer] = Field(default_factory=dict)
    authorized_fte: Annotated[float, Field(gt=0)] | None = Field(
        None, description="FTE of all authorized posts; without it the most ever filled stands for it."
    )

    authorized_posts: Annotated[int, Field(gt=0)] | None = Field(
        None, description="Number of authorized posts; without it the most ever filled stands for it."
    )

    @model_validator(mode="after")
    def _known_items(self) -> Self:
        for key, answer in self.items.items():
            if key not in ITEMS:
                near = get_close_matches(key.upper(), ITEMS, n=1)
                raise ValueError(f"no item {key!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
            if answer.raw is not None and ITEMS[key].cuts is None:
                raise ValueError(f"{key} ({ITEMS[key].name}) has no raw value: give its score, 1 to 5")
        return self
