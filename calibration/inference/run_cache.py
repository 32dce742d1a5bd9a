"""Runs of a county at many parameters, kept on disk as they finish, so that nothing is run twice.

A block is a fixed number of replications at one point of the parameters. Each finished block is one small
parquet file, named by everything it depends on; a block whose file exists is done. A block of which a run
broke off is not kept, and is tried again by the same command. Blocks are made by the same pools as other
runs: processes of this machine, or a cluster.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibration.inference.prior import Prior
from calibration.targets import output
from calibration.targets.output import Output, observe
from simulation import model
from simulation.experiment.pool import Machine, Pool, each
from simulation.experiment.store import code_version
from simulation.initial_state import population
from simulation.measures import History
from simulation.scenario import Scenario

Floats = NDArray[np.float64]

BROKEN = "broken.txt"
"""Beside the blocks: which runs broke off, and why."""


@dataclass(frozen=True)
class DesignPoint:
    """Some replications of one scenario, and what is asked of each."""

    scenario: Scenario
    replications: tuple[int, ...]
    seed: int
    outputs: tuple[Output, ...]

    @property
    def key(self) -> str:
        """A name made of everything the block's values depend on, the model's code included."""
        text = f"{self.scenario.fingerprint()} {self.replications} {self.seed} {self.outputs} {code()}"
        return blake2b(text.encode(), digest_size=12).hexdigest()


@cache
def code() -> str:
    """The version of all code that a block's values depend on: the model's, and what is read off a run."""
    observing = Path(output.__file__).read_bytes()
    return blake2b(code_version().encode() + observing, digest_size=8).hexdigest()


def run(block: DesignPoint) -> tuple[Floats, dict[int, str]]:
    """Replications x outputs, nan for a run that cannot be or broke off; and why each one broke off."""
    broken: dict[int, str] = {}
    values = np.full((len(block.replications), len(block.outputs)), np.nan)
    for row, replication in enumerate(block.replications):
        try:
            values[row] = _once(block, replication)
        except population.NoBookings:
            continue
        except Exception as fault:  # noqa: BLE001  one corner of the prior must not cost all the other runs
            broken[replication] = f"{type(fault).__name__}: {fault}"
    return values, broken


def _once(block: DesignPoint, replication: int) -> Floats:
    events = model.run(block.scenario, block.seed, replication)
    return observe(History(events, block.scenario.county.horizon), block.outputs)


def _nobody(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class RunCache:
    """All runs of one calibration: a county, the prior its points are scores of, and a folder."""

    scenario: Scenario
    prior: Prior
    outputs: tuple[Output, ...]
    replications: int
    seed: int
    folder: Path | None
    pool: Pool | int = 1
    warn: Callable[[str], None] = _nobody

    def values(self, z: Floats, first: int, done: Callable[[int], None]) -> Floats:
        """Points x replications x outputs at these scores, run or read; ``done`` is called with how many.

        Points are numbered from ``first``, and replications through over the points, so that no two blocks
        share their random streams, and errors of chance cancel out over the points.
        """
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        found = np.full((len(z), self.replications, len(self.outputs)), np.nan)
        rows: dict[str, int] = {}
        waiting: dict[str, DesignPoint] = {}
        for row, scores in enumerate(z):
            block = self.block(scores, first + row)
            kept = self.kept(block)
            if kept is None:
                rows[block.key], waiting[block.key] = row, block
            else:
                found[row] = kept
        done(len(z) - len(waiting))
        for key, (values, broken) in self._run(waiting):
            self.note(waiting[key], broken)
            if not broken and self.folder is not None:
                write(self.path(self.folder, key), values, self.outputs)
            found[rows[key]] = values
            done(1)
        return found

    def block(self, scores: Floats, number: int) -> DesignPoint:
        """The block of one point."""
        parameters = self.prior.at(scores.tolist())
        first = number * self.replications
        return DesignPoint(
            self.scenario.model_copy(update={"parameters": parameters}),
            tuple(range(first, first + self.replications)),
            self.seed,
            self.outputs,
        )

    def kept(self, block: DesignPoint) -> Floats | None:
        """The values of a design point if they were kept earlier."""
        if self.folder is None:
            return None
        return read(self.path(self.folder, block.key), (self.replications, len(self.outputs)))

    @staticmethod
    def path(folder: Path, key: str) -> Path:
        """The file of a design point."""
        return folder / f"{key}.parquet"

    def note(self, block: DesignPoint, broken: dict[int, str]) -> None:
        """Say which runs broke off and why, and keep it beside the blocks."""
        for replication, why in broken.items():
            if self.folder is None:
                self.warn(
                    f"A run broke off and is left out ({why}): replication {replication}, seed {block.seed}"
                )
                continue
            self.warn(f"A run broke off and is left out ({why}); see {self.folder / BROKEN}")
            with (self.folder / BROKEN).open("a", encoding="utf-8") as file:
                file.write(f"block {block.key}, seed {block.seed}, replication {replication}: {why}\n")

    def _run(self, waiting: dict[str, DesignPoint]) -> Iterator[tuple[str, tuple[Floats, dict[int, str]]]]:
        if isinstance(self.pool, int) and self.pool == 1:
            yield from ((key, run(block)) for key, block in waiting.items())
            return
        pool = Machine(self.pool) if isinstance(self.pool, int) else self.pool
        for (key, _), made in each(_of_pair, list(waiting.items()), pool, self.warn):
            yield key, made


def _of_pair(pair: tuple[str, DesignPoint]) -> tuple[Floats, dict[int, str]]:
    return run(pair[1])


def write(path: Path, values: Floats, outputs: Sequence[Output]) -> None:
    """Keep one block: under another name first, so that a file that exists is whole."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {f"{i} {one.name}": values[:, i] for i, one in enumerate(outputs)}
    desk = path.with_name(f".{path.name}.{os.getpid()}")
    pq.write_table(pa.table(columns), desk)
    desk.replace(path)


def read(path: Path, shape: tuple[int, int]) -> Floats | None:
    """A block kept earlier, replications x outputs; None if there is none, or none of this shape."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        return None
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException):
        return None
    if (table.num_rows, table.num_columns) != shape or any(
        kind != pa.float64() for kind in table.schema.types
    ):
        return None
    return np.stack([column.to_numpy() for column in table.columns], axis=1)
