"""The file of a calibration: draws of the parameters with what they were found from, in plain parquet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calibration.document import BadDocument, Problem
from simulation.countyfile import CountyFile
from simulation.parameters import Parameters
from simulation.scenario import Scenario

Floats = NDArray[np.float64]

KEY = b"offramp"
FORMAT = 1


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
    ranges: dict[str, tuple[float, float, float]] = Field(description="The register's low, value, high.")


@dataclass(frozen=True)
class Posterior:
    """Draws of parameters, all equally likely: values (draws x names), in each parameter's own unit."""

    names: tuple[str, ...]
    values: Floats
    about: About

    def write(self, path: Path) -> None:
        """Write the file, under another name first."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table({name: self.values[:, i] for i, name in enumerate(self.names)})
        table = table.replace_schema_metadata({KEY: self.about.model_dump_json().encode()})
        path.parent.mkdir(parents=True, exist_ok=True)
        desk = path.with_name(f".{path.name}.{os.getpid()}")
        pq.write_table(table, desk)
        desk.replace(path)

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

    def sampled(self, scenario: Scenario, draw: int, seed: int) -> Scenario:
        """The scenario under one draw; the same for every scenario and seed."""
        return scenario.model_copy(update={"parameters": self.parameters(scenario.parameters, draw)})


def read(path: Path, county: CountyFile, parameters: Parameters, version: str) -> Posterior:
    """Read a posterior for a county; raises BadDocument with every reason why it cannot be used."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else "it is no parquet file"
        raise _bad(path, "(file)", f"cannot be read: {reason}. offramp calibrate writes one") from None
    text = (table.schema.metadata or {}).get(KEY)
    if text is None:
        raise _bad(
            path, "(file)", "is no posterior: what it was found from is missing. offramp calibrate writes one"
        )
    try:
        about = About.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise _bad(path, str(first["loc"]), f"what it was found from is damaged: {first['msg']}") from None
    names = tuple(table.column_names)
    problems = [Problem(str(path), 1, 1, *told) for told in _reasons(about, county, version)]
    columns = []
    for name, column in zip(names, table.columns, strict=True):
        values = column.to_numpy() if pa.types.is_floating(column.type) else np.array([np.nan])
        columns.append(values)
        problems += [Problem(str(path), 1, 1, name, why) for why in _faults(name, values, parameters)]
    if not len(table) or not names:
        problems.append(Problem(str(path), 1, 1, "(file)", "holds no draw"))
    if problems:
        raise BadDocument(problems)
    return Posterior(names, np.stack(columns, axis=1), about)


def _bad(path: Path, field: str, message: str) -> BadDocument:
    return BadDocument([Problem(str(path), 1, 1, field, message)])


def _reasons(about: About, county: CountyFile, version: str) -> Iterator[tuple[str, str]]:
    """Why the whole file does not fit."""
    if about.format != FORMAT:
        yield "format", f"is {about.format}; this version reads {FORMAT}. Calibrate again"
    if about.fips != county.fips:
        found = (
            f"is of {about.county} (fips {about.fips}), the scenario of {county.name} (fips {county.fips})"
        )
        yield "county", f"{found}. Calibrate that county's own records"
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
    at = int(np.argmin(values)) if values.min() < 0 else int(np.argmax(values))
    try:
        type(known[name]).model_validate(
            known[name].model_dump()
            | {"value": values[at], "low": 0.0, "high": max(values[at], known[name].high)}
        )
    except ValidationError:
        yield f"draw {at + 1} is {values[at]:g}, which it cannot be"
