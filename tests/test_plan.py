"""What a large job will cost is told before it is begun, near enough to plan by."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from offramp.cli import main
from offramp.commands import plan
from offramp.commands.plan import Cost, at_size
from offramp.options import PlanOptions
from offramp.scenarios import load_one
from simulation.engine.eventlog import Events
from simulation.experiment import run
from simulation.experiment.run import Job
from simulation.experiment.store import Store
from tests.command import tiny


def test_a_county_of_any_size_lies_on_the_line_through_those_measured() -> None:
    small, large = Cost(2.0, 100.0, 0.1, 1.0), Cost(11.0, 190.0, 0.1, 10.0)
    between = at_size(400_000, [100_000, 1_000_000], [small, large])
    assert (between.seconds, between.memory) == pytest.approx((5.0, 130.0))
    assert (between.kept, between.events) == pytest.approx((0.1, 4.0))
    least = at_size(1_000, [100_000, 1_000_000], [small, large])
    assert least.seconds > 0, "a line that would go below nothing stops before"


def test_a_single_county_is_taken_in_proportion() -> None:
    half = at_size(50_000, [100_000], [Cost(2.0, 100.0, 0.1, 1.0)])
    assert half == Cost(1.0, 100.0, 0.05, 0.5)


def test_a_prediction_is_within_a_tenth_of_what_the_runs_then_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a processor clock that goes on by half a second a run and a millisecond an event, on any machine."""
    clock = [0.0]
    write = run.write_events

    def clocked(events: Events, key: tuple[str, int, int], place: str) -> None:
        clock[0] += 0.5 + 0.001 * len(events)
        write(events, key, place)

    monkeypatch.setattr(run, "write_events", clocked)
    monkeypatch.setattr(plan, "map_unordered", lambda work, items, *_: [(item, work(item)) for item in items])
    monkeypatch.setattr(time, "process_time", lambda: clock[0])
    scenario = load_one(str(tiny(tmp_path, months=24)))
    runs, cost = plan.predicted([scenario], PlanOptions(replications=3, jobs=1))
    clock[0] = 0.0
    store = Store(tmp_path / "store")
    for replication in range(1, 4):
        job = Job(scenario, 0, replication, 1, str(tmp_path / "events" / f"{replication}.parquet"))
        store.save(job, run.simulate(job))
    kept, written = (
        sum(one.stat().st_size for one in tmp_path.rglob(name)) for name in ("*.run", "*.parquet")
    )
    spent = (clock[0], kept / plan.MEGABYTE, written / plan.MEGABYTE)
    assert runs == 3
    assert (cost.seconds, cost.kept, cost.events) == pytest.approx(spent, rel=0.1)


@pytest.mark.slow
def test_a_state_is_planned_from_two_of_its_counties(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["plan", "napa", "contra_costa", "--counties", "58", "--residents", "39000000"]
    assert main([*command, "--replications", "2000", "--jobs", "64"]) == 0
    said = capsys.readouterr().out
    assert "116,000 runs on 64 processors" in said and "processor time" in said and "GB" in said


def test_half_an_order_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["plan", "napa", "--counties", "58"]) == 2
    assert "--residents" in capsys.readouterr().err
    assert main(["plan"]) == 2
    assert main(["plan", str(tmp_path / "none.yaml")]) == 1
