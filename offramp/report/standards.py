"""The definitions beside the NCSC guide's: Stepping Up, Justice Counts, BSCC, before and after, fidelity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from calibration.document import load
from calibration.records.privacy import COMPLEMENTARY
from calibration.records.suppression import suppress
from simulation.measures import fidelity
from simulation.measures.before_after import as_table, before_after
from simulation.measures.bscc import bscc
from simulation.measures.fidelity import Stated
from simulation.measures.justice_counts import justice_counts
from simulation.measures.ncsc.cohort import Cohort
from simulation.measures.stepping_up import stepping_up
from simulation.record import Records

STANDARDS = {
    "stepping_up": "Stepping Up: people with serious mental illness in jail",
    "justice_counts": "Justice Counts: admissions, readmissions, population, return to custody",
    "bscc": "BSCC: convicted of a new crime within three years",
    "before_after": "CoCo FACT: outcomes per 180 days before and after enrollment",
}


PEOPLE = "client|completers|caseload"
"""Words in the unit of an item whose raw value counts or divides people."""


def standard_tables(records: Records, cohorts: Iterable[str]) -> dict[str, pd.DataFrame]:
    """The tidy table of each family, by file name, small counts hidden unless the records are simulated.

    Periods are those of the cohorts; before and after takes everyone who ever enrolled in FACT, and is
    left out for simulated records.
    """
    periods = [Cohort.parse(label) for label in cohorts]
    tables = {
        "stepping_up": stacked(stepping_up(records, period) for period in periods),
        "justice_counts": stacked(justice_counts(records, period) for period in periods),
        "bscc": stacked(
            bscc(records, period, since) for period in periods for since in ("release", "placement")
        ),
    }
    if records.source == "simulation":
        return tables  # simulated people have no past before day 0, so there is no before
    tables["before_after"] = as_table(before_after(records))
    return {name: suppress(table) if len(table) else table for name, table in tables.items()}


def stacked(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Tables of the same columns one under another."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def fidelity_table(records: Records, stated: Path | None) -> pd.DataFrame:
    """Items of the DACTS and the FACTS, from records where they show and from a file of inputs otherwise.

    Raw values that count or divide clients of real records are hidden; their scores are shown.
    Raises BadDocument with every problem of the file.
    """
    inputs = load(stated, Stated) if stated is not None else None
    table = fidelity.as_table(*fidelity.fidelity(records, inputs))
    if records.source == "records":
        of_people = (table["origin"] == "observed") & table["unit"].str.contains(PEOPLE, na=False)
        table["raw"] = table["raw"].astype(object).mask(of_people, COMPLEMENTARY)
        table["note"] = table["note"].mask(of_people, "")
    return table


def brief(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """A line for each family: its name, and how many rows its file has."""
    return [f"{STANDARDS[name]}: {name}.csv, {len(table)} rows" for name, table in tables.items()]
