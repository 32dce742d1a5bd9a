"""Many runs: every scenario with the same draws and the same seeds, on any number of processors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import shuffle

import numpy as np
import pandas as pd

from simulation.engine.stream import Stream
from simulation.experiment.events import events_written
from simulation.experiment.own_measure import OwnMeasures
from simulation.experiment.pool import Machine, Pool, map_unordered
from simulation.experiment.run import Experiment, Job, Result, simulate
from simulation.experiment.store import Store
from simulation.scenario import Scenario

__all__ = [
    "Experiment",
    "Job",
    "Report",
    "Result",
    "drawn",
    "gather",
    "jobs",
    "long_table",
    "replicated",
    "sampled",
    "simulate",
]


Sample = Callable[[Scenario, int, int], Scenario]
"""A scenario, the number of a draw and a seed in; the scenario under that draw out."""


def jobs(
    scenarios: Sequence[Scenario], replications: int, draws: int, seed: int, sample: Sample | None = None
) -> list[Job]:
    """Every scenario with every draw and replication; ``draws`` of 0 runs the central values only.

    Replications are numbered through over the draws, so that no two runs of a scenario share a seed.
    """
    if draws == 0:
        return replicated(scenarios, range(replications), seed)
    return drawn(scenarios, range(draws), replications, seed, sample)


def replicated(scenarios: Sequence[Scenario], replications: range, seed: int) -> list[Job]:
    """Every scenario at its central values with each of these replications."""
    return [Job(scenario, 0, i, seed) for scenario in scenarios for i in replications]


def drawn(
    scenarios: Sequence[Scenario],
    draws: range,
    replications: int,
    seed: int,
    sample: Sample | None = None,
) -> list[Job]:
    """A job for each scenario, draw and replication; ``sample`` draws the parameters, else the register."""
    sample = sample or sampled
    return [
        Job(drawn_scenario, draw, draw * replications + i, seed)
        for scenario in scenarios
        for draw in draws
        for drawn_scenario in [sample(scenario, draw, seed)]
        for i in range(replications)
    ]


def sampled(scenario: Scenario, draw: int, seed: int) -> Scenario:
    """The scenario with parameters drawn from their ranges; draw i is the same in every scenario."""
    stream = Stream(seed, -1).child("parameters", draw)
    return scenario.model_copy(update={"parameters": scenario.parameters.drawn(stream.uniform)})


def _nothing(*_: object) -> None:
    """Ignore progress."""


@dataclass(frozen=True)
class Report:
    """Callbacks: ``done`` after each run, ``warn`` with a warning that did not end it."""

    done: Callable[[], None] = _nothing

    warn: Callable[[str], None] = _nothing


def gather(
    work: Sequence[Job], pool: Pool | int = 1, report: Report | None = None, store: Store | None = None
) -> list[Result]:
    """Run all jobs; results come in the order of their keys, whatever the number of workers.

    ``pool`` may be a number of processes. Runs that the store holds are loaded, and each new result is
    stored as soon as it is finished, so that a command that was stopped can continue.
    Raises LostWorkers when workers are lost again and again.
    """
    report = report or Report()
    results = []
    for result in _results(work, pool, report, store):
        results.append(result)
        report.done()
    return sorted(results, key=lambda result: result.key)


def _results(work: Sequence[Job], pool: Pool | int, report: Report, store: Store | None) -> Iterator[Result]:
    simulator = CachedSimulator(store)
    todo = []
    for job in work:
        kept = simulator.stored(job)
        if kept is None:
            todo.append(job)
        else:
            yield kept
    shuffle(todo)  # two commands that make the same runs at once then share them
    for job, result in _made(todo, simulator, pool, report):
        store = store and _saved(store, job, result, report)
        yield result


@dataclass(frozen=True)
class CachedSimulator:
    """Runs a job, or loads its result if another command has stored it meanwhile."""

    store: Store | None

    def stored(self, job: Job) -> Result | None:
        """The stored result, None unless it holds all that the job asks for."""
        if self.store is None or (job.events is not None and not events_written(job.events)):
            return None
        return self.store.load(job)

    def __call__(self, job: Job) -> Result:
        """The run."""
        return self.stored(job) or simulate(job)


@dataclass(frozen=True)
class Worker:
    """Runs jobs in a worker process, with the user's measures registered there."""

    simulator: CachedSimulator
    own: OwnMeasures

    def __call__(self, job: Job) -> Result:
        """The run."""
        self.own.register()
        return self.simulator(job)


def _made(
    todo: list[Job], simulator: CachedSimulator, pool: Pool | int, report: Report
) -> Iterator[tuple[Job, Result]]:
    if pool == 1 or (isinstance(pool, int) and len(todo) < 2):
        yield from ((job, simulator(job)) for job in todo)
        return
    workers = Machine(min(pool, len(todo))) if isinstance(pool, int) else pool
    yield from map_unordered(Worker(simulator, OwnMeasures.registered()), todo, workers, report.warn)


def _saved(store: Store, job: Job, result: Result, report: Report) -> Store | None:
    """Store a result; returns the store for the next one, None after a failure to write."""
    try:
        store.save(job, result)
    except OSError as error:
        report.warn(
            f"{store.folder}: finished runs cannot be kept: {error.strerror}. The command goes on; "
            "if it is stopped, it has to repeat these runs."
        )
        return None
    return store


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
