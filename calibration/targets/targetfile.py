"""Targets from a CSV file: one figure a row, or a table of months with a column a measure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from dateutil.relativedelta import relativedelta

from calibration.document import BadDocument, Problem
from calibration.targets.target import BadTarget, Point, Target, checked, per_day
from simulation.measures import MEASURES

PERIOD = ("period", "month")
OPTIONAL = ("subgroup", "error", "weight", "kind", "unit", "source")
EMPTY = ("", "n/a", "na", "none", "-", "nan")
MOST = 1e12
LIGHTEST = 0.001
"""The least weight that is one: of smaller ones the variance, its inverse, runs out of numbers."""
LONGEST = 20_000
"""Rows read; a file of more is none of targets."""


def read_targets(path: Path) -> list[Target]:
    """The targets of a CSV file; raises BadDocument with every problem found.

    Long: columns measure, period, value, and where wanted subgroup, error, weight, kind, unit, source.
    Wide: period (or month) first, then a column a measure, such as ``jail_adp`` or ``jail_adp:total``.
    A period is 2017, 2017H1, 2017Q3, 2017-05, or 2016-07-01 to 2017-07-01 (that day not included).
    """
    reading = _Reading(path)
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no CSV in UTF-8"
        raise BadDocument([Problem(str(path), 1, 1, "(file)", f"cannot be read: {reason}")]) from None
    rows = [row for row in rows[:LONGEST] if not (row and row[0].lstrip().startswith("#"))]
    header = [name.strip().lower() for name in rows[0]] if rows else []
    if {"measure", "value"} <= set(header):
        entries = list(reading.long(header, rows[1:]))
    elif header and header[0] in PERIOD:
        entries = list(reading.wide(header, rows[1:]))
    else:
        entries = []
        reading.problem(
            1, 1, "(header)", "needs columns measure, period and value, or period and a column a measure"
        )
    if not entries and not reading.problems:
        reading.problem(1, 1, "(file)", "holds no figure. Give one a row: measure, period, value")
    if reading.problems:
        raise BadDocument(reading.problems)
    return _gathered(entries)


@dataclass(frozen=True)
class Entry:
    """One figure of the file."""

    measure: str
    subgroup: str
    point: Point
    error: float
    weight: float
    source: str


class _Reading:
    """One file being read, and what is wrong in it."""

    def __init__(self, path: Path) -> None:
        self.path, self.problems = path, list[Problem]()
        self.seen: set[tuple[str, str, date, date]] = set()
        self.weights: dict[tuple[str, str, int], float] = {}

    def problem(self, line: int, column: int, field: str, message: str) -> None:
        self.problems.append(Problem(str(self.path), line, column, field, message))

    def long(self, header: list[str], rows: list[list[str]]) -> Iterator[Entry]:
        """A figure a row."""
        allowed = ("measure", "value", *PERIOD, *OPTIONAL)
        for column, name in enumerate(header, start=1):
            if name and name not in allowed:
                close = get_close_matches(name, allowed, n=1)
                meant = f" Did you mean '{close[0]}'?" if close else ""
                self.problem(
                    1, column, name, f"is no column of targets.{meant} Allowed: {', '.join(allowed)}"
                )
        for line, row in enumerate(rows, start=2):
            cells = {name: cell.strip() for name, cell in zip(header, row, strict=False)}
            cells["period"] = cells.get("period") or cells.get("month", "")
            if cells.get("value", "").lower() not in EMPTY:
                yield from self._entry(line, header, cells)

    def wide(self, header: list[str], rows: list[list[str]]) -> Iterator[Entry]:
        """A month a row, a measure a column."""
        for line, row in enumerate(rows, start=2):
            for name, cell in zip(header[1:], row[1:], strict=False):
                if name and cell.strip().lower() not in EMPTY:
                    cells = {"measure": name, "period": row[0].strip(), "value": cell.strip()}
                    yield from self._entry(line, header, cells)

    def _entry(self, line: int, header: list[str], cells: Mapping[str, str]) -> Iterator[Entry]:
        measure, _, part = cells.get("measure", "").partition(":")
        subgroup = cells.get("subgroup") or part or "all"
        field = "measure"
        try:
            unit = cells.get("unit", "")
            factor = checked(measure, subgroup, cells.get("kind", "").lower(), unit)
            field = "period"
            start, end = period(cells["period"])
            field = "value"
            rate = per_day(unit)
            factor = rate * (end - start).days if rate is not None else factor
            value = factor * number(cells["value"])
            if MEASURES[measure].kind == "share" and value > 1:
                raise BadTarget(f"{value:g} is no share between 0 and 1; of percent say so in a column unit")
            field = "error"
            error = factor * number(cells.get("error") or "0")
            field = "weight"
            weight = number(cells.get("weight") or "1")
            if 0 < weight < LIGHTEST:
                raise BadTarget(f"{weight:g} is hardly a weight. Allowed: 0 (not used), {LIGHTEST} and more")
        except BadTarget as bad:
            self.problem(line, column_of(header, field), field, str(bad))
            return
        if (measure, subgroup, start, end) in self.seen:
            self.problem(line, 1, "period", f"{measure} of {cells['period']} is given twice")
            return
        self.seen.add((measure, subgroup, start, end))
        if weight != self.weights.setdefault((measure, subgroup, length(start, end)), weight):
            message = (
                f"{measure} has another weight in an earlier row: a series has one. Empty what not to use"
            )
            self.problem(line, column_of(header, "weight"), "weight", message)
            return
        yield Entry(measure, subgroup, Point(start, end, value), error, weight, cells.get("source", ""))


def column_of(header: list[str], field: str) -> int:
    """Where a field stands, counted from 1; the first column where the file has none of that name."""
    return header.index(field) + 1 if field in header else 1


def length(start: date, end: date) -> int:
    """Months of a period: values of as many are a series."""
    return round((end - start).days / 30.4)


def number(text: str) -> float:
    """A number of zero or more; raises BadTarget."""
    if re.fullmatch(r"<\s*\d+", text):
        raise BadTarget(f"'{text}' is a count that was hidden: leave the cell empty")
    try:
        value = float(re.sub(r"(?<=\d),(?=\d{3}\b)", "", text))
    except ValueError:
        raise BadTarget(f"'{text}' is no number") from None
    if not 0 <= value <= MOST:
        raise BadTarget(f"'{text}' must be a number of 0 or more, and no more than {MOST:.0e}")
    return value


def period(text: str) -> tuple[date, date]:
    """The first day of a period and the first day after it; raises BadTarget."""
    try:
        if match := re.fullmatch(r"(\d{4}-\d{2}-\d{2}) to (\d{4}-\d{2}-\d{2})", text):
            start, end = date.fromisoformat(match[1]), date.fromisoformat(match[2])
            if start < end:
                return start, end
        elif match := re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-01)?|[Qq]([1-4])|[Hh]([12]))?", text):
            year = int(match[1])
            if match[2]:
                return _months(year, int(match[2]), 1)
            if match[3]:
                return _months(year, 3 * int(match[3]) - 2, 3)
            return _months(year, 6 * int(match[4]) - 5, 6) if match[4] else _months(year, 1, 12)
    except ValueError:
        pass
    allowed = "2017, 2017H1, 2017Q3, 2017-05, or 2016-07-01 to 2017-07-01"
    raise BadTarget(f"'{text}' is no period. Allowed: {allowed}")


def _months(year: int, month: int, length: int) -> tuple[date, date]:
    first = date(year, month, 1)
    return first, first + relativedelta(months=length)


def _gathered(entries: list[Entry]) -> list[Target]:
    """One target a measure and subgroup: values of equal length are a series, others stand alone."""
    series: dict[tuple[str, str, int], list[Entry]] = {}
    for entry in entries:
        months = length(entry.point.start, entry.point.end)
        series.setdefault((entry.measure, entry.subgroup, months), []).append(entry)
    targets = []
    for (measure, subgroup, _), some in series.items():
        points = tuple(sorted((entry.point for entry in some), key=lambda point: point.start))
        error = (sum(entry.error**2 for entry in some) / len(some)) ** 0.5
        targets.append(Target(measure, subgroup, points, error, some[0].weight, some[0].source))
    return targets
