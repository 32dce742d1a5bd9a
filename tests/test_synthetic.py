"""Records of a simulated county are read back as what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calibration.inference.prior import truth
from calibration.records.synthetic import SERIES, Faults, synthesize
from calibration.records.workbook import read
from calibration.targets.local import with_estimates
from calibration.targets.source import gather
from simulation.scenario import Scenario
from tests.conftest import Build

YEAR = {"months": 12, "jail.bookings": 60}


@pytest.fixture(scope="module")
def county(build: Build) -> Scenario:
    return build(YEAR)


@pytest.fixture(scope="module")
def folder(county: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records")
    synthesize(county, 1, Faults(), path)
    return path


def test_the_records_written_are_the_targets_read(county: Scenario, folder: Path) -> None:
    table = pd.read_csv(folder / "series.csv")
    found = {one.name: one for one in gather(folder, county.county).targets}
    assert set(SERIES) <= set(found)
    for name in SERIES:
        assert found[name].values == pytest.approx(table[name].to_numpy())
    assert "program_exits" in found  # from the workbook


WHOLE_DAYS = {"jail_adp": 0.15, "court_census": 0.1, "fact_census": 0.1, "hospital_days": 2.0}
"""Persons or days that a month may be off because records keep no hours; the others are counts."""


def test_series_and_workbook_of_one_county_agree_month_by_month(county: Scenario, folder: Path) -> None:
    series = {one.name: one for one in gather(folder / "series.csv", county.county).targets}
    people = {one.name: one for one in gather(folder / "workbook.xlsx", county.county).targets}
    about_people = [name for name in SERIES if not name.endswith(":total")]
    assert len(about_people) == 8, "a workbook has nobody without a mental illness"
    for name in about_people:
        assert [point.start for point in people[name].points] == [
            point.start for point in series[name].points
        ]
        assert people[name].values == pytest.approx(series[name].values, abs=WHOLE_DAYS.get(name, 0)), name


def test_gaps_and_errors_are_as_large_as_asked(county: Scenario, tmp_path: Path, folder: Path) -> None:
    synthesize(county, 1, Faults(missing=0.3, error=0.1), tmp_path)
    clean, faulty = (pd.read_csv(path / "series.csv")[list(SERIES)] for path in (folder, tmp_path))
    assert faulty.isna().to_numpy().mean() == pytest.approx(0.3, abs=0.1)
    ratio = (faulty / clean)[["jail_adp:total", "jail_adp", "bookings:total"]].to_numpy().ravel()
    assert np.nanstd(ratio) == pytest.approx(0.1, abs=0.04)
    lost = [len(read(path / "workbook.xlsx")[0]["custody"]) for path in (tmp_path, folder)]
    assert lost[0] / lost[1] == pytest.approx(0.7, abs=0.1)


def test_the_truth_is_written_and_a_draw_of_the_prior_is_another(county: Scenario, folder: Path) -> None:
    written = pd.read_csv(folder / "truth.csv").set_index("parameter")["true_value"]
    known = dict(county.parameters)
    assert written["arrest.rate"] == known["arrest.rate"].value
    drawn = dict(truth(county, 3, 1).parameters)
    again = dict(truth(county, 3, 1).parameters)
    assert drawn["arrest.rate"].value != known["arrest.rate"].value
    assert drawn == again


@pytest.mark.slow
def test_what_is_taken_from_a_workbook_directly_is_the_truth(build: Build, tmp_path: Path) -> None:
    """The ranges, stretched to 95 %, hold what the records were made with."""
    county = build({"months": 36, "jail.bookings": 500})
    synthesize(county, 2, Faults(), tmp_path)
    estimates = gather(tmp_path, county.county).estimates
    _, updates = with_estimates(county.parameters, estimates)
    known = dict(county.parameters)
    assert {one.path for one in updates} == {"arrest.felony", "arrest.violation", "arrest.ordinance"}
    for one in updates:
        low, _, high = one.after
        assert low <= known[one.path].value <= high, one
