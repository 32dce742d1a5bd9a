"""Many runs: every scenario with the same draws and the same seeds, on as many processors as wished."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation import model
from simulation.chance import Stream
from simulation.countyfile import CountyFile
from simulation.measures import MEASURES, History
from simulation.scenario import Scenario


@dataclass(frozen=True)
class Job:
    """One run: a scenario, a draw of the parameters (0: central values) and a replication."""

    scenario: Scenario
    draw: int
    replication: int
    seed: int
    events: Path | None = None

    @property
    def key(self) -> tuple[str, int, int]:
        """What identifies a run among the runs of one command."""
        return self.scenario.key, self.draw, self.replication


@dataclass(frozen=True)
class Result:
    """What a run sends back: values by measure and subgroup, a row a month and a row a period."""

    key: tuple[str, int, int]
    names: tuple[tuple[str, str], ...]
    monthly: NDArray[np.float64]
    periods: NDArray[np.float64]


@dataclass(frozen=True)
class Experiment:
    """A scenario to be driven one replication at a time, by a notebook or another tool."""

    scenario: Scenario
    seed: int = 1

    def single_run(self, replication: int = 0) -> dict[str, float]:
        """Every measure over the whole horizon, all people together."""
        result = simulate(Job(self.scenario, 0, replication, self.seed))
        whole = {name: values[-1] for name, values in zip(result.names, result.periods, strict=True)}
        return {name: float(value) for (name, part), value in whole.items() if part == "all"}


def jobs(scenarios: Sequence[Scenario], replications: int, draws: int, seed: int) -> list[Job]:
    """Every scenario with every draw and replication; ``draws`` of 0 runs the central values only.

    Replications are numbered through over the draws, so that no two runs of a scenario share a seed.
    """
    found = []
    for scenario in scenarios:
        for draw in range(max(1, draws)):
            drawn = scenario if draws == 0 else sampled(scenario, draw, seed)
            for i in range(replications):
                found.append(Job(drawn, draw, draw * replications + i, seed))
    return found


def sampled(scenario: Scenario, draw: int, seed: int) -> Scenario:
    """The scenario under one sample of what we do not know; the same sample for every scenario."""
    luck = Stream(seed, -1).child("parameters", draw)
    return scenario.model_copy(update={"parameters": scenario.parameters.drawn(luck.luck)})


def simulate(job: Job) -> Result:
    """Run once and measure; writes the log to ``job.events`` if a folder is given."""
    file = job.scenario.county
    events = model.run(job.scenario, job.seed, job.replication)
    history = History(events, file.horizon)
    month_edges, year_edges = monthly_edges(file)[0], yearly_edges(file)
    names, monthly, periods = [], [], []
    for name, measure in MEASURES.items():
        by_month = measure.function(history, month_edges)
        by_year = measure.function(history, year_edges)
        whole = measure.function(history, year_edges[[0, -1]])
        for subgroup, values in by_month.items():
            names.append((name, subgroup))
            monthly.append(values)
            periods.append([*by_year[subgroup], *whole[subgroup]])
    if job.events is not None:
        write_events(events.to_frame(), job)
    return Result(job.key, tuple(names), np.array(monthly), np.array(periods))


def write_events(frame: pd.DataFrame, job: Job) -> None:
    """One run's log as a parquet file of its own, to be joined by whoever asked for it."""
    assert job.events is not None
    scenario, _, replication = job.key
    frame.insert(0, "scenario", scenario)
    frame.insert(1, "replication", replication)
    frame.to_parquet(job.events / f"{scenario}-{replication:06d}.parquet", index=False)


def monthly_edges(file: CountyFile) -> tuple[NDArray[np.float64], list[str]]:
    """Edges of the months in days from the start, and the first day of each month."""
    starts = file.month_starts()
    return np.array([file.day(day) for day in starts]), [day.isoformat() for day in starts[:-1]]


def yearly_edges(file: CountyFile) -> NDArray[np.float64]:
    """Edges of the years of the run, the last one shorter if the months do not fill it."""
    edges, _ = monthly_edges(file)
    return np.append(edges[:-1:12], edges[-1])


def period_labels(file: CountyFile) -> list[str]:
    """Names of the years of the run, and of the whole."""
    years = [f"year {number}" for number in range(1, file.months // 12 + 1)]
    rest = file.months % 12
    return [*years, *([f"last {rest} months"] if rest else []), "all"]


def gather(work: Iterable[Job], processes: int, done: Callable[[], None]) -> list[Result]:
    """Run all jobs, calling ``done`` after each; results come in the order of their keys."""
    results = []
    for result in _stream(list(work), processes):
        results.append(result)
        done()
    return sorted(results, key=lambda result: result.key)


def _stream(work: list[Job], processes: int) -> Iterator[Result]:
    if processes == 1 or len(work) == 1:
        yield from map(simulate, work)
        return
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=min(processes, len(work)), return_as="generator_unordered")
    yield from pool(delayed(simulate)(job) for job in work)


def long_table(results: Sequence[Result], labels: Sequence[str], kind: str) -> pd.DataFrame:
    """Tidy values: scenario, draw, replication, period, measure, subgroup, value.

    ``kind`` says which of a result's tables, ``monthly`` or ``periods``, is laid out.
    """
    frames = []
    for result in results:
        values = getattr(result, kind)
        measure, subgroup = np.array(result.names, dtype=object).T
        scenario, draw, replication = result.key
        frames.append(
            pd.DataFrame(
                {
                    "scenario": scenario,
                    "draw": draw,
                    "replication": replication,
                    "period": np.tile(np.array(labels, dtype=object), len(values)),
                    "measure": np.repeat(measure, len(labels)),
                    "subgroup": np.repeat(subgroup, len(labels)),
                    "value": values.ravel(),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
