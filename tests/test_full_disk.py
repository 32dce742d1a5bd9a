"""What cannot be written is told with the path that could not be, and with the reason of the system."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from offramp.cli import main
from tests.command import tiny


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A county of a month in the working folder, and a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OFFRAMP_STORE", str(tmp_path / "store"))
    return str(tiny(tmp_path, months=1))


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk on which no table of events has room; pyarrow names no file then."""

    def write_table(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28] No space left on device")

    monkeypatch.setattr("pyarrow.parquet.write_table", write_table)


@pytest.mark.parametrize("logs", ["logs", "file://{folder}/logs"])
def test_a_full_disk_of_the_events_is_not_blamed_on_the_results(
    county: str, full: None, logs: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = logs.format(folder=tmp_path)
    assert main(["run", county, "-n", "2", "-j", "1", "--events-to", logs, "--out", "out"]) == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith(f"{logs}/people/tiny-")
    assert said.endswith(".parquet: cannot be written: No space left on device. Nothing was written.")
    assert not Path("out").exists()


def test_a_full_store_is_not_blamed_on_the_results(
    county: str, full: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", county, "-n", "2", "-j", "1", "--events", "--out", "out"]) == 1
    assert capsys.readouterr().err.strip().startswith(f"{tmp_path / 'store'}/")


@pytest.mark.parametrize("address", ["nowhere://bucket/logs", "s3a-typo://bucket"])
def test_an_address_of_a_kind_that_nothing_installed_knows_is_refused_before_anything_is_run(
    county: str, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", county, "-n", "2", "-j", "1", "--events-to", address, "--out", "out"]) == 1
    assert capsys.readouterr().err.startswith(f"--events-to {address}: cannot be used: ")
    assert not list(Path("store").rglob("*.run"))
