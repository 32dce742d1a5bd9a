"""One table as it stands in a file, before anything is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


class BadFile(Exception):
    """A file of which nothing can be made: what it is, and what to do about it."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(f"{found}; {advice}")
        self.found, self.advice = found, advice


@dataclass
class Marks:
    """The cells of a sheet that hold a formula, a formula without saved result, or an error."""

    formulas: list[str] = field(default_factory=list)
    unsaved: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass
class Sheet:
    """The rows of one table, ``rows[0]`` standing in row 1 of the file.

    ``typed``: numbers, dates and text are distinct in the file; ``marks``: formulas, errors.
    """

    name: str
    table: str
    rows: Sequence[Sequence[Any]]
    typed: bool
    marks: Marks | None = None


@dataclass(frozen=True)
class Distinct:
    """A column as its different values, and which of them stands in each row."""

    values: list[Any]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, cells: Sequence[Any]) -> Distinct:
        """Tell the values apart, 1 from True and from 1.0 as well."""
        seen: dict[Any, int] = {}
        give = seen.setdefault
        if len({bool, int, float} & set(map(type, cells))) < 2:  # nothing equal that is not the same
            codes = np.fromiter((give(cell, len(seen)) for cell in cells), np.int32, len(cells))
            return cls(list(seen), codes)
        codes = np.fromiter((give((cell.__class__, cell), len(seen)) for cell in cells), np.int32, len(cells))
        return cls([value for _, value in seen], codes)

    def where(self, flags: Sequence[bool]) -> NDArray[np.bool_]:
        """The rows whose value has this flag."""
        return np.asarray(flags, dtype=bool)[self.codes] if len(self.values) else np.zeros(0, dtype=bool)
