"""Tables of measures made from real records, with every number hidden that would give a small count away.

A row's denominator, numerator (where it counts people), people left out and people without an entry are
counts; they add up over the groups of a disaggregation, and the items of a measure often add up to their
common denominator. Shares, means and spreads are shown only where what they stand on is shown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.records.privacy import COMPLEMENTARY, PRIMARY, SMALL, Sum, protect

VALUES = ("value", "low", "high", "median", "sd", "q1", "q3")
TELLTALE = re.compile(r"Ten or fewer:[^.]*\.\s*")  # a note that itself gives the number
WHOLE = 1e-9
MOST_ITEMS, MOST_ADDITIONS = 16, 12


def suppress(table: pd.DataFrame) -> pd.DataFrame:
    """The table of measures with numbers, ``<11`` and ``*`` in the columns of numbers; no row is left out.

    The columns are those of ``simulation.measures.row.Row``, the interval may be missing.
    """
    rows = [_Line(number, dict(row)) for number, row in enumerate(table.to_dict("records"))]
    denominators = _marks(rows, "denominator", across=True)
    for row in rows:
        row.marks["denominator"] = denominators.get(row.number, "")
    for name in ("numerator", "excluded", "missing"):
        marks = _marks(rows, name)
        for row in rows:
            row.marks[name] = marks.get(row.number, "")
    spreads = {(row.row["measure"], row.row["item"]) for row in rows if pd.notna(row.row.get("median"))}
    shown = [_shown(row, (row.row["measure"], row.row["item"]) in spreads) for row in rows]
    numbers = {*VALUES, "numerator", "denominator", "excluded", "missing"}
    return pd.DataFrame(shown, columns=list(table.columns)).astype(
        dict.fromkeys(numbers & set(table), object)
    )


def numeric(table: pd.DataFrame, column: str) -> pd.Series[Any]:
    """The numbers of a column, nan where they are hidden."""
    return pd.to_numeric(table[column], errors="coerce")


@dataclass
class _Line:
    number: int
    row: dict[Hashable, Any]
    marks: dict[str, str] = field(default_factory=dict)

    def count(self, name: str) -> int | None:
        """The number of people in a column, None if it is none."""
        if name == "missing":
            return self._without_entry()
        value = self.row.get(name)
        if value is None or pd.isna(value) or abs(value - round(value)) > WHOLE or value < 0:
            return None
        base = self.row.get("denominator")
        if name == "numerator" and pd.notna(base) and value > base:
            return None  # a sum of days or points
        count: int = round(value)
        return count

    def _without_entry(self) -> int | None:
        share, base = self.row.get("missing"), self.row.get("denominator")
        if share is None or pd.isna(share) or base is None or pd.isna(base) or share >= 1:
            return None
        count: int = round(share * base / (1 - share))
        return count

    def key(self, *names: str) -> tuple[Any, ...]:
        """The values of some columns."""
        return tuple(self.row.get(name) for name in names)


class _Cells:
    """Counts with the sums that hold between them; the same key is the same count."""

    def __init__(self) -> None:
        self.place: dict[Hashable, int] = {}
        self.counts: list[int] = []
        self.sums: dict[tuple[int, ...], Sum] = {}
        self.unseen: set[int] = set()
        self.shown: set[int] = set()
        self.hidden: set[int] = set()

    def add(self, key: Hashable, count: int) -> int:
        """The place of a count."""
        if key not in self.place:
            self.place[key] = len(self.counts)
            self.counts.append(count)
        return self.place[key]

    def tie(self, total: int, parts: Iterable[int], rest: bool = False) -> None:
        """Say that parts make a total, with an unseen rest if they fall short (or if asked for)."""
        parts = [*dict.fromkeys(parts)]
        short = self.counts[total] - sum(self.counts[part] for part in parts)
        if short < 0 or total in parts:
            return
        if short or rest:
            other = self.add(("rest", total, *parts), short)
            self.unseen.add(other)
            parts.append(other)
        self.sums[(total, *sorted(parts))] = Sum(total, tuple(parts))

    def marks(self) -> list[str]:
        """The mark of every count."""
        sums = list(self.sums.values())
        return protect(self.counts, sums, unseen=self.unseen, shown=self.shown, hidden=self.hidden)


def _marks(rows: Sequence[_Line], name: str, across: bool = False) -> dict[int, str]:
    """The marks of one column; with ``across``, equal counts of a group are one count in all measures."""
    cells = _Cells()
    place: dict[int, int] = {}
    for row in rows:
        count = row.count(name)
        if count is not None:
            about = (
                ("cohort", "by", "group") if across else ("measure", "item", "cohort", "as_of", "by", "group")
            )
            place[row.number] = cells.add((*row.key(*about), count if across else None), count)
            if row.marks.get("denominator"):
                cells.hidden.add(place[row.number])
    known = [row for row in rows if row.number in place]
    _tie_groups(known, place, cells)
    if name == "numerator":
        _tie_denominators(known, place, cells)
    marks = cells.marks()
    return {number: marks[cell] for number, cell in place.items()}


def _tie_groups(rows: Sequence[_Line], place: dict[int, int], cells: _Cells) -> None:
    """The groups of every disaggregation add up to the row for everyone."""
    for total, members in _families(rows):
        cells.tie(place[total.number], (place[row.number] for row in members))


def _families(rows: Sequence[_Line]) -> Iterator[tuple[_Line, list[_Line]]]:
    """The row for everyone, with the rows of each of its disaggregations."""
    everyone = {row.key("measure", "item", "cohort", "as_of"): row for row in rows if row.row["by"] == "all"}
    groups: dict[tuple[Any, ...], list[_Line]] = defaultdict(list)
    for row in rows:
        if row.row["by"] != "all":
            groups[row.key("measure", "item", "cohort", "as_of", "by")].append(row)
    for key, members in groups.items():
        if key[:-1] in everyone:
            yield everyone[key[:-1]], members


def _tie_denominators(rows: Sequence[_Line], place: dict[int, int], cells: _Cells) -> None:
    """A numerator and the others make the denominator, and so may the groups that share one."""
    groups: dict[Hashable, list[_Line]] = defaultdict(list)
    measures: dict[Hashable, list[_Line]] = defaultdict(list)
    for row in rows:
        if row.count("denominator") is None:
            continue
        cells.tie(_base(row, cells), [place[row.number]], rest=True)
        if row.marks["denominator"]:
            continue
        groups[(*row.key("measure", "item", "cohort", "as_of", "by"), row.count("denominator"))].append(row)
        measures[row.row["measure"]].append(row)
    based = [row for row in rows if row.count("denominator") is not None]
    for total, family in _families(based):
        cells.tie(_base(total, cells), (_base(row, cells) for row in family))
    for members in groups.values():
        parts = [place[row.number] for row in members]
        if len(parts) > 1 and sum(cells.counts[part] for part in parts) == members[0].count("denominator"):
            cells.tie(_base(members[0], cells), parts)
    for members in measures.values():
        _tie_items(members, place, cells)


def _base(row: _Line, cells: _Cells) -> int:
    """The denominator of a row, which is shown or hidden whatever becomes of its numerator."""
    base = row.count("denominator") or 0
    cell = cells.add(("base", *row.key("measure", "cohort", "as_of", "by", "group"), base), base)
    (cells.unseen if row.marks["denominator"] else cells.shown).add(cell)
    return cell


def _tie_items(rows: Sequence[_Line], place: dict[int, int], cells: _Cells) -> None:
    """Tie the items of a measure that add up to another one, or to the denominator, wherever they stand."""
    contexts: dict[Hashable, dict[str, _Line]] = defaultdict(dict)
    for row in rows:
        contexts[(*row.key("cohort", "as_of", "by", "group"), row.count("denominator"))][row.row["item"]] = (
            row
        )
    for items in {tuple(sorted(context)) for context in contexts.values()}:
        if 1 < len(items) <= MOST_ITEMS:
            _tie_sums(
                items,
                [context for context in contexts.values() if tuple(sorted(context)) == items],
                place,
                cells,
            )


def _tie_sums(
    items: Sequence[str], contexts: Sequence[dict[str, _Line]], place: dict[int, int], cells: _Cells
) -> None:
    """Tie what adds up in every one of these contexts, each a row an item."""
    counts = np.array([[cells.counts[place[context[item].number]] for item in items] for context in contexts])
    bases = np.array([context[items[0]].count("denominator") for context in contexts])
    for target in (None, *range(len(items))):
        goal = bases if target is None else counts[:, target]
        for parts in additions(counts, goal, target):
            for context in contexts:
                whole = context[items[0 if target is None else target]]
                total = _base(whole, cells) if target is None else place[whole.number]
                cells.tie(total, [place[context[items[part]].number] for part in parts])


def additions(counts: NDArray[Any], goal: NDArray[Any], without: int | None) -> list[list[int]]:
    """The sets of columns that add up to the goal in every row, once without and once with those of zeros."""
    columns = [column for column in range(counts.shape[1]) if column != without]
    zeros = [column for column in columns if not counts[:, column].any()]
    some = [column for column in columns if counts[:, column].any()]
    sums = np.zeros((1, len(counts)), dtype=np.int64)
    for column in some:  # the sums of all subsets, the bits of a row's number telling which
        sums = np.vstack([sums, sums + counts[:, column]])
    fitting = np.flatnonzero((sums == goal).all(axis=1))[:MOST_ADDITIONS].tolist()
    sets = [[column for bit, column in enumerate(some) if number >> bit & 1] for number in fitting]
    sets = [parts for parts in sets if len(parts) > 1 or (parts and zeros)]
    return [
        list(parts)
        for parts in dict.fromkeys(tuple(added) for parts in sets for added in (parts, parts + zeros))
        if len(parts) > 1
    ]


def _shown(line: _Line, has_spread: bool) -> dict[Hashable, Any]:
    """The row as it may be shown."""
    row, marks = dict(line.row), line.marks
    for name in ("denominator", "numerator", "excluded"):
        row[name] = marks[name] or row.get(name)
    is_hidden = bool(marks["denominator"] or marks["numerator"])
    if marks["denominator"]:
        row["numerator"] = marks["numerator"] or (COMPLEMENTARY if pd.notna(line.row["numerator"]) else None)
        row["note"] = TELLTALE.sub("", str(row.get("note", ""))).strip()
    alone = line.count("denominator") is None and line.count("numerator") is None
    if alone and (line.count("value") or SMALL) < SMALL:
        is_hidden = True
    for name in VALUES if is_hidden else ():
        if name in row and (name == "value" or has_spread or pd.notna(row[name])):
            row[name] = COMPLEMENTARY
    row["missing"] = _missing(line, bool(marks["denominator"]))
    row["reasons"] = _reasons(str(row.get("reasons", "") or ""), bool(marks["excluded"]))
    return {name: row[name] for name in line.row}


def _missing(line: _Line, is_hidden: bool) -> Any:
    share = line.row.get("missing")
    if is_hidden:
        return COMPLEMENTARY  # even if there is no share, which would reveal that nobody was asked
    if share is None or pd.isna(share):
        return None
    return line.marks["missing"] or (COMPLEMENTARY if line.count("missing") is None else share)


def _reasons(reasons: str, is_hidden: bool) -> str:
    """Why people were left out; how many for each reason only if none of the counts is small."""
    parts = [part.rpartition(": ") for part in reasons.split("; ") if part]
    if not is_hidden and all(count.isdigit() and int(count) >= SMALL for _, _, count in parts):
        return reasons
    return "; ".join(why or count for why, _, count in parts)


LEGEND = (
    f"{PRIMARY}: a count under {SMALL}, hidden; {COMPLEMENTARY}: hidden because a hidden count could be "
    "worked out from it."
)
