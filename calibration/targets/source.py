"""All targets that a file or folder of records holds, whatever kind of records they are."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from calibration.document import BadDocument, Problem
from calibration.fits.direct import direct_fits
from calibration.fits.fit import ParameterEstimate
from calibration.records.adapter import read as read_adapter
from calibration.targets.record_targets import record_targets
from calibration.targets.target import Point, Target
from calibration.targets.targetfile import PERIOD, read_targets
from simulation.inputs.countyfile import CountyFile
from simulation.record import TABLES

SURVEY: Mapping[str, tuple[str, str]] = {
    "adp": ("jail_adp", "total"),
    "mental_health_open": ("jail_adp", "all"),
    "bookings": ("bookings", "total"),
}
"""Columns of the Jail Profile Survey as measures. Open mental-health cases stand for the people in jail with
serious mental illness: the definitions of counties differ, and this is the nearest published count."""


OTHERS = (".xlsx", ".gz", ".ods")
"""Endings of files in a folder that an adapter reads; a CSV there is targets, or a table of the workbook."""


EXACT = ("arrest.felony", "arrest.ordinance", "arrest.violation")
"""Parameters that a direct fit of a workbook finds again in simulated records. Others it does not: a failure
may also follow an arrest, people withdraw while they wait, nobody is cited at a crisis."""


@dataclass(frozen=True)
class Gathered:
    """The targets of some records, notes on reading them, and direct estimates of parameters."""

    targets: list[Target]
    notes: list[str]
    estimates: list[ParameterEstimate]

    def within(self, start: date | None, end: date | None) -> Gathered:
        """Only the values of periods that lie in ``[start, end)``."""
        kept = [(t, [p for p in t.points if _inside(p, start, end)]) for t in self.targets]
        targets = [replace(one, points=tuple(some)) for one, some in kept if some]
        return replace(self, targets=targets)


def _inside(point: Point, start: date | None, end: date | None) -> bool:
    return (start is None or point.start >= start) and (end is None or point.end <= end)


def gather(path: Path, county: CountyFile) -> Gathered:
    """Every target of a file, or of all files of a folder; raises BadDocument or BadRecords."""
    if not path.exists():
        raise BadDocument([Problem(str(path), 1, 1, "(file)", "there is no such file or folder")])
    if not path.is_dir() and not path.is_file():
        raise BadDocument([Problem(str(path), 1, 1, "(file)", "is no ordinary file")])
    if not path.is_dir():
        return _of_file(path, county)
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    parts = [_of_file(file, county) for file in files if is_targets(file) or file.suffix in OTHERS]
    if any(file.stem in TABLES for file in files):
        parts.append(_of_file(path, county))
    if not parts:
        message = "holds neither targets (measure, period, value), nor a workbook, nor tables of records"
        raise BadDocument([Problem(str(path), 1, 1, "(folder)", message)])
    notes = [note for part in parts for note in part.notes]
    estimates = [estimate for part in parts for estimate in part.estimates]
    targets, left = _distinct(parts)
    return Gathered(targets, notes + left, estimates)


def _distinct(parts: Iterable[Gathered]) -> tuple[list[Target], list[str]]:
    """Each series once: what was published by itself before what is computed from tables; and notes."""
    kept: dict[tuple[str, int], Target] = {}
    left = []
    for part in parts:
        for target in part.targets:
            if kept.setdefault((target.name, target.per_year), target) is not target:
                left.append(f"{target.name} is in two files; the first was used")
    return list(kept.values()), left


def is_targets(path: Path) -> bool:
    """Whether a file has the columns of targets."""
    if path.suffix.lower() != ".csv":
        return False
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = (line for line in file if not line.startswith("#"))
            header = [name.strip().lower() for name in next(csv.reader(lines), [])]
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    return {"measure", "value"} <= set(header) or (bool(header) and header[0] in PERIOD)


def _of_file(path: Path, county: CountyFile) -> Gathered:
    if is_targets(path) or (path.suffix.lower() == ".csv" and path.stat().st_size < 3):
        return Gathered(read_targets(path), [], [])
    reading = read_adapter(None, path)
    notes = [str(caught) for caught in reading.caught] + list(reading.notes)
    if reading.adapter == "jail_profile_survey":
        targets, more_notes = _of_survey(reading.table, county, path)
        return Gathered(targets, notes + more_notes, [])
    estimates = [estimate for fit in direct_fits(reading) for estimate in fit.estimates]
    if reading.records is not None:
        targets, more_notes = record_targets(reading.records)
        more_notes += [
            f"{estimate.path}: the records show {estimate.value:.3g}, which has other causes too; not used"
            for estimate in estimates
            if estimate.path not in EXACT
        ]
        exact = [estimate for estimate in estimates if estimate.path in EXACT]
        return Gathered(targets, notes + more_notes, exact)
    if estimates:
        return Gathered([], notes, estimates)
    message = f"is a file of {reading.adapter}, which holds no parameter or measure of the county"
    allowed = "targets, the workbook of the performance measures, or the Jail Profile Survey"
    raise BadDocument([Problem(str(path), 1, 1, "(file)", f"{message}. Allowed: {allowed}")])


def _of_survey(table: pd.DataFrame, county: CountyFile, path: Path) -> tuple[list[Target], list[str]]:
    """The county's series; of several agencies the one with most bookings."""
    named = table[[county.name.startswith(str(name)) for name in table["county"]]]
    if not len(named):
        places = ", ".join(sorted(table["county"].dropna().unique()))
        raise BadDocument([Problem(str(path), 1, 1, "county", f"has no {county.name}. It has: {places}")])
    agency = str(named.groupby("place")["bookings"].sum().idxmax())
    own = named[named["place"] == agency].sort_values("month")
    targets = []
    for column, (measure, subgroup) in SURVEY.items():
        seen = own[own[column].notna()]
        points = tuple(
            Point(month.date(), (month + pd.DateOffset(months=1)).date(), float(value))
            for month, value in zip(pd.to_datetime(seen["month"]), seen[column], strict=True)
        )
        if points:
            targets.append(
                Target(measure, subgroup, points, source=f"Jail Profile Survey, {agency}: {column}")
            )
    others = sorted(set(named["place"]) - {agency})
    return targets, [f"Agency read: {agency}." + (f" Left out: {', '.join(others)}." if others else "")]
