"""A thousand damaged scenario files and three hundred damaged workbooks, through the command line.

Run it as ``python benchmarks/fuzz.py [SHARE]`` (about ten minutes; SHARE of 0.1 does a tenth); it writes
benchmarks/fuzz.md. Files that stay valid are not counted, but fifty of each kind have to be able to run.
Every other one has to end with exit code 1 and a reason within ten seconds, without a traceback, a run
or a file written.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import fuzz

SCENARIO_FILES, WORKBOOKS, FOLDERS = 1000, 300, 200
LIVED = 50
"""Of the files of each kind that stay valid, how many are let to run for some days."""


def main() -> None:
    share = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    rows = []
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        folder = Path(place)
        for what, number, strategy, refuses in (
            ("scenario files", SCENARIO_FILES // 2, texts("two_more_clinicians.yaml"), yaml(folder)),
            ("county files", SCENARIO_FILES // 2, texts("napa.yaml"), yaml(folder)),
            ("workbooks", WORKBOOKS, fuzz.mutated_workbook(), book(folder)),
            ("tables of a CSV folder", FOLDERS, tables(), csv(folder)),
        ):
            rows.append((what, *until(max(1, round(number * share)), strategy, refuses)))
    report(rows)


def texts(name: str) -> st.SearchStrategy[bytes]:
    """Damaged copies of a shipped file."""
    return fuzz.mutated_text((fuzz.SCENARIOS / name).read_text(encoding="utf-8"))


def tables() -> st.SearchStrategy[tuple[str, bytes]]:
    """A table of the folder and what it holds now."""
    with tempfile.TemporaryDirectory() as place:
        fuzz.csv_folder(Path(place) / "tables")
        files = {path.name: path.read_text() for path in (Path(place) / "tables").iterdir()}
    return st.sampled_from(sorted(files)).flatmap(
        lambda name: st.tuples(st.just(name), fuzz.mutated_text(files[name]))
    )


def yaml(folder: Path) -> Callable[[bytes], bool]:
    lived = 0

    def refuses(content: bytes) -> bool:
        nonlocal lived
        (folder / "mine.yaml").write_bytes(content)
        refused = fuzz.refused(folder, "run", "mine.yaml", "--out", "out")
        if not refused and lived < LIVED:
            fuzz.lives(folder / "mine.yaml")
            lived += 1
        return refused

    return refuses


def book(folder: Path) -> Callable[[bytes], bool]:
    def refuses(content: bytes) -> bool:
        (folder / "county.xlsx").write_bytes(content)
        return fuzz.refused(folder, "measures", "county.xlsx")

    return refuses


def csv(folder: Path) -> Callable[[tuple[str, bytes]], bool]:
    fuzz.csv_folder(folder / "tables")

    def refuses(table: tuple[str, bytes]) -> bool:
        path = folder / "tables" / table[0]
        whole = path.read_bytes()
        path.write_bytes(table[1])
        try:
            return fuzz.refused(folder, "measures", "tables")
        finally:
            path.write_bytes(whole)

    return refuses


def until(
    number: int, strategy: st.SearchStrategy[object], refuses: Callable[[object], bool]
) -> tuple[int, int, float]:
    """Damaged files until so many were refused: how many were, how many stayed valid, slowest in seconds."""
    refused, valid, slowest = 0, 0, 0.0

    @settings(
        max_examples=20 * number,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def each(content: object) -> None:
        nonlocal refused, valid, slowest
        if refused >= number:
            return
        begun = time.process_time()
        if refuses(content):
            refused += 1
            slowest = max(slowest, time.process_time() - begun)
        else:
            valid += 1

    each()
    assert refused == number, f"only {refused} of {number} files were refused"
    return refused, valid, slowest


def report(rows: list[tuple[str, int, int, float]]) -> None:
    """The table for a reader."""
    lines = [
        "| damaged | refused in words, exit code 1 | valid | slowest, processor seconds |",
        "|---|---|---|---|",
        *(f"| {what} | {refused:,} | {valid:,} | {slowest:.1f} |" for what, refused, valid, slowest in rows),
        "",
        "No traceback, no answer later than ten seconds of work, no run, and no file written.",
        f"Of the valid scenarios and counties, {LIVED} each were run for five days.",
        "",
    ]
    text = "\n".join(lines)
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
