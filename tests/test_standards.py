"""``offramp measures`` beside the guide: the other families and fidelity, small counts hidden."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from calibration.records.privacy import PRIMARY
from calibration.records.workbook import canonical, write
from offramp.cli import main
from offramp.report.standards import STANDARDS, fidelity_table, standard_tables
from simulation import model
from simulation.measures.transcript import transcript
from simulation.record import Records
from tests.conftest import Build

COUNTS = ["numerator", "denominator"]


@pytest.fixture(scope="module")
def records(build: Build) -> Records:
    """What a small county would bring: a simulated log, passed off as real records of 2020."""
    scenario = build()
    events = model.run(scenario, 1, 0)
    told = transcript(events, pd.Timestamp("2020-01-01").date(), scenario.county.horizon)
    return canonical(Records(told.tables, told.observed_until, "records"))


@pytest.fixture(scope="module")
def folder(records: Records, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("county") / "records"
    write(records, path, "parquet")
    return path


def test_every_family_is_written_beside_the_measures_of_the_guide(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["measures", str(folder), "--cohort", "2020H1", "--out", str(out)]) == 0
    names = {path.name for path in out.glob("*.csv")}
    assert names == {"measures.csv", "fidelity.csv", *(f"{name}.csv" for name in STANDARDS)}
    scales = pd.read_csv(out / "fidelity.csv")
    assert set(scales["scale"]) == {"DACTS", "FACTS"}
    assert {"observed", "missing"} <= set(scales["origin"])


def test_no_small_count_of_real_records_is_shown_in_any_family(records: Records) -> None:
    hidden = 0
    for name, table in standard_tables(records, ["2020H1"]).items():
        for column in COUNTS:
            numbers = pd.to_numeric(table[column], errors="coerce").dropna()
            assert (numbers >= 11).all(), (name, column)
            hidden += int((table[column] == PRIMARY).sum())
    assert hidden > 0


def test_simulated_people_are_nobody_and_need_no_hiding(records: Records) -> None:
    simulated = Records(records.tables, records.observed_until, "simulation")
    shown = standard_tables(simulated, ["2020H1"])["justice_counts"]
    assert not (shown[COUNTS] == PRIMARY).any().any()


def test_stated_inputs_fill_what_records_do_not_show(folder: Path, tmp_path: Path) -> None:
    stated = tmp_path / "site_visit.yaml"
    stated.write_text("items:\n  H3: {score: 4, source: site visit}\n")
    out = tmp_path / "out"
    arguments = ["measures", str(folder), "--cohort", "2020H1", "--out", str(out)]
    assert main([*arguments, "--fidelity", str(stated)]) == 0
    item = pd.read_csv(out / "fidelity.csv").query("item == 'H3'").iloc[0]
    assert (item["score"], item["origin"]) == (4, "input")


def test_an_input_for_an_item_there_is_not_is_told_and_nothing_is_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stated = tmp_path / "site_visit.yaml"
    stated.write_text("items:\n  H33: {score: 4}\n")
    out = tmp_path / "out"
    arguments = ["measures", str(folder), "--cohort", "2020H1", "--out", str(out)]
    assert main([*arguments, "--fidelity", str(stated)]) == 1
    assert "H33" in capsys.readouterr().err
    assert not out.exists()


def test_a_target_that_cannot_be_read_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for target, told in (("6=soon", "such as 6=30"), ("66=30", "no measure '66'")):
        assert main(["measures", str(folder), "--cohort", "2020H1", "--target", target]) == 2
        assert told in capsys.readouterr().err


def test_raw_values_that_count_clients_of_real_records_are_hidden(records: Records) -> None:
    simulated = Records(records.tables, records.observed_until, "simulation")
    shown, hidden = (fidelity_table(each, None).set_index("item") for each in (simulated, records))
    assert shown.loc["O2", "raw"] < 11
    assert hidden.loc["O2", "raw"] == "*"
    assert hidden.loc["H11", "raw"] == shown.loc["H11", "raw"]
