"""The tables of a run, and how they are written: tidy, rounded nowhere, the same for the same seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from offramp.output import BadOutput, read_csv, write_csv
from simulation.experiment import summary
from simulation.experiment.ensemble import Result, long_table
from simulation.experiment.events import EVENT_TABLES, schema
from simulation.experiment.run import monthly_edges, period_labels
from simulation.inputs.parameters import Parameters
from simulation.measures import MEASURES
from simulation.scenario import Scenario

__all__ = ["EVENT_TABLES", "Tables", "definitions", "draws_table", "join", "read_joined", "tabulate"]


@dataclass(frozen=True)
class Tables:
    """The three tables.

    monthly: a row a scenario, replication, month, measure and subgroup; summary and differences: a
    row a scenario, measure, period and subgroup (see ``simulation.experiment.summary``).
    """

    monthly: pd.DataFrame
    summary: pd.DataFrame
    differences: pd.DataFrame

    @property
    def drawn(self) -> bool:
        """Whether the parameters vary between runs, and not chance alone."""
        return bool((self.summary["draws"] > 1).any())

    def write(self, folder: Path) -> None:
        """Write the three tables."""
        write_csv(self.summary, folder / "summary.csv")
        write_csv(self.differences, folder / "differences.csv")
        self.monthly.to_parquet(folder / "monthly.parquet", index=False)

    @classmethod
    def read(cls, folder: Path) -> Tables:
        """The three tables as ``write`` left them; raises OSError or ValueError if they cannot be read."""
        return cls(
            monthly=pd.read_parquet(folder / "monthly.parquet")[MONTHLY],
            summary=read_csv(folder / "summary.csv"),
            differences=read_csv(folder / "differences.csv"),
        )


MONTHLY = ["scenario", "replication", "month", "measure", "subgroup", "value", "draw"]


def definitions() -> pd.DataFrame:
    """Every measure with its label, unit, kind, definition and source."""
    columns = ["name", "label", "unit", "kind", "definition", "source"]
    rows = [[getattr(measure, column) for column in columns] for measure in MEASURES.values()]
    return pd.DataFrame(rows, columns=["measure", *columns[1:]])


def tabulate(scenarios: Sequence[Scenario], results: Sequence[Result]) -> Tables:
    """Lay out what the runs sent back."""
    file = scenarios[0].county
    keys = [scenario.key for scenario in scenarios]
    by_period = long_table(results, period_labels(file.months), "periods")
    monthly = long_table(results, monthly_edges(file)[1], "monthly").dropna(subset="value")
    monthly = monthly.rename(columns={"period": "month"})
    monthly["month"] = pd.to_datetime(monthly["month"]).dt.date
    return Tables(
        monthly=monthly[MONTHLY].reset_index(drop=True),
        summary=summary.summary(by_period, keys),
        differences=summary.differences(by_period, keys),
    )


def draws_table(samples: Mapping[int, Parameters]) -> pd.DataFrame:
    """The parameter values of each draw: columns draw, parameter, value, unit."""
    rows = [
        (draw, path, parameter.value, parameter.unit)
        for draw, parameters in samples.items()
        for path, parameter in parameters
    ]
    return pd.DataFrame(rows, columns=["draw", "parameter", "value", "unit"])


def join(files: Sequence[Path], table: str, path: Path) -> None:
    """One file out of those of all runs, in order, without holding them all in memory."""
    form = schema(table)
    with pq.ParquetWriter(path, form) as writer:
        for file in files:
            writer.write_table(_read_whole(file, form))


def read_joined(files: Sequence[Path], table: str) -> pd.DataFrame:
    """The same as a frame."""
    form = schema(table)
    parts = [_read_whole(file, form) for file in files]
    frame: pd.DataFrame = pa.concat_tables([form.empty_table(), *parts]).unify_dictionaries().to_pandas()
    return frame


def _read_whole(path: Path, form: pa.Schema) -> pa.Table:
    """A table of events; raises BadOutput if the file is not as it was written."""
    try:
        return pq.read_table(path, partitioning=None, page_checksum_verification=True).cast(form)
    except (OSError, ValueError, pa.ArrowException):
        again = "Remove it: the same command then makes that run again"
        raise BadOutput(f"{path}: the events of this run are not as they were written. {again}") from None
