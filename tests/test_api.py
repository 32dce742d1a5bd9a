"""``import offramp``: load, run, save and open, and measures of one's own in any number of processes."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import offramp
from offramp.cli import main
from offramp.options import BadOptions, Between
from offramp.output import BadOutput
from offramp.report.results import NotResults
from simulation.experiment.own_measure import NotPortable, OwnMeasures
from simulation.experiment.store import Store
from simulation.measures import MEASURES
from tests.command import ROOT, digest, tiny

TABLES = ("events", "people", "cases", "attendance", "posts", "tenures", "capacities", "other_residents")
OWN = '''
import offramp
import numpy as np

FACTOR = 2

@offramp.measure(label="Twice the days", unit="days", kind="flow")
def twice_the_days(history, edges):
    """Two days for each day."""
    return {"all": FACTOR * np.diff(edges)}

if __name__ == "__main__":
    for jobs in (1, 2):
        execution = offramp.ExecutionOptions(jobs=jobs, store=f"store{jobs}")
        results = offramp.run(offramp.load("tiny.yaml"), offramp.RunOptions(replications=2), execution)
        rows = results.monthly.query("measure == 'twice_the_days'")
        print(len(rows), rows["value"].sum())
'''


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> offramp.Results:
    folder = tmp_path_factory.mktemp("api")
    options = offramp.RunOptions(replications=2, draws=2, events=True)
    execution = offramp.ExecutionOptions(jobs=1, store=folder / "store")
    return offramp.run(offramp.load(tiny(folder, months=2)), options, execution)


@pytest.fixture
def own_measure(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Register a function as a measure for the length of a test."""

    def register(function: Callable[..., Any]) -> None:
        offramp.measure(label="Own", unit="days", kind="flow")(function)
        request.addfinalizer(lambda: MEASURES.pop(function.__name__, None))

    return register


def test_importing_offramp_imports_nothing_heavy_and_names_what_it_offers() -> None:
    heavy = "{'numpy', 'pandas', 'scipy', 'simpy', 'pydantic', 'matplotlib', 'pyarrow', 'cyclopts'}"
    code = f"import sys, offramp; print(sorted({heavy} & set(sys.modules)), dir(offramp))"
    printed = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT)
    assert printed.startswith("[] ")
    assert {"load", "run", "open", "calibrate", "measures", "measure"} <= set(dir(offramp))
    assert all(hasattr(offramp, name) for name in dir(offramp))


def test_results_saved_and_opened_are_the_same(results: offramp.Results, tmp_path: Path) -> None:
    opened = offramp.open(results.save(tmp_path / "saved"))
    for name in ("summary", "differences", "monthly", "draws", "definitions"):
        before, after = getattr(results, name), getattr(opened, name)
        pd.testing.assert_frame_equal(before, after, check_dtype=len(before) > 0)
    for table in TABLES:
        pd.testing.assert_frame_equal(results.events(table), opened.events(table))
        assert list(opened.events(table).columns[:3]) == ["scenario", "draw", "replication"]
    again, saved = digest(opened.save(tmp_path / "again")), digest(tmp_path / "saved")
    events = {f"{table}.parquet" for table in TABLES}  # the same rows, in other groups of rows
    assert {name for name in saved if again[name] != saved[name]} <= events


def test_the_command_writes_what_the_function_saves(results: offramp.Results, tmp_path: Path) -> None:
    options = ("-n", "2", "--draws", "2", "--events", "--jobs", "1", "--store", str(tmp_path / "store"))
    assert main(["run", str(tiny(tmp_path, months=2)), *options, "--out", str(tmp_path / "command")]) == 0
    assert digest(tmp_path / "command") == digest(results.save(tmp_path / "saved"))


def test_draws_hold_the_value_of_every_parameter_in_each_draw(results: offramp.Results) -> None:
    values = results.draws.pivot(index="parameter", columns="draw", values="value")
    assert list(values.columns) == [0, 1] and set(values.index) == set(results.manifest["parameters"])
    assert (values[0] != values[1]).sum() > 50


def test_a_measure_is_plotted_under_its_label_and_another_is_refused(results: offramp.Results) -> None:
    assert "Average daily jail population" in results.plot("jail_adp").axes[0].get_title("left")
    with pytest.raises(NotResults, match="Did you mean 'jail_adp'"):
        results.plot("jail_apd")


def test_a_table_that_was_not_exported_is_refused_in_words(results: offramp.Results, tmp_path: Path) -> None:
    with pytest.raises(NotResults, match="there is no table 'arrests'"):
        results.events("arrests")
    saved = results.save(tmp_path / "saved")
    (saved / "cases.parquet").unlink()
    with pytest.raises(NotResults, match="RunOptions"):
        offramp.open(saved).events("cases")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "it has no manifest.json"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "they are of format 1"),
        (lambda folder: (folder / "manifest.json").write_text("[1]"), "cannot be read"),
        (lambda folder: (folder / "summary.csv").unlink(), "summary.csv"),
        (lambda folder: (folder / "monthly.parquet").write_bytes(b"x"), "cannot be read"),
    ],
)
def test_a_folder_that_is_no_results_is_refused_in_words(
    results: offramp.Results, tmp_path: Path, damage: Callable[[Path], object], words: str
) -> None:
    saved = results.save(tmp_path / "saved")
    damage(saved)
    with pytest.raises(NotResults, match=words):
        offramp.open(saved)


def test_results_are_never_saved_over_others(results: offramp.Results, tmp_path: Path) -> None:
    saved = results.save(tmp_path / "saved")
    with pytest.raises(BadOutput, match="is not empty"):
        results.save(saved)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"replications": 1}, "replications is 1; allowed: a whole number, 2 to 10,000"),
        ({"draws": "5"}, "draws is '5'; allowed: a whole number"),
        ({"events": 1}, "events is 1; allowed: True or False"),
        ({"measures": ["jail_apd"]}, "Did you mean 'jail_adp'"),
        ({"seed": -1, "at_most": 0}, "seed is -1.*at_most is 0"),
    ],
)
def test_options_that_are_not_allowed_are_refused_all_at_once(options: Mapping[str, Any], words: str) -> None:
    with pytest.raises(BadOptions, match=words):
        offramp.RunOptions(**options)


def test_a_bound_that_may_not_be_reached_is_outside() -> None:
    assert Between(0, below=1).holds(0) and not Between(0, below=1).holds(1)
    assert Between(0, 1).holds(1) and not Between(0, 1).holds(-1)


def test_a_measure_of_a_script_is_computed_by_any_number_of_processes_and_kept(tmp_path: Path) -> None:
    tiny(tmp_path, months=2)
    (tmp_path / "question.py").write_text(OWN, encoding="utf-8")
    command = [sys.executable, "question.py"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    printed = subprocess.check_output(command, text=True, cwd=tmp_path, env=environment)
    assert printed.split() == ["4", "236.0"] * 2
    kept = {path.name for path in tmp_path.glob("store2/*")}
    assert subprocess.check_output(command, text=True, cwd=tmp_path, env=environment) == printed
    assert {path.name for path in tmp_path.glob("store2/*")} == kept and len(kept) == 1


def test_a_measure_of_an_imported_module_is_computed_by_two_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_measure: Callable[..., None]
) -> None:
    (tmp_path / "helper_of_mine.py").write_text("def twice(days):\n    return 2 * days\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    import helper_of_mine  # type: ignore[import-not-found]

    def doubled(history: object, edges: Any) -> Any:
        """Twice the days."""
        return {"all": helper_of_mine.twice(np.diff(edges))}

    own_measure(doubled)
    execution = offramp.ExecutionOptions(jobs=2, store=tmp_path / "store")
    scenarios = offramp.load(tiny(tmp_path, months=2))
    results = offramp.run(scenarios, offramp.RunOptions(replications=2), execution)
    assert results.monthly.query("measure == 'doubled'")["value"].tolist() == [62.0, 56.0] * 2


def test_another_version_of_a_measure_is_another_run(
    tmp_path: Path, own_measure: Callable[..., None]
) -> None:
    def days(factor: int) -> float:
        def factored(history: object, edges: Any) -> Any:
            """Days times a factor."""
            return {"all": factor * np.diff(edges)}

        own_measure(factored)
        scenarios = offramp.load(tiny(tmp_path, months=2))
        execution = offramp.ExecutionOptions(jobs=1, store=tmp_path / "store")
        results = offramp.run(scenarios, offramp.RunOptions(replications=2), execution)
        return float(results.monthly.query("measure == 'factored'")["value"].iloc[0])

    assert (days(1), days(3), days(1)) == (31.0, 93.0, 31.0)


def test_a_measure_that_cannot_be_carried_is_refused_in_words(own_measure: Callable[..., None]) -> None:
    lock = threading.Lock()

    def locked(history: object, edges: Any) -> Any:
        """Days, one process at a time."""
        with lock:
            return {"all": np.diff(edges)}

    own_measure(locked)
    with pytest.raises(NotPortable, match="the measure locked cannot be carried"):
        OwnMeasures.registered()


def test_libraries_of_the_user_or_the_system_are_left_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_measure: Callable[..., None]
) -> None:
    library = ModuleType("inner")  # as scipy's _uarray: known to Python under a longer name than its own
    library.__file__ = str(tmp_path / "site-packages" / "library" / "inner.so")
    monkeypatch.setitem(sys.modules, "library.inner", library)

    def days(history: object, edges: Any) -> Any:
        """Days."""
        return {"all": np.diff(edges)}

    assert OwnMeasures.registered().content == b""
    own_measure(days)
    assert OwnMeasures.registered().content


def test_a_measure_that_a_worker_cannot_load_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pickle

    class Missing:
        def __reduce__(self) -> tuple[Any, ...]:
            return __import__, ("package_that_is_not_installed",)

    with pytest.raises(NotPortable, match="package_that_is_not_installed"):
        OwnMeasures(pickle.dumps([Missing()])).register()


def test_a_name_that_is_taken_is_refused() -> None:
    def jail_adp(history: object, edges: Any) -> Any:
        """Another thing."""

    with pytest.raises(ValueError, match="there is a measure jail_adp already"):
        offramp.measure(label="Own", unit="days", kind="flow")(jail_adp)


def rerun(folder: Path, events_to: Path | None = None) -> offramp.Results:
    """A small run with its events, always the same one."""
    options = offramp.RunOptions(replications=2, events=True)
    place = None if events_to is None else str(events_to)
    execution = offramp.ExecutionOptions(jobs=1, store=folder / "store", events_to=place)
    return offramp.run(offramp.load(tiny(folder, months=2)), options, execution)


def test_events_are_kept_while_any_results_read_them_and_removed_after(tmp_path: Path) -> None:
    first = rerun(tmp_path)
    second = rerun(tmp_path)
    (files,) = {tuple(first.event_files["people"]), tuple(second.event_files["people"])}
    del first
    gc.collect()
    assert len(second.events("people"))
    del second
    gc.collect()
    assert not any(file.exists() for file in files)


def test_events_in_a_folder_of_the_users_are_never_removed(tmp_path: Path) -> None:
    results = rerun(tmp_path, tmp_path / "mine")
    people = results.events("people")
    del results
    gc.collect()
    assert len(list((tmp_path / "mine").rglob("*.parquet"))) == 2 * len(TABLES)
    assert len(people)


def test_a_run_of_no_scenario_is_refused_in_words() -> None:
    with pytest.raises(BadOptions, match="name at least one scenario"):
        offramp.run([])


def test_clean_leaves_the_runs_of_this_version_that_have_own_measures(
    tmp_path: Path, own_measure: Callable[..., None]
) -> None:
    def lengths(history: object, edges: Any) -> Any:
        """Days of the period."""
        return {"all": np.diff(edges)}

    own_measure(lengths)
    execution = offramp.ExecutionOptions(jobs=1, store=tmp_path)
    offramp.run(offramp.load(tiny(tmp_path, months=2)), offramp.RunOptions(replications=2), execution)
    assert Store(tmp_path).clean(only_other_code=True) == 0
    (kept,) = Store(tmp_path).kept()
    assert len(kept.files) == 2
