"""Opening the files that records come in, as tables of plain text."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from calibration.records.workbook.finding import BadRecords, Report

Texts = Mapping[str, pd.DataFrame]
CSV = (".csv", ".csv.gz", ".txt", ".tsv")
MAX_BYTES = 1_000_000_000


def refused(path: Path, found: str, allowed: str) -> BadRecords:
    """The error of a file that cannot be used."""
    report = Report(path.name)
    report.error(path.name, found, "nothing was read", allowed=allowed)
    return BadRecords(report)


def is_csv(path: Path) -> bool:
    """Whether a file is named like text with separators."""
    return path.is_file() and path.name.lower().endswith(CSV)


def csv_header(path: Path) -> Mapping[str, list[str]] | None:
    """The column names of a CSV file, None if it is none; raises BadRecords if it cannot be read as one."""
    return {"": list(_csv(path, path, rows=0).columns)} if is_csv(path) else None


def csv_texts(path: Path) -> Texts:
    """A CSV file, every cell as text."""
    if not is_csv(path):
        raise refused(path, "a file of another kind", "CSV (.csv or .csv.gz)")
    return {"": _csv(path, path)}


def csv_folder(path: Path) -> Mapping[str, Any] | None:
    """The CSV files of a folder or zip by name, to be opened one by one; None if it is neither."""
    if path.is_dir():
        return {member.name: member for member in sorted(path.glob("*.csv"))} or None
    if path.is_file() and zipfile.is_zipfile(path) and path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            return {
                Path(member).name: member for member in archive.namelist() if member.lower().endswith(".csv")
            }
    return None


def folder_header(path: Path) -> Mapping[str, list[str]] | None:
    """The column names of each CSV file of a folder or zip; None if it is neither."""
    members = csv_folder(path)
    if members is None:
        return None
    return {name: list(_member(path, member, rows=0).columns) for name, member in members.items()}


def folder_texts(path: Path, *names: str) -> Texts:
    """The named CSV files of a folder or zip, every cell as text."""
    members = csv_folder(path)
    if members is None:
        raise refused(path, "a file of another kind", "a folder or zip with CSV files")
    return {name: _member(path, members[name]) for name in names if name in members}


def _member(path: Path, member: Path | str, rows: int | None = None) -> pd.DataFrame:
    if isinstance(member, Path):
        return _csv(member, path, rows)
    with zipfile.ZipFile(path) as archive, archive.open(member) as opened:
        return _csv(opened, path, rows)


def _csv(opened: Any, path: Path, rows: int | None = None) -> pd.DataFrame:
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        raise refused(path, f"{path.stat().st_size:,} bytes", f"at most {MAX_BYTES:,}")
    try:
        return pd.read_csv(opened, dtype="str", keep_default_na=False, encoding="utf-8-sig", nrows=rows)
    except pd.errors.EmptyDataError:
        raise refused(path, "an empty file", "a header and rows") from None
    except (UnicodeDecodeError, pd.errors.ParserError, OSError, EOFError) as bad:
        raise refused(path, f"no readable CSV ({bad})".replace("\n", " "), "UTF-8 text, commas") from None
