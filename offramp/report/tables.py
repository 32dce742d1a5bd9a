"""The tables of a run, and how they are written: tidy, rounded nowhere, the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from offramp.output import BadOutput, write_csv
from simulation.experiment import summary
from simulation.experiment.ensemble import Result, long_table
from simulation.experiment.run import monthly_edges, period_labels
from simulation.measures import MEASURES
from simulation.scenario import Scenario


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
        """Write the three tables, and what each measure means."""
        write_csv(definitions(), folder / "definitions.csv")
        write_csv(self.summary, folder / "summary.csv")
        write_csv(self.differences, folder / "differences.csv")
        self.monthly.to_parquet(folder / "monthly.parquet", index=False)


def definitions() -> pd.DataFrame:
    """Every measure with its label, unit, kind, definition and source."""
    columns = ["name", "label", "unit", "kind", "definition", "source"]
    rows = [[getattr(measure, column) for column in columns] for measure in MEASURES.values()]
    return pd.DataFrame(rows, columns=["measure", *columns[1:]])


def tabulate(scenarios: Sequence[Scenario], results: Sequence[Result]) -> Tables:
    """Lay out what the runs sent back."""
    file = scenarios[0].county
    keys = [one.key for one in scenarios]
    by_period = long_table(results, period_labels(file.months), "periods")
    monthly = long_table(results, monthly_edges(file)[1], "monthly").dropna(subset="value")
    monthly = monthly.rename(columns={"period": "month"})
    monthly["month"] = pd.to_datetime(monthly["month"]).dt.date
    columns = ["scenario", "replication", "month", "measure", "subgroup", "value", "draw"]
    return Tables(
        monthly=monthly[columns].reset_index(drop=True),
        summary=summary.summary(by_period, keys),
        differences=summary.differences(by_period, keys),
    )


def join_events(logs: Sequence[Path], path: Path) -> None:
    """One file out of the logs of all runs, in order, without holding them all in memory."""
    words = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema(
        [("scenario", words), ("replication", pa.int32()), ("day", pa.float64()), ("person", pa.int64())]
        + [(name, words) for name in ("service", "what", "why")]
    )
    with pq.ParquetWriter(path, schema) as writer:
        for log in logs:
            writer.write_table(_log(log, schema))


def _log(path: Path, schema: pa.Schema) -> pa.Table:
    """The log of one run; raises BadOutput if the file is not as it was written."""
    try:
        return pq.read_table(path, page_checksum_verification=True).cast(schema)
    except (OSError, ValueError, pa.ArrowException):
        again = "Remove it: the same command then makes that run again"
        raise BadOutput(f"{path}: the log of this run is not as it was written. {again}") from None
