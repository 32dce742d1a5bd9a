"""What a run says on the screen."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from simulation.measures import MEASURES

if TYPE_CHECKING:
    from offramp.order import Order
    from offramp.tables import Tables

HEADLINES = (
    "jail_adp",
    "jail_days",
    "jail_days_waiting_for_slot",
    "bookings",
    "rearrest_1y",
    "reconviction_2y",
    "fact_census",
    "fact_waiting",
    "caseload_per_clinician",
    "days_referral_to_admission",
    "housing_units_needed",
    "housing_waiting",
    "homeless_at_exit",
    "crisis_contacts",
    "hospital_days",
)


def show(order: Order, tables: Tables, folder: Path) -> None:
    """The headline measures over the whole horizon, differences beside them, and where the rest is."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
    county = order.scenarios[0].county
    runs = order.replications * max(1, order.draws)
    console.print(
        f"\n[bold]{county.name}[/bold], {county.months} months from {county.start}, {runs} runs each"
    )
    for scenario in order.scenarios:
        console.print(f"  {scenario.key}: {scenario.question}", highlight=False)
    first, *others = (scenario.key for scenario in order.scenarios)
    console.print(table_of(tables, first, others[:BESIDE]))
    for start in range(BESIDE, len(others), BESIDE):
        console.print(table_of(tables, first, others[start : start + BESIDE]))
    console.print(caveat(order), highlight=False)
    console.print(
        f"Everything is in {folder}: summary.csv, differences.csv, figures, manifest.json", highlight=False
    )


BESIDE = 2
"""Scenarios that fit beside the first one on a screen of ordinary width."""


def table_of(tables: Tables, first: str, others: Sequence[str]) -> object:
    """Measures down, the first scenario and what others differ from it by across."""
    from rich.table import Table

    table = Table(title="Over the whole horizon: mean [5 % to 95 % of runs]")
    table.add_column("measure", overflow="fold")
    table.add_column(first, justify="right")
    for name in others:
        table.add_column(f"{name}\nminus {first}", justify="right")
    whole, change = at_a_glance(tables.summary), at_a_glance(tables.differences)
    for name in HEADLINES:
        cells = [described(whole, first, name)] + [described(change, one, name, sign="+") for one in others]
        table.add_row(f"{MEASURES[name].label} ({MEASURES[name].unit})", *cells)
    return table


Cells = dict[tuple[str, str], dict[Hashable, Any]]


def at_a_glance(table: pd.DataFrame) -> Cells:
    """Columns of each scenario and measure, all people together over the whole horizon."""
    rows = table[(table["period"] == "all") & (table["subgroup"] == "all")]
    return {(str(row["scenario"]), str(row["measure"])): row for row in rows.to_dict("records")}


def described(cells: Cells, scenario: str, measure: str, sign: str = "") -> str:
    """Mean and range of one cell, or that there is none."""
    row = cells.get((scenario, measure))
    if row is None:
        return "none"
    return f"{number(row['mean'], sign)} [{number(row['p05'], sign)} to {number(row['p95'], sign)}]"


def number(value: float, sign: str = "") -> str:
    """Three significant digits, no exponent."""
    if abs(value) >= 1000:
        return f"{value:{sign},.0f}"
    return f"{value:{sign}.1f}" if abs(value) >= 10 else f"{value:{sign}.3g}"


def caveat(order: Order) -> str:
    """What the intervals contain, and what they leave out."""
    if order.draws:
        return (
            "Intervals hold chance and what the evidence leaves open; summary.csv tells them apart "
            "(sd_chance, sd_parameters)."
        )
    return (
        "Intervals hold chance only, at the register's central values. To let the parameters vary within "
        "their evidence as well: --draws 20."
    )
