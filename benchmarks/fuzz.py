"""Thousands of damaged files, through the command line: scenarios, workbooks, posteriors, targets and more.

Run it as ``python benchmarks/fuzz.py [SHARE [WORD]]`` (about half an hour; SHARE of 0.1 does a tenth, WORD
only the kinds of file whose name holds it, and writes no table); it writes benchmarks/fuzz.md. Files that
stay valid are counted apart, and some of each kind have to be able to run. Every other one has to end with
exit code 1 and a reason within ten seconds, without a traceback, a run or a file written. A file that does
not is kept in the folder that is named, and the next one is tried.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.command import Endless
from tests.fuzz.kind import KINDS, Kind

LIVED = 30
"""Of the files of each kind that stay valid, how many are let to run for some days."""
BATCH = 50
MADE_OF = ("hypothesis", "pandas", "pyarrow", "python-calamine", "ruamel.yaml", "numpy")


@dataclass
class Tally:
    """How many files of a kind were refused, stayed valid, ran, and were handled in no way that should be."""

    kind: Kind
    folder: Path
    faults: Path
    refused: int = 0
    valid: int = 0
    lived: int = 0
    faulty: int = 0
    slowest: float = 0.0

    def one(self, content: object) -> None:
        """Try one file."""
        begun = time.process_time()
        may_live = self.kind.runs and self.lived < LIVED
        try:
            was_refused = self.kind.tried(self.folder, content, may_live)
        except (Exception, Endless):  # noqa: BLE001  whatever it is, it is counted and kept
            self.fault(content)
            return
        if was_refused:
            self.refused += 1
            self.slowest = max(self.slowest, time.process_time() - begun)
        else:
            self.valid += 1
            self.lived += may_live

    def fault(self, content: object) -> None:
        """Keep a file that was handled wrongly, with what happened."""
        self.faulty += 1
        path = self.faults / f"{self.kind.name} {self.faulty}".replace(" ", "_")
        raw = content[1] if isinstance(content, tuple) else content
        path.write_bytes(raw if isinstance(raw, bytes) else repr(raw).encode())
        path.with_suffix(".txt").write_text(
            f"{str(content)[:200]}\n{traceback.format_exc()}", encoding="utf-8"
        )
        print(f"{path}: {traceback.format_exc(limit=-1).splitlines()[-1][:200]}", flush=True)


def main() -> None:
    share = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    word = sys.argv[2] if len(sys.argv) > 2 else ""
    faults = Path(tempfile.mkdtemp(prefix="fuzz-"))
    found = []
    for kind in KINDS:
        if word in kind.name:
            found.append(tally(kind, max(1, round(kind.number * share)), faults))
            print(row(found[-1]), flush=True)
    if not word and share == 1:
        Path(__file__).with_suffix(".md").write_text(report(found), encoding="utf-8")
    if any(one.faulty for one in found):
        sys.exit(f"Faults are kept in {faults}")


def tally(kind: Kind, number: int, faults: Path) -> Tally:
    """Damaged files, a batch at a time, until so many were refused."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.chdir(folder)
        if kind.ready is not None:
            kind.ready(folder)
        found = Tally(kind, folder, faults)
        for batch in count():
            if found.refused >= number or found.faulty > number:
                break
            try_batch(found, batch, number)
        os.chdir(faults)
    return found


def try_batch(found: Tally, batch: int, number: int) -> None:
    """Some more files, the same for the same number of a batch."""

    @seed(batch)
    @settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(found.kind.contents)
    def each(content: object) -> None:
        if found.refused < number:
            found.one(content)

    each()


def row(one: Tally) -> str:
    """A line of the table."""
    cells = (one.kind.name, f"{one.refused:,}", f"{one.slowest:.1f}", one.faulty, f"{one.valid:,}", one.lived)
    return f"| {' | '.join(map(str, cells))} |"


def report(found: list[Tally]) -> str:
    """The table for a reader."""
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    versions = ", ".join(f"{name} {version(name)}" for name in MADE_OF)
    lines = [
        "| damaged | refused, exit code 1 | slowest, processor seconds | faults | valid | valid and run |",
        "|---|---|---|---|---|---|",
        *map(row, found),
        "",
        "A fault is a traceback, no answer within ten seconds of work, a run, a file written, no reason,",
        "or an escape character reported. Files that stay valid are not run in full: those of",
        "the last column lived for five days (if their county is small) or had their measures computed.",
        "",
        f"{machine}; {versions}.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
