"""One sheet made into one table: which rows are records, and what each of their cells says."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.records.workbook import header
from calibration.records.workbook.cell import TOTAL, Context, Reading, is_blank, read_cell
from calibration.records.workbook.column import Column, columns, empty
from calibration.records.workbook.finding import Report, letter, quoted
from calibration.records.workbook.sheet import Distinct, Sheet

Mask = NDArray[np.bool_]


@dataclass
class Table:
    """A table as read: ``rows`` are its row numbers in the file, ``at`` where each column stands."""

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    at: dict[str, int] = field(default_factory=dict)


def read_table(sheet: Sheet, context: Context, report: Report) -> Table:
    """Read every record of a sheet; whatever is not read as it stands is told."""
    nothing = Table(empty(sheet.table).copy(), np.zeros(0, dtype=np.int64))
    start = header.find(sheet)
    if start is None:
        report.warning(sheet.name, "an empty sheet", "the table has no rows")
        return nothing
    _tell_lines_above(sheet, start, report)
    found = header.match(sheet, start, report)
    if not found or any(each.required and each not in found.values() for each in columns(sheet.table)):
        return nothing
    body = sheet.rows[start + 1 :]
    rows = np.arange(start + 2, start + 2 + len(body), dtype=np.int64)
    cells = {index: Distinct.of([row[index] for row in body]) for index in found}
    mine = _Rows(sheet, found, cells, rows, report)
    keep = mine.records()
    mine.tell_marks(keep)
    return mine.table(keep, context)


def _tell_lines_above(sheet: Sheet, start: int, report: Report) -> None:
    above = [i + 1 for i in range(start) if not all(map(is_blank, sheet.rows[i]))]
    if above:
        report.warning(sheet.name, "lines above the headings", "left out", rows=above)


@dataclass
class _Rows:
    sheet: Sheet
    found: dict[int, Column]
    cells: dict[int, Distinct]
    rows: NDArray[np.int64]
    report: Report

    def records(self) -> Mask:
        """Which rows are records: neither empty, nor merely prefilled, nor totals."""
        blank = np.ones(len(self.rows), dtype=bool)
        prefilled, total = blank.copy(), ~blank
        for index, cells in self.cells.items():
            default = self.found[index].default
            blanks = [is_blank(each) for each in cells.values]
            blank &= cells.where(blanks)
            filled = [_is_prefilled(each, default) for each in cells.values]
            prefilled &= cells.where([a or b for a, b in zip(blanks, filled, strict=True)])
            total |= cells.where([isinstance(each, str) and _is_total(each) for each in cells.values])
        self._leave_out(total, "a row of totals")
        self._leave_out(prefilled & ~blank & ~total, "a row with nothing but prefilled values")
        return ~(blank | total | prefilled)

    def _leave_out(self, mask: Mask, what: str) -> None:
        if mask.any():
            self.report.warning(self.sheet.name, what, "left out", rows=self.rows[mask].tolist())

    def tell_marks(self, keep: Mask) -> None:
        """Formulas (their saved result is read), formulas never computed, and errors among the records."""
        if self.sheet.marks is None:
            return
        mine = {letter(index) for index in self.found}
        kept = set(self.rows[keep].tolist())
        for cells, found, done, tell in (
            (
                self.sheet.marks.formulas,
                "a formula",
                "its saved result is read; nothing is computed",
                self.report.warning,
            ),
            (self.sheet.marks.unsaved, "a formula without a saved result", UNSAVED, self.report.error),
            (
                self.sheet.marks.errors,
                "an error of the spreadsheet, such as #N/A",
                "must be corrected",
                self.report.error,
            ),
        ):
            places: dict[str, list[int]] = defaultdict(list)
            for cell in cells:
                column, row = _split(cell)
                if column in mine and row in kept:
                    places[column].append(row)
            for column, rows in places.items():
                tell(self.sheet.name, found, done, at=column, rows=rows)

    def table(self, keep: Mask, context: Context) -> Table:
        """The records as a table of the right types, without those whose needed cells say 'unknown'."""
        context = Context(self.sheet.typed, context.zone)
        readings = {i: _readings(cells, self.found[i], context) for i, cells in self.cells.items()}
        lost = np.zeros(len(self.rows), dtype=bool)
        for index in self.found:
            lost |= self._tell(index, readings[index], keep)
        self._tell_time_zones(readings, keep)
        left = keep & ~lost
        if not left.any():
            return Table(empty(self.sheet.table).copy(), self.rows[left])
        return Table(
            self._frame(readings, left), self.rows[left], {each.name: i for i, each in self.found.items()}
        )

    def _frame(self, readings: dict[int, list[Reading]], left: Mask) -> pd.DataFrame:
        series = {}
        where = {column.name: index for index, column in self.found.items()}
        for column in columns(self.sheet.table):
            if column.name not in where:
                series[column.name] = pd.Series([column.default] * int(left.sum()), dtype=_dtype(column))
                continue
            index = where[column.name]
            values = [column.default if each is BLANK else each.value for each in readings[index]]
            taken = pd.Series([*values, None], dtype=np.dtype(object)).astype(_dtype(column))
            series[column.name] = taken.take(self.cells[index].codes[left]).reset_index(drop=True)
        return pd.DataFrame(series)

    def _tell(self, index: int, readings: list[Reading], keep: Mask) -> Mask:
        """Tell all about one column; returns the rows that cannot be used although nothing is wrong."""
        column, cells = self.found[index], self.cells[index]
        if column.required:
            blank = keep & cells.where([each is BLANK for each in readings])
            if blank.any():
                self._error(index, blank, "nothing", "must be filled in")
        unknown = cells.where([each.unknown for each in readings]) & keep
        useless = not column.nullable
        groups: dict[tuple[bool, str], list[int]] = defaultdict(list)
        for i, each in enumerate(readings):
            if each.note or each.wrong:
                groups[bool(each.wrong), each.wrong or each.note].append(i)
        for (is_wrong, said), members in groups.items():
            self._tell_group(index, is_wrong, said, members, readings, keep)
        return unknown if useless else np.zeros(len(self.rows), dtype=bool)

    def _tell_group(
        self, index: int, is_wrong: bool, said: str, members: list[int], readings: list[Reading], keep: Mask
    ) -> None:
        """Tell of all cells of one column that were read, or could not be, for the same reason."""
        cells, column = self.cells[index], self.found[index]
        inside = np.zeros(len(cells.values), dtype=bool)
        inside[members] = True
        mask = inside[cells.codes] & keep
        if not mask.any():
            return
        members = list(dict.fromkeys(cells.codes[mask][:10_000].tolist()))
        found = quoted([cells.values[i] for i in members])
        if readings[members[0]].private:
            self._error(
                index, mask, f"what looks like {said} (not shown here)", "refused; remove it from the file"
            )
        elif is_wrong:
            self._error(index, mask, found, said)
        else:
            done = f"{said} {quoted([readings[i].value for i in members])}" if said.endswith(" as") else said
            if readings[members[0]].unknown and not column.nullable:
                done = f"the whole row is left out: {column.name} is needed, and only this is known"
            self._warn(index, mask, found, done)

    def _tell_time_zones(self, readings: dict[int, list[Reading]], keep: Mask) -> None:
        """Times with different offsets from UTC cannot be compared unless the county's zone is stated."""
        timed: dict[int, Mask] = {}
        offsets: set[str | None] = set()
        for index, column in self.found.items():
            if column.kind == "moment":
                cells = self.cells[index]
                used = {
                    readings[index][code].offset
                    for code in np.unique(cells.codes[keep])
                    if readings[index][code].value
                }
                offsets |= used
                timed[index] = keep & cells.where([each.offset is not None for each in readings[index]])
        if len(offsets) < 2 or not any(
            "read without" in each.note for all_ in readings.values() for each in all_
        ):
            return
        named = " and ".join(sorted(each or "none" for each in offsets))
        for index, mask in timed.items():
            if mask.any():
                self._error(index, mask, f"times with different time zones ({named})", STATE_ZONE)

    def _error(self, index: int, mask: Mask, found: str, done: str) -> None:
        rows = self.rows[mask].tolist()
        self.report.error(
            self.sheet.name, found, done, at=letter(index), rows=rows, allowed=self.found[index].allowed
        )

    def _warn(self, index: int, mask: Mask, found: str, done: str) -> None:
        rows = self.rows[mask].tolist()
        self.report.warning(
            self.sheet.name, found, done, at=letter(index), rows=rows, allowed=self.found[index].allowed
        )


BLANK = Reading()
UNSAVED = "must be corrected: open the file in Excel and save it, or paste values"
STATE_ZONE = (
    "must be corrected: state time_zone on the sheet about, such as America/Los_Angeles, or write local times"
)


def _readings(cells: Distinct, column: Column, context: Context) -> list[Reading]:
    return [BLANK if is_blank(each) else read_cell(each, column, context) for each in cells.values]


def _dtype(column: Column) -> Any:
    return pd.api.types.pandas_dtype(column.dtype)


def _is_total(text: str) -> bool:
    return text.lstrip()[:1] in "GgSsTtAaMmCc" and bool(TOTAL.fullmatch(text.strip()))


def _is_prefilled(value: Any, default: Any) -> bool:
    """No, 0 and the column's default may stand in rows that nobody has filled in yet."""
    return isinstance(value, bool | int | float) and (value == 0 or value == default)


def _split(cell: str) -> tuple[str, int]:
    match = re.fullmatch(r"([A-Z]+)(\d+)", cell)
    return (match[1], int(match[2])) if match else ("", 0)
