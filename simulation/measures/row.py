"""Rows of the tidy table in which every family of measures answers, and the period they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Protocol, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NONE = float("nan")


class Period(Protocol):
    """A half-open span of calendar days ``[start, end)`` with a name: a cohort of the guide is one."""

    @property
    def start(self) -> date:
        """The first day."""

    @property
    def end(self) -> date:
        """The first day after."""

    @property
    def label(self) -> str:
        """How it is written."""


@dataclass(frozen=True)
class Dates:
    """Any period: a fiscal year, a grant."""

    start: date
    end: date

    @property
    def label(self) -> str:
        """First day and first day after."""
        return f"{self.start} to {self.end}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One number with what it stands on; nan where a column does not apply.

    value: a share lies between 0 and 1; low, high: its 95 % interval; numerator, denominator: counts;
    left_out: how many were left out by rule, and why; missing: share without the needed entry.
    """

    measure: str
    name: str
    cohort: str
    as_of: str = ""
    item: str
    by: str = "all"
    group: str = "all"
    value: float
    unit: str
    low: float = NONE
    high: float = NONE
    numerator: float = NONE
    denominator: float = NONE
    left_out: Mapping[str, int] = field(default_factory=dict)
    missing: float = 0.0
    median: float = NONE
    sd: float = NONE
    q1: float = NONE
    q3: float = NONE
    note: str = ""


def table(rows: Iterable[Row]) -> pd.DataFrame:
    """The tidy table; ``left_out`` becomes the columns excluded (how many) and reasons (text)."""
    names = [f.name for f in fields(Row)]
    frame = pd.DataFrame([{name: getattr(row, name) for name in names} for row in rows], columns=names)
    reasons = [{why: count for why, count in left.items() if count} for left in frame["left_out"]]
    at = frame.columns.get_loc("left_out")
    assert isinstance(at, int)
    frame.insert(at, "excluded", [sum(left.values()) for left in reasons])
    frame["left_out"] = ["; ".join(f"{why}: {count}" for why, count in left.items()) for left in reasons]
    return frame.rename(columns={"left_out": "reasons"})


class Spread(TypedDict):
    """The columns of a row for the dispersion of values."""

    median: float
    sd: float
    q1: float
    q3: float


def spread(values: NDArray[np.float64]) -> Spread:
    """Median, standard deviation (n - 1) and quartiles by linear interpolation; nan of nothing."""
    if not len(values):
        return Spread(median=NONE, sd=NONE, q1=NONE, q3=NONE)
    q1, median, q3 = (float(q) for q in np.quantile(values, [0.25, 0.5, 0.75]))
    sd = float(values.std(ddof=1)) if len(values) > 1 else NONE
    return Spread(median=median, sd=sd, q1=q1, q3=q3)


def ratio(part: float, whole: float) -> float:
    """A share, nan of nothing."""
    return part / whole if whole else NONE
