"""A command in this process, and what must hold of one whose file is refused."""

from __future__ import annotations

import contextlib
import io
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from offramp.cli import main
from offramp.scenarios import load_one
from simulation import model
from simulation.scenario import Scenario

SCENARIOS = Path(__file__).parent.parent.parent / "scenarios"
SECONDS = 10.0


@dataclass
class Verdict:
    """How a command ended: its code, what it said of trouble, and what it told besides."""

    code: int
    said: str
    told: str


class Ran(Exception):
    """The file is valid: it was about to be run."""


class Endless(BaseException):
    """No answer after ten seconds of work; no handler of the product's takes it for something else."""


def command(*arguments: str) -> Verdict:
    """Run a command in this process; raises what would have been a traceback, and Endless."""
    said, told = io.StringIO(), io.StringIO()
    with limit(), contextlib.redirect_stderr(said), contextlib.redirect_stdout(told):
        code = main(list(arguments))
    return Verdict(code, said.getvalue(), told.getvalue())


@contextlib.contextmanager
def limit(seconds: float = SECONDS) -> Iterator[None]:
    """Raise Endless after ten seconds of work, or five minutes of waiting (other work does not count)."""

    def late(*_: object) -> None:
        raise Endless(f"no answer within {seconds:.0f} s")

    kinds = (
        (signal.SIGPROF, signal.ITIMER_PROF, seconds),
        (signal.SIGALRM, signal.ITIMER_REAL, 30 * seconds),
    )
    before = [signal.signal(kind, late) for kind, _, _ in kinds]
    for _, timer, most in kinds:
        signal.setitimer(timer, most)
    try:
        yield
    finally:
        for (kind, timer, _), old in zip(kinds, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(kind, old)


def refused(folder: Path, *arguments: str) -> bool:
    """Whether a command refuses what it is given, as it should; False if that is valid.

    Raises AssertionError if anything else happens, and whatever else would have been a traceback.
    """
    before = listing(folder)
    try:
        with (
            patch("offramp.commands.runner.make", side_effect=Ran),
            patch("calibration.inference.calibration.run", side_effect=Ran),
        ):
            verdict = command(*arguments)
    except Ran:
        return False
    assert listing(folder) == before, "something was written"
    in_words(verdict)
    return verdict.code == 1


def in_words(verdict: Verdict) -> None:
    """A command ended as documented, and its output is fit for a terminal."""
    assert verdict.code in (0, 1), f"exit code {verdict.code}: {verdict.said}"
    assert verdict.said.strip() or verdict.code == 0, "refused without a word"
    assert "Traceback" not in verdict.said
    odd = {each for each in verdict.said + verdict.told if not each.isprintable() and each != "\n"}
    assert not odd, f"characters that a terminal may obey: {odd}"


def lives(scenario: Scenario) -> None:
    """Let a valid file's county live for five days: whatever is accepted must be able to run."""
    with limit(6 * SECONDS):
        county = model.build(scenario, 1, 0)
        county.env.live_until(5.0)
        county.finish()


def loaded(path: Path) -> Scenario:
    """The scenario of a file."""
    return load_one(str(path))


def listing(folder: Path) -> list[tuple[str, int, int]]:
    """Every file and folder with its size and the moment at which it was last written."""
    found = []
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            status = (Path(place) / name).lstat()
            found.append((f"{place}/{name}", status.st_size, status.st_mtime_ns))
    return sorted(found)
