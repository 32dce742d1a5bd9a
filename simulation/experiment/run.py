"""One run: a scenario, a draw of the parameters and a replication in; values of the measures out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation import model
from simulation.experiment.events import write_events
from simulation.inputs.countyfile import CountyFile
from simulation.measures import MEASURES, History
from simulation.scenario import Scenario


@dataclass(frozen=True)
class Job:
    """One run to be made: a scenario, a draw of the parameters (0: central values) and a replication.

    events: where the tables of the run's events are written, a path or an address of fsspec (see
    ``simulation.experiment.events.table_path``); or None.
    """

    scenario: Scenario
    draw: int
    replication: int
    seed: int
    events: str | None = None

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

    def value(self, measure: str, subgroup: str = "all") -> float:
        """A measure over the whole horizon; nan if the run has none."""
        if (measure, subgroup) not in self.names:
            return float("nan")
        return float(self.periods[self.names.index((measure, subgroup)), -1])


@dataclass(frozen=True)
class Experiment:
    """A scenario to be driven one replication at a time, by a notebook or another tool."""

    scenario: Scenario
    seed: int = 1

    def single_run(self, replication: int = 0) -> dict[str, float]:
        """Every measure over the whole horizon, all people together."""
        result = simulate(Job(self.scenario, 0, replication, self.seed))
        return {name: result.value(name) for name, part in result.names if part == "all"}


def simulate(job: Job) -> Result:
    """Run once and measure; writes the log to the file ``job.events`` if there is one."""
    file = job.scenario.county
    events = model.run(job.scenario, job.seed, job.replication)
    history = History(events, file.horizon)
    month_edges, year_edges = monthly_edges(file)[0], yearly_edges(file)
    names, monthly, periods = [], [], []
    for name, measure in MEASURES.items():
        by_month = measure.values(history, month_edges, job.scenario.subgroups)
        by_year = measure.values(history, year_edges, job.scenario.subgroups)
        whole = measure.values(history, year_edges[[0, -1]], job.scenario.subgroups)
        for subgroup, values in by_month.items():
            names.append((name, subgroup))
            monthly.append(values)
            periods.append([*by_year[subgroup], *whole[subgroup]])
    if job.events is not None:
        write_events(events, job.key, job.events)
    return Result(job.key, tuple(names), np.array(monthly), np.array(periods))


def monthly_edges(file: CountyFile) -> tuple[NDArray[np.float64], list[str]]:
    """Edges of the months in days from the start, and the first day of each month."""
    starts = file.month_starts()
    return np.array([file.day(day) for day in starts]), [day.isoformat() for day in starts[:-1]]


def yearly_edges(file: CountyFile) -> NDArray[np.float64]:
    """Edges of the years of the run, the last one shorter if the months do not fill it."""
    edges, _ = monthly_edges(file)
    return np.append(edges[:-1:12], edges[-1])


def period_labels(months: int) -> list[str]:
    """Names of the years of a run of so many months, and of the whole."""
    years = [f"year {number}" for number in range(1, months // 12 + 1)]
    rest = months % 12
    return [*years, *([f"last {rest} months"] if rest else []), "all"]
