"""Counts under 11 are hidden in whatever is made of real records, and so is what would give them back.

A table is a set of counts, some of them sums of others. A small count is hidden (``<11``); as totals and the
other parts of a sum could give it back by subtraction, some larger counts are hidden too (``*``). The
attacker reckoned with knows every shown number and every sum: each small count can still be anything from 0
to 10. One who also knows that ``*`` is at least 11 learns no more than from the marks without numbers.

What this does not see: other tables of the same people. Publish one length of cohorts, and one set of groups.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import inf

import numpy as np
import pandas as pd
from scipy.optimize import linprog

SMALL = 11
PRIMARY = f"<{SMALL}"
COMPLEMENTARY = "*"
ROUNDS = 100
TIDY = 150  # in larger groups of counts, more is hidden than the least that would do

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
    for tied in sums:
        if counts[tied.total] != sum(counts[part] for part in tied.parts):
            raise ValueError(f"{tied}: the parts do not add up")
    marks = [""] * len(counts)
    for cells in _components(len(counts), sums):
        own = [tied for tied in sums if tied.total in cells]
        guard = _Guard(counts, own, cells, frozenset(unseen) & cells, frozenset(shown) & cells)
        for cell, mark in guard.marks(frozenset(hidden) & cells).items():
            marks[cell] = mark
    return marks


def attacker(known: Sequence[Range], sums: Collection[Sum], cell: int) -> Range:
    """Between which values a count must lie, given the ranges of all counts and the sums."""
    program = _Program(dict(enumerate(known)), list(sums))
    low, high = (program.extreme({cell: sign})[cell] for sign in (-1, 1))
    return low, inf if high > program.cap - 1 else high


class _Program:
    """The linear program of an attacker: ranges of counts, of which some are sums of others."""

    def __init__(self, known: dict[int, Range], sums: Sequence[Sum]) -> None:
        self.open = [cell for cell, (low, high) in known.items() if low < high]
        self.fixed = {cell: low for cell, (low, high) in known.items() if low == high}
        ends = [end for pair in known.values() for end in pair if end < inf]
        self.cap = 10 * sum(ends) + 1000  # what has no upper bound is at most this
        self.bounds = [(known[cell][0], min(known[cell][1], self.cap)) for cell in self.open]
        place = {cell: i for i, cell in enumerate(self.open)}
        sums = [tied for tied in sums if any(cell in place for cell in tied.cells)]
        self.equations, self.right = np.zeros((len(sums), len(place))), np.zeros(len(sums))
        for row, tied in enumerate(sums):
            for sign, cells in ((1, (tied.total,)), (-1, tied.parts)):
                for cell in cells:
                    if cell in place:
                        self.equations[row, place[cell]] += sign
                    else:
                        self.right[row] -= sign * self.fixed[cell]

    def extreme(self, goal: dict[int, float]) -> dict[int, float]:
        """Counts that fit, and make the weighted sum of some of them as large as can be."""
        if not self.open:
            return self.fixed
        weights = [-goal.get(cell, 0.0) for cell in self.open]
        solution = linprog(weights, A_eq=self.equations, b_eq=self.right, bounds=self.bounds, method="highs")
        if solution.status != 0:
            raise ArithmeticError(f"the sums do not fit: {solution.message}")
        return self.fixed | dict(zip(self.open, np.asarray(solution.x).tolist(), strict=True))


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
            for cell in sorted(hidden - forced, key=lambda cell: -self.counts[cell]):
                if self.exposed(hidden - {cell}) is None:
                    hidden.discard(cell)
        primary = dict.fromkeys(set(self.small) - self.unseen, PRIMARY)
        return primary | dict.fromkeys(hidden, COMPLEMENTARY)

    def exposed(self, hidden: set[int]) -> int | None:
        """A count about which more could be worked out than its mark allows, if there is any."""
        if not self.small:
            return None
        known = {least: _Known(self, hidden, least) for least in (0, SMALL)}
        for exact in (False, True):
            for least, cell in product(known, self.small):
                if not known[least].leaves(cell, 0, SMALL - 1, exact):
                    low, high = self.best[least].of(cell)
                    if not known[least].leaves(cell, low, min(high, SMALL - 1), exact):
                        return cell
            for cell in sorted(hidden):
                if known[SMALL].pins(cell, exact):
                    return cell
        return None

    def next(self, cell: int, hidden: set[int]) -> int:
        """The smallest shown count that stands in a sum with this one, or else anywhere near."""
        shown = self.free - hidden
        near = {other for tied in self.sums if cell in tied.cells for other in tied.cells} & shown
        if not near:  # all around is hidden: go one sum farther
            reached = [tied.cells for tied in self.sums if not shown.issuperset(tied.cells)]
            near = {other for cells in reached for other in cells} & shown
        return min(near or shown, key=lambda other: (self.counts[other], other))


class _Known:
    """What an attacker knows of each count, who takes each one marked ``*`` to be at least ``least``."""

    def __init__(self, guard: _Guard, hidden: Collection[int], least: int) -> None:
        self.sums, self.solved = guard.sums, dict[int, Range]()
        self.seen: dict[int, Range] = {}  # how low and how high a count was in any solution so far
        small = set(guard.small)
        ranges: dict[int, Range] = {}
        for cell in guard.cells:
            count = guard.counts[cell]
            ranges[cell] = (least, inf) if cell in hidden else (count, count)
            if cell in guard.unseen or cell in small:
                ranges[cell] = (0, inf) if cell in guard.unseen else (0, SMALL - 1)
        self.ranges = _narrow(ranges, guard.sums)
        tied = {cell for cell, (low, high) in self.ranges.items() if low < high}
        self.is_exact = _is_forest(tied, guard.sums)

    def leaves(self, cell: int, low: float, high: float, exact: bool) -> bool:
        """Whether the count may be as low and as high as that; unless ``exact``, perhaps it may not."""
        lowest, highest = self.ranges[cell]
        if lowest > low + 0.5 or highest < high - 0.5:
            return False
        if self.is_exact or not exact:
            return True
        return self._reach(cell, -1, low) <= low + 0.5 and self._reach(cell, 1, high) >= high - 0.5

    def pins(self, cell: int, exact: bool) -> bool:
        """Whether the count can be one number only; unless ``exact``, perhaps so if not said."""
        lowest, highest = self.ranges[cell]
        if self.is_exact or not exact or highest - lowest < 1:
            return highest - lowest < 1
        low, high = self.seen.get(cell, (0, 0))
        return high - low < 1 and self._reach(cell, 1, inf) - self._reach(cell, -1, -inf) < 1

    def of(self, cell: int) -> Range:
        """Between which values the count lies."""
        if self.is_exact:
            return self.ranges[cell]
        if cell not in self.solved:
            self.solved[cell] = self._reach(cell, -1, -inf), self._reach(cell, 1, inf)
        return self.solved[cell]

    def _reach(self, cell: int, sign: int, wanted: float) -> float:
        """How low or high the count may be; what is as far as wanted need not be the utmost."""
        if not self.seen:
            for way in (1.0, -1.0):
                self._note(self.program.extreme(dict.fromkeys(self.ranges, way)))
        end = (1 + sign) // 2
        if sign * self.seen[cell][end] < sign * wanted - 0.5:
            self._note(self.program.extreme({cell: sign}))
        return self.seen[cell][end]

    def _note(self, solution: dict[int, float]) -> None:
        for cell, count in solution.items():
            low, high = self.seen.get(cell, (count, count))
            self.seen[cell] = min(low, count), max(high, count)

    @cached_property
    def program(self) -> _Program:
        """The linear program, built only if narrowing the ranges does not settle every count."""
        return _Program(self.ranges, self.sums)


def _narrow(known: dict[int, Range], sums: Sequence[Sum]) -> dict[int, Range]:
    """The ranges that remain when each sum is held against each of its counts, again and again."""
    known = dict(known)
    for _ in range(ROUNDS):
        before = dict(known)
        for tied in sums:
            _narrow_one(known, tied)
        if known == before:
            break
    return known


def _narrow_one(known: dict[int, Range], tied: Sum) -> None:
    low = sum(known[part][0] for part in tied.parts)
    high = sum(known[part][1] for part in tied.parts)
    least, most = known[tied.total]
    known[tied.total] = least, most = max(least, low), min(most, high)
    for part in tied.parts:
        own_low, own_high = known[part]
        others_high = (
            sum(known[other][1] for other in tied.parts if other != part) if high == inf else high - own_high
        )
        ceiling = most - (low - own_low)
        known[part] = max(own_low, least - others_high), min(own_high, ceiling)
        low += known[part][0] - own_low
        high = high if high == inf else high + known[part][1] - own_high


def _is_forest(cells: Collection[int], sums: Sequence[Sum]) -> bool:
    """Whether no two ways lead from one open count to another: then narrowing finds all there is to find."""
    leader: dict[object, object] = {}

    def find(node: object) -> object:
        while leader.setdefault(node, node) != node:
            node = leader[node]
        return node

    for number, tied in enumerate(sums):
        for cell in tied.cells:
            if cell in cells:
                a, b = find(("sum", number)), find(cell)
                if a == b:
                    return False
                leader[a] = b
    return True


def _components(size: int, sums: Collection[Sum]) -> list[frozenset[int]]:
    """The groups of counts that sums tie together."""
    group = list(range(size))

    def find(cell: int) -> int:
        while group[cell] != cell:
            group[cell] = group[group[cell]]
            cell = group[cell]
        return cell

    for tied in sums:
        for part in tied.parts:
            group[find(part)] = find(tied.total)
    groups: dict[int, set[int]] = {}
    for cell in range(size):
        groups.setdefault(find(cell), set()).add(cell)
    return [frozenset(cells) for cells in groups.values()]


def suppress_crosstab(table: pd.DataFrame) -> pd.DataFrame:
    """A table of counts whose last row and column are totals, with every count safe to show, as text."""
    height, width = table.shape
    counts = [int(count) for count in table.to_numpy().ravel()]
    at = np.arange(height * width).reshape(height, width)
    lines = [*at, *at.T] if height > 1 and width > 1 else [at.ravel()]
    sums = [Sum(int(line[-1]), tuple(int(cell) for cell in line[:-1])) for line in lines if len(line) > 1]
    marks = protect(counts, sums)
    shown = [mark or str(count) for mark, count in zip(marks, counts, strict=True)]
    return pd.DataFrame(np.array(shown, dtype=object).reshape(height, width), table.index, table.columns)
