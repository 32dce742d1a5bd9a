"""A column of somebody's file: what it is called there, what it is called here, and how its text is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Kind = Literal["text", "number", "date", "moment", "flag", "term"]
MONTH, YEAR = 30.4375, 365.25
_DAYS = {"Y": YEAR, "M": MONTH, "D": 1.0, "H": 1 / 24}
_PART = re.compile(r"(\d+(?:\.\d+)?)([YMDH])")
_YES = {"1": True, "y": True, "yes": True, "true": True, "t": True}
_NO = {"0": False, "n": False, "no": False, "false": False, "f": False}


@dataclass(frozen=True)
class Column:
    """One column: its name in the file, its name here, and how to read it.

    kind: text; number; date (the time of day is dropped); moment; flag (0/1, yes/no); term (a span written
    as 1Y6M or 1M22D, read as days). words: what a word of the file is called here. required: whether a file
    without the column is refused.
    """

    source: str
    name: str
    kind: Kind = "text"
    words: Mapping[str, str] = field(default_factory=dict)
    required: bool = True

    def read(self, text: pd.Series[Any]) -> tuple[pd.Series[Any], Any]:
        """The values, and which cells held something that could not be read (they come back missing)."""
        stripped = text.str.strip()
        stripped = stripped.where(~stripped.isin(["", "NA", "NaN", "NULL", "null", "None"]))
        if self.words:
            stripped = stripped.replace(dict(self.words))
        values = _READERS[self.kind](stripped)
        return values, (stripped.notna() & values.isna()).to_numpy(dtype=bool)


def _text(text: pd.Series[Any]) -> pd.Series[Any]:
    return text


def _number(text: pd.Series[Any]) -> pd.Series[Any]:
    numbers = pd.to_numeric(text.str.replace(",", "", regex=False), errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _moment(text: pd.Series[Any]) -> pd.Series[Any]:
    moments = pd.to_datetime(text, errors="coerce", format="ISO8601")
    return pd.Series(moments.astype("datetime64[us]"))


def _date(text: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series(_moment(text).dt.normalize())


def _flag(text: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series(text.str.lower().map(_YES | _NO).astype("boolean"))


def _term(text: pd.Series[Any]) -> pd.Series[Any]:
    known = {words: term(words) for words in text.dropna().unique()}
    return text.map(known).astype("float64")


def days(span: pd.Series[Any]) -> NDArray[np.float64]:
    """Spans of time as days, nan where unknown."""
    return np.asarray(span.to_numpy() / np.timedelta64(1, "D"), dtype=np.float64)


def term(text: str) -> float:
    """Days in a span such as ``1Y6M`` or ``1M22D`` at the start of a text; nan if there is none.

    A month counts 30.4375 days and a year 365.25. What follows a blank (who holds the person) is not read.
    """
    first = text.strip().upper().split(" ")[0]
    parts = _PART.findall(first)
    if not parts or "".join(number + unit for number, unit in parts) != first:
        return float("nan")
    return sum(float(number) * _DAYS[unit] for number, unit in parts)


_READERS: dict[Kind, Callable[[pd.Series[Any]], pd.Series[Any]]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "moment": _moment,
    "flag": _flag,
    "term": _term,
}
