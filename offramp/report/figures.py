"""The figures of a run: monthly fans, and one page of differences for each scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import rc_context, rcdefaults
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from offramp.report.headline import COUNTY_WIDE, NEEDS, PROGRAM, at_a_glance, number
from offramp.report.manifest import ScenarioEntry
from offramp.report.tables import Tables
from simulation.measures import MEASURES

COLORS = ("#0072B2", "#D55E00", "#009E73", "#7B3294")
STYLES = ("-", "--", "-.", ":")
FANS = {
    "jail_adp": "jail_adp.png",
    "fact_census": "fact_census.png",
    "fact_waiting": "fact_waiting.png",
    "housing_units_needed": "housing_units_needed.png",
}


class Chart(Figure):
    """A figure that a notebook shows as the value of a cell."""

    def _repr_png_(self) -> bytes:
        image = BytesIO()
        self.savefig(image, dpi=100)
        return image.getvalue()


@contextmanager
def default_style() -> Iterator[None]:
    """Draw by matplotlib's own defaults; a ``matplotlibrc`` has no effect."""
    with rc_context():
        rcdefaults()
        yield


@default_style()
def draw(tables: Tables, definitions: pd.DataFrame, scenarios: Sequence[ScenarioEntry], folder: Path) -> None:
    """Write every figure into the folder."""
    folder.mkdir()
    first, *others = scenarios
    for measure, name in FANS.items():
        if NEEDS[measure] not in first.sections_left_out:
            save(fan(tables.monthly, measure, definitions, scenarios), folder / name)
    for scenario in others:
        save(differences_page(tables, scenario, first), folder / f"differences_{scenario.key}.png")


def save(figure: Figure, path: Path) -> None:
    """Write a figure without anything that changes from run to run."""
    figure.savefig(path, dpi=120, metadata={"Software": None})


def fan(
    monthly: pd.DataFrame, measure: str, definitions: pd.DataFrame, scenarios: Sequence[ScenarioEntry]
) -> Figure:
    """Median and 5 to 95 % of the runs, month by month; a dotted line marks a scenario's first lever."""
    figure = Chart(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    rows = monthly[(monthly["measure"] == measure) & (monthly["subgroup"] == "all")]
    for i, scenario in enumerate(scenarios):
        wide = rows[rows["scenario"] == scenario.key].pivot_table(
            index="month", columns="replication", values="value"
        )
        months = pd.to_datetime(wide.index)
        low, middle, high = np.nanquantile(wide.to_numpy(), [0.05, 0.5, 0.95], axis=1)
        color, style = COLORS[i % len(COLORS)], STYLES[i % len(STYLES)]
        axes.fill_between(months, low, high, color=color, alpha=0.18, linewidth=0)
        axes.plot(months, middle, color=color, linestyle=style, linewidth=1.8, label=scenario.key)
    for day in sorted({scenario.first_lever for scenario in scenarios if scenario.first_lever}):
        axes.axvline(date2num(day), color="black", linewidth=0.8, linestyle=":")  # type: ignore[no-untyped-call]
    label, unit = definitions.set_index("measure").loc[measure, ["label", "unit"]]
    axes.set_title(f"{label}: {scenarios[0].county}", loc="left", fontsize=11)
    axes.set_ylabel(f"{unit}, monthly mean")
    axes.set_ylim(bottom=0)
    tidy(axes)
    axes.legend(frameon=False, title="median, band: 5 to 95 % of runs", loc="best")
    return figure


def tidy(axes: Axes) -> None:
    """No box, a light grid."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", linewidth=0.5, alpha=0.5)


def differences_page(tables: Tables, scenario: ScenarioEntry, first: ScenarioEntry) -> Figure:
    """Headline measures of a scenario minus the first one, in percent of the first one's mean.

    What happens to the whole county and what happens inside the program have scales of their own.
    """
    figure = Chart(figsize=(9.5, 8), layout="constrained")
    figure.suptitle(f"{scenario.name}: {scenario.question}", fontsize=10, wrap=True)
    groups = (("The whole county", COUNTY_WIDE), ("The program", PROGRAM))
    heights = [len(names) for _, names in groups]
    for axes, (title, names) in zip(figure.subplots(2, 1, height_ratios=heights), groups, strict=True):
        differences(axes, tables, names, (first.key, scenario.key))
        axes.set_title(title, loc="left", fontsize=10)
        tidy(axes)
    axes.set_xlabel(f"change against {first.key}, %; bars: 95 % confidence interval of the mean")
    return figure


def differences(axes: Axes, tables: Tables, names: Sequence[str], keys: tuple[str, str]) -> None:
    """One row a measure: the mean difference, its interval, and the size in its own unit."""
    first, other = keys
    base, change = at_a_glance(tables.summary), at_a_glance(tables.differences)
    shown = [
        (name, change[other, name], 100 / base[first, name]["mean"])
        for name in reversed(names)
        if (other, name) in change and base[first, name]["mean"] > 0
    ]
    for place, (name, row, scale) in enumerate(shown):
        ends = [row["mean_low"] * scale, row["mean_high"] * scale]
        axes.plot(ends, [place, place], color=COLORS[0], linewidth=4, solid_capstyle="butt")
        axes.plot([row["mean"] * scale], [place], "o", color="black", markersize=4)
        text = f"{number(row['mean'], '+')} {MEASURES[name].unit}"
        axes.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(shown)), [MEASURES[name].label for name, *_ in shown], fontsize=8)
