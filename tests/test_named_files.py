"""A name on the command line or in a scenario leads to the file that was meant, from every folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from calibration.document import BadDocument
from offramp.cli import main
from offramp.scenarios import distinct_keys, load, load_one, shipped
from tests.command import tiny

PLAN = (
    "kind: scenario\nname: No referrals\nquestion: What if nobody were referred?\n"
    "county: {county}\nlevers:\n  - {{lever: stop_referrals, date: 2027-01-15}}\n"
)


def plan(folder: Path, name: str = "plan.yaml", county: str = "tiny.yaml") -> Path:
    """A scenario file, and a county of two months beside it."""
    folder.mkdir(exist_ok=True)
    tiny(folder, months=2)
    (folder / name).write_text(PLAN.format(county=county))
    return folder / name


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_of_the_same_name_does_not_hide_a_shipped_county(here: Path) -> None:
    (here / "napa").mkdir()
    assert load_one("napa").county.name == "Napa County, California"


@pytest.mark.parametrize("county", ["tiny", "tiny.yaml", "./tiny.yaml", "../plans/tiny.yaml"])
def test_a_county_beside_a_scenario_is_found_from_every_folder(here: Path, county: str) -> None:
    path = plan(here / "plans", county=county)
    assert load_one(str(path)).county.months == 2
    (here / "tiny.yaml").write_text("another county, in the working folder")
    assert load_one("plans/plan.yaml").county.months == 2


def test_a_county_is_found_from_the_working_folder_too(here: Path) -> None:
    path = plan(here / "plans", county="counties/tiny.yaml")
    (here / "counties").mkdir()
    shutil.move(here / "plans" / "tiny.yaml", here / "counties")
    assert load_one(str(path)).county.months == 2


def test_a_county_that_is_nowhere_is_told_with_the_places_looked_at(here: Path) -> None:
    path = plan(here / "plans", county="lost.yaml")
    with pytest.raises(
        BadDocument, match=r"no county file 'lost\.yaml' beside this file, in the working folder"
    ):
        load_one(str(path))


def test_files_of_one_name_are_told_apart_by_their_folders(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("cautious", "bold"):
        plan(here / folder)
    assert main(["run", "cautious/plan.yaml", "bold/plan.yaml", "-n", "2", "-j", "1", "--out", "out"]) == 0
    said = capsys.readouterr().err
    assert "bold/plan.yaml is called bold_plan in the results" in said
    assert set(pd.read_csv("out/summary.csv")["scenario"]) == {"cautious_plan", "bold_plan"}
    assert Path("out/figures/differences_bold_plan.png").is_file()


def test_keys_hold_as_many_folders_as_it_takes_and_shipped_ones_none(here: Path) -> None:
    for folder in ("a", "a/c", "b", "b/c"):
        plan(here / folder)
    names = ["a/c/plan.yaml", "b/c/plan.yaml", "b/c/tiny.yaml"]
    assert distinct_keys(names) == ["a_c_plan", "b_c_plan", "tiny"]
    shutil.copy(shipped()["napa"], here / "a" / "napa.yaml")
    assert distinct_keys(["napa", "b/../a/napa.yaml"]) == ["napa", "a_napa"]


def test_one_file_under_two_names_is_still_refused(here: Path) -> None:
    plan(here / "a")
    (here / "b").mkdir()
    (here / "b" / "plan.yaml").symlink_to(here / "a" / "plan.yaml")
    shutil.copy(here / "a" / "tiny.yaml", here / "b")
    with pytest.raises(BadDocument, match="named twice"):
        load(["a/plan.yaml", "b/plan.yaml"])
