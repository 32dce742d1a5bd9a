"""``offramp plan``: what a large job will cost, from a few short runs of its counties.

A run costs a start (everyone is put in place, everything is measured) and so much for each month; a
county costs so much for itself and so much for each resident. Both lines are drawn through measured
points: two lengths of every county named, and the counties named.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path

import numpy as np

from calibration.document import BadDocument
from offramp.options import PlanOptions
from offramp.scenarios import load_one
from simulation.experiment.pool import Machine, map_unordered
from simulation.experiment.run import Job, simulate
from simulation.experiment.store import Store
from simulation.inputs.countyfile import CountyFile
from simulation.scenario import Scenario

LENGTHS = (6, 24)
"""Months of the two runs that are measured of each county."""

MEGABYTE = 1e6


@dataclass(frozen=True)
class Cost:
    """Processor seconds of a run, peak megabytes of its process, megabytes kept of it and of its events."""

    seconds: float
    memory: float
    kept: float
    events: float


def plan_command(names: Sequence[str], options: PlanOptions) -> int:
    """Measure, extrapolate and print; returns the exit code."""
    try:
        scenarios = [load_one(name) for name in names]
    except BadDocument as bad:
        print(bad, file=sys.stderr)
        return 1
    show(predicted(scenarios, options), options)
    return 0


def predicted(scenarios: Sequence[Scenario], options: PlanOptions) -> tuple[int, Cost]:
    """The number of runs, and what all of them cost together (memory: the largest one's)."""
    counties = {scenario.county.name: scenario for scenario in scenarios}
    costs = {name: whole_run(scenario) for name, scenario in counties.items()}
    if options.counties is None or options.residents is None:
        runs = [costs[scenario.county.name] for scenario in scenarios]
    else:
        sizes = [scenario.county.population.value for scenario in counties.values()]
        average = at_size(options.residents / options.counties, sizes, list(costs.values()))
        runs = [average] * (options.counties * round(len(scenarios) / len(counties)))
    largest = max(cost.memory for cost in [*costs.values(), *runs])
    sums = (options.runs * sum(getattr(run, what) for run in runs) for what in ("seconds", "kept", "events"))
    seconds, kept, events = sums
    return options.runs * len(runs), Cost(seconds, largest, kept, events)


def whole_run(scenario: Scenario) -> Cost:
    """What a run of the whole horizon costs, by the straight line through two shorter ones."""
    months = scenario.county.months
    lengths = sorted({min(length, months) for length in LENGTHS})
    short = [scenario.model_copy(update={"county": _shortened(scenario, length)}) for length in lengths]
    measured = [cost for job in short for _, cost in map_unordered(measure, [job], Machine(1), _silent)]
    return _on_line(lengths, measured, months)


def _silent(_: str) -> None:
    """Nobody receives a lost worker: the measurement is made again."""


def _shortened(scenario: Scenario, months: int) -> CountyFile:
    return scenario.county.model_copy(update={"months": months})


def at_size(residents: float, sizes: Sequence[float], costs: Sequence[Cost]) -> Cost:
    """What a county of this size costs a run: by the line through the counties measured.

    A single county's costs are taken in proportion, its memory apart.
    """
    if len(set(sizes)) > 1:
        return _on_line(sizes, costs, residents)
    share, cost = residents / sizes[0], costs[0]
    return Cost(share * cost.seconds, cost.memory, share * cost.kept, share * cost.events)


def _on_line(xs: Sequence[float], costs: Sequence[Cost], x: float) -> Cost:
    """Each figure on the straight line through the measured points, never below the least of them."""
    figures = np.array([list(vars(cost).values()) for cost in costs])
    if len(set(xs)) < 2:
        return costs[0]
    slope, start = np.polyfit(np.asarray(xs, dtype=float), figures, 1)
    lowest = figures.min(axis=0) * min(1.0, x / min(xs))
    return Cost(*map(float, np.maximum(start + slope * x, lowest)))


def measure(scenario: Scenario) -> Cost:
    """One run in this process: what it costs."""
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events"
        begun = time.process_time()
        result = simulate(job := Job(scenario, 0, 0, 1, str(events / "run.parquet")))
        seconds = time.process_time() - begun
        store = Store(Path(folder) / "store")
        store.save(job, result)
        kept = sum(path.stat().st_size for path in store.folder.rglob("*.run"))
        written = sum(path.stat().st_size for path in events.rglob("*.parquet"))
        return Cost(seconds, _peak(), kept / MEGABYTE, written / MEGABYTE)


def _peak() -> float:
    """Most megabytes this process has had; nan where the system does not report it."""
    try:
        import resource
    except ImportError:
        return nan
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MEGABYTE


def show(prediction: tuple[int, Cost], options: PlanOptions) -> None:
    """The prediction, a line a resource."""
    from rich.console import Console
    from rich.table import Table

    runs, cost = prediction
    table = Table(title=f"{runs:,} runs on {options.processes} processors", show_header=False)
    lines = {
        "processor time": duration(cost.seconds),
        f"time on {options.processes} processors": duration(cost.seconds / options.processes),
        "memory, each processor": f"{cost.memory:,.0f} MB",
        "memory, all processors": f"{cost.memory * options.processes / 1000:,.1f} GB",
        "disk, finished runs": f"{cost.kept / 1000:,.2f} GB",
        "disk, with --events": f"{cost.events / 1000:,.2f} GB",
    }
    for name, value in lines.items():
        table.add_row(name, value)
    console = Console()
    console.print(table)
    console.print(
        f"From runs of {' and '.join(map(str, LENGTHS))} months of each county named, on this machine, "
        "which may have been busy. Right within a factor of two; another processor is faster or slower."
    )


def duration(seconds: float) -> str:
    """Seconds in the unit that a reader would choose."""
    for name, length in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {name}"
    return f"{seconds:,.0f} seconds"
