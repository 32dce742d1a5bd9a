"""What is kept of finished runs can be seen, taken elsewhere and removed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from offramp.cli import main
from tests.command import kept, tiny


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    command = ["run", str(tiny(folder, months=3)), "-n", "2", "-j", "1", "--store", str(folder / "store")]
    assert main([*command, "--out", str(folder / "out")]) == 0
    return folder / "store"


def test_runs_lists_scenario_seed_and_number(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--store", str(store)]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "tiny" in line)
    cells = [cell.strip() for cell in line.split("│")]
    assert cells[3:7] == ["3", "1", "1", "2"]


def test_an_export_holds_what_the_run_s_own_tables_hold(store: Path, tmp_path: Path) -> None:
    assert main(["runs", "export", str(tmp_path / "x"), "--store", str(store)]) == 0
    key = ["replication", "measure", "subgroup", "value"]
    exported = pd.read_parquet(tmp_path / "x" / "monthly.parquet").dropna(subset="value")
    own = pd.read_parquet(store.parent / "out" / "monthly.parquet")
    assert len(own) and exported[key].values.tolist() == own[key].values.tolist()
    assert [str(month) for month in own["month"]] == list(exported["period"])
    periods = pd.read_parquet(tmp_path / "x" / "periods.parquet")
    assert set(periods["period"]) == {"last 3 months", "all"} and set(periods["seed"]) == {1}


def test_an_export_never_writes_over_anything(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").touch()
    assert main(["runs", "export", str(tmp_path), "--store", str(store)]) == 1
    assert main(["runs", "export", str(tmp_path / "none"), "--store", str(tmp_path / "nowhere")]) == 1
    assert "No finished runs" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_clean_keeps_what_this_version_can_use_unless_told(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", "clean", "--store", str(store)]) == 0
    assert kept(store) == 2
    assert main(["runs", "clean", "--everything", "--store", str(store)]) == 0
    assert kept(store) == 0
    assert main(["runs", "--store", str(store)]) == 0
    assert "No finished runs" in capsys.readouterr().out
