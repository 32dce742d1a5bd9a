"""The kinds of file that a command is given, how each is damaged, and how it is tried."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st

from offramp.commands.runner import read_posterior
from tests.fuzz import book, draws, figure, text
from tests.fuzz.command import SCENARIOS, Ran, lives, loaded, refused

Try = Callable[[Path, Any], bool]
"""A folder and the content of a file in; whether it was refused out."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: its name, how many are damaged in the benchmark, what they hold, whether it is refused.

    lives: what lets the valid ones run for some days, if their county is small; ready: what makes the folder.
    """

    name: str
    number: int
    contents: st.SearchStrategy[Any]
    refuses: Try
    lives: Callable[[Path], None] | None = None
    ready: Callable[[Path], None] | None = None

    @property
    def runs(self) -> bool:
        """Whether anything is made of a valid file here."""
        return self.lives is not None or self.refuses in (workbook, table, fidelity)

    def tried(self, folder: Path, content: object, may_live: bool = True) -> bool:
        """Whether this content was refused; what is not lives for some days, or has its measures computed."""
        with nullcontext() if may_live else patch("simulation.measures.ncsc.compute", side_effect=Ran):
            was_refused = self.refuses(folder, content)
        if not was_refused and may_live and self.lives is not None:
            self.lives(folder)
        return was_refused


def shipped(name: str) -> str:
    """The text of a shipped file."""
    return (SCENARIOS / name).read_text(encoding="utf-8")


def scenario(folder: Path, content: bytes) -> bool:
    (folder / "mine.yaml").write_bytes(content)
    return refused(folder, "run", "mine.yaml", "--out", "out")


def scenario_lives(folder: Path) -> None:
    lives(loaded(folder / "mine.yaml"))


def workbook(folder: Path, content: bytes) -> bool:
    (folder / "county.xlsx").write_bytes(content)
    return refused(folder, "measures", "county.xlsx")


def table(folder: Path, content: tuple[str, bytes]) -> bool:
    path = folder / "tables" / content[0]
    whole = path.read_bytes()
    path.write_bytes(content[1])
    try:
        return refused(folder, "measures", "tables")
    finally:
        path.write_bytes(whole)


def fidelity(folder: Path, content: bytes) -> bool:
    (folder / "stated.yaml").write_bytes(content)
    return refused(folder, "measures", "tables", "--fidelity", "stated.yaml")


def posterior(folder: Path, content: bytes) -> bool:
    (folder / "p.parquet").write_bytes(content)
    return refused(folder, "run", draws.COUNTY, "--posterior", "p.parquet", "--out", "out")


def posterior_lives(folder: Path) -> None:
    scenario = loaded(Path(draws.COUNTY))
    found = read_posterior(folder / "p.parquet", scenario)
    for draw in range(min(3, len(found.values))):
        lives(found.sampled(scenario, draw, 1))


def targets(folder: Path, content: bytes) -> bool:
    (folder / "targets.csv").write_bytes(content)
    return refused(folder, "calibrate", draws.COUNTY, "targets.csv", "--out", "out/p.parquet", "--jobs", "1")


def records(folder: Path, content: bytes) -> bool:
    (folder / "records").mkdir(exist_ok=True)
    (folder / "records" / "targets.csv").write_text(figure.TARGETS, encoding="utf-8")
    (folder / "records" / "county.xlsx").write_bytes(content)
    return refused(folder, "calibrate", draws.COUNTY, "records", "--out", "out/p.parquet", "--jobs", "1")


def tables(folder: Path) -> None:
    book.write_tables(folder / "tables")


SCENARIO, COUNTY = shipped("two_more_clinicians.yaml"), shipped("napa.yaml")

KINDS = (
    Kind("scenario files", 300, text.mutated_text(SCENARIO), scenario),
    Kind("scenario files, many levers", 300, text.mutated_text(figure.LEVERS), scenario, scenario_lives),
    Kind("scenario files, levers of any size", 100, figure.sized(figure.LEVERS), scenario, scenario_lives),
    Kind("county files", 400, text.mutated_text(COUNTY), scenario, scenario_lives),
    Kind("county files, any parameters", 100, figure.measured_here(COUNTY), scenario, scenario_lives),
    Kind("county files, any figures", 100, figure.sized(COUNTY), scenario, scenario_lives),
    Kind("posteriors", 300, draws.posteriors(), posterior, posterior_lives),
    Kind("workbooks", 300, book.mutated_workbook(), workbook),
    Kind("tables of a CSV folder", 200, book.mutated_table(), table, ready=tables),
    Kind("statements on fidelity", 100, text.mutated_text(figure.FIDELITY), fidelity, ready=tables),
    Kind("targets of a calibration", 300, figure.targets(), targets),
    Kind("workbooks to calibrate on", 100, book.mutated_workbook(), records),
)  # fmt: skip
