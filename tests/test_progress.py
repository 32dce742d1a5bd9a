"""Progress where there is no terminal, and a Python that removes what Offramp needs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from offramp.commands.progress import ProgressLines, duration
from tests.command import ROOT


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def lines_of(total: int | None, *steps: tuple[float, int]) -> list[str]:
    """The lines written when so many runs are finished at these seconds."""
    clock, lines = Clock(), []
    progress = ProgressLines("runs", lines.append, clock)
    for clock.seconds, finished in steps:
        progress.update(finished, total)
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


def test_a_python_without_asserts_is_not_refused() -> None:
    assert optimized("1", "--version").returncode == 0
