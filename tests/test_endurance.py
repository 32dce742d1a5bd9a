"""Killed, interrupted, out of disk or memory: no result is lost or wrong, and the command says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offramp.cli import main
from simulation.experiment.pool import LostWorkers
from tests.command import ROOT, digest, finished, kept, started, tiny, wait_for, without_progress

RUNS, MANY = 4, 16


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="module")
def whole(county: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What an uninterrupted run of the command gives."""
    folder = tmp_path_factory.mktemp("whole")
    code, said = finished(
        "run", county, "-n", RUNS, "--events", "--out", folder / "out", store=folder / "store"
    )
    assert (code, said) == (0, "")
    return digest(folder / "out")


@pytest.mark.slow
def test_a_run_killed_at_any_moment_goes_on_and_ends_the_same(
    county: Path, whole: dict[str, str], tmp_path: Path
) -> None:
    store, out = tmp_path / "store", tmp_path / "results" / "out"
    command = ("run", county, "-n", RUNS, "--jobs", 2, "--events", "--out", out)
    for runs_before_the_kill in (0, 1, 3, RUNS):
        process = started(*command, store=store)
        wait_for(lambda n=runs_before_the_kill, p=process: kept(store) >= n or p.poll() is not None)
        assert process.poll() is None
        process.kill()
        process.communicate()
        assert not out.exists()
    assert kept(store) >= RUNS
    assert finished(*command, store=store) == (0, "")
    assert digest(out) == whole
    assert [path.name for path in out.parent.iterdir()] == ["out"], "nothing else is left behind"


@pytest.mark.slow
def test_ctrl_c_stops_at_once_and_says_how_to_go_on(county: Path, tmp_path: Path) -> None:
    store, out = tmp_path / "store", tmp_path / "results" / "out"
    command = ("run", county, "-n", MANY, "--jobs", 2, "--events", "--out")
    process = started(*command, out, store=store)
    wait_for(lambda: kept(store) >= 1)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert time.monotonic() - begun < 5, "2 s on a machine that does nothing else"
    assert process.returncode == 130
    assert "Stopped. Nothing was written." in said and "the same command goes on from there" in said
    assert "Traceback" not in said
    assert not list(out.parent.iterdir())
    assert kept(store) < MANY
    assert finished(*command, out, store=store) == (0, "")
    assert finished(*command, tmp_path / "whole", store=tmp_path / "other") == (0, "")
    assert digest(out) == digest(tmp_path / "whole")


@pytest.mark.slow
def test_workers_end_when_their_command_is_killed(county: Path, tmp_path: Path) -> None:
    import psutil

    process = started(
        "run", county, "-n", 50, "--jobs", 2, "--out", tmp_path / "out", store=tmp_path / "store"
    )
    wait_for(lambda: kept(tmp_path / "store") >= 1)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    process.kill()
    process.communicate()
    assert not psutil.wait_procs(workers, timeout=20)[1]


@pytest.mark.slow
def test_two_commands_that_make_the_same_runs_at_once_share_them(
    county: Path, whole: dict[str, str], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    both = [
        started("run", county, "-n", RUNS, "--jobs", 1, "--events", "--out", tmp_path / name, store=store)
        for name in ("a", "b")
    ]
    for process in both:
        assert without_progress(process.communicate(timeout=300)[1]) == ""
        assert process.returncode == 0
    assert digest(tmp_path / "a") == whole == digest(tmp_path / "b")


def test_a_clock_set_back_changes_nothing(
    county: Path, whole: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(2_000_000_000, 0, -86_400))
    monkeypatch.setattr(time, "time", lambda: float(next(clock)))
    out = tmp_path / "out"
    store = tmp_path / "store"
    command = ["run", str(county), "-n", str(RUNS), "-j", "1", "--events", "--store", str(store)]
    assert main([*command, "--out", str(out)]) == 0
    assert digest(out) == whole


def test_a_store_that_cannot_be_written_is_told_and_the_run_goes_on(
    county: Path,
    whole: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("OFFRAMP_STORE", str(tmp_path / "file" / "store"))
    out = tmp_path / "out"
    command = ["run", str(county), "-n", str(RUNS), "-j", "1", "--events", "--out", str(out)]
    assert main(command) == 0
    assert "finished runs cannot be kept there" in capsys.readouterr().err
    assert digest(out) == whole
    refused = tmp_path / "refused"
    command = ["run", str(county), "--store", str(tmp_path / "file" / "store"), "--out", str(refused)]
    assert main(command) == 1
    assert "--store" in capsys.readouterr().err and not refused.exists()


@pytest.mark.parametrize(
    "ending",
    [
        (MemoryError(), 3, "not enough memory"),
        (LostWorkers("a worker was killed"), 3, "a worker was killed"),
        (KeyboardInterrupt(), 130, "Stopped."),
        (
            OSError(28, "No space left on device", "/full/disk"),
            1,
            "/full/disk: cannot be written: No space left",
        ),
    ],
)
def test_whatever_ends_a_run_is_told_with_how_to_go_on(
    ending: tuple[BaseException, int, str],
    county: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    error, code, told = ending

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("offramp.report.tables.Tables.write", fails)
    out = tmp_path / "results" / "out"
    command = ["run", str(county), "-n", "2", "-j", "1", "--store", str(tmp_path / "store")]
    assert main([*command, "--out", str(out)]) == code
    said = capsys.readouterr().err
    assert told in said and "2 runs are kept: the same command goes on from there" in said
    assert not list(out.parent.iterdir())


MEMORY_OF_THEIR_OWN = """
import resource, sys
from offramp.cli import main
from offramp.commands import run, runner
from offramp.report import console, figures, tables
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 12_000_000, resource.RLIM_INFINITY))
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on memory that holds")
def test_a_run_that_reaches_its_memory_limit_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MEMORY_OF_THEIR_OWN, "run", "contra_costa", "-n", "2", "-j", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OFFRAMP_STORE": str(tmp_path / "store")}
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "out")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 3
    assert "not enough memory" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
