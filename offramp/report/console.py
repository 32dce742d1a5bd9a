"""What a run says on the screen."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from offramp.report.caveats import remarks
from simulation.measures import MEASURES

if TYPE_CHECKING:
    from offramp.options import Order
    from offramp.report.tables import Tables
    from simulation.experiment.precision import Estimate

COUNTY_WIDE = (
    "jail_adp",
    "jail_days",
    "arrests",
    "bookings",
    "rearrest_1y",
    "crisis_contacts",
    "hospital_days",
)
PROGRAM = (
    "jail_days_waiting_for_slot",
    "days_referral_to_admission",
    "fact_census",
    "fact_waiting",
    "caseload_per_clinician",
    "reconviction_2y",
    "housing_units_needed",
    "housing_waiting",
    "homeless_at_exit",
)
HEADLINES = (*COUNTY_WIDE, *PROGRAM)
NEEDS = {
    "jail_adp": "jail",
    "jail_days": "jail",
    "bookings": "jail",
    "rearrest_1y": "jail",
    "jail_days_waiting_for_slot": "jail",
    "crisis_contacts": "crisis",
    "hospital_days": "crisis",
    "days_referral_to_admission": "court",
    "reconviction_2y": "court",
    "homeless_at_exit": "court",
    "fact_census": "fact",
    "fact_waiting": "fact",
    "caseload_per_clinician": "fact",
    "housing_units_needed": "housing",
    "housing_waiting": "housing",
}
"""The section of a county's file without which a headline says nothing."""
MORE = {
    "diversion_referrals": "court",
    "diversion_admissions": "court",
    "court_census": "court",
    "homeless": "housing",
    "housing_occupied": "housing",
    "housing_wait_days": "housing",
    "housing_need_peak": "housing",
    "homes_lost": "housing",
    "tenancies_kept_1y": "housing",
}
"""Headlines of a county that has only a part of the pathway, and the section they need."""


def headlines(off: Collection[str]) -> list[str]:
    """The measures worth a line for a county whose file leaves out some sections."""
    if not off:
        return list(HEADLINES)
    needs = {**dict.fromkeys(HEADLINES, ""), **NEEDS, **MORE}
    arrests = {"arrests"} if {"jail", "court"} <= set(off) else set()
    return [name for name, section in needs.items() if section not in off and name not in arrests]


def show(order: Order, tables: Tables, folder: Path, unknown: Sequence[Estimate] = ()) -> None:
    """The headline measures over the whole horizon, differences beside them, and where the rest is."""
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    if not console.is_terminal:
        console = Console(width=120)

    def line(text: str) -> None:
        console.print(text, highlight=False, markup=False)

    county = order.scenarios[0].county
    runs = order.replications * max(1, order.draws)
    console.print(
        f"\n[bold]{escape(county.name)}[/bold], {county.months} months from {county.start}, {runs} runs each"
    )
    for scenario in order.scenarios:
        line(f"  {scenario.key}: {scenario.question}")
    first, *others = (scenario.key for scenario in order.scenarios)
    shown = headlines(county.off)
    console.print(table_of(tables, shown, first, others[:BESIDE]))
    for start in range(BESIDE, len(others), BESIDE):
        console.print(table_of(tables, shown, first, others[start : start + BESIDE]))
    for remark in remarks(order.scenarios, tables.summary, tables.differences):
        line(remark)
    line(caveat(order))
    for estimate in unknown:
        line(f"Not as precise as asked: {not_known(estimate)}")
    files = "summary.csv, differences.csv, monthly.parquet, definitions.csv, figures, manifest.json"
    line(f"Everything is in {folder}: {files}")


BESIDE = 2
"""Scenarios that fit beside the first one on a screen of ordinary width."""


def table_of(tables: Tables, shown: Sequence[str], first: str, others: Sequence[str]) -> object:
    """Measures down, the first scenario and what others differ from it by across."""
    from rich.markup import escape
    from rich.table import Table

    varied = "chance and parameters" if tables.drawn else "chance only"
    table = Table(title=f"Over the whole horizon: mean [95 % confidence interval of the mean, {varied}]")
    table.add_column("measure", overflow="fold")
    table.add_column(escape(first), justify="right")
    for name in others:
        table.add_column(escape(f"{name}\nminus {first}"), justify="right")
    whole, change = at_a_glance(tables.summary), at_a_glance(tables.differences)
    for name in shown:
        cells = [described(whole, first, name)] + [described(change, one, name, sign="+") for one in others]
        table.add_row(f"{MEASURES[name].label} ({MEASURES[name].unit})", *cells)
    return table


def not_known(estimate: Estimate) -> str:
    """How precisely something is known that was to be known better."""
    if not isfinite(estimate.mean):
        return f"no run has a value of {estimate.of}."
    half_width = number(estimate.half_width) if isfinite(estimate.half_width) else "unknown"
    return f"{estimate.of} is {number(estimate.mean)}, give or take {half_width}."


Cells = dict[tuple[str, str], dict[Hashable, Any]]


def at_a_glance(table: pd.DataFrame) -> Cells:
    """Columns of each scenario and measure, all people together over the whole horizon."""
    rows = table[(table["period"] == "all") & (table["subgroup"] == "all")]
    return {(str(row["scenario"]), str(row["measure"])): row for row in rows.to_dict("records")}


def described(cells: Cells, scenario: str, measure: str, sign: str = "") -> str:
    """Mean and confidence interval of one cell, or that there is none."""
    row = cells.get((scenario, measure))
    if row is None:
        return "none"
    return (
        f"{number(row['mean'], sign)} [{number(row['mean_low'], sign)} to {number(row['mean_high'], sign)}]"
    )


def number(value: float, sign: str = "") -> str:
    """Three significant digits, no exponent, and plain zero for what rounds to it."""
    if abs(value) >= 1000:
        return f"{value:{sign},.0f}"
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 4
    return "0" if round(value, digits) == 0 else f"{value:{sign}.{digits}f}"


ENOUGH = 20
"""Runs from which on 5 and 95 % quantiles mean something."""


def caveat(order: Order) -> str:
    """What the intervals contain, and what they leave out."""
    holds = (
        "Runs differ by chance and by what the evidence leaves open; summary.csv tells them apart "
        "(sd_chance, sd_parameters)."
        if order.draws
        else "Runs differ by chance only, at the register's central values; what the evidence leaves open is "
        "not in the intervals. To let it vary too: --draws 20."
    )
    if order.replications * max(1, order.draws) < ENOUGH:
        holds += f" Bands of single futures (p05, p95, figures) need {ENOUGH} runs: --replications {ENOUGH}."
    return holds
