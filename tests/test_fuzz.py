"""Whatever a file holds, it is refused in words or can be run (benchmarks/fuzz.py: more of the same)."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from offramp.commands.runner import read_posterior
from tests.fuzz import book, draws, figure
from tests.fuzz.command import SCENARIOS, Ran, command, in_words, loaded
from tests.fuzz.kept import Damage, damages, survives, undamaged
from tests.fuzz.kind import KINDS, Kind

SOME = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_damaged_file_is_refused_in_words_or_can_live(kind: Kind, folder: Path) -> None:
    if kind.ready is not None:
        kind.ready(folder)

    @settings(SOME, max_examples=15 if kind.lives or not kind.runs else 8)
    @given(content=kind.contents)
    def each(content: object) -> None:
        kind.tried(folder, content)

    each()


def test_the_files_are_valid_before_they_are_damaged(folder: Path) -> None:
    whole = {
        "scenario files, many levers": figure.LEVERS.encode(),
        "posteriors": draws.whole(),
        "workbooks": book.workbook(),
        "targets of a calibration": figure.TARGETS.encode(),
        "statements on fidelity": figure.FIDELITY.encode(),
        "workbooks to calibrate on": book.workbook(),
    }
    book.write_tables(folder / "tables")
    refusals = [kind.name for kind in KINDS if kind.name in whole and kind.tried(folder, whole[kind.name])]
    assert refusals == []
    assert len(read_posterior(folder / "p.parquet", loaded(Path(draws.COUNTY))).values) == 3


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return undamaged(tmp_path_factory.mktemp("runs"))


@settings(SOME, max_examples=8)
@given(damage=damages())
def test_a_damaged_store_loses_nothing_and_is_told(runs: Path, damage: Damage) -> None:
    survives(runs, damage)


PLACES = (
    *("long", "under_a_file", "folder", "loop", "dangling", "socket", "pipes"),
    *("pipe", "pipe.csv", "pipe.xlsx", "pipe.yaml", "pipe.parquet"),
    *("zero", "zero.csv", "zero.xlsx", "zero.yaml", "zero.parquet"),
)
COMMANDS = {
    "run": lambda place: ("run", place, "--out", "out"),
    "check": lambda place: ("check", place),
    "plan": lambda place: ("plan", place),
    "run to": lambda place: ("run", "mine.yaml", "-n", "2", "-j", "1", "--out", place),
    "posterior": lambda place: ("run", "napa", "--posterior", place, "--out", "out"),
    "store": lambda place: ("run", "mine.yaml", "-n", "2", "-j", "1", "--store", place, "--out", "out"),
    "measures": lambda place: ("measures", place),
    "fidelity": lambda place: ("measures", "county.xlsx", "--fidelity", place),
    "calibrate": lambda place: ("calibrate", "napa", place, "--out", "out/p.parquet"),
    "calibrate to": lambda place: (
        "calibrate",
        "napa",
        "targets.csv",
        "--jobs",
        "1",
        "--out",
        f"{place}/p.parquet",
    ),
    "synthesize": lambda place: ("synthesize", place, "--out", "out"),
    "synthesize to": lambda place: ("synthesize", "mine.yaml", "--out", place),
    "template": lambda place: ("template", f"{place}/x.xlsx"),
    "runs": lambda place: ("runs", "--store", place),
    "clean": lambda place: ("runs", "clean", "--store", place),
    "export": lambda place: ("runs", "export", "out", "--store", place),
    "export to": lambda place: ("runs", "export", place),
}


HARMLESS = [(place, name) for place in ("folder", "pipes") for name in ("store", "template", "calibrate to")]


def set_up(folder: Path) -> None:
    """A file, or what looks like one, under each of the names."""
    (folder / "mine.yaml").write_bytes((SCENARIOS / "napa.yaml").read_bytes())
    (folder / "county.xlsx").write_bytes(book.workbook())
    (folder / "targets.csv").write_text(figure.TARGETS, encoding="utf-8")
    for end in ("", ".csv", ".xlsx", ".yaml", ".parquet"):
        os.mkfifo(folder / f"pipe{end}")
        (folder / f"zero{end}").symlink_to("/dev/zero")
    (folder / "pipes").mkdir()
    for name in ("about.csv", "arrests.csv", "participants.parquet", "targets.csv"):
        os.mkfifo(folder / "pipes" / name)
    (folder / "pipes" / "custody.csv").symlink_to("/dev/zero")
    (folder / "folder" / "x").mkdir(parents=True)
    (folder / "loop").symlink_to("loop")
    (folder / "dangling").symlink_to("nowhere")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")


@pytest.mark.parametrize("command_name", COMMANDS)
def test_a_place_that_is_no_file_or_folder_is_refused_in_words(
    folder: Path, command_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(folder)
    monkeypatch.setenv("OFFRAMP_STORE", str(folder / "own_store"))
    names = {"long": "a" * 5000, "under_a_file": "mine.yaml/x"}
    for place in PLACES:
        arguments = COMMANDS[command_name](names.get(place, place))
        harmless = command_name in ("runs", "clean") or (place, command_name) in HARMLESS
        assert verdict(arguments) == (0 if harmless else 1), place


def verdict(arguments: tuple[str, ...]) -> int:
    """The exit code of a command; 0 for one that was about to run something."""
    with (
        patch("offramp.commands.runner.gather", side_effect=Ran),
        patch("calibration.inference.run_cache.run", side_effect=Ran),
    ):
        try:
            ended = command(*arguments)
        except Ran:
            return 0
    in_words(ended)
    return ended.code
