"""The command from records to a posterior, and a run that draws from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from calibration.fits.fit import ParameterEstimate
from calibration.inference import inference
from calibration.inference.holdout import with_noise
from calibration.inference.inference import Budget
from calibration.inference.setup import CalibrateOptions, CalibrationSetup, prepare
from calibration.targets import source
from offramp.cli import main
from offramp.scenarios import load_one
from tests.grid import Grid

ROOT = Path(__file__).parent.parent
TARGETS = """measure,period,value,kind,unit
bookings,2022,216,flow,bookings
jail_adp,2022,22,stock,persons
jail_stay,2022,90,mean,days
crisis_contacts,2022,250,flow,
"""


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """The small county of the benchmark for a year."""
    content = YAML(typ="safe").load((ROOT / "benchmarks/small_county.yaml").read_text(encoding="utf-8"))
    content["months"] = 12
    path = tmp_path / "small.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(content, file)
    return path


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "targets.csv"
    path.write_text(TARGETS, encoding="utf-8")
    return path


def test_a_county_is_calibrated_told_about_and_run(
    county: Path,
    records: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(inference.BUDGETS, "small", Budget(6, 2, 2, checks=2, months=6, draws=50))
    out = tmp_path / "out" / "p.parquet"
    asked = ["calibrate", str(county), str(records), "--budget", "small", "--out", str(out), "--jobs", "1"]
    free = ["--free", "arrest.rate", "--free", "jail.sentence_felony", "--free", "crisis.rate"]
    assert main([*asked, *free]) == 0
    told = capsys.readouterr().out
    assert "jail_adp: 22 persons" in told
    page = (out.with_suffix("") / "calibration.html").read_text(encoding="utf-8")
    assert page.count("<img alt=") == page.count("data:image/png;base64,") > 0
    assert "http" not in page
    assert "Contradictory targets" in page and "mean stay of 37" in page
    kept = len(list(out.with_suffix(".runs").iterdir()))
    draws = out.read_bytes()
    assert main([*asked, *free]) == 0  # everything is read again
    assert len(list(out.with_suffix(".runs").iterdir())) == kept == 14
    assert out.read_bytes() == draws

    folder = tmp_path / "run"
    run = ["run", str(county), "--posterior", str(out), "--draws", "3", "-n", "2", "--jobs", "1"]
    assert main([*run, "--out", str(folder), "--store", str(tmp_path / "store")]) == 0
    summary = pd.read_csv(folder / "summary.csv")
    row = summary.query("measure == 'crisis_contacts' and period == 'all' and subgroup == 'all'").iloc[0]
    assert row["draws"] == 3
    assert row["sd_parameters"] + row["sd_chance"] > 0
    assert '"posterior"' in (folder / "manifest.json").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_cluster_calibrates_to_the_draws_of_one_machine(
    grid: Grid, county: Path, records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(inference.BUDGETS, "small", Budget(6, 1, 1, checks=2, months=6, draws=50))
    asked = ["calibrate", str(county), str(records), "--budget", "small", "--free", "crisis.rate"]
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    assert main([*asked, "--jobs", "1", "--out", str(here)]) == 0
    assert main([*asked, "--scheduler", grid.address, "--out", str(there)]) == 0
    assert here.read_bytes() == there.read_bytes()


def test_the_posterior_of_another_county_is_refused_without_a_traceback(
    county: Path, records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(county), "--posterior", str(records), "--out", str(tmp_path / "o")]) == 1
    assert "it is no parquet file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--free", "arrest.rat"], "Did you mean 'arrest.rate'?"),
        (["--from", "2030-01-01"], "no figure lies in the days asked for"),
        (["--out", "p.csv"], "must end in .parquet"),
        (["--hold-out", "13"], "leave nothing to calibrate on"),
    ],
)
def test_what_cannot_be_calibrated_is_told_before_anything_runs(
    county: Path, records: Path, capsys: pytest.CaptureFixture[str], more: list[str], told: str
) -> None:
    assert main(["calibrate", str(county), str(records), *more]) == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("jail_adp:sex=femal,2022,9", "has no subgroup 'sex=femal'. Did you mean 'sex=female'?"),
        ("jail_adp,2022,44\njail_stay:total,2022,30", "jail_stay has no subgroup 'total'"),
    ],
)
def test_a_subgroup_that_no_run_shows_is_refused(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, told: str
) -> None:
    path = tmp_path / "groups.csv"
    path.write_text(f"measure,period,value\n{row}\n", encoding="utf-8")
    assert main(["calibrate", str(county), str(path), "--out", str(tmp_path / "p.parquet")]) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "p.runs").exists()


def test_of_two_figures_of_one_name_that_of_more_values_is_used_and_the_other_shown(
    county: Path, tmp_path: Path
) -> None:
    path = tmp_path / "twice.csv"
    months = "".join(f"jail_adp,2022-{month:02d},2{month % 3}\n" for month in range(1, 13))
    path.write_text(f"measure,period,value\njail_adp,2022,99\n{months}", encoding="utf-8")
    work = prepare(load_one(str(county)), path, CalibrateOptions("small"))
    assert [(len(each.points), each.weight) for each in work.targets] == [(1, 0), (12, 1)]
    assert [(one.figure, round(one.after)) for one in work.input_updates] == [
        ("jail.mental_health_cases", 21)
    ]
    assert any("is shown and not used" in note for note in work.notes)
    assert [len(each.points) for each in work.series] == [12]


def test_what_is_held_out_is_not_seen_by_direct_fits(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "months.csv"
    path.write_text("month,jail_adp\n" + "".join(f"2022-{m:02d},2{m % 3}\n" for m in range(1, 13)))
    estimates = [ParameterEstimate("arrest.felony", 0.4, 0.35, 0.45, np.array([0.4]))]
    read = source.gather
    monkeypatch.setattr(source, "gather", lambda *given: replace(read(*given), estimates=estimates))

    def work_of(hold_out: int, start: date | None = None) -> CalibrationSetup:
        return prepare(load_one(str(county)), path, CalibrateOptions("small", start=start, hold_out=hold_out))

    assert [one.path for one in work_of(0).range_updates] == ["arrest.felony"]
    assert work_of(2).range_updates == []
    assert any("would see what is held out" in note for note in work_of(2).notes)
    assert any("to all their days" in note for note in work_of(0, date(2022, 3, 1)).notes)


def test_totals_alone_do_not_calibrate_anything(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "totals.csv"
    path.write_text("period,jail_adp:total,bookings:total\n2022,77,1200\n", encoding="utf-8")
    assert main(["calibrate", str(county), str(path)]) == 1
    assert "only totals that the county is built from" in capsys.readouterr().err


def test_what_is_held_out_changes_neither_what_is_run_nor_the_bands(county: Path, tmp_path: Path) -> None:
    """Four years of months, the last held out: wild there in one record, and as before in the other."""

    def work_of(held_out: float) -> CalibrationSetup:
        path = tmp_path / f"{held_out:.0f}.csv"
        rows = ["month,jail_adp,bookings:total"]
        for month in range(48):
            value = held_out if month >= 36 else 20 + month // 12 + month % 3
            rows.append(f"{2019 + month // 12}-{month % 12 + 1:02d},{value},{100 + 2 * value}")
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return prepare(load_one(str(county)), path, CalibrateOptions("small", hold_out=12))

    usual, wild = work_of(22), work_of(900)
    assert [target.values[-1] for target in usual.series] != [target.values[-1] for target in wild.series]
    assert [(each.points, each.known_variation) for each in usual.targets] == [
        (each.points, each.known_variation) for each in wild.targets
    ]
    assert usual.predictive.outputs == wild.predictive.outputs
    assert usual.cache.scenario.fingerprint() == wild.cache.scenario.fingerprint()
    for one, other in zip(usual.series, wild.series, strict=True):
        assert one.variation.between_years > 0
        runs = np.full((20, len(one.points)), 30.0)
        assert (with_noise(runs, one, seed=1) == with_noise(runs, other, seed=1)).all()
