"""Progress where there is no terminal, and a Python that removes what Offramp needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from offramp.commands import calibrate, progress
from offramp.commands.progress import ProgressLines, duration
from tests.command import ROOT, digest, tiny, without_progress


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def lines_of(total: int | None, *steps: tuple[float, int]) -> list[str]:
    """The lines written when so many runs are finished at these seconds."""
    clock, lines = Clock(), []
    written = ProgressLines("runs", lines.append, clock)
    for clock.seconds, finished in steps:
        written.update(finished, total)
    return lines


def test_a_line_a_minute_says_how_many_are_finished_and_the_time_left() -> None:
    lines = lines_of(1000, (10, 5), (59.9, 90), (60, 100), (61, 101), (119, 199), (120, 200))
    assert lines == [
        "100 of 1,000 runs finished, about 9 min left",
        "200 of 1,000 runs finished, about 8 min left",
    ]


def test_without_a_known_total_no_time_left_is_claimed() -> None:
    assert lines_of(None, (61, 7)) == ["7 runs finished"]


def test_nothing_is_claimed_of_the_time_left_in_a_minute_without_progress() -> None:
    assert lines_of(9, (60, 0)) == ["0 of 9 runs finished"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "1 min"), (119, "2 min"), (3540, "59 min"), (3600 * 5.5, "5 h 30 min")]
)
def test_a_duration_is_told_in_minutes_and_hours(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def optimized(level: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "offramp", *arguments],
        env={**os.environ, "PYTHONOPTIMIZE": level, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_python_without_docstrings_is_refused_in_one_sentence() -> None:
    done = optimized("2", "--version")
    assert done.returncode == 1 and "PYTHONOPTIMIZE" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow  # compiles every library again for that level
def test_a_python_without_asserts_gives_the_same_bytes(tmp_path: Path) -> None:
    county = str(tiny(tmp_path, months=1))
    for level in ("0", "1"):
        places = ("--store", str(tmp_path / f"store{level}"), "--out", str(tmp_path / level))
        done = optimized(level, "run", county, "-n", "2", "-j", "1", "--events", *places)
        assert (done.returncode, without_progress(done.stderr)) == (0, "")
    assert digest(tmp_path / "0") == digest(tmp_path / "1")


def test_runs_and_calibration_write_such_lines_into_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    with progress.Progress().bar(2) as (done, _):
        done()
        done()
    said = capsys.readouterr().err
    assert said.startswith("1 of 2 runs finished") and "2 of 2 runs finished" in said
    with calibrate.progress_bar() as update:
        update(3, 8)
    assert "3 of 8 blocks of runs finished" in capsys.readouterr().err
