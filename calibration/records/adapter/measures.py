"""The workbook of the performance measures, so that a calibration reads it like every other record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from calibration.records.adapter.declaration import Adapter
from calibration.records.adapter.file import csv_folder
from calibration.records.workbook import read
from simulation.record import TABLES

SPREADSHEETS = (".xlsx", ".ods", ".xls", ".xlsb")


def header(path: Path) -> Mapping[str, list[str]] | None:
    """Empty if the file may be such a workbook (it has sheets or files named like our tables), else None."""
    if path.is_file() and path.suffix.lower() in SPREADSHEETS:
        return {}
    names = {Path(name).stem for name in (csv_folder(path) or {})} if path.is_dir() else set()
    return {} if names & set(TABLES) else None


WORKBOOK = Adapter(
    name="performance_measures",
    title="Workbook of the performance measures",
    origin="offramp template county.xlsx",
    format="Excel or OpenDocument workbook, or a folder of CSV files",
    sources=(),
    tables=(),
    header=header,
    records=read,
    notes=("Its tables and columns are in docs/data_dictionary.md.",),
)
