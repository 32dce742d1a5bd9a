"""From the text of one unquoted value to the value."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any


def converted(text: str, kind: str) -> Any:
    """The value of a text that looks like this kind of value to YAML, or else the text."""
    try:
        return _CONVERSIONS.get(kind, str)(text)
    except ValueError:  # looks like a number or a date, but is none: 2027-13-01
        return text


def _int(text: str) -> int:
    digits = text.replace("_", "").lower()
    return int(digits, 0 if re.match("[-+]?0[xob]", digits) else 10)


def _float(text: str) -> float:
    return float(re.sub(r"\.(?=inf|nan)", "", text.replace("_", "").lower()))


_CONVERSIONS: dict[str, Callable[[str], Any]] = {
    "null": lambda text: None,
    "bool": lambda text: text.lower() == "true",
    "int": _int,
    "float": _float,
    "timestamp": datetime.date.fromisoformat,
}
