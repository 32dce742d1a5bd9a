"""Runs of a county at many parameters, kept on disk as they finish, so that nothing is run twice.

A design point is a fixed number of replications at one setting of the parameters. The values of each finished
point are one small file, named by everything they depend on. A point of which a run broke off is not kept,
and is run again by the same command. Points are run by the same pools as other runs: processes of this
machine, or a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibration.inference.prior import Prior
from calibration.targets import output
from calibration.targets.output import Output, observe
from simulation import model
from simulation.experiment.checked_file import read_checked, write_checked
from simulation.experiment.pool import Machine, Pool, map_unordered
from simulation.experiment.store import code_version
from simulation.initial_state import population
from simulation.measures import History
from simulation.scenario import Scenario

Floats = NDArray[np.float64]

BROKEN = "broken.txt"
"""File beside the kept points: which runs broke off, and why."""

FORMAT = b"offramp design point 1\n"


@dataclass(frozen=True)
class DesignPoint:
    """Some replications of one scenario, and the outputs to compute from each."""

    scenario: Scenario
    replications: tuple[int, ...]
    seed: int
    outputs: tuple[Output, ...]

    @property
    def key(self) -> str:
        """A hash of everything the values depend on, the model's code included."""
        text = f"{self.scenario.fingerprint()} {self.replications} {self.seed} {self.outputs} {code()}"
        return blake2b(text.encode(), digest_size=12).hexdigest()

    @property
    def shape(self) -> tuple[int, int]:
        """Replications and outputs."""
        return len(self.replications), len(self.outputs)


@cache
def code() -> str:
    """The version of all code that the values depend on: the model's, and how outputs are computed."""
    observing = Path(output.__file__).read_bytes()
    return blake2b(code_version().encode() + observing, digest_size=8).hexdigest()


def run(point: DesignPoint) -> tuple[Floats, dict[int, str]]:
    """Replications x outputs, nan for a run that is impossible or broke off; and why each one broke off."""
    broken: dict[int, str] = {}
    values = np.full(point.shape, np.nan)
    for row, replication in enumerate(point.replications):
        try:
            values[row] = _once(point, replication)
        except population.NoBookings:
            continue
        except Exception as fault:  # noqa: BLE001  one corner of the prior must not cost all the other runs
            broken[replication] = f"{type(fault).__name__}: {fault}"
    return values, broken


def _once(point: DesignPoint, replication: int) -> Floats:
    events = model.run(point.scenario, point.seed, replication)
    return observe(History(events, point.scenario.county.horizon), point.outputs)


def _no_warning(_: str) -> None:
    """Drop a warning."""


@dataclass(frozen=True)
class RunCache:
    """All runs of one calibration: a county, the prior its points are scores of, and where runs are kept.

    folder: None keeps none. warn: called with a sentence when a run breaks off or a worker is lost.
    """

    scenario: Scenario
    prior: Prior
    outputs: tuple[Output, ...]
    replications: int
    seed: int
    folder: Path | None
    pool: Pool | int = 1
    warn: Callable[[str], None] = _no_warning

    def values(self, z: Floats, first: int, done: Callable[[int], None]) -> Floats:
        """Points x replications x outputs at these scores, run or read; ``done`` is called with how many.

        Points are numbered from ``first``, and replications through over the points, so that no two points
        share random streams, and replication noise averages out over the points.
        """
        values = np.full((len(z), self.replications, len(self.outputs)), np.nan)
        rows: dict[str, int] = {}
        waiting: dict[str, DesignPoint] = {}
        for row, scores in enumerate(z):
            point = self.point(scores, first + row)
            kept = self.kept(point)
            if kept is None:
                rows[point.key], waiting[point.key] = row, point
            else:
                values[row] = kept
        done(len(z) - len(waiting))
        for key, (made, broken) in self._run(waiting):
            if broken:
                self.report(waiting[key], broken)
            else:
                self.keep(waiting[key], made)
            values[rows[key]] = made
            done(1)
        return values

    def point(self, scores: Floats, number: int) -> DesignPoint:
        """The design point of these scores; its number determines its replications."""
        parameters = self.prior.at(scores.tolist())
        first = number * self.replications
        return DesignPoint(
            self.scenario.model_copy(update={"parameters": parameters}),
            tuple(range(first, first + self.replications)),
            self.seed,
            self.outputs,
        )

    def kept(self, point: DesignPoint) -> Floats | None:
        """The values of a point if they were kept, and the file is as it was written."""
        body = None if self.folder is None else read_checked(_path(self.folder, point), FORMAT)
        if body is None:
            return None
        values = np.load(BytesIO(body), allow_pickle=False)
        return values if values.shape == point.shape else None

    def keep(self, point: DesignPoint, values: Floats) -> None:
        """Keep the values of a point."""
        if self.folder is not None:
            body = BytesIO()
            np.save(body, values, allow_pickle=False)
            write_checked(_path(self.folder, point), FORMAT, body.getvalue())

    def report(self, point: DesignPoint, broken: dict[int, str]) -> None:
        """Warn of runs that broke off, and list them beside the kept points."""
        for replication, why in broken.items():
            run = f"seed {point.seed}, replication {replication}"
            if self.folder is None:
                self.warn(f"A run broke off and is left out ({why}): {run}")
                continue
            self.warn(f"A run broke off and is left out ({why}); see {self.folder / BROKEN}")
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / BROKEN).open("a", encoding="utf-8") as file:
                file.write(f"design point {point.key}, {run}: {why}\n")

    def _run(self, waiting: dict[str, DesignPoint]) -> Iterator[tuple[str, tuple[Floats, dict[int, str]]]]:
        if isinstance(self.pool, int) and self.pool == 1:
            yield from ((key, run(point)) for key, point in waiting.items())
            return
        pool = Machine(self.pool) if isinstance(self.pool, int) else self.pool
        for (key, _), made in map_unordered(_of_pair, list(waiting.items()), pool, self.warn):
            yield key, made


def _path(folder: Path, point: DesignPoint) -> Path:
    return folder / f"{point.key}.point"


def _of_pair(pair: tuple[str, DesignPoint]) -> tuple[Floats, dict[int, str]]:
    return run(pair[1])
