"""From a county's workbook to measures on the screen and in a folder, in two commands."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from calibration.records.workbook import write
from offramp.cli import main
from simulation.record import Records


def county(people: int = 60, **more: Any) -> dict[str, pd.DataFrame]:
    """People admitted in turn during 2024, who all exited in the first half of 2025."""
    number = pd.Series(range(people))
    admitted = pd.Timestamp("2024-03-01") + pd.to_timedelta(number, unit="D")
    stays = {
        "person": "P" + number.astype(str),
        "referral_date": admitted - pd.Timedelta(days=20),
        "admission_date": admitted,
        "exit_date": admitted + pd.Timedelta(days=365),
        "exit_type": ["success" if i % 3 else "failure" for i in number],
        "sex": ["=female" if i % 2 else "male" for i in number],
    }
    return {"participants": pd.DataFrame(stays | more)}


def workbook(folder: Path, tables: dict[str, pd.DataFrame], source: Any = "records") -> Path:
    path = folder / "county.xlsx"
    write(Records.of(tables, date(2025, 8, 1), source), path)
    return path


def test_the_template_is_written_and_says_what_to_do_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "county.xlsx"
    assert main(["template", str(path)]) == 0
    assert path.exists()
    assert f"offramp measures {path}" in capsys.readouterr().out


def test_a_template_is_never_written_over_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "county.xlsx"
    path.write_text("mine")
    assert main(["template", str(path)]) == 1
    assert path.read_text() == "mine"
    assert "left as it is" in capsys.readouterr().err
    assert main(["template", str(tmp_path / "county.docx")]) == 1


def test_an_empty_template_gives_measures_without_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["template", str(tmp_path / "county.xlsx")])
    assert main(["measures", str(tmp_path / "county.xlsx"), "--cohort", "2025H1"]) == 0
    assert "empty" in capsys.readouterr().out


def test_measures_are_printed_with_denominators_and_what_was_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workbook(tmp_path, county())
    assert main(["measures", str(path), "--cohort", "2025H1"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "Cohort 2025H1" in said.out
    row = next(each for each in said.out.splitlines() if "referral to admission" in each)
    assert [each.strip() for each in row.split("│")[4:6]] == ["20 days", "60"]
    assert "Records up to 2025-08-01" in said.out


def test_the_folder_holds_the_table_the_figures_and_what_made_them(tmp_path: Path) -> None:
    path = workbook(tmp_path, county())
    out = tmp_path / "results"
    assert main(["measures", str(path), "--cohort", "2025H1", "--by", "sex", "--out", str(out)]) == 0
    table = pd.read_csv(out / "measures.csv", dtype=str)
    groups = set(table.loc[table["by"] == "sex", "group"])
    assert {"'=female", "male"} <= groups
    assert list((out / "figures").glob("*.png"))
    assert len(pd.read_csv(out / "figures" / "texts.csv")) == len(list((out / "figures").glob("*.png")))
    assert json.loads((out / "manifest.json").read_text())["counts under 11"] == "hidden"


def test_no_count_under_11_is_written(tmp_path: Path) -> None:
    few = [["success", "failure", "transfer"][0 if i > 8 else 1 if i else 2] for i in range(60)]
    path = workbook(tmp_path, county(exit_type=few))
    out = tmp_path / "results"
    main(["measures", str(path), "--out", str(out)])
    table = pd.read_csv(out / "measures.csv", dtype=str)
    counts = pd.to_numeric(table["denominator"], errors="coerce")
    assert not (counts < 11).any()
    assert (table["denominator"] == "<11").any()


def test_nothing_is_hidden_in_simulated_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workbook(tmp_path, county(people=5), "simulation")
    assert main(["measures", str(path), "--cohort", "2025H1"]) == 0
    said = capsys.readouterr().out
    assert "<11" not in said
    assert "These are simulated records" in said


def test_results_are_never_written_over_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workbook(tmp_path, county())
    out = tmp_path / "results"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    assert main(["measures", str(path), "--out", str(out)]) == 1
    assert [each.name for each in out.iterdir()] == ["mine.txt"]
    assert "left as it is" in capsys.readouterr().err


def test_bad_records_are_told_and_nothing_is_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "custody.csv").write_text("person,booked,released\nA1,2025-05-02,2025-05-01\n")
    assert main(["measures", str(tmp_path), "--out", str(tmp_path / "results")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "custody!C2: found released before booked" in said.err
    assert "nothing was computed" in said.err
    assert not (tmp_path / "results").exists()


def test_warnings_are_told_and_the_measures_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        "person,admission_date,exit_date,exit_type",
        *(f"A{i},Feb 2024,2/3/2025,Success" for i in range(30)),
    ]
    (tmp_path / "participants.csv").write_text("\n".join(lines))
    assert main(["measures", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "participants!B2 and 29 more cells: found 'Feb 2024'" in said.err
    assert "Cohort 2025H1" in said.out


@pytest.mark.parametrize(("flag", "value"), [("--cohort", "spring"), ("--by", "shoe_size")])
def test_a_cohort_or_trait_there_is_not_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: str, value: str
) -> None:
    path = workbook(tmp_path, county())
    assert main(["measures", str(path), flag, value]) == 1
    assert value in capsys.readouterr().err


def test_a_file_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measures", str(tmp_path / "nothing.xlsx")]) == 1
    assert "no such file or folder" in capsys.readouterr().err


def test_the_same_county_as_workbook_csv_and_parquet_gives_identical_measures(tmp_path: Path) -> None:
    records = Records.of(county(), date(2025, 8, 1))
    found = []
    for name, form in (("a.xlsx", "xlsx"), ("b", "csv"), ("c", "parquet")):
        write(records, tmp_path / name, form)  # type: ignore[arg-type]
        main(["measures", str(tmp_path / name), "--out", str(tmp_path / f"out-{form}")])
        found.append((tmp_path / f"out-{form}" / "measures.csv").read_bytes())
    assert found[0] == found[1] == found[2]
