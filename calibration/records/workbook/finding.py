"""What was found in a workbook: where, what, what is allowed, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from calibration.document.problem import one_line

Level = Literal["error", "warning"]
SHOWN = 3  # cells and values named in one line


@dataclass(frozen=True)
class Finding:
    """One kind of fault in one column, however many cells it stands in.

    ``rows`` count as the spreadsheet does, from 1; ``found`` are the different values (at most a few),
    ``done`` says what became of them: read as something, left out, or to be corrected.
    """

    level: Level
    sheet: str
    column: str  # its letter; empty for a whole row or sheet
    rows: tuple[int, ...]
    found: str
    allowed: str
    done: str

    @property
    def cells(self) -> list[str]:
        """Every cell (or row) with this fault, such as arrests!B5."""
        return [self._cell(row) for row in self.rows] or [self.sheet]

    def _cell(self, row: int) -> str:
        return f"{self.sheet}!{self.column}{row}" if self.column else f"{self.sheet}, row {row}"

    @property
    def place(self) -> str:
        """The first cell, and how many more there are."""
        if not self.rows:
            return self.sheet
        first, more = self._cell(self.rows[0]), len(self.rows) - 1
        what = "cells" if self.column else "rows"
        return first if not more else f"{first} and {more:,} more {what if more > 1 else what[:-1]}"

    def __str__(self) -> str:
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return one_line(f"{self.level}: {self.place}: found {self.found}{allowed}; {self.done}.")


@dataclass
class Report:
    """All that was found in one workbook, in the order of its sheets and rows."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    def error(
        self, sheet: str, found: str, done: str, *, at: str = "", rows: Iterable[int] = (), allowed: str = ""
    ) -> None:
        """Add what must be corrected before anything is computed."""
        self.findings.append(Finding("error", sheet, at, tuple(rows), found, allowed, done))

    def warning(
        self, sheet: str, found: str, done: str, *, at: str = "", rows: Iterable[int] = (), allowed: str = ""
    ) -> None:
        """Add a finding that does not stop the reading: a value interpreted, or a row left out."""
        self.findings.append(Finding("warning", sheet, at, tuple(rows), found, allowed, done))

    @property
    def errors(self) -> list[Finding]:
        """What must be corrected."""
        return [finding for finding in self.findings if finding.level == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """What was read or left out all the same."""
        return [finding for finding in self.findings if finding.level == "warning"]

    def lines(self, limit: int = 200) -> Iterator[str]:
        """The findings, errors first, at most ``limit`` of them."""
        ordered = [*self.errors, *self.warnings]
        yield from map(str, ordered[:limit])
        if len(ordered) > limit:
            yield f"... and {len(ordered) - limit:,} more kinds of fault."

    def __str__(self) -> str:
        return "\n".join([f"{self.file}:", *self.lines()])


class BadRecords(Exception):
    """Records that cannot be used until they are corrected; ``report`` holds everything found."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(str(report))


def letter(index: int) -> str:
    """The letters of a column, 0 being A."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def quoted(values: Sequence[object], limit: int = SHOWN) -> str:
    """The first few values as a reader would name them."""
    shown = ", ".join(_quote(value) for value in values[:limit])
    more = len(values) - limit
    return shown if more <= 0 else f"{shown} and {more:,} other{'s' if more > 1 else ''}"


def _quote(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = "".join(character if character.isprintable() else " " for character in str(value))
    return f"'{text if len(text) <= 60 else text[:60] + '...'}'"
