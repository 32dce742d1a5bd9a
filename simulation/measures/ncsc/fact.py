"""Facts: the value of one item of a measure for each person, arrest or meeting, before averaging."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int64]
Mask = NDArray[np.bool_]
Values = NDArray[np.float64]
Codes = NDArray[np.int64]

Unit = Literal["share", "days", "hours", "units", "contacts", "sanctions", "incentives", "points", "cases"]


class Exclusions:
    """Who is left out of the denominator, and why; the first reason given is the one that counts."""

    def __init__(self, size: int) -> None:
        self.code = np.zeros(size, dtype=np.int64)
        self.words: tuple[str, ...] = ("",)

    def leave_out(self, mask: Mask, why: str) -> Exclusions:
        """The same with these left out as well."""
        made = Exclusions(len(self.code))
        made.words = (*self.words, why)
        made.code = np.where((self.code == 0) & mask, len(self.words), self.code)
        return made

    def only(self, rows: Codes | Mask) -> Exclusions:
        """Those of some rows."""
        made = Exclusions(0)
        made.words, made.code = self.words, self.code[rows]
        return made

    @property
    def kept(self) -> Mask:
        """Who remains."""
        return np.asarray(self.code == 0)


@dataclass(frozen=True)
class Grouping:
    """A way to disaggregate: a group's number for each row of something, and the names of the groups."""

    by: str
    code: Codes
    names: tuple[str, ...]

    def only(self, rows: Codes | Mask) -> Grouping:
        """The grouping of some rows."""
        return replace(self, code=self.code[rows])


@dataclass(frozen=True)
class Cohorted:
    """Rows with the day that places each in a cohort, the stay it belongs to, and who is left out.

    day: days since 1970-01-01; stay: row of ``Court.stays``, -1 for none.
    """

    day: Days
    stay: Codes
    out: Exclusions
    own: tuple[Grouping, ...] = ()

    def __len__(self) -> int:
        return len(self.day)

    def leave_out(self, mask: Mask, why: str) -> Cohorted:
        """The same with these left out as well."""
        return replace(self, out=self.out.leave_out(mask, why))

    def only(self, rows: Codes | Mask) -> Cohorted:
        """Some of the rows."""
        own = tuple(grouping.only(rows) for grouping in self.own)
        return Cohorted(self.day[rows], self.stay[rows], self.out.only(rows), own)

    def report(self, item: str, value: Values | Mask, unit: Unit = "share", note: str = "") -> Fact:
        """A fact about each row; nan where it is not known."""
        return Fact(item, self, np.asarray(value, dtype=np.float64), unit, note=note)


@dataclass(frozen=True)
class Fact:
    """One item of a measure: a value for each row of a cohort.

    value: nan where the records do not say; spread: whether a median and quartiles mean something,
    which they do not for a yes or no; as_of: the day to which it was followed, if that matters; base:
    the rows that make up the denominator, if others than those that make up the numerator; cohort: the
    label of the only cohort it is about, if it is not about all.
    """

    item: str
    rows: Cohorted
    value: Values
    unit: Unit
    spread: bool = field(default=False)
    note: str = ""
    as_of: str = ""
    base: Mask | None = None
    cohort: str = ""

    def spreading(self) -> Fact:
        """The same with median, standard deviation and quartiles beside the mean."""
        return replace(self, spread=True)


def choices(rows: Cohorted, chosen: Codes, names: tuple[str, ...], note: str = "") -> list[Fact]:
    """One fact a name: the share of the rows that chose it; a negative choice is not known."""
    unknown = chosen < 0
    return [
        rows.report(name, np.where(unknown, np.nan, chosen == number), note=note)
        for number, name in enumerate(names)
    ]
