"""Records read as a log have the measures of the log they were written from."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.records.recordlog import as_events
from calibration.targets.record_targets import NEEDS, record_targets
from simulation import model
from simulation.experiment.run import monthly_edges
from simulation.measures import MEASURES, History
from simulation.measures.transcript import transcript
from simulation.record import Records
from simulation.scenario import Scenario
from tests.conftest import Build

DATES_CUT = ("jail_adp", "jail_stay", "court_census", "fact_census", "hospital_days")


@pytest.fixture(scope="module")
def county(build: Build) -> Scenario:
    return build({"months": 18})


@pytest.fixture(scope="module")
def logged(county: Scenario) -> tuple[History, Records]:
    file = county.county
    events = model.run(county, 1, 0)
    return History(events, file.horizon), transcript(events, file.start, file.horizon)


@pytest.mark.parametrize("name", [name for name in NEEDS if name != "rearrest_2y"])
def test_records_of_a_log_give_the_measures_of_the_log(
    county: Scenario, logged: tuple[History, Records], name: str
) -> None:
    history, records = logged
    again = History(as_events(records, county.county.start), county.county.horizon)
    edges = np.array([0.0, 181.0, 365.0])
    before, after = (MEASURES[name].function(each, edges)["all"] for each in (history, again))
    if MEASURES[name].kind in ("flow", "share") and name not in DATES_CUT:
        assert after == pytest.approx(before, rel=0.01, abs=0.01, nan_ok=True)
    else:  # dates cut the time of day
        assert after == pytest.approx(before, rel=0.03, abs=1.0, nan_ok=True)
    assert np.isfinite(before).any()


def test_the_targets_of_records_are_the_months_of_the_log(
    county: Scenario, logged: tuple[History, Records]
) -> None:
    history, records = logged
    targets, notes = record_targets(records, county.county.start)
    found = {one.name: one for one in targets}
    edges, _ = monthly_edges(county.county)
    assert len(found["bookings"].points) == 18
    assert found["bookings"].values == pytest.approx(MEASURES["bookings"].function(history, edges)["all"])
    assert "2027-01-01" in notes[0]


def test_records_of_participants_alone_do_not_pass_for_the_jails(
    county: Scenario, logged: tuple[History, Records]
) -> None:
    _, records = logged
    people = set(records["participants"]["person"])
    tables = dict(records.tables)
    for name in ("custody", "arrests"):
        tables[name] = tables[name][tables[name]["person"].isin(people)]
    targets, notes = record_targets(Records(tables, records.observed_until), county.county.start)
    assert "jail_adp" not in {one.name for one in targets}
    assert any("participants of the program only" in note for note in notes)
