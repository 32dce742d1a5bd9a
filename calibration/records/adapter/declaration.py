"""What an adapter is: a small declaration of somebody's file, and how one is read by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from calibration.records.adapter.column import Column
from calibration.records.adapter.fault import Caught, Fault
from calibration.records.adapter.file import Texts, csv_header, csv_texts, refused
from calibration.records.workbook.finding import Finding, Report
from simulation.record import Records

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Source:
    """One table of a file as it comes: its name there (empty if it is the whole file), columns and faults."""

    columns: tuple[Column, ...]
    faults: tuple[Fault, ...] = ()
    name: str = ""

    def lacking(self, header: list[str]) -> list[str]:
        """The required columns that a header does not have."""
        return [column.source for column in self.columns if column.required and column.source not in header]


@dataclass(frozen=True)
class Table:
    """One table that comes out: its name, what a row is, how it is made of the read sources, its faults."""

    name: str
    row: str
    make: Callable[[Tables], pd.DataFrame] = lambda tables: next(iter(tables.values()))
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Adapter:
    """A kind of file: what it holds, what is known to be wrong with it, and which tables come out of it.

    notes: what someone who uses it must know and no rule can catch. header and texts: how the file is
    opened; CSV by default. header returns None for a file of another format.
    """

    name: str
    title: str
    origin: str
    sources: tuple[Source, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    format: str = "CSV, plain or .gz"
    header: Callable[[Path], Mapping[str, list[str]] | None] = csv_header
    texts: Callable[[Path], Texts] = csv_texts
    records: Callable[[Path], tuple[Records, Report]] | None = None

    def lacking(self, header: Mapping[str, list[str]]) -> list[str]:
        """The required columns, with their table if there are several, that a header does not have."""
        return [
            f"{source.name}: {column}" if source.name else column
            for source in self.sources
            for column in source.lacking(header.get(source.name, []))
        ]


@dataclass(frozen=True)
class Reading:
    """A file read by an adapter: its tables, and every fault that was caught.

    records: the county's records, if the file is the workbook of the performance measures.
    """

    adapter: str
    path: Path
    tables: Tables
    caught: tuple[Caught, ...]
    notes: tuple[str, ...]
    records: Records | None = None

    @property
    def table(self) -> pd.DataFrame:
        """The first table."""
        return next(iter(self.tables.values()))

    def __str__(self) -> str:
        counts = ", ".join(f"{len(table):,} {name}" for name, table in self.tables.items())
        lines = [f"{self.path.name}, read as {self.adapter}: {counts}."]
        return "\n".join(
            [*lines, *(f"- {line}" for line in self.caught), *(f"- {line}" for line in self.notes)]
        )


def read_by(adapter: Adapter, path: Path) -> Reading:
    """The file read by one adapter; raises BadRecords if it is not of that kind."""
    if adapter.records is not None:
        records, report = adapter.records(path)
        caught_by_reader = tuple(_caught(warning) for warning in report.warnings)
        return Reading(adapter.name, path, records.tables, caught_by_reader, adapter.notes, records)
    texts = adapter.texts(path)
    caught: list[Caught] = []
    sources: dict[str, pd.DataFrame] = {}
    for source in adapter.sources:
        table = _read_source(source, texts.get(source.name, pd.DataFrame()), path, caught)
        sources[source.name] = _dealt_with(source.faults, table, caught)
    tables = {table.name: _dealt_with(table.faults, table.make(sources), caught) for table in adapter.tables}
    return Reading(adapter.name, path, tables, tuple(caught), adapter.notes)


def _caught(finding: Finding) -> Caught:
    rows = len(finding.rows)
    return Caught(f"{finding.place}: found {finding.found}, {finding.done}", rows, rows, "kept")


def _read_source(source: Source, text: pd.DataFrame, path: Path, caught: list[Caught]) -> pd.DataFrame:
    """The columns of a source as typed values; what cannot be read is set missing and counted."""
    lacking = source.lacking(list(text.columns))
    if lacking:
        raise refused(path, f"no column {', '.join(lacking)}", f"all of them in {source.name or path.name}")
    values: dict[str, pd.Series[Any]] = {}
    for column in source.columns:
        raw = text.get(column.source, pd.Series("", index=text.index, dtype="str"))
        values[column.name], bad = column.read(raw)
        if bad.any():
            meaning = f"{column.source} that cannot be read as {column.kind}"
            caught.append(Caught(meaning, int(bad.sum()), len(text), "set missing", str(raw[bad].iloc[0])))
    return pd.DataFrame(values)


def _dealt_with(faults: tuple[Fault, ...], table: pd.DataFrame, caught: list[Caught]) -> pd.DataFrame:
    for fault in faults:
        table, faulty = fault.catch(table)
        if faulty is not None:
            caught.append(faulty)
    return table
