"""Counts under 11 are hidden in whatever is made of real records, and so is what would give them back.

A table is a set of counts, some of them sums of others. A small count is hidden (``<11``); as totals and the
other parts of a sum could give it back by subtraction, some larger counts are hidden too (``*``). The
attacker reckoned with knows every shown number and every sum: each small count can still be anything from 0
to 10. One who also knows that ``*`` is at least 11 learns no more than the marks would tell without numbers.

What this does not see: other tables of the same people. Publish one length of cohorts, and one set of groups.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf

import numpy as np
import pandas as pd
from scipy.optimize import linprog

SMALL = 11
PRIMARY = f"<{SMALL}"
COMPLEMENTARY = "*"
ROUNDS = 100
TIDY = 60  # in larger groups of counts, more is hidden than the least that would do

Range = tuple[float, float]


@dataclass(frozen=True)
class Sum:
    """The count ``total`` is the sum of the counts ``parts``; all are places in a list of counts."""

    total: int
    parts: tuple[int, ...]

    @property
    def cells(self) -> tuple[int, ...]:
        """The total and its parts."""
        return (self.total, *self.parts)


def protect(
    counts: Sequence[int],
    sums: Collection[Sum],
    *,
    unseen: Collection[int] = (),
    shown: Collection[int] = (),
    hidden: Collection[int] = (),
) -> list[str]:
    """A mark for each count: empty to show it, ``<11`` if it is small, ``*`` to keep a small one safe.

    ``unseen`` counts are never shown, but could be worked out, and are guarded like the others; ``shown``
    ones are shown elsewhere in any case; ``hidden`` ones must not be shown whatever their size.
    """
    if any(count < 0 for count in counts):
        raise ValueError("a count below 0")
    for each in sums:
        if counts[each.total] != sum(counts[part] for part in each.parts):
            raise ValueError(f"{each}: the parts do not add up")
    marks = [""] * len(counts)
    for cells in _components(len(counts), sums):
        own = [each for each in sums if each.total in cells]
        guard = _Guard(counts, own, cells, frozenset(unseen) & cells, frozenset(shown) & cells)
        for cell, mark in guard.marks(frozenset(hidden) & cells).items():
            marks[cell] = mark
    return marks


def attacker(known: Sequence[Range], sums: Collection[Sum], cell: int) -> Range:
    """Between which values a count must lie, given the ranges of all counts and the sums."""
    if not sums:
        return known[cell]
    equations = np.zeros((len(sums), len(known)))
    for row, each in enumerate(sums):
        equations[row, each.total] += 1
        for part in each.parts:
            equations[row, part] -= 1
    goal = np.zeros(len(known))
    goal[cell] = 1
    bounds = [(low, None if high == inf else high) for low, high in known]
    ends = [
        linprog(sign * goal, A_eq=equations, b_eq=np.zeros(len(sums)), bounds=bounds, method="highs")
        for sign in (1, -1)
    ]
    low, high = (
        sign * float(end.fun or 0) if end.status == 0 else None
        for sign, end in zip((1, -1), ends, strict=True)
    )
    return known[cell][0] if low is None else low, inf if high is None else high


class _Guard:
    """Chooses what to hide in one group of counts that sums tie together."""

    def __init__(
        self,
        counts: Sequence[int],
        sums: Sequence[Sum],
        cells: frozenset[int],
        unseen: frozenset[int],
        shown: frozenset[int],
    ) -> None:
        self.counts, self.sums, self.cells, self.unseen = counts, sums, sorted(cells), unseen
        self.small = sorted(cell for cell in cells - shown if counts[cell] < SMALL)
        self.free = cells - unseen - shown - set(self.small)  # these may be shown or hidden
        self.best = {least: _Known(self, self.free, least) for least in (0, SMALL)}

    def marks(self, forced: frozenset[int]) -> dict[int, str]:
        """The mark of each count that is hidden."""
        hidden = set(forced & self.free)
        while (cell := self.exposed(hidden)) is not None and self.free - hidden:
            hidden.add(self.next(cell, hidden))
        if len(self.cells) <= TIDY:
            for cell in sorted(hidden - forced, key=lambda each: -self.counts[each]):
                if self.exposed(hidden - {cell}) is None:
                    hidden.discard(cell)
        primary = dict.fromkeys(set(self.small) - self.unseen, PRIMARY)
        return primary | dict.fromkeys(hidden, COMPLEMENTARY)

    def exposed(self, hidden: set[int]) -> int | None:
        """A count about which more could be worked out than its mark says, if there is any."""
        if not self.small:
            return None
        known = {least: _Known(self, hidden, least) for least in (0, SMALL)}
        for exact in (False, True):
            for least, cell in product(known, self.small):
                (low, high), (lowest, highest) = known[least].of(cell, exact), self.best[least].of(cell, True)
                if low > lowest + 0.5 or high < min(highest, SMALL - 1) - 0.5:
                    return cell
            for cell in sorted(hidden):
                low, high = known[SMALL].of(cell, exact)
                if high - low < 1:
                    return cell
        return None

    def next(self, cell: int, hidden: set[int]) -> int:
        """The smallest shown count that stands in a sum with this one, or else anywhere near."""
        shown = self.free - hidden
        near = {other for each in self.sums if cell in each.cells for other in each.cells} & shown
        if not near:  # all around is hidden: go one sum farther
            reached = [each.cells for each in self.sums if not shown.issuperset(each.cells)]
            near = {other for cells in reached for other in cells} & shown
        return min(near or shown, key=lambda each: (self.counts[each], each))


class _Known:
    """What an attacker knows of each count, who takes each one marked ``*`` to be at least ``least``."""

    def __init__(self, guard: _Guard, hidden: Collection[int], least: int) -> None:
        self.sums, self.cells, self.solved = guard.sums, guard.cells, dict[int, Range]()
        small = set(guard.small)
        says: dict[int, Range] = {}
        for cell in guard.cells:
            count = guard.counts[cell]
            says[cell] = (least, inf) if cell in hidden else (count, count)
            if cell in guard.unseen or cell in small:
                says[cell] = (0, inf) if cell in guard.unseen else (0, SMALL - 1)
        self.ranges = _narrow(says, guard.sums)
        tied = {cell for cell, (low, high) in self.ranges.items() if low < high}
        self.is_exact = _is_forest(tied, guard.sums)

    def of(self, cell: int, exact: bool) -> Range:
        """Between which values the count lies; unless ``exact``, perhaps wider than could be worked out."""
        low, high = self.ranges[cell]
        if self.is_exact or not exact or low == high:
            return low, high
        if cell not in self.solved:
            place = {each: i for i, each in enumerate(self.cells)}
            sums = [Sum(place[each.total], tuple(place[part] for part in each.parts)) for each in self.sums]
            self.solved[cell] = attacker([self.ranges[each] for each in self.cells], sums, place[cell])
        return self.solved[cell]


def _narrow(known: dict[int, Range], sums: Sequence[Sum]) -> dict[int, Range]:
    """The ranges that remain when each sum is held against each of its counts, again and again."""
    known = dict(known)
    for _ in range(ROUNDS):
        before = dict(known)
        for each in sums:
            _narrow_one(known, each)
        if known == before:
            break
    return known


def _narrow_one(known: dict[int, Range], each: Sum) -> None:
    low = sum(known[part][0] for part in each.parts)
    high = sum(known[part][1] for part in each.parts)
    least, most = known[each.total]
    known[each.total] = least, most = max(least, low), min(most, high)
    for part in each.parts:
        own_low, own_high = known[part]
        others_high = (
            sum(known[other][1] for other in each.parts if other != part) if high == inf else high - own_high
        )
        ceiling = most - (low - own_low)
        known[part] = max(own_low, least - others_high), min(own_high, ceiling)
        low += known[part][0] - own_low
        high = high if high == inf else high + known[part][1] - own_high


def _is_forest(cells: Collection[int], sums: Sequence[Sum]) -> bool:
    """Whether no two ways lead from one open count to another: then narrowing finds all there is to find."""
    leader: dict[object, object] = {}

    def find(each: object) -> object:
        while leader.setdefault(each, each) != each:
            each = leader[each]
        return each

    for number, one in enumerate(sums):
        for cell in one.cells:
            if cell in cells:
                a, b = find(("sum", number)), find(cell)
                if a == b:
                    return False
                leader[a] = b
    return True


def _components(size: int, sums: Collection[Sum]) -> list[frozenset[int]]:
    """The groups of counts that sums tie together."""
    group = list(range(size))

    def find(each: int) -> int:
        while group[each] != each:
            group[each] = group[group[each]]
            each = group[each]
        return each

    for one in sums:
        for part in one.parts:
            group[find(part)] = find(one.total)
    found: dict[int, set[int]] = {}
    for cell in range(size):
        found.setdefault(find(cell), set()).add(cell)
    return [frozenset(cells) for cells in found.values()]


def suppress_crosstab(table: pd.DataFrame) -> pd.DataFrame:
    """A table of counts whose last row and column are totals, with every count safe to show, as text."""
    height, width = table.shape
    counts = [int(each) for each in table.to_numpy().ravel()]
    at = np.arange(height * width).reshape(height, width)
    lines = [*at, *at.T] if height > 1 and width > 1 else [at.ravel()]
    sums = [Sum(int(line[-1]), tuple(int(each) for each in line[:-1])) for line in lines if len(line) > 1]
    marks = protect(counts, sums)
    shown = [mark or str(count) for mark, count in zip(marks, counts, strict=True)]
    return pd.DataFrame(np.array(shown, dtype=object).reshape(height, width), table.index, table.columns)
