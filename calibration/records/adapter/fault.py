"""A known fault of a kind of record: how it is recognised, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Done = Literal["row left out", "set missing", "corrected", "kept"]
Test = Callable[[pd.DataFrame], Any]
FEW = 5.0
"""A count that is usually above it is 0 by chance in less than 1 % of months (Poisson)."""


@dataclass(frozen=True)
class Caught:
    """A fault that was found in a file: in how many rows, of how many, and what was done."""

    meaning: str
    rows: int
    of: int
    done: Done
    example: str = ""

    def __str__(self) -> str:
        example = f" (such as {self.example})" if self.example else ""
        return f"{self.rows:,} of {self.of:,} rows: {self.meaning}{example}; {self.done}."


@dataclass(frozen=True)
class Fault:
    """A fault to look for in the read columns.

    found: which rows have it, given the table; columns: those that are emptied if it is done by ``set
    missing``; mend: what is written into the first of them if it is done by ``corrected``, given the rows
    that have it.
    """

    meaning: str
    found: Test
    done: Done
    columns: tuple[str, ...] = ()
    mend: Callable[[pd.DataFrame], Any] | None = None

    def catch(self, table: pd.DataFrame) -> tuple[pd.DataFrame, Caught | None]:
        """The table after it was dealt with, and what was found (None if nothing)."""
        mask = pd.Series(self.found(table), index=table.index)
        rows = mask.fillna(False).to_numpy(dtype=bool)
        if not rows.any():
            return table, None
        caught = Caught(self.meaning, int(rows.sum()), len(table), self.done)
        return self._deal(table, rows), caught

    def _deal(self, table: pd.DataFrame, rows: Mask) -> pd.DataFrame:
        if self.done == "row left out":
            return table.loc[~rows].reset_index(drop=True)
        if self.done == "set missing":
            return table.assign(**{name: table[name].mask(rows) for name in self.columns})
        if self.done == "corrected" and self.mend is not None:
            name = self.columns[0]
            mended = table[name].copy()
            mended[rows] = self.mend(table.loc[rows])
            return table.assign(**{name: mended})
        return table


def before(late: str, early: str, slack: str = "0s") -> Test:
    """Whether one moment lies before another that must come first, by more than the slack."""
    gap = pd.Timedelta(slack)
    return lambda table: (table[early] - table[late]) > gap


def missing(*columns: str) -> Test:
    """Whether any of the columns is empty."""
    return lambda table: table[list(columns)].isna().any(axis=1)


def repeated(*columns: str) -> Test:
    """Whether an earlier row has the same values in these columns (all of them if none is named)."""
    return lambda table: table.duplicated(subset=list(columns) or None)


def midnight(column: str) -> Test:
    """Whether a moment is exactly 00:00, as spreadsheets write a time that nobody entered."""
    return lambda table: table[column].notna() & (table[column] == table[column].dt.normalize())


def zero(column: str) -> Test:
    """Whether a value is 0."""
    return lambda table: table[column] == 0


def zero_means_missing(column: str, by: str) -> Test:
    """Whether a 0 stands where that place never reports anything else, or usually reports more than a few."""

    def test(table: pd.DataFrame) -> pd.Series[Any]:
        positive = table[column].where(table[column] > 0)
        usual = positive.groupby(table[by]).transform("median")
        return (table[column] == 0) & (usual.isna() | (usual > FEW))

    return test


def far_above_usual(column: str, by: str, times: float, least: float) -> Test:
    """Whether a value is many times the median of its place, and above a least value."""

    def test(table: pd.DataFrame) -> pd.Series[Any]:
        usual = table.groupby(by)[column].transform("median")
        return (table[column] > times * usual) & (table[column] > least)

    return test


def off_its_neighbours(column: str, by: str, when: str, times: float = 5.0, least: float = 20.0) -> Test:
    """Whether a value is many times, or a small part of, the median of the year around it."""

    def test(table: pd.DataFrame) -> pd.Series[Any]:
        ordered = table.sort_values([by, when])
        around = ordered.groupby(by)[column].transform(
            lambda values: values.rolling(13, center=True, min_periods=5).median()
        )
        ratio = ordered[column] / around.where(around >= least)
        return ((ratio > times) | (ratio < 1 / times)).reindex(table.index)

    return test


def level_shift(column: str, by: str, when: str, month: str, percent: float = 10.0) -> Test:
    """Whether a month is the first after a known change, and the half years around it differ by so much."""

    def test(table: pd.DataFrame) -> pd.Series[Any]:
        first = pd.Timestamp(month)
        half = pd.DateOffset(months=6)
        prior = table[(table[when] >= first - half) & (table[when] < first)].groupby(by)[column].mean()
        later = table[(table[when] >= first) & (table[when] < first + half)].groupby(by)[column].mean()
        shift = (later / prior - 1).abs().reindex(table[by]).to_numpy()
        return (table[when] == first) & (shift > percent / 100)

    return test


def overlapping(person: str, start: str, end: str, slack: str = "0s") -> Test:
    """Whether a span begins before an earlier one of the same person has ended, by more than the slack."""

    def test(table: pd.DataFrame) -> pd.Series[Any]:
        ordered = table.sort_values([person, start])
        reached = ordered.groupby(person)[end].cummax()
        reached = reached.groupby(ordered[person]).shift()
        return (reached - ordered[start] > pd.Timedelta(slack)).reindex(table.index)

    return test
