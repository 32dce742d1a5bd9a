"""One set of definitions: a simulated county, written as records and read back, has the same measures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from calibration.records.workbook import canonical, read, write
from simulation import model
from simulation.measures.ncsc import compute
from simulation.measures.transcript import transcript
from simulation.record import Records
from tests.conftest import Build


@pytest.fixture(scope="module")
def simulated(build: Build) -> Records:
    """Records of a county of a few hundred people, simulated for its whole horizon."""
    scenario = build()
    county = scenario.county
    return canonical(transcript(model.run(scenario, 1, 0), county.start, county.horizon))


@pytest.mark.parametrize("name", ["county.xlsx", "county_csv", "county_parquet"])
def test_a_simulated_county_written_and_read_back_has_bit_identical_measures(
    simulated: Records, tmp_path: Path, name: str
) -> None:
    write(simulated, tmp_path / name)
    records, _ = read(tmp_path / name)
    before, after = compute(simulated), compute(records)
    told = before["measure"].nunique()
    assert told == 28
    assert before["value"].notna().sum() > 50
    columns = ["measure", "cohort", "group", "value", "numerator", "denominator"]
    ours = [column for column in columns if column in before.columns]
    pd.testing.assert_frame_equal(before[ours], after[ours], check_exact=True)
