"""The file of a calibration: draws of the parameters with what they were found from, in plain parquet."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calibration.document import MAX_PROBLEMS, BadDocument, Problem
from calibration.document.problem import dotted
from calibration.register import reach
from simulation.atomic import atomic_file
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.format import POSTERIOR_FORMAT
from simulation.inputs.parameters import Parameters
from simulation.scenario import Scenario

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]

KEY = b"offramp"
MAX_BYTES = 20_000_000
"""Of the metadata."""
MAX_CELLS = 20_000_000
LONGEST = 60
"""Letters of a column's name that a message shows."""
NEAR = 0.01
"""Relative difference from the figure that the draws were found with, up to which no note is made."""


class About(BaseModel):
    """What the draws were found from: enough to find them again, and to refuse another county's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    offramp: str
    county: str
    fips: str
    hash: str = Field(description="Of the scenario that was calibrated.")
    seed: int
    budget: str
    runs: int
    free: int = Field(description="How many of the first parameters were searched for.")
    targets: list[dict[str, Any]]
    figures: dict[str, float] = Field(
        default={}, description="Inputs of the county replaced by the records, by their path."
    )
    ranges: dict[str, tuple[float, float, float]] = Field(description="The register's low, value, high.")


@dataclass(frozen=True)
class Posterior:
    """Draws of parameters, all equally likely: values (draws x names), in each parameter's own unit."""

    names: tuple[str, ...]
    values: Floats
    about: About

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table({name: self.values[:, i] for i, name in enumerate(self.names)})
        table = table.replace_schema_metadata({KEY: self.about.model_dump_json().encode()})
        with atomic_file(path) as unfinished:
            pq.write_table(table, unfinished)

    def parameters(self, base: Parameters, draw: int) -> Parameters:
        """The register with one draw in it; draws are used again from the first when they run out."""
        known = dict(base)
        row = self.values[draw % len(self.values)].tolist()
        return base.replacing(
            {
                name: known[name].model_copy(update={"value": value})
                for name, value in zip(self.names, row, strict=True)
            }
        )

    def apart(self, county: CountyFile) -> list[str]:
        """Figures that the draws were found with and that the county now gives otherwise, in words."""
        return [
            f"{path} is {now:,.4g}; the draws were found with {then:,.4g} and need not reproduce the records"
            for path, then in self.about.figures.items()
            if (now := _figure(county, path)) is not None and abs(now - then) > NEAR * then
        ]

    def sampled(self, scenario: Scenario, draw: int, seed: int) -> Scenario:
        """The scenario under one draw; the same for every scenario and seed."""
        return scenario.model_copy(update={"parameters": self.parameters(scenario.parameters, draw)})


def _figure(county: CountyFile, path: str) -> float | None:
    """A figure by its path, such as ``jail.bookings``; None if the county has none."""
    node: Any = county
    for name in path.split("."):
        node = getattr(node, name, None)
    value = getattr(node, "value", None)
    return float(value) if isinstance(value, int | float) else None


def read(path: Path, county: CountyFile, parameters: Parameters, version: str) -> Posterior:
    """Read a posterior for a county; raises BadDocument with every reason why it cannot be used."""
    table = _table(path)
    about = _about(path, (table.schema.metadata or {}).get(KEY))
    names = tuple(table.column_names)
    problems = list(_reasons(about, county, version))
    if not len(table) or not names:
        problems.append(("(file)", "holds no draw"))
    problems += [
        (name, "is there twice") for name in sorted({name for name in names if names.count(name) > 1})
    ]
    columns = [_numbers(column) for column in table.columns] if len(table) else []
    for name, values in zip(names, columns, strict=False):
        problems += [(name, why) for why in _faults(name, values, parameters)]
    if problems:
        listed = problems[:MAX_PROBLEMS]
        raise BadDocument(Problem(str(path), 1, 1, field[:LONGEST], why) for field, why in listed)
    return Posterior(names, np.stack(columns, axis=1), about)


def about(path: Path) -> About:
    """The description stored in a posterior of any county; raises BadDocument for any other file."""
    return _about(path, (_table(path).schema.metadata or {}).get(KEY))


def _table(path: Path) -> pa.Table:
    """The table of the file, if it is one and no larger than draws can be."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _unreadable(path, "it is no ordinary file")
        with pq.ParquetFile(path) as file:
            about = file.metadata
            if about.serialized_size > MAX_BYTES or about.num_rows * about.num_columns > MAX_CELLS:
                raise _bad(path, "(file)", f"is too large: at most {MAX_CELLS:,} values are read")
            return file.read()
    except FileNotFoundError:
        raise _unreadable(path, "there is no such file") from None
    except (OSError, ValueError, MemoryError, pa.ArrowException):
        raise _unreadable(path, "it is no parquet file") from None


def _unreadable(path: Path, why: str) -> BadDocument:
    return _bad(path, "(file)", f"cannot be read: {why}. offramp calibrate writes one")


def _about(path: Path, text: bytes | None) -> About:
    if text is None:
        message = "is no posterior: what it was found from is missing. offramp calibrate writes one"
        raise _bad(path, "(file)", message)
    try:
        return About.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = dotted(first["loc"])
        raise _bad(path, where, f"what it was found from is damaged: {first['msg']}") from None


def _numbers(column: pa.ChunkedArray) -> Floats:
    """The values of a column; a nan where it holds none."""
    import pyarrow as pa

    if not pa.types.is_floating(column.type):
        return np.array([np.nan])
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _bad(path: Path, field: str, message: str) -> BadDocument:
    return BadDocument([Problem(str(path), 1, 1, field, message)])


def _reasons(about: About, county: CountyFile, version: str) -> Iterator[tuple[str, str]]:
    """Why the whole file does not fit."""
    if about.format != POSTERIOR_FORMAT:
        yield "format", f"is {about.format}; this version reads {POSTERIOR_FORMAT}. Calibrate again"
    if about.fips != county.fips:
        mismatch = (
            f"is of {about.county} (fips {about.fips}), the scenario of {county.name} (fips {county.fips})"
        )
        yield "county", f"{mismatch}. Calibrate that county's own records"
    if about.offramp.split(".")[:2] != version.split(".")[:2]:
        yield "offramp", f"was made with version {about.offramp}, this is {version}. Calibrate again"


def _faults(name: str, values: Floats, parameters: Parameters) -> Iterator[str]:
    """Why a column cannot be the draws of a parameter."""
    known = dict(parameters)
    if name not in known:
        yield "is no parameter of this version. Calibrate again"
        return
    if not np.isfinite(values).all():
        yield "holds something that is no number"
        return
    least, most = reach(known[name])
    outside = (values < least) | (values > most)
    if outside.any():
        at = int(np.argmax(outside))
        yield f"draw {at + 1} is {values[at]:g}, which it cannot be. Allowed: {least:g} to {most:g}"
