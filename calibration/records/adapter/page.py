"""The page docs/adapters.md, made from the declarations.

Renew it after a change of an adapter: python -m calibration.records.adapter.page
"""

from __future__ import annotations

from pathlib import Path

from calibration.records.adapter.declaration import Adapter, Source, Table
from calibration.records.adapter.library import ADAPTERS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "adapters.md"
HEAD = """# Adapters: records as they are published

An adapter turns somebody's file into tables with the same column names everywhere, looks for the faults that
this kind of file is known to have, and reports how many rows had each and what was done: the row was left
out, the value set missing or corrected, or it was kept and only reported.

```python
from calibration.records.adapter import read

reading = read("jail_profile_survey", "survey.csv.gz")  # or read(None, path): recognised by its columns
print(reading)  # what was caught
reading.table  # the first table; reading.tables has all
```

A file that no adapter reads is refused, with the columns that were found, the nearest adapter and what it
lacks. A new adapter is a declaration: `calibration/records/adapter/jail.py` holds three. Add it to
`library.py`, test it on a few rows by hand, and renew this page with
`python -m calibration.records.adapter.page`.

| adapter | reads | from | tables that come out |
|---|---|---|---|
"""


def page() -> str:
    """The page, as Markdown."""
    lines = [_row(adapter) for adapter in ADAPTERS.values()]
    return HEAD + "\n".join(lines) + "\n" + "".join(_section(adapter) for adapter in ADAPTERS.values())


def _row(adapter: Adapter) -> str:
    tables = ", ".join(f"{table.name} ({table.row})" for table in adapter.tables) or "those of the workbook"
    name, reads = f"[{adapter.name}](#{adapter.name})", f"{adapter.title}; {adapter.format}"
    return f"| {name} | {reads} | {adapter.origin} | {tables} |"


def _section(adapter: Adapter) -> str:
    lines = [f"\n## {adapter.name}\n", f"{adapter.title}. {adapter.origin}.\n"]
    for source in adapter.sources:
        lines += _columns(source)
    faults = [*(fault for source in adapter.sources for fault in _faults(source)), *(
        fault for table in adapter.tables for fault in _faults(table))]  # fmt: skip
    if faults:
        lines += ["", "| fault looked for | what is done |", "|---|---|", *dict.fromkeys(faults)]
    lines += ["", *(f"- {note}" for note in adapter.notes)] if adapter.notes else []
    return "\n".join(lines) + "\n"


def _columns(source: Source) -> list[str]:
    place = f"column in {source.name}" if source.name else "column there"
    lines = [f"| {place} | here | read as |", "|---|---|---|"]
    for column in source.columns:
        kind = column.kind if column.required else f"{column.kind}, may be absent"
        lines.append(f"| {column.source} | {column.name} | {kind} |")
    return lines


def _faults(part: Source | Table) -> list[str]:
    return [f"| {fault.meaning} | {fault.done} |" for fault in part.faults]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
