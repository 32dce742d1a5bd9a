"""A user's own lever: defined in Python or in a file, checked, and run by other processes."""

from __future__ import annotations

import linecache
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pytest

from calibration.document import BadDocument
from offramp import Lever
from offramp.cli import main
from offramp.plugin import import_plugins
from offramp.scenarios import load_one
from simulation import model
from simulation.county.county import County
from simulation.levers import LEVERS
from tests.command import ROOT, tiny

LEVER = """\
from typing import Annotated, Literal

from pydantic import Field

from offramp import Lever


class LimitTheLine(Lever):
    \"\"\"Leave so many call takers on the crisis line.\"\"\"

    lever: Literal["limit_the_line"]
    takers: Annotated[int, Field(ge=0)]

    def problems(self, county, levers):
        if self.takers > county.slots["crisis_line"]:
            yield ("takers",), f"{county.name} has fewer call takers"

    def apply(self, county):
        county.services["crisis_line"].resize(self.takers)
"""
SCENARIO = """\
format: 2
kind: scenario
name: Nobody on the line
question: What if nobody took the crisis line's calls?
county: tiny
levers:
  - {lever: limit_the_line, date: 2027-02-01, takers: 0}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a county, a lever and a scenario that uses it; nothing of them is known afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    tiny(tmp_path, 3)
    (tmp_path / "own_levers.py").write_text(LEVER, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(SCENARIO, encoding="utf-8")
    yield tmp_path
    for name in ("limit_the_line", "close_screening"):
        LEVERS.pop(name, None)
    sys.modules.pop("own_levers", None)


def phone_contacts(folder: Path) -> pd.Series[Any]:
    """Contacts resolved by phone, by scenario."""
    summary = pd.read_csv(folder / "summary.csv")
    rows = summary[
        (summary["measure"] == "crisis_contacts") & (summary["subgroup"] == "ended=resolved_by_phone")
    ]
    return rows[rows["period"] == "all"].set_index("scenario")["mean"]


RUN = ("run", "tiny.yaml", "mine.yaml", "--plugin", "own_levers.py", "-n", "2", "--jobs", "2")
KEPT = ("--out", "out", "--store", "store")


@pytest.mark.slow
def test_a_lever_from_a_file_acts_in_every_process(folder: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "offramp", *RUN, *KEPT],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    found = phone_contacts(folder / "out")
    assert found["mine"] < 0.6 * found["tiny"], "nobody answers from the second of three months on"


def test_a_check_tells_what_is_wrong_with_such_a_lever_at_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = ["check", "mine.yaml", "--plugin", "own_levers.py"]
    assert main(check) == 0
    for wrong, told in {
        "takers: 9": "mine.yaml:7:55: levers[0].takers: Napa County, California has fewer call takers",
        "takers: -1": "mine.yaml:7:55: levers[0].takers: -1 is below 0.",
        "taker: 0": "mine.yaml:7:47: levers[0].taker: This key is not known. Allowed: lever, date, takers.",
    }.items():
        Path("mine.yaml").write_text(SCENARIO.replace("takers: 0", wrong), encoding="utf-8")
        assert main(check) == 1
        assert told in capsys.readouterr().err
    Path("mine.yaml").write_text(SCENARIO.replace("limit_the_line", "limit_a_line"), encoding="utf-8")
    assert main(check) == 1
    told = capsys.readouterr().err
    assert "add_slots" in told
    assert "Did you mean 'limit_the_line'?" in told


def test_without_its_file_a_lever_is_not_known(folder: Path) -> None:
    with pytest.raises(
        BadDocument, match=r"mine.yaml:7:13: levers\[0\].lever: .*'limit_the_line'.*Allowed: "
    ):
        load_one("mine.yaml")


FAULTS = {
    "a mistake": ("import nothing_of_this_name\n", "own_levers.py:1: ModuleNotFoundError"),
    "no Python": ("\nclass\n", "own_levers.py:2: SyntaxError"),
    "a name taken": (LEVER.replace("limit_the_line", "add_slots"), "there is a lever 'add_slots' already"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_file_that_cannot_be_imported_is_told_in_a_line(
    folder: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    text, told = FAULTS[case]
    (folder / "own_levers.py").write_text(text, encoding="utf-8")
    assert main(["run", "mine.yaml", "--plugin", "own_levers.py"]) == 1
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", ["nowhere.py", "mine.yaml", "random.py"])
def test_a_file_that_is_no_module_of_its_own_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (folder / "random.py").write_text("", encoding="utf-8")
    assert main(["check", "mine.yaml", "--plugin", name]) == 1
    assert capsys.readouterr().err.startswith(f"--plugin {name}: ")


def define_close_screening() -> type[Lever]:
    """Define a lever, as a cell of a notebook does whenever it is executed."""

    class CloseScreening(Lever):
        """Screen nobody any more."""

        lever: Literal["close_screening"]

        def apply(self, county: County) -> None:
            county.services["screening"].resize(0)

    return CloseScreening


def test_a_lever_defined_in_python_changes_something_from_its_day_on(folder: Path) -> None:
    define_close_screening()
    text = SCENARIO.replace("limit_the_line", "close_screening").replace(", takers: 0", "")
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    scenario, base = load_one("mine.yaml"), load_one("tiny.yaml")
    with_lever, without = model.run(scenario, 1, 0), model.run(base, 1, 0)
    day = scenario.county.day(scenario.levers[0].date)
    before = with_lever.day < day
    assert with_lever.day[before].tolist() == without.day[without.day < day].tolist()
    assert with_lever.day.tolist() != without.day.tolist()


def test_a_lever_may_be_defined_again_but_not_under_anothers_name(folder: Path) -> None:
    define_close_screening()
    again = define_close_screening()
    assert LEVERS["close_screening"] is again
    with pytest.raises(TypeError, match="there is a lever 'close_screening' already"):

        class Other(Lever):
            lever: Literal["close_screening"]


def test_runs_with_an_edited_lever_are_made_anew(folder: Path) -> None:
    import_plugins([Path("own_levers.py")])
    before = load_one("mine.yaml").fingerprint()
    (folder / "own_levers.py").write_text(LEVER.replace("resize(self", "resize(1 + self"), encoding="utf-8")
    sys.modules.pop("own_levers")
    linecache.clearcache()
    import_plugins([Path("own_levers.py")])
    assert load_one("mine.yaml").fingerprint() != before
