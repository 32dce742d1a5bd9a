"""Whatever a file holds, it is refused in words or can be run (benchmarks/fuzz.py: more of the same)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import fuzz

SOME = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
COUNTY = (fuzz.SCENARIOS / "napa.yaml").read_text(encoding="utf-8")
SCENARIO = (fuzz.SCENARIOS / "two_more_clinicians.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@SOME
@given(content=fuzz.mutated_text(SCENARIO))
def test_a_damaged_scenario_is_refused_in_words(folder: Path, content: bytes) -> None:
    (folder / "mine.yaml").write_bytes(content)
    fuzz.refused(folder, "run", "mine.yaml", "--out", "out")


@SOME
@given(content=fuzz.mutated_text(COUNTY))
def test_a_damaged_county_is_refused_in_words_or_can_live(folder: Path, content: bytes) -> None:
    (folder / "mine.yaml").write_bytes(content)
    if not fuzz.refused(folder, "run", "mine.yaml", "--out", "out"):
        fuzz.lives(folder / "mine.yaml")


@SOME
@given(content=fuzz.mutated_workbook())
def test_a_damaged_workbook_is_refused_in_words(folder: Path, content: bytes) -> None:
    path = folder / "county.xlsx"
    path.write_bytes(content)
    fuzz.refused(folder, "measures", str(path))


def test_the_workbook_itself_is_read(folder: Path) -> None:
    (folder / "county.xlsx").write_bytes(fuzz.workbook())
    assert not fuzz.refused(folder, "measures", "county.xlsx")


@SOME
@given(data=st.data())
def test_a_damaged_csv_folder_is_refused_in_words(folder: Path, data: st.DataObject) -> None:
    tables = folder / "tables"
    if not tables.exists():
        fuzz.csv_folder(tables)
    path = data.draw(st.sampled_from(sorted(tables.iterdir())))
    whole = path.read_bytes()
    path.write_bytes(data.draw(fuzz.mutated_text(whole.decode())))
    try:
        fuzz.refused(folder, "measures", str(tables))
    finally:
        path.write_bytes(whole)
