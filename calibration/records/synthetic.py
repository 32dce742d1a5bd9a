"""Records of a simulated county as a county would keep them, with gaps and errors if wished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.records.workbook import canonical, write
from simulation import model
from simulation.engine.eventlog import Events
from simulation.inputs.countyfile import CountyFile
from simulation.measures import MEASURES, History
from simulation.measures.transcript import transcript
from simulation.record import Records
from simulation.scenario import Scenario

SERIES = (
    "jail_adp:total",
    "jail_adp",
    "bookings:total",
    "bookings",
    "crisis_contacts",
    "hospital_days",
    "diversion_referrals",
    "diversion_admissions",
    "court_census",
    "fact_census",
)
"""What a county is able to count every month."""

LOSSY = ("arrests", "custody", "episodes", "homes", "attendance")
"""Tables from which rows get lost."""


@dataclass(frozen=True)
class Faults:
    """How bad the records are: share of cells and rows missing, relative standard error of each count."""

    missing: float = 0.0
    error: float = 0.0


def synthesize(scenario: Scenario, seed: int, faults: Faults, folder: Path) -> None:
    """Write series.csv, workbook.xlsx and truth.csv of one run into a folder that exists."""
    county = scenario.county
    rng = np.random.default_rng([seed, 20_000])
    events = model.run(scenario, seed, 0)
    monthly(events, county, faults, rng).to_csv(folder / "series.csv", index=False, lineterminator="\n")
    records = canonical(transcript(events, county.start, county.horizon))
    write(with_gaps(records, faults, rng), folder / "workbook.xlsx")
    values = [(path, parameter.value, parameter.unit) for path, parameter in scenario.parameters]
    table = pd.DataFrame(values, columns=["parameter", "true_value", "unit"])
    table.to_csv(folder / "truth.csv", index=False, lineterminator="\n")


def monthly(events: Events, county: CountyFile, faults: Faults, rng: np.random.Generator) -> pd.DataFrame:
    """A row a month, a column a measure; counts are whole numbers, gaps are empty."""
    starts = county.month_starts()
    edges = np.array([county.day(day) for day in starts])
    history = History(events, county.horizon)
    table = pd.DataFrame({"month": [f"{day:%Y-%m}" for day in starts[:-1]]})
    for name in SERIES:
        measure, _, subgroup = name.partition(":")
        values = MEASURES[measure].function(history, edges)[subgroup or "all"]
        noisy = values * np.maximum(0.0, 1 + faults.error * rng.standard_normal(len(values)))
        rounded = np.round(noisy, 0 if MEASURES[measure].kind == "flow" else 2)
        rounded[rng.random(len(values)) < faults.missing] = np.nan
        table[name] = rounded
    return table


def with_gaps(records: Records, faults: Faults, rng: np.random.Generator) -> Records:
    """The records without some of their rows."""
    tables = dict(records.tables)
    for name in LOSSY:
        kept = rng.random(len(tables[name])) >= faults.missing
        tables[name] = tables[name][kept].reset_index(drop=True)
    return Records(tables, records.observed_until, records.source, records.notes)


def months_told(county: CountyFile) -> Sequence[str]:
    """The first and the last month of the records."""
    starts = county.month_starts()
    return f"{starts[0]:%Y-%m}", f"{starts[-2]:%Y-%m}"
