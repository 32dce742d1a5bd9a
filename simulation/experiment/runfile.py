"""The file of one finished run: what it is of, its tables, and whether it is as it was written.

A file says where it belongs, so that one under another run's name is not taken for it; it holds numbers and
names only, and nothing in it is ever executed.
"""

from __future__ import annotations

import lzma
import zlib
from io import BytesIO
from pathlib import Path
from typing import Annotated
from zipfile import BadZipFile, ZipFile

import numpy as np
from pydantic import ConfigDict, Field

from simulation.experiment.checked_file import checked, read_checked
from simulation.experiment.run import Job, Result, monthly_edges, period_labels
from simulation.inputs.strict_model import StrictModel
from simulation.measures import MEASURES

MAX_UNPACKED = 1_000_000_000
"""Bytes that a file may hold; that of the largest county with subgroups is a hundredth of it."""

_FORMAT = b"offramp run 2\n"
_NOT_OURS = (  # what odd content makes readers raise
    *(BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, KeyError, TypeError, ValueError),
    *(AttributeError, NotImplementedError, RuntimeError, MemoryError),
)


class About(StrictModel):
    """What a kept run is of; month_starts: first day of each month; place: where in a store it belongs."""

    model_config = ConfigDict(strict=True)

    scenario: str
    county: str
    month_starts: Annotated[tuple[str, ...], Field(min_length=1, max_length=10_000)]
    draw: Annotated[int, Field(ge=0, lt=2**63)]
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    code: str
    place: str

    @classmethod
    def job(cls, job: Job, code: str, place: str) -> About:
        """What the run of a job will be of."""
        return cls(
            scenario=job.scenario.key,
            county=job.scenario.county.name,
            month_starts=_months(job),
            draw=job.draw,
            seed=job.seed,
            code=code,
            place=place,
        )


def content(about: About, result: Result) -> bytes:
    """The bytes of the file."""
    table = BytesIO()
    names = np.array(result.names, dtype=str)
    np.savez_compressed(table, names=names, monthly=result.monthly, periods=result.periods)
    body = about.model_dump_json().encode() + b"\n" + table.getvalue()
    return checked(_FORMAT, body)


def about_of(path: Path) -> About | None:
    """What a file is of; None if it is not one, not as it was written, or of another place."""
    body = read_checked(path, _FORMAT)
    return None if body is None else _about(path, body)


def result_of(path: Path, job: Job | None = None) -> Result | None:
    """The result in a file (of this job, if given); None if the file holds anything else."""
    body = read_checked(path, _FORMAT)
    about = None if body is None else _about(path, body)
    if body is None or about is None or (job is not None and about.month_starts != _months(job)):
        return None
    key = job.key if job is not None else (about.scenario, about.draw, int(path.stem))
    result = _tables(key, body.partition(b"\n")[2])
    if result is None or not _fits(result, len(about.month_starts)):
        return None
    is_known = job is None or all(name in MEASURES for name, _ in result.names)
    return result if is_known else None


def _months(job: Job) -> tuple[str, ...]:
    return tuple(monthly_edges(job.scenario.county)[1])


def _about(path: Path, body: bytes) -> About | None:
    try:
        about = About.model_validate_json(body.partition(b"\n")[0])
    except ValueError:
        return None
    return about if about.place == "/".join(path.parts[-3:]) else None


def _tables(key: tuple[str, int, int], packed: bytes) -> Result | None:
    try:
        with ZipFile(BytesIO(packed)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                return None
        with np.load(BytesIO(packed), allow_pickle=False) as table:
            names = tuple((str(name), str(part)) for name, part in table["names"])
            return Result(key, names, table["monthly"], table["periods"])
    except _NOT_OURS:
        return None


def _fits(result: Result, months: int) -> bool:
    """Whether the tables are numbers of the size that the names and months ask for."""
    rows = len(result.names)
    sized = ((result.monthly, (rows, months)), (result.periods, (rows, len(period_labels(months)))))
    numbers = all(table.dtype == np.float64 and table.shape == size for table, size in sized)
    return numbers and 0 < rows == len(set(result.names))
