"""A Dask cluster gives what one machine gives, byte for byte, also when it loses a worker."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from simulation.experiment.events import EVENT_TABLES
from simulation.experiment.pool import Cluster, OtherCode, map_unordered
from tests.command import digest, finished, kept, started, tiny, wait_for, without_progress
from tests.grid import Grid

RUNS = 8


def off_by_one(number: int) -> int:
    return number + 1


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_ends_with_what_one_machine_gives(grid: Grid, tmp_path: Path) -> None:
    county, store = tiny(tmp_path), tmp_path / "store"
    command = ("run", county, "-n", RUNS, "--events")
    process = started(*command, "--scheduler", grid.address, "--out", tmp_path / "cluster", store=store)
    wait_for(lambda: kept(store) >= 2)
    assert process.poll() is None
    grid.workers[0].kill()
    _, said = process.communicate(timeout=300)
    assert (process.returncode, without_progress(said)) == (0, "")
    assert finished(*command, "--jobs", 1, "--out", tmp_path / "one", store=tmp_path / "other") == (0, "")
    assert digest(tmp_path / "cluster") == digest(tmp_path / "one")


@pytest.mark.slow
def test_a_cluster_that_is_lost_ends_the_command_and_the_same_command_goes_on(
    grid: Grid, tmp_path: Path
) -> None:
    county, store = tiny(tmp_path), tmp_path / "store"
    command = ("run", county, "-n", RUNS, "--out", tmp_path / "out")
    process = started(*command, "--scheduler", grid.address, store=store)
    wait_for(lambda: kept(store) >= 2)
    grid.scheduler.kill()
    _, said = process.communicate(timeout=300)
    assert process.returncode == 3
    assert f"no worker answers at {grid.address}" in said and "the same command goes on" in said
    assert "Traceback" not in said
    assert finished(*command, store=store) == (0, "")
    assert finished("run", county, "-n", RUNS, "--out", tmp_path / "one", store=tmp_path / "s") == (0, "")
    assert digest(tmp_path / "out") == digest(tmp_path / "one")


@pytest.mark.slow
def test_workers_write_the_logs_to_any_address(grid: Grid, tmp_path: Path) -> None:
    county, logs = tiny(tmp_path, months=2), tmp_path / "logs"
    (logs).mkdir()
    command = ("run", county, "-n", 2, "--out", tmp_path / "out", "--events-to", f"file://{logs}")
    assert finished(*command, "--scheduler", grid.address, store=tmp_path / "store") == (0, "")
    command = ("run", county, "-n", 2, "--out", tmp_path / "one", "--events")
    assert finished(*command, store=tmp_path / "other") == (0, "")
    assert {folder.name for folder in logs.iterdir()} == set(EVENT_TABLES)
    for folder in logs.iterdir():
        written = pd.concat(map(pd.read_parquet, sorted(folder.iterdir())))
        joined = pd.read_parquet(tmp_path / "one" / f"{folder.name}.parquet")
        assert written.astype(str).values.tolist() == joined.astype(str).values.tolist(), folder.name


def test_workers_with_other_code_are_refused(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dict(map_unordered(off_by_one, [1], Cluster(grid.address), print)) == {1: 2}
    monkeypatch.setattr("simulation.experiment.pool.code_version", lambda: "other code")
    with pytest.raises(OtherCode):
        list(map_unordered(off_by_one, [1], Cluster(grid.address), print))
