"""What a run prints: headline measures, caveats, and where the files are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.report.caveats import caveats, users_of_services
from offramp.report.headline import at_a_glance, described, headlines
from simulation.measures import MEASURES

if TYPE_CHECKING:
    from offramp.report.results import Results
    from offramp.report.tables import Tables
    from simulation.scenario import Scenario


def show(scenarios: Sequence[Scenario], results: Results, folder: Path) -> None:
    """The headline measures over the whole horizon, differences beside them, and where the rest is."""
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    if not console.is_terminal:
        console = Console(width=120)

    def line(text: str) -> None:
        console.print(text, highlight=False, markup=False)

    county, runs = scenarios[0].county, results.runs
    console.print(
        f"\n[bold]{escape(county.name)}[/bold], {county.months} months from {county.start}, {runs} runs each"
    )
    for scenario in scenarios:
        line(f"  {scenario.key}: {scenario.question}")
    first, *others = results.scenarios
    shown = headlines(county.off)
    for start in range(0, max(1, len(others)), BESIDE):
        console.print(table_of(results.tables, shown, first, others[start : start + BESIDE]))
    for sentence in users_of_services(scenarios[0]):
        line(sentence)
    for sentence in caveats(scenarios, results.summary, results.differences):
        line(sentence)
    line(caveat(results))
    for sentence in results.manifest.get("precision", {}).get("not_reached", ()):
        line(f"Not as precise as asked: {sentence}")
    line(f"Everything is in {folder}: {FILES}")


FILES = (
    "summary.csv, differences.csv, monthly.parquet, draws.parquet, definitions.csv, figures, manifest.json"
)


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
        cells = [described(whole, first, name)] + [
            described(change, other, name, sign="+") for other in others
        ]
        table.add_row(f"{MEASURES[name].label} ({MEASURES[name].unit})", *cells)
    return table


ENOUGH = 20
"""Runs from which on 5 and 95 % quantiles mean something."""


def caveat(results: Results) -> str:
    """What the intervals contain, and what they leave out."""
    holds = (
        "Runs differ by chance and by what the evidence leaves open; summary.csv separates the two "
        "(sd_chance, sd_parameters)."
        if results.manifest["draws"]
        else "Runs differ by chance only, at the register's central values; what the evidence leaves open is "
        "not in the intervals. To let it vary too: --draws 20."
    )
    if results.runs < ENOUGH:
        holds += f" Bands of single futures (p05, p95, figures) need {ENOUGH} runs: --replications {ENOUGH}."
    return holds
