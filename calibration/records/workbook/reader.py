"""Reading a county's records: a workbook, or a folder of CSV or Parquet files, into ``Records``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from calibration.records.workbook import excel, folder, header
from calibration.records.workbook.cell import Context, is_blank, read_cell
from calibration.records.workbook.column import Column, columns, empty
from calibration.records.workbook.finding import BadRecords, Report, quoted
from calibration.records.workbook.rule import PLANNED, Judge
from calibration.records.workbook.sheet import BadFile, Sheet
from calibration.records.workbook.table import read_table
from simulation.record import TABLES, Records

ITEMS = ("observed_until", "time_zone", "source", "note")


def read(path: Path, today: date | None = None) -> tuple[Records, Report]:
    """The records in a workbook or folder, and all that was interpreted or left out.

    Raises BadRecords, with every problem found, if anything must be corrected first. The file is only
    read: formulas are not computed, nothing is changed.
    """
    report = Report(path.name or str(path))
    try:
        records = _Reader(path, today or date.today(), report).read()
    except BadFile as bad:
        report.error(report.file, bad.found, bad.advice)
    except OSError as error:
        report.error(
            report.file, "a file that cannot be read", f"{error.strerror or 'its name is not valid'}"
        )
    except (ValueError, UnicodeError):  # a path with a null byte
        report.error(report.file, "a file that cannot be read", "its name is not valid")
    if report.errors:
        raise BadRecords(report)
    return records, report


class _Reader:
    """One reading of one file or folder."""

    def __init__(self, path: Path, today: date, report: Report) -> None:
        self.path, self.today, self.report = path, today, report
        self.about: dict[str, Any] = {}
        self.notes: tuple[str, ...] = ()

    def read(self) -> Records:
        """Read the sheet about first, since it states the time zone, then every table."""
        if not self.path.exists():
            raise BadFile("no such file or folder", "check its name")
        is_folder = self.path.is_dir()
        if not is_folder and not self.path.is_file():
            raise BadFile("no ordinary file", "give a workbook, or a folder of CSV or Parquet files")
        names = folder.files(self.path) if is_folder else excel.parts(self.path)
        wanted = header.tables(names, self.report)
        about = {name: table for name, table in wanted.items() if table == header.ABOUT}
        for sheet in self._sheets(about, is_folder):
            self._read_about(sheet)
        rest = {name: table for name, table in wanted.items() if table != header.ABOUT}
        return self._records(self._sheets(rest, is_folder))

    def _sheets(self, wanted: dict[str, str], is_folder: bool) -> Iterator[Sheet]:
        return folder.sheets(self.path, wanted, self.report) if is_folder else excel.sheets(self.path, wanted)

    def _records(self, sheets: Iterable[Sheet]) -> Records:
        simulated = self.about.get("source") == "simulation"
        tables = {name: empty(name).copy() for name in TABLES}
        for sheet in sheets:
            read = read_table(sheet, Context(zone=self.about.get("time_zone")), self.report)
            tables[sheet.table] = read.frame
            if not simulated:
                judge = Judge(sheet.name, sheet.table, read.frame, read.rows, read.at, self.report)
                tables[sheet.table] = judge.apply(self.today)
        return Records(
            tables, self._observed_until(tables), "simulation" if simulated else "records", self.notes
        )

    def _observed_until(self, tables: dict[str, pd.DataFrame]) -> pd.Timestamp:
        """The first day not covered, as stated, or the day after the last date in the tables."""
        stated = self.about.get("observed_until")
        if stated is not None:
            return pd.Timestamp(stated)
        last = max((day for name, frame in tables.items() for day in _latest(name, frame)), default=None)
        day = pd.Timestamp(self.today) if last is None else last.normalize() + pd.Timedelta(days=1)
        day = min(day, pd.Timestamp(self.today) + pd.Timedelta(days=1))
        found = "no observed_until, the first day that the records do not cover"
        self.report.warning(
            header.ABOUT, found, f"read as {day:%Y-%m-%d}, the day after the last date in the records"
        )
        return day

    # --- The sheet about ----------------------------------------------------------------------------

    def _read_about(self, sheet: Sheet) -> None:
        """Items and their values, in the first two columns."""
        notes = []
        for number, row in enumerate(sheet.rows, start=1):
            item, value = (*row, "", "")[:2]
            word = header.key(item)
            if is_blank(value) or (number == 1 and word == "item"):
                continue
            if word in ("note", "notes"):
                notes.append(str(value).removeprefix("'"))
            elif word not in ITEMS:
                self.report.warning(
                    sheet.name, quoted([item]), "left out", at="A", rows=[number], allowed=", ".join(ITEMS)
                )
            else:
                self._item(sheet, number, word, value)
        self.notes = tuple(notes)

    def _item(self, sheet: Sheet, number: int, item: str, value: Any) -> None:
        read = {"observed_until": self._day, "time_zone": _zone, "source": _source}[item](value, sheet)
        if item in self.about:
            self.report.error(sheet.name, f"{item} a second time", "must be corrected", at="B", rows=[number])
        elif read is None:
            allowed = {
                "observed_until": "a date up to tomorrow",
                "time_zone": "a name such as America/Los_Angeles",
            }
            said = allowed.get(item, "records or simulation")
            self.report.error(
                sheet.name, quoted([value]), "must be corrected", at="B", rows=[number], allowed=said
            )
        else:
            self.about[item] = read

    def _day(self, value: Any, sheet: Sheet) -> date | None:
        reading = read_cell(value, _day_column(), Context(sheet.typed))
        day: date | None = reading.value
        ahead = day is not None and day > self.today + timedelta(days=1)
        return None if ahead and not self._is_simulated(sheet) else day

    def _is_simulated(self, sheet: Sheet) -> bool:
        return any(
            header.key(row[0]) == "source" and _source(row[1], sheet) == "simulation"
            for row in sheet.rows
            if len(row) > 1
        )


def _day_column() -> Column:
    return next(column for column in columns("participants") if column.name == "admission_date")


def _zone(value: Any, sheet: Sheet) -> ZoneInfo | None:
    name = str(value).strip().removeprefix("'")
    if not re.fullmatch(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*", name):
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


def _source(value: Any, sheet: Sheet) -> str | None:
    word = str(value).strip().lower().removeprefix("'")
    return word if word in ("records", "simulation") else None


def _latest(table: str, frame: pd.DataFrame) -> Iterator[pd.Timestamp]:
    """The last date of each column that records past events."""
    for column in columns(table):
        if column.kind in ("date", "moment") and f"{table}.{column.name}" not in PLANNED:
            last = frame[column.name].max()
            if pd.notna(last):
                yield last
