"""The results of an experiment: tidy tables, in memory or in a folder, the same either way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from offramp.output import output_folder, write_csv
from offramp.report.manifest import ScenarioEntry, entries
from offramp.report.tables import EVENT_TABLES, Tables, join, read_joined
from simulation.atomic import staging_folder
from simulation.inputs.format import RESULTS_FORMAT
from simulation.inputs.strict_model import choices

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MANIFEST = "manifest.json"


class NotResults(Exception):
    """A folder does not hold the results of ``offramp run``, or not what was asked of them."""


@dataclass(frozen=True, repr=False)
class Results:
    """What came out of running scenarios.

    draws: the parameter values of each draw; definitions: label, unit and meaning of each measure;
    manifest: what made the results (version, seed, scenarios, parameters); event_files: the files that
    hold each table of events. Built by ``offramp.run`` and ``offramp.open``.
    """

    tables: Tables
    draws: pd.DataFrame
    definitions: pd.DataFrame
    manifest: Mapping[str, Any]
    event_files: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        events = " with events" if self.event_files else ""
        return f"<Results of {', '.join(self.scenarios)}: {self.runs} runs each{events}>"

    @property
    def summary(self) -> pd.DataFrame:
        """Mean, spread and quantiles over runs: a row a scenario, measure, period and subgroup."""
        return self.tables.summary

    @property
    def differences(self) -> pd.DataFrame:
        """Each scenario minus the first one, run by run, with the columns of ``summary``."""
        return self.tables.differences

    @property
    def monthly(self) -> pd.DataFrame:
        """Every run's values: a row a scenario, draw, replication, month, measure and subgroup."""
        return self.tables.monthly

    @property
    def scenarios(self) -> list[str]:
        """Keys of the scenarios, the one that others are compared with first."""
        return [entry.key for entry in self.entries]

    @property
    def entries(self) -> list[ScenarioEntry]:
        """The scenarios as the manifest describes them."""
        return entries(self.manifest)

    @property
    def runs(self) -> int:
        """Runs of each scenario."""
        return int(self.manifest["replications"] * max(1, self.manifest["draws"]))

    def events(self, table: str = "events") -> pd.DataFrame:
        """One table of what happened in every run: events, people, cases, attendance and so on.

        Raises NotResults if the runs were made without ``events=True``, or there is no such table.
        """
        if table not in EVENT_TABLES:
            raise NotResults(f"there is no table '{table}'. {choices(table, list(EVENT_TABLES))}")
        if table not in self.event_files:
            raise NotResults("these results hold no events: run with --events, or RunOptions(events=True)")
        return read_joined(self.event_files[table], table)

    def plot(self, measure: str) -> Figure:
        """Median and 5 to 95 % of the runs, month by month, of each scenario.

        Raises NotResults if the results have no such measure.
        """
        from offramp.report.figures import fan

        known = list(dict.fromkeys(self.monthly["measure"]))
        if measure not in known:
            raise NotResults(f"these results have no measure '{measure}'. {choices(measure, known)}")
        return fan(self.monthly, measure, self.definitions, self.entries)

    def save(self, folder: str | Path) -> Path:
        """Write everything into a folder that does not exist yet or is empty; it appears whole or not at all.

        Raises BadOutput or OSError if it cannot be written.
        """
        folder = output_folder(Path(folder), self.scenarios[0])
        with staging_folder(folder) as staging:
            self.write(staging)
        return folder

    def write(self, folder: Path) -> None:
        """Write the tables, the figures, the manifest and, if there are any, the events."""
        from offramp.report.figures import draw

        self.tables.write(folder)
        write_csv(self.definitions, folder / "definitions.csv")
        self.draws.to_parquet(folder / "draws.parquet", index=False)
        for table, files in self.event_files.items():
            join(files, table, folder / f"{table}.parquet")
        draw(self.tables, self.definitions, self.entries, folder / "figures")
        text = json.dumps(dict(self.manifest), indent=2, ensure_ascii=False)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def open_results(folder: str | Path) -> Results:
    """The results in a folder that ``offramp run`` or ``Results.save`` wrote.

    Raises NotResults if it holds none, or is damaged.
    """
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        reason = "there is no such folder" if not folder.is_dir() else f"it has no {MANIFEST}"
        raise NotResults(f"{folder}: not a folder of results: {reason}")
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        number = manifest.get("format", 1)
        if number != RESULTS_FORMAT:
            raise ValueError(
                f"they are of format {number}, and this version reads {RESULTS_FORMAT}. Run again"
            )
        tables = Tables.read(folder)
        definitions = pd.read_csv(folder / "definitions.csv")
        draws = pd.read_parquet(folder / "draws.parquet")
        if not entries(manifest):
            raise ValueError(f"{MANIFEST} names no scenario")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotResults(f"{folder}: these results cannot be read: {error}") from None
    present = {name: (folder / f"{name}.parquet",) for name in EVENT_TABLES}
    files = {name: paths for name, paths in present.items() if paths[0].is_file()}
    return Results(tables, draws, definitions, manifest, files)
