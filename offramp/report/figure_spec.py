"""Which rows of the measures' table a figure of the NCSC guide draws, and the text and value of each cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

EXITS = ("success", "administrative_closure", "voluntary_withdrawal", "discharge", "transfer", "failure")
WAYS = ("still active", *EXITS)
DOSES = ("contacts of supervision", "units of service")
CHARGE = "most serious charge: "

Kind = Literal["groups", "items", "times", "quadrants", "statements", "follow_up"]


@dataclass(frozen=True)
class FigureSpec:
    """How a measure is drawn.

    kind: bars by ``groups`` or by ``items``, ``times`` against a target, four ``quadrants``, answers to
    ``statements``, or an admission cohort's ``follow_up``. items: names in order, or beginnings of names if
    they end in a space; all if empty. by: the groups. name: distinguishes two figures of one measure.
    """

    kind: Kind
    items: tuple[str, ...] = ()
    by: str = "exit_type"
    name: str = ""

    def picked(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows it draws, in the unit of the first of them; quadrants carry their doses along."""
        groups = ["all"] if self.kind in ("items", "follow_up", "statements") else ["all", self.by]
        kept: pd.DataFrame = rows[rows["by"].isin(groups)]
        if self.items:
            wanted = [self._draws(str(item)) for item in kept["item"]]
            kept = kept[np.array(wanted, dtype=bool)]
        if self.kind == "quadrants" or not len(kept):
            return kept
        return kept.loc[[unit == kept["unit"].iloc[0] for unit in kept["unit"]]]

    def _draws(self, item: str) -> bool:
        if self.kind == "quadrants" and item in DOSES:
            return True
        return any(item.startswith(i) if i.endswith(" ") else item == i for i in self.items)


FIGURE_SPECS: dict[str, tuple[FigureSpec, ...]] = {
    "1": (FigureSpec("groups", ("reoffended",)), FigureSpec("items", (CHARGE,), name="charge")),
    "2": (FigureSpec("groups", ("attended",)),),
    "3": (FigureSpec("groups", ("attended",)),),
    "4": (
        FigureSpec(
            "items",
            (
                "homeless at entry, not homeless at exit",
                "homeless at entry and exit",
                "not homeless at entry and exit",
                "not homeless at entry, homeless at exit",
            ),
        ),
    ),
    "5": (FigureSpec("follow_up", WAYS),),
    "6": (FigureSpec("times"),),
    "7": (FigureSpec("times"),),
    "8": (FigureSpec("times"),),
    "9": (FigureSpec("groups", ("missing",), "member"),),
    "10": (FigureSpec("items", ("within 24 hours", "within 48 hours")),),
    "11": (FigureSpec("quadrants", ("above-average supervision", "above-average service"), "quadrant"),),
    "12": (FigureSpec("statements"),),
    "13": (FigureSpec("groups", ("sources named correctly",)),),
    "14": (
        FigureSpec("groups", ("within 1 year", "within 2 years")),
        FigureSpec("items", ("within 2 years: ",), name="charge"),
    ),
    "A9": (FigureSpec("groups", (), "manager"),),
    "A10": (FigureSpec("items"),),
    "A11": (FigureSpec("items", ("within 24 hours",)),),
    "A12": (FigureSpec("items"),),
}
ADDITIONAL = (FigureSpec("groups"),)


@dataclass(frozen=True)
class Cell:
    """One value to draw: a number, or the mark of a suppressed one, and how many it is of."""

    value: float
    mark: str
    count: str

    @classmethod
    def of(cls, row: Any) -> Cell:
        """From a row of the table, in which a suppressed number is text such as ``<11``."""
        value, mark = number(row.value)
        whole, hidden = number(row.denominator)
        return cls(value, mark, hidden or ("" if np.isnan(whole) else f"{whole:.0f}"))

    @property
    def empty(self) -> bool:
        """Whether nobody is in it, so that there is nothing to say."""
        return not self.mark and bool(np.isnan(self.value)) and self.count in ("", "0")

    @property
    def text(self) -> str:
        """What stands in place of a bar; nothing for a number, which has one."""
        return self.mark or ("none" if np.isnan(self.value) else "")


def number(entry: object) -> tuple[float, str]:
    """A number, or nan and the mark that stands for it."""
    if isinstance(entry, str):
        try:
            return float(entry), ""
        except ValueError:
            return float("nan"), entry.strip()
    known = isinstance(entry, (int, float, np.integer, np.floating)) and not pd.isna(entry)
    return (float(entry) if known else float("nan")), ""  # type: ignore[arg-type]


def shows(rows: pd.DataFrame) -> bool:
    """Whether there is anything to draw."""
    return any(mark or not np.isnan(value) for value, mark in map(number, rows["value"]))
