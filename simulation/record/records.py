"""The records of one county, or of one simulated log: every table with its columns and their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import NoneType
from typing import Any, Literal, get_args, get_type_hints

import pandas as pd

from simulation.record.table import TABLES

KINDS: dict[type, str] = {
    date: "datetime64[us]",
    datetime: "datetime64[us]",
    bool: "boolean",
    int: "Int64",
    float: "float64",
}


def dtypes(table: str) -> dict[str, str]:
    """The pandas type of each column of a table, in order."""
    hints = get_type_hints(TABLES[table])
    return {name: KINDS.get(_kind(hints[name]), "string") for name in TABLES[table].model_fields}


def _kind(hint: Any) -> Any:
    """The plain type under ``Optional``; a choice among words counts as text."""
    inner = [arm for arm in get_args(hint) if arm is not NoneType]
    return _kind(inner[0]) if NoneType in get_args(hint) else hint


def typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with exactly the table's columns and types; absent ones take the model's default.

    Raises ValueError for a column the table does not have or one it cannot do without.
    """
    fields = TABLES[table].model_fields
    unknown = [name for name in frame.columns if name not in fields]
    absent = [name for name, f in fields.items() if f.is_required() and name not in frame.columns]
    if unknown or (absent and len(frame)):
        raise ValueError(f"table {table}: columns unknown {unknown}, absent {absent}")
    columns = {}
    for name, kind in dtypes(table).items():
        default = None if fields[name].is_required() else fields[name].default
        column = frame[name] if name in frame.columns else pd.Series(default, frame.index, dtype=object)
        columns[name] = column.astype(pd.api.types.pandas_dtype(kind))
    return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


@dataclass(frozen=True)
class Records:
    """All tables of one county, or of one simulated log.

    Each table is a DataFrame with its model's fields as columns (datetime64 for dates, pandas' nullable
    types elsewhere); a table nobody filled is empty, never absent. ``observed_until``: the first day that
    is no longer covered, which censors everything; ``source``: records or simulation; ``observed_from``:
    the first day covered, where it is known.
    """

    tables: dict[str, pd.DataFrame]
    observed_until: pd.Timestamp
    source: Literal["records", "simulation"] = "records"
    notes: tuple[str, ...] = field(default=())
    observed_from: pd.Timestamp | None = None

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        observed_until: date,
        source: Literal["records", "simulation"] = "records",
        notes: tuple[str, ...] = (),
    ) -> Records:
        """Records from the tables that were filled; raises ValueError for one that does not exist."""
        if unknown := sorted(set(tables) - set(TABLES)):
            raise ValueError(f"no such table: {', '.join(unknown)}")
        filled = {name: typed(name, tables.get(name, pd.DataFrame())) for name in TABLES}
        return cls(filled, pd.Timestamp(observed_until), source, notes)

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table]
