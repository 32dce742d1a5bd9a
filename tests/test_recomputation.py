"""Every measure can be computed again from the files that ``--events`` writes, with pandas alone."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import offramp
from simulation.measures import MEASURES
from tests.command import ROOT
from tests.recomputation import RECOMPUTED, Run, Values

pytestmark = pytest.mark.slow
REPLICATIONS = (0, 1)
PRECISION = 1e-9
NEVER_HERE = {"hearings_dropped", "docket_days_lost"}
"""Measures that are nought in this county throughout."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results with events of a small county with every part of the pathway, over five years."""
    place = tmp_path_factory.mktemp("exported")
    (place / "full.yaml").write_text(small_county(), encoding="utf-8")
    options = offramp.RunOptions(replications=len(REPLICATIONS), events=True, subgroups=True)
    execution = offramp.ExecutionOptions(jobs=1, store=place / "store")
    return offramp.run(offramp.load(place / "full.yaml"), options, execution).save(place / "results")


def small_county() -> str:
    """Napa with a full jail, other residents in a crisis, and a larger FACT team with groups, on call."""
    napa, contra_costa = (
        (ROOT / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8") for name in ("napa", "contra_costa")
    )
    parts = ("  groups:\n    - name: cbsst", "  source: Three regional")
    first, last = (contra_costa.index(part) for part in parts)
    groups = contra_costa[first:last].replace("value: 16", "value: 2")
    totals = all_residents("line_calls", 30) + all_residents("ed_visits", 15)
    changes = {
        "value: 254": "value: 185",
        "restoration_places:\n    value: 2": "restoration_places:\n    value: 1",
        "posts: 1, enrolled: 8": "posts: 3, enrolled: 25",
        "  caseload_ratio:\n": f"{groups}  caseload_ratio:\n",
        "  call_takers:\n": f"{totals}  call_takers:\n",
    }
    for before, after in changes.items():
        assert napa.count(before) == 1
        napa = napa.replace(before, after)
    return napa


def all_residents(key: str, visits: int) -> str:
    """How often all residents visit a service in a week, as a county file writes it."""
    return f"  {key}: {{value: {visits}, unit: visits/week, source: A test., grade: D}}\n"


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[int, Run]:
    """The exported runs by months."""
    about = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["scenarios"]["full"]
    ends = (about["start"], about["end"])
    return {number: Run.read(folder, ("full", 0, number), ends) for number in REPLICATIONS}


@pytest.fixture(scope="module")
def monthly(folder: Path) -> pd.DataFrame:
    """The values that the runs reported, a column a month."""
    table = pd.read_parquet(folder / "monthly.parquet")
    return table.pivot(index=["measure", "replication", "subgroup"], columns="month", values="value")


def test_the_recomputation_imports_nothing_of_the_model() -> None:
    tree = ast.parse((ROOT / "tests" / "recomputation.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    modules = names | {node.module for node in imports if isinstance(node, ast.ImportFrom)}
    used = {str(module).partition(".")[0] for module in modules}
    assert used == {"__future__", "collections", "dataclasses", "functools", "pathlib", "numpy", "pandas"}


def test_every_measure_of_the_registry_is_recomputed() -> None:
    assert set(RECOMPUTED) == {name for name, measure in MEASURES.items() if is_shipped(measure.function)}


def is_shipped(function: object) -> bool:
    return getattr(function, "__module__", "").startswith("simulation.")


@pytest.mark.parametrize("name", RECOMPUTED)
def test_each_month_is_what_the_exported_tables_say(
    name: str, runs: dict[int, Run], monthly: pd.DataFrame
) -> None:
    reported = monthly.loc[name]
    for number, run in runs.items():
        rows = reported.loc[number]
        own = rows.loc[[subgroup for subgroup in rows.index if subgroup not in run.groups]]
        compare(RECOMPUTED[name](run), own, PRECISION)
    assert name in NEVER_HERE or np.nansum(np.abs(reported.to_numpy())) > 0, "this county has none of it"


@pytest.mark.parametrize("name", RECOMPUTED)
def test_a_group_of_people_is_what_their_rows_say(
    name: str, runs: dict[int, Run], monthly: pd.DataFrame
) -> None:
    run, rows = runs[0], monthly.loc[name].loc[0]
    reported = [subgroup for subgroup in rows.index if subgroup in run.groups]
    for subgroup in reported[::4]:
        values = RECOMPUTED[name](run.of_people(run.groups[subgroup]))
        compare({subgroup: values["all"]}, rows.loc[[subgroup]])


@pytest.mark.parametrize("name", RECOMPUTED)
def test_years_and_the_whole_are_what_the_exported_tables_say(
    name: str, runs: dict[int, Run], folder: Path
) -> None:
    summary = pd.read_csv(folder / "summary.csv").query("measure == @name and subgroup == 'all'")
    means = summary.set_index("period")["mean"]
    for period, value in by_period(name, runs):
        assert means.get(period, np.nan) == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), period


def by_period(name: str, runs: dict[int, Run]) -> Iterator[tuple[str, float]]:
    """The mean over runs of each year and of the whole."""
    edges = runs[0].edges
    years = [RECOMPUTED[name](run.with_edges(edges[::12]))["all"] for run in runs.values()]
    whole = [RECOMPUTED[name](run.with_edges([edges[0], edges[-1]]))["all"] for run in runs.values()]
    for year, value in pd.concat(years, axis=1).mean(axis=1).items():
        yield f"year {year + 1}", value  # type: ignore[operator]
    yield "all", pd.concat(whole, axis=1).mean(axis=1).iloc[0]


def compare(values: Values, reported: pd.DataFrame, precision: float = 1e-9) -> None:
    """Every subgroup that was reported, month by month, and no other that has a value."""
    known = {name for name, row in reported.iterrows() if row.notna().any()}
    assert {name for name, value in values.items() if value.notna().any()} == known
    for subgroup in known:
        expected = reported.loc[subgroup].to_numpy(float)
        size = max(1.0, float(np.nanmax(np.abs(expected))))
        np.testing.assert_allclose(
            values[str(subgroup)].to_numpy(float),
            expected,
            rtol=precision,
            atol=precision * size,
            err_msg=str(subgroup),
        )
