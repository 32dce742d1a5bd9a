"""The data dictionary and the Frictionless Table Schema, made from the models of the tables.

Renew the files after a change of the models: python -m calibration.records.workbook.dictionary
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from calibration.records.workbook.cell import MISSING
from calibration.records.workbook.column import Column, columns, purpose
from simulation.record import TABLES

DOCS = Path(__file__).resolve().parents[3] / "docs"
KINDS = {"text": "string", "choice": "string", "date": "date", "moment": "datetime"}
KINDS |= {"whole": "integer", "number": "number", "yes_no": "boolean"}
HEAD = """# Data dictionary

The tables that hold a county's records and simulated logs alike. `offramp template county.xlsx` writes a
workbook with one sheet a table; a folder with one CSV or Parquet file a table, such as `arrests.csv`, is
read as well. The same in machine-readable form is [records.schema.json](records.schema.json). Both are
generated from the models in `simulation/record/table.py`.

A column in bold must be filled in every row. Any other cell may be empty, which means that the value is not
known, or what the column says. The last column names the variables of Appendix B of the NCSC guide that are
counted from it. The sheet (or file) `about` holds items and values: `observed_until`, the first day that the
records do not cover any more; `time_zone`, such as America/Los_Angeles, only if times carry offsets; and any
number of `note`.
"""


def dictionary() -> str:
    """The data dictionary, as Markdown."""
    return HEAD + "".join(_section(table) for table in TABLES)


def _section(table: str) -> str:
    lines = [f"\n## {table}\n", f"{purpose(table)}\n", "| column | allowed | meaning | NCSC variables |"]
    lines += ["|---|---|---|---|", *(_line(column) for column in columns(table))]
    return "\n".join(lines) + "\n"


def _line(column: Column) -> str:
    name = f"**{column.name}**" if column.required else column.name
    empty = "" if column.default is None else f" Empty: {_shown(column.default)}."
    meaning = f"{column.description}{empty}".strip()
    return f"| {name} | {column.allowed} | {meaning} | {', '.join(column.guide)} |"


def _shown(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def schema() -> dict[str, Any]:
    """A Frictionless Data Package: a resource a table, each with its Table Schema."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "offramp-records",
        "title": "Records for the performance measures of a mental health court",
        "resources": [_resource(table) for table in TABLES],
    }


def _resource(table: str) -> dict[str, Any]:
    return {
        "name": table,
        "path": f"{table}.csv",
        "description": purpose(table),
        "schema": {
            "fields": [dict(_field(column)) for column in columns(table)],
            "missingValues": ["", *sorted(MISSING)],
        },
    }


def _field(column: Column) -> Iterator[tuple[str, Any]]:
    yield "name", column.name
    yield "type", KINDS[column.kind]
    if column.description:
        yield "description", column.description
    if column.kind == "moment":
        yield "format", "any"
    if column.kind == "yes_no":
        yield "trueValues", ["yes"]
        yield "falseValues", ["no"]
    if column.default is not None:
        yield "x-empty-means", column.default
    if column.guide:
        yield "x-ncsc-variables", list(column.guide)
    rules = dict(_constraints(column))
    if rules:
        yield "constraints", rules


def _constraints(column: Column) -> Iterator[tuple[str, Any]]:
    if column.required:
        yield "required", True
    if column.choices:
        yield "enum", list(column.choices)
    if column.kind == "text" and column.maximum:
        yield "maxLength", int(column.maximum)
    if column.kind in ("whole", "number"):
        if column.minimum is not None:
            yield "exclusiveMinimum" if column.above else "minimum", column.minimum
        if column.maximum is not None:
            yield "maximum", column.maximum


def schema_text() -> str:
    """The schema as the text of its file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def renew() -> None:
    """Write both files anew."""
    DOCS.mkdir(exist_ok=True)
    (DOCS / "data_dictionary.md").write_text(dictionary(), encoding="utf-8")
    (DOCS / "records.schema.json").write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    renew()
