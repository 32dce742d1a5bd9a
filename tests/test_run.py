"""``offramp run`` end to end on a small county: what is written, and that it is the same every time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from offramp.cli import main
from simulation.experiment.events import EVENT_TABLES
from tests.command import ROOT, digest, tiny, without_progress

NAMED = [
    *("jail_days", "jail_adp", "jail_days_waiting_for_slot", "bookings", "rearrest_1y", "rearrest_2y"),
    *("reconviction_1y", "reconviction_2y", "reconviction_3y", "fact_census", "fact_waiting"),
    *("fact_wait_days", "court_census", "caseload_per_clinician", "days_arrest_to_referral"),
    *("days_referral_to_admission", "days_in_program", "housing_occupied", "housing_waiting"),
    *("housing_units_needed", "housing_wait_days", "homeless_at_exit", "crisis_contacts"),
    *("hospital_days", "step_downs"),
]
SUMMARY = ["scenario", "measure", "unit", "period", "subgroup", "mean", "sd", "p05", "p50", "p95"]
SUMMARY += ["replications"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county of a few hundred people over nine months, and one lever in it."""
    folder = tmp_path_factory.mktemp("scenarios")
    napa = (Path(__file__).parent.parent / "scenarios" / "napa.yaml").read_text()
    assert "months: 60" in napa
    (folder / "tiny.yaml").write_text(napa.replace("months: 60", "months: 9"))
    (folder / "closed.yaml").write_text(
        "kind: scenario\nname: No referrals\nquestion: What if nobody were referred from month four?\n"
        "county: tiny\nlevers:\n  - {lever: stop_referrals, date: 2027-04-01}\n"
    )
    return folder


def run(files: Path, out: Path, *more: str) -> int:
    names = [str(files / "tiny.yaml"), str(files / "closed.yaml")]
    return main(["run", *names, "--replications", "2", "--out", str(out), *more])


@pytest.fixture(scope="module")
def results(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "results"
    assert run(files, out, "--jobs", "1", "--events") == 0
    return out


def test_the_summary_is_tidy_and_holds_every_measure_by_its_exact_name(results: Path) -> None:
    summary = pd.read_csv(results / "summary.csv")
    assert list(summary.columns[: len(SUMMARY)]) == SUMMARY
    monthly = set(pd.read_parquet(results / "monthly.parquet")["measure"])
    long_enough = [name for name in NAMED if not name.startswith(("rearrest", "reconviction"))]
    assert set(long_enough) <= set(summary["measure"]) & monthly
    key = ["scenario", "measure", "period", "subgroup"]
    assert not summary.duplicated(key).any()
    assert (summary["replications"] <= 2).all()


def test_every_named_measure_is_registered() -> None:
    from simulation.measures import MEASURES

    assert set(NAMED) <= set(MEASURES)
    assert all(m.definition and m.unit and m.source and m.label for m in MEASURES.values())


def test_differences_are_the_second_scenario_minus_the_first(results: Path) -> None:
    key = ["measure", "period", "subgroup"]
    summary = pd.read_csv(results / "summary.csv")
    by_scenario = {name: rows.set_index(key)["mean"] for name, rows in summary.groupby("scenario")}
    change = pd.read_csv(results / "differences.csv").query("scenario == 'closed'").set_index(key)["mean"]
    row = ("diversion_referrals", "all", "all")
    assert by_scenario["tiny"][row] > 0
    assert change[row] == pytest.approx(by_scenario["closed"][row] - by_scenario["tiny"][row])
    assert change[row] < 0


def test_months_are_first_days_and_add_up_to_the_horizon(results: Path) -> None:
    monthly = pd.read_parquet(results / "monthly.parquet")
    columns = ["scenario", "replication", "month", "measure", "subgroup", "value"]
    assert list(monthly.columns[:6]) == columns
    months = sorted({str(month) for month in monthly["month"]})
    assert months[0] == "2027-01-01" and len(months) == 9 and all(month.endswith("-01") for month in months)
    bookings = monthly.query("measure == 'bookings' and subgroup == 'all'")
    whole = bookings.groupby(["scenario", "replication"])["value"].sum().groupby("scenario").mean()
    summary = pd.read_csv(results / "summary.csv").query("measure == 'bookings' and subgroup == 'all'")
    for _, row in summary.query("period == 'all'").iterrows():
        assert whole[row["scenario"]] == pytest.approx(row["mean"])


def test_events_hold_every_run_and_nothing_else_was_left_behind(results: Path) -> None:
    events = pd.read_parquet(results / "events.parquet")
    columns = ["scenario", "draw", "replication", "day", "person", "service", "what", "why"]
    assert list(events.columns) == columns
    assert set(zip(events["scenario"], events["replication"], strict=True)) == {
        (name, i) for name in ("tiny", "closed") for i in (0, 1)
    }
    names = {path.name for path in results.iterdir()}
    files = {"summary.csv", "differences.csv", "monthly.parquet", "manifest.json"}
    files |= {"definitions.csv", "draws.parquet", *(f"{table}.parquet" for table in EVENT_TABLES)}
    assert names == {*files, "figures"}
    assert [path.name for path in results.parent.iterdir()] == [results.name]


def test_a_jail_day_can_be_followed_from_the_report_to_the_people(results: Path) -> None:
    events = pd.read_parquet(results / "events.parquet").query("scenario == 'tiny' and replication == 0")
    stays = events[(events["service"] == "jail") & events["what"].isin(["admitted", "discharged"])]
    horizon, days = 273.0, 0.0
    for _, rows in stays.groupby("person"):
        begun = None
        for row in rows.itertuples():
            if row.what == "admitted":
                begun = max(row.day, 0.0)
            else:
                days, begun = days + row.day - begun, None
        days += horizon - begun if begun is not None else 0.0
    monthly = pd.read_parquet(results / "monthly.parquet")
    told = monthly.query(
        "scenario == 'tiny' and replication == 0 and measure == 'jail_days' and subgroup == 'all'"
    )
    assert told["value"].sum() == pytest.approx(days)


def test_the_manifest_says_how_to_make_the_results_again(results: Path) -> None:
    manifest = json.loads((results / "manifest.json").read_text())
    assert manifest["seed"] == 1 and manifest["replications"] == 2
    assert set(manifest["scenarios"]) == {"tiny", "closed"}
    hashes = [one["hash"] for one in manifest["scenarios"].values()]
    assert len(set(hashes)) == 2
    evaluation = manifest["parameters"]["court.evaluation"]
    assert evaluation["unit"] == "days" and evaluation["grade"] in "ABCD" and evaluation["source"]
    assert manifest["seconds"] >= 0 and manifest["offramp"]


def test_the_same_seed_gives_the_same_files_on_any_number_of_processors(
    files: Path, results: Path, tmp_path: Path
) -> None:
    assert run(files, tmp_path / "again", "--jobs", "2", "--events") == 0
    assert digest(tmp_path / "again") == digest(results)


def test_draws_tell_what_we_do_not_know_from_chance(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "drawn"
    tiny = str(files / "tiny.yaml")
    assert main(["run", tiny, "-n", "2", "--draws", "3", "--jobs", "1", "--out", str(out)]) == 0
    row = pd.read_csv(out / "summary.csv").query(
        "scenario == 'tiny' and measure == 'crisis_contacts' and period == 'all' and subgroup == 'all'"
    )
    assert row["draws"].item() == 3 and row["replications"].item() == 6
    assert row["sd_parameters"].item() > row["sd_chance"].item() > 0


def test_a_second_run_takes_a_folder_of_its_own_and_another_seed_gives_other_numbers(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["run", str(files / "tiny.yaml"), "--replications", "2", "--jobs", "1"]
    assert main(arguments) == 0
    first = digest(tmp_path / "results" / "tiny")
    assert main([*arguments, "--seed", "5"]) == 0
    assert digest(tmp_path / "results" / "tiny") == first
    assert digest(tmp_path / "results" / "tiny-2")["summary.csv"] != first["summary.csv"]


def test_one_scenario_alone_has_no_differences_and_says_nothing_of_any(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "alone"
    assert main(["run", str(files / "tiny.yaml"), "-n", "2", "-j", "1", "--out", str(out)]) == 0
    assert pd.read_csv(out / "differences.csv").empty
    assert not list((out / "figures").glob("differences*"))


def test_a_folder_that_cannot_be_written_is_said_in_words(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = Path("/proc/nowhere/results")
    assert main(["run", str(files / "tiny.yaml"), "-n", "2", "-j", "1", "--out", str(out)]) == 1
    told = capsys.readouterr().err
    assert "cannot be written" in told and "Traceback" not in told


def test_replications_below_two_are_refused_because_one_run_is_an_anecdote(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(files / "tiny.yaml"), "--replications", "1"]) == 2
    assert "2" in capsys.readouterr().err


def test_a_name_that_a_spreadsheet_would_compute_is_written_as_text(tmp_path: Path) -> None:
    import pandas as pd

    from offramp.output import write_csv

    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "plain"]
    write_csv(pd.DataFrame({"name": names, "value": [-1.5, 2, 3, 4, 5, 6]}), tmp_path / "t.csv")
    back = pd.read_csv(tmp_path / "t.csv", keep_default_na=False)
    assert list(back["name"]) == [*(f"'{name}" for name in names[:-1]), "plain"]
    assert list(back["value"]) == [-1.5, 2, 3, 4, 5, 6]


def test_draws_with_which_the_county_cannot_be_are_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many people would have to make the bookings."""
    import numpy as np

    from calibration.inference.posterior import About, Posterior
    from offramp import __version__
    from offramp.scenarios import load_one
    from simulation import model
    from simulation.inputs.format import POSTERIOR_FORMAT

    scenario = load_one("napa")
    about = About(
        format=POSTERIOR_FORMAT,
        offramp=__version__, county=scenario.county.name, fips=scenario.county.fips, hash="",
        seed=1, budget="small", runs=1, free=1, targets=[], ranges={},
    )  # fmt: skip
    least = dict(scenario.parameters)["arrest.rate"].low
    monkeypatch.setattr("offramp.scenarios.MOST_PEOPLE", model.sized(scenario).people)
    monkeypatch.setattr("offramp.commands.runner.make", lambda *_: pytest.fail("it was run"))
    Posterior(("arrest.rate",), np.array([[least]]), about).write(tmp_path / "p.parquet")
    command = ["run", "napa", "--posterior", str(tmp_path / "p.parquet"), "--out", str(tmp_path / "out")]
    assert main(command) == 1
    told = capsys.readouterr().err
    assert "napa:1:1: draw 1 of the parameters: so many bookings take" in told
    assert not (tmp_path / "out").exists()


def test_a_name_in_brackets_is_shown_as_it_is_written(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = (files / "tiny.yaml").read_text(encoding="utf-8")
    odd = tmp_path / "[bold]a.yaml"
    odd.write_text(re.sub("(?m)^(name|question): .*$", r"\1: '[red]x[/blue] \1'", tiny), encoding="utf-8")
    store = tmp_path / "[" / "store]"
    command = [
        "run",
        str(odd),
        "-n",
        "2",
        "-j",
        "1",
        "--store",
        str(store),
        "--out",
        str(tmp_path / "[" / "out]"),
    ]
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert (
        "[red]x[/blue] name" in shown
        and "[red]x[/blue] question" in shown
        and "[bold]a" in shown
        and "[/out]" in shown
    )
    assert main(["runs", "--store", str(store)]) == 0
    assert "[bold]a" in capsys.readouterr().out


def unread(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command whose output goes into a pipe that is closed at its other end."""
    end, output = os.pipe()
    os.close(end)
    try:
        return subprocess.run(
            [sys.executable, "-m", "offramp", *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
    finally:
        os.close(output)


def test_a_run_whose_output_is_no_longer_read_ends_quietly_with_its_results_written(tmp_path: Path) -> None:
    places = ["--out", str(tmp_path / "out"), "--store", str(tmp_path / "store")]
    done = unread("run", str(tiny(tmp_path, months=1)), "-n", "2", "-j", "1", *places)
    assert (done.returncode, without_progress(done.stderr)) == (141, "")
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_a_list_whose_output_is_no_longer_read_ends_as_quietly() -> None:
    done = unread("evidence")
    assert (done.returncode, done.stderr) == (141, "")
