"""What an item of a fidelity scale is, and how a raw value becomes a score of 1 to 5."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan, nextafter
from typing import Literal

from simulation.measures.fidelity.raw_value import Observation
from simulation.measures.fidelity.window import ObservedItem, TeamWindow

ScaleName = Literal["DACTS", "FACTS"]
Cuts = tuple[float, float, float, float]


def above(bound: float) -> float:
    """The least number beyond a bound, for anchors that say "more than"."""
    return nextafter(bound, inf)


def below(bound: float) -> float:
    """The greatest number short of a bound, for anchors that say "less than"."""
    return nextafter(bound, -inf)


@dataclass(frozen=True)
class Item:
    """One item with its five anchors, shortened from the scale's own words.

    unit: of the raw value, empty for an item that only people who saw the team can score. cuts: the raw
    values at which the scores 2, 3, 4 and 5 begin; none without a unit. falling: fewer is better. observe:
    how the raw value is computed of a team's records or log; none for an item that neither shows.
    """

    key: str
    name: str
    anchors: tuple[str, str, str, str, str]
    unit: str = ""
    cuts: Cuts | None = None
    falling: bool = False
    observe: Observation | None = None

    def score(self, raw: float) -> int:
        """The score of a raw value.

        Anchors are printed in whole steps; a value between two of them gets the lower score, since it
        does not reach the higher. Raises ValueError for an item without cuts or a value that is no number.
        """
        if self.cuts is None or isnan(raw):
            raise ValueError(f"{self.key} cannot be scored from {raw}")
        exact = round(raw, 9)  # eight tenths of an FTE add up to 0.7999999999999999
        return 1 + sum(exact <= cut if self.falling else exact >= cut for cut in self.cuts)


@dataclass(frozen=True)
class Scale:
    """A fidelity scale: its items by subscale, in order."""

    name: ScaleName
    source: str
    subscales: tuple[tuple[str, tuple[Item, ...]], ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in order."""
        return tuple(item for _, items in self.subscales for item in items)

    def observed(self, window: TeamWindow) -> dict[str, ObservedItem]:
        """The raw value of every item that the window shows, by key."""
        values = {item.key: item.observe(window) for item in self.items if item.observe}
        return {key: value for key, value in values.items() if value is not None}
