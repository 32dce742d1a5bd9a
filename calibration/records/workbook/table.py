"""One sheet made into one table: which rows are records, and how each of their cells is read."""

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
    """Read every record of a sheet; report whatever is not read as it stands."""
    nothing = Table(empty(sheet.table).copy(), np.zeros(0, dtype=np.int64))
    start = header.find(sheet)
    if start is None:
        report.warning(sheet.name, "an empty sheet", "the table has no rows")
        return nothing
    _report_lines_above(sheet, start, report)
    columns_by_index = header.match(sheet, start, report)
    matched = columns_by_index.values()
    if not matched or any(column.required and column not in matched for column in columns(sheet.table)):
        return nothing
    body = sheet.rows[start + 1 :]
    rows = np.arange(start + 2, start + 2 + len(body), dtype=np.int64)
    cells = {index: Distinct.of([row[index] for row in body]) for index in columns_by_index}
    body_rows = _Rows(sheet, columns_by_index, cells, rows, report)
    keep = body_rows.records()
    body_rows.report_marks(keep)
    return body_rows.table(keep, context)


def _report_lines_above(sheet: Sheet, start: int, report: Report) -> None:
    above = [i + 1 for i in range(start) if not all(map(is_blank, sheet.rows[i]))]
    if above:
        report.warning(sheet.name, "lines above the headings", "left out", rows=above)


@dataclass
class _Rows:
    sheet: Sheet
    columns: dict[int, Column]
    cells: dict[int, Distinct]
    rows: NDArray[np.int64]
    report: Report

    def records(self) -> Mask:
        """Which rows are records: neither empty, nor merely prefilled, nor totals."""
        blank = np.ones(len(self.rows), dtype=bool)
        prefilled, total = blank.copy(), ~blank
        for index, cells in self.cells.items():
            default = self.columns[index].default
            blanks = [is_blank(value) for value in cells.values]
            blank &= cells.where(blanks)
            filled = [_is_prefilled(value, default) for value in cells.values]
            prefilled &= cells.where([a or b for a, b in zip(blanks, filled, strict=True)])
            total |= cells.where([isinstance(value, str) and _is_total(value) for value in cells.values])
        self._leave_out(total, "a row of totals")
        self._leave_out(prefilled & ~blank & ~total, "a row with nothing but prefilled values")
        return ~(blank | total | prefilled)

    def _leave_out(self, mask: Mask, what: str) -> None:
        if mask.any():
            self.report.warning(self.sheet.name, what, "left out", rows=self.rows[mask].tolist())

    def report_marks(self, keep: Mask) -> None:
        """Formulas (their saved result is read), formulas never computed, and errors among the records."""
        if self.sheet.marks is None:
            return
        letters = {letter(index) for index in self.columns}
        kept = set(self.rows[keep].tolist())
        for cells, found, done, add in (
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
                if column in letters and row in kept:
                    places[column].append(row)
            for column, rows in places.items():
                add(self.sheet.name, found, done, at=column, rows=rows)

    def table(self, keep: Mask, context: Context) -> Table:
        """The records as a table of the right types, without those whose required cells are unknown."""
        context = Context(self.sheet.typed, context.zone)
        readings = {i: _readings(cells, self.columns[i], context) for i, cells in self.cells.items()}
        lost = np.zeros(len(self.rows), dtype=bool)
        for index in self.columns:
            lost |= self._report_column(index, readings[index], keep)
        self._report_time_zones(readings, keep)
        left = keep & ~lost
        if not left.any():
            return Table(empty(self.sheet.table).copy(), self.rows[left])
        return Table(
            self._frame(readings, left),
            self.rows[left],
            {c.name: i for i, c in self.columns.items()},
        )

    def _frame(self, readings: dict[int, list[Reading]], left: Mask) -> pd.DataFrame:
        series = {}
        where = {column.name: index for index, column in self.columns.items()}
        for column in columns(self.sheet.table):
            if column.name not in where:
                series[column.name] = pd.Series([column.default] * int(left.sum()), dtype=_dtype(column))
                continue
            index = where[column.name]
            values = [column.default if reading is BLANK else reading.value for reading in readings[index]]
            taken = pd.Series([*values, None], dtype=np.dtype(object)).astype(_dtype(column))
            series[column.name] = taken.take(self.cells[index].codes[left]).reset_index(drop=True)
        return pd.DataFrame(series)

    def _report_column(self, index: int, readings: list[Reading], keep: Mask) -> Mask:
        """Report the findings of one column; returns the rows that cannot be used without being wrong."""
        column, cells = self.columns[index], self.cells[index]
        if column.required:
            blank = keep & cells.where([reading is BLANK for reading in readings])
            if blank.any():
                self._error(index, blank, "nothing", "must be filled in")
        unknown = cells.where([reading.unknown for reading in readings]) & keep
        useless = not column.nullable
        groups: dict[tuple[bool, str], list[int]] = defaultdict(list)
        for i, reading in enumerate(readings):
            if reading.note or reading.wrong:
                groups[bool(reading.wrong), reading.wrong or reading.note].append(i)
        for (is_wrong, text), members in groups.items():
            self._report_group(index, is_wrong, text, members, readings, keep)
        return unknown if useless else np.zeros(len(self.rows), dtype=bool)

    def _report_group(
        self,
        index: int,
        is_wrong: bool,
        text: str,
        members: list[int],
        readings: list[Reading],
        keep: Mask,
    ) -> None:
        """Report all cells of one column that have the same note or error."""
        cells, column = self.cells[index], self.columns[index]
        inside = np.zeros(len(cells.values), dtype=bool)
        inside[members] = True
        mask = inside[cells.codes] & keep
        if not mask.any():
            return
        members = list(dict.fromkeys(cells.codes[mask][:10_000].tolist()))
        shown = quoted([cells.values[i] for i in members])
        if readings[members[0]].private:
            self._error(
                index, mask, f"what looks like {text} (not shown here)", "refused; remove it from the file"
            )
        elif is_wrong:
            self._error(index, mask, shown, text)
        else:
            done = f"{text} {quoted([readings[i].value for i in members])}" if text.endswith(" as") else text
            if readings[members[0]].unknown and not column.nullable:
                done = f"the whole row is left out: {column.name} is needed, and only this is known"
            self._warn(index, mask, shown, done)

    def _report_time_zones(self, readings: dict[int, list[Reading]], keep: Mask) -> None:
        """Times with different offsets from UTC cannot be compared unless the county's zone is stated."""
        timed: dict[int, Mask] = {}
        offsets: set[str | None] = set()
        for index, column in self.columns.items():
            if column.kind == "moment":
                cells = self.cells[index]
                used = {
                    readings[index][code].offset
                    for code in np.unique(cells.codes[keep])
                    if readings[index][code].value
                }
                offsets |= used
                timed[index] = keep & cells.where([reading.offset is not None for reading in readings[index]])
        if len(offsets) < 2 or not any(
            "read without" in reading.note
            for column_readings in readings.values()
            for reading in column_readings
        ):
            return
        named = " and ".join(sorted(offset or "none" for offset in offsets))
        for index, mask in timed.items():
            if mask.any():
                self._error(index, mask, f"times with different time zones ({named})", STATE_ZONE)

    def _error(self, index: int, mask: Mask, found: str, done: str) -> None:
        rows = self.rows[mask].tolist()
        self.report.error(
            self.sheet.name, found, done, at=letter(index), rows=rows, allowed=self.columns[index].allowed
        )

    def _warn(self, index: int, mask: Mask, found: str, done: str) -> None:
        rows = self.rows[mask].tolist()
        self.report.warning(
            self.sheet.name, found, done, at=letter(index), rows=rows, allowed=self.columns[index].allowed
        )


BLANK = Reading()
UNSAVED = "must be corrected: open the file in Excel and save it, or paste values"
STATE_ZONE = (
    "must be corrected: state time_zone on the sheet about, such as America/Los_Angeles, or write local times"
)


def _readings(cells: Distinct, column: Column, context: Context) -> list[Reading]:
    return [BLANK if is_blank(cell) else read_cell(cell, column, context) for cell in cells.values]


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
