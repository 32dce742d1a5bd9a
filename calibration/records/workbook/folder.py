"""Tables in a folder: one CSV or Parquet file each, named like the table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from calibration.records.workbook.finding import Report
from calibration.records.workbook.sheet import BadFile, Sheet

ENDINGS = (".csv", ".parquet")
MAX_BYTES = 1_000_000_000
MAX_CELLS = 60_000_000
MAX_COLUMNS = 1_000


def files(folder: Path) -> dict[str, Path]:
    """The readable files by their names without ending; raises BadFile if a table is there twice."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in ENDINGS or not path.is_file() or path.name.startswith("."):
            continue
        if path.stem in found:
            raise BadFile(
                f"both {found[path.stem].name} and {path.name}", "keep one of the two in the folder"
            )
        found[path.stem] = path
    if not found:
        raise BadFile(
            "a folder without any CSV or Parquet file", "give one file a table, such as arrests.csv"
        )
    return found


def sheets(folder: Path, wanted: dict[str, str], report: Report) -> Iterator[Sheet]:
    """The wanted files one by one (their name without ending: the table); raises BadFile."""
    paths = files(folder)
    for name, table in wanted.items():
        path = paths[name]
        if path.stat().st_size > MAX_BYTES:
            raise BadFile(
                f"{path.name} with {path.stat().st_size:,} bytes", f"at most {MAX_BYTES:,} are read"
            )
        if path.suffix.lower() == ".csv":
            yield Sheet(name, table, list(_csv_rows(path, report)), typed=False)
        else:
            yield Sheet(name, table, _parquet_rows(path), typed=True)


def _csv_rows(path: Path, report: Report) -> Iterator[list[str]]:
    """The rows of a CSV file, cut at commas, semicolons or tabs, each as long as the header."""
    text = _text(path, report)
    first = "".join(text[:10_000].split("\n")[:5])
    separator = max(",;\t", key=first.count)
    if separator != "," and first.count(separator):
        name = {";": "semicolons", "\t": "tabs"}[separator]
        report.warning(path.stem, f"columns parted by {name}", "read so")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    width, number = 0, 0
    try:
        for number, row in enumerate(reader, start=1):
            width = width or len(row)
            if any(cell.strip() for cell in row[width:]):
                found = f"{len(row)} cells where the first row has {width}"
                report.error(
                    path.stem, found, "must be corrected: put text with a comma in quotes", rows=[number]
                )
            yield row[:width] + [""] * (width - len(row))
    except csv.Error as error:
        raise BadFile(
            f"line {reader.line_num} of {path.name}, which is no CSV ({error})", "save the table as CSV anew"
        ) from None


def _text(path: Path, report: Report) -> str:
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(path, raw, "utf-16")
    if b"\0" in raw:
        raise BadFile(f"{path.name}, which is no text file", "save the table as CSV (UTF-8)")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        report.warning(
            path.stem, "letters that are not UTF-8", "read as Windows-1252; save it as CSV UTF-8 to be sure"
        )
        return raw.decode("cp1252", errors="replace")


def _decoded(path: Path, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise BadFile(f"{path.name}, which is no text file", "save the table as CSV (UTF-8)") from None


def _parquet_rows(path: Path) -> list[list[Any]]:
    """Header and rows of a Parquet file, in Python's own types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        names, count = file.schema_arrow.names, file.metadata.num_rows
        if count * len(names) > MAX_CELLS or len(names) > MAX_COLUMNS:
            raise BadFile(
                f"{count:,} rows of {len(names)} columns in {path.name}",
                f"at most {MAX_CELLS:,} cells are read",
            )
        nested = [field.name for field in file.schema_arrow if pa.types.is_nested(field.type)]
        if nested:
            raise BadFile(f"lists or groups in column {nested[0]} of {path.name}", "write one value a cell")
        columns = [_plain(column) for column in file.read().columns]
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise BadFile(f"{path.name}, which is no readable Parquet file", "write it anew") from error
    return [names, *map(list, zip(*columns, strict=True))]


def _plain(column: Any) -> list[Any]:
    """The values of a column; times to the microsecond, bytes as text, the rest as it is."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_duration(kind):
        column = column.cast(pa.string(), safe=False)
    elif pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    values: list[Any] = column.to_pylist()
    return values
