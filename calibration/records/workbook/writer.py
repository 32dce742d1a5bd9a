"""Writing ``Records`` so that reading them back gives the very same tables."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from calibration.records.workbook.cell import escaped
from calibration.records.workbook.column import Column, columns, empty
from calibration.records.workbook.header import ABOUT
from simulation.atomic import atomic_file, staging_folder
from simulation.record import TABLES, Records, typed

Form = Literal["xlsx", "csv", "parquet"]
FIRST_DAY = datetime(1900, 3, 1)  # before it, spreadsheets disagree on the number of a day
MAX_ROWS = 1_048_575


def write(records: Records, path: Path, form: Form | None = None) -> None:
    """Write a workbook (a path ending in .xlsx), or a folder of CSV or Parquet files.

    Raises FileExistsError if something is there already, and ValueError for a table too long for a sheet
    or a value that its column does not allow.
    """
    form = form or ("xlsx" if path.suffix.lower() == ".xlsx" else "csv")
    if path.exists():
        raise FileExistsError(f"{path} exists already and is left as it is")
    records = canonical(records)
    if form == "xlsx":
        with atomic_file(path, replace=False) as unfinished:
            _write_workbook(records, unfinished)
        return
    with staging_folder(path) as staging:
        {"csv": _write_csv, "parquet": _write_parquet}[form](records, staging)


def canonical(records: Records) -> Records:
    """The same records with every column in its model's order and of its one type."""
    tables = {}
    for name in TABLES:
        frame = typed(name, records.tables.get(name, empty(name)))
        days = {
            column.name: frame[column.name].dt.normalize()
            for column in columns(name)
            if column.kind == "date"
        }
        tables[name] = frame.assign(**days)
    return Records(tables, records.observed_until.normalize(), records.source, records.notes)


def about(records: Records) -> list[tuple[str, str]]:
    """Items and values of the sheet about."""
    rows = [("observed_until", f"{records.observed_until:%Y-%m-%d}")]
    if records.source == "simulation":
        rows.append(("source", records.source))
    return rows + [("note", "'" + note) for note in records.notes]


def _texts(frame: pd.DataFrame, table: str) -> Iterator[tuple[Column, list[Any]]]:
    """Each column with its cells: texts escaped, the rest as Python values, None where unknown."""
    for column in columns(table):
        series = frame[column.name]
        cells: list[Any] = series.astype(object).where(series.notna(), None).tolist()
        if column.kind == "text":
            write_text = cache(lambda text, column=column: escaped(text, column))
            cells = [None if cell is None else write_text(cell) for cell in cells]
        elif column.kind in ("date", "moment"):
            cells = [None if cell is None else cell.to_pydatetime() for cell in cells]
        _refuse_gap(column, cells)
        yield column, cells


def _refuse_gap(column: Column, cells: list[Any]) -> None:
    """A default would take the place of what is unknown, and nothing that of what is needed."""
    if not column.nullable and None in cells:
        raise ValueError(
            f"{column.table}.{column.name}: row {cells.index(None)} holds nothing, which it must not"
        )


# --- Workbook -----------------------------------------------------------------------------------------


def _write_workbook(records: Records, path: Path) -> None:
    import xlsxwriter

    too_long = [name for name, frame in records.tables.items() if len(frame) > MAX_ROWS]
    if too_long:
        raise ValueError(
            f"{too_long[0]}: a sheet holds {MAX_ROWS:,} rows; write a folder of CSV or Parquet instead"
        )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet(ABOUT)
        for row, (item, value) in enumerate([("item", "value"), *about(records)]):
            sheet.write_string(row, 0, item)
            sheet.write_string(row, 1, value)
        for name, frame in records.tables.items():
            _write_sheet(book, name, frame)


def _write_sheet(book: Any, table: str, frame: pd.DataFrame) -> None:
    sheet = book.add_worksheet(table)
    sheet.freeze_panes(1, 0)
    formats = {
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    for index, (column, cells) in enumerate(_texts(frame, table)):
        sheet.write_string(0, index, column.name)
        put = _putter(sheet, column, formats.get(column.kind))
        for row, value in enumerate(cells, start=1):
            if value is not None:
                put(row, index, value)


def _putter(sheet: Any, column: Column, form: Any) -> Callable[[int, int, Any], object]:
    """How a value of this column is put into a cell without losing anything of it."""
    if column.kind in ("text", "choice"):
        put: Callable[[int, int, Any], object] = sheet.write_string
        return put
    if column.kind == "yes_no":
        return lambda row, index, value: sheet.write_string(row, index, "yes" if value else "no")
    if column.kind in ("date", "moment"):
        return lambda row, index, value: (
            sheet.write_datetime(row, index, value, form)
            if value.microsecond == 0 and value >= FIRST_DAY
            else sheet.write_string(row, index, _written(value, column))
        )
    return lambda row, index, value: (
        sheet.write_number(row, index, value)
        if float(f"{value:.16G}") == value
        else sheet.write_string(row, index, repr(value))
    )


def _written(value: Any, column: Column) -> str:
    """A value as CSV holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        is_day = column.kind == "date" or value.time() == time(0)
        return date.isoformat(value) if is_day else value.isoformat(" ")
    return repr(value) if isinstance(value, float) else str(value)


# --- Folders ------------------------------------------------------------------------------------------


def _write_csv(records: Records, staging: Path) -> None:
    _csv_file(staging / f"{ABOUT}.csv", [("item", "value"), *about(records)])
    for name, frame in records.tables.items():
        written = [
            [column.name, *(_written(cell, column) for cell in cells)]
            for column, cells in _texts(frame, name)
        ]
        _csv_file(staging / f"{name}.csv", zip(*written, strict=True))


def _csv_file(path: Path, rows: Any) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _write_parquet(records: Records, staging: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        "text": pa.string(),
        "choice": pa.string(),
        "date": pa.date32(),
        "moment": pa.timestamp("us"),
        "whole": pa.int64(),
        "number": pa.float64(),
        "yes_no": pa.bool_(),
    }
    for name, frame in records.tables.items():
        arrays = {column.name: pa.array(cells, kinds[column.kind]) for column, cells in _texts(frame, name)}
        pq.write_table(pa.table(arrays), staging / f"{name}.parquet")
    items = about(records)
    table = pa.table({"item": [item for item, _ in items], "value": [value for _, value in items]})
    pq.write_table(table, staging / f"{ABOUT}.parquet")
