"""The measures of the NCSC guide as its templates draw them: one figure a measure and cohort.

Bars by type of exit, the chart of four quadrants, and times against the court's own target, all drawn from
the tidy table of the measures. A suppressed cell shows its mark and no bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib
import numpy as np
import pandas as pd

from offramp.report.figure_spec import (
    ADDITIONAL,
    CHARGE,
    DOSES,
    FIGURE_SPECS,
    WAYS,
    Cell,
    FigureSpec,
    number,
    shows,
)
from offramp.report.figures import default_style, save, tidy
from simulation.measures.ncsc import NCSC

matplotlib.use("Agg")

from matplotlib.axes import Axes
from matplotlib.figure import Figure

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
FIELDS = {"1": (1, 0), "2": (0, 0), "3": (1, 1), "4": (0, 1)}
"""Row and column of each quadrant by its number in the guide."""
HATCHES = ("", "//", "..", "xx", "--", "++")


@dataclass(frozen=True)
class Drawn:
    """A figure that was written, with its text for people who cannot see it."""

    measure: str
    cohort: str
    path: Path
    alt: str


@default_style()
def draw_measures(
    table: pd.DataFrame, folder: Path, targets: Mapping[str, float] | None = None
) -> list[Drawn]:
    """Write a figure for each measure and cohort of the table that has anything to show.

    targets: the court's own, by number of the measure, in the unit of its value.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for (measure, cohort), rows in table.groupby(["measure", "cohort"], sort=False):
        for spec in FIGURE_SPECS.get(str(measure), ADDITIONAL):
            picked = spec.picked(rows)
            if shows(picked):
                page = Page(spec, picked, (targets or {}).get(str(measure)))
                path = folder / f"{page.stem}.png"
                save(page.figure(), path)
                drawn.append(Drawn(str(measure), str(cohort), path, page.alt()))
    return drawn


class Page:
    """One measure of one cohort on a page."""

    def __init__(self, spec: FigureSpec, rows: pd.DataFrame, target: float | None) -> None:
        first = rows.iloc[0]
        self.spec, self.rows, self.target = spec, rows, target
        self.measure, self.cohort, self.name = str(first["measure"]), str(first["cohort"]), str(first["name"])
        self.unit = str(first["unit"])
        self.scale = 100.0 if self.unit == "share" else 1.0

    @property
    def stem(self) -> str:
        """The file's name: measure_01_2025H1, measure_A03_2025H1, measure_01_2025H1_charge."""
        letter, digits = self.measure.rstrip("0123456789"), self.measure.lstrip("A")
        return "_".join(filter(None, ("measure", f"{letter}{digits:0>2}", self.cohort, self.spec.name)))

    def figure(self) -> Figure:
        """The figure."""
        figure = Figure(figsize=(9, 5), layout="constrained")
        if self.spec.kind == "quadrants":
            self._quadrants(figure)
        else:
            axes = figure.add_subplot()
            self._times(axes) if self.spec.kind == "times" else self._bars(axes)
        figure.suptitle(f"{self.measure}. {self.name}: {self.cohort}", x=0.01, ha="left", fontsize=12)
        figure.supxlabel(fill(self.footer(), 130), x=0.01, ha="left", fontsize=8)
        return figure

    def alt(self) -> str:
        """The figure in words: what it shows, then every value."""
        values = [
            f"{name}{f', {series}' if series else ''}: {self._said(cell)}"
            for series, cells in self.series()
            for name, cell in cells.items()
        ]
        target = f" Target: {self._number(self.target)}." if self.target is not None else ""
        return f"{self.name}, {self.cohort}. {'; '.join(values)}.{target}"

    def footer(self) -> str:
        """What the measure is, and who is not in it."""
        first = self.rows.iloc[0]
        missing, mark = number(first["missing"])
        parts = [f"{NCSC[self.measure].label}." if self.measure in NCSC else ""]
        parts.append(f"Left out: {first['reasons']}." if number(first["reasons"])[1] else "")
        parts.append(f"Without the entry: {mark or f'{100 * missing:.0f} %'}." if mark or missing > 0 else "")
        return " ".join(filter(None, parts))

    def series(self) -> Iterator[tuple[str, dict[str, Cell]]]:
        """Each set of bars with its name, empty if it is the only one, by the label of the bar."""
        if self.spec.kind == "statements":
            yield from self._answers()
            return
        key = "item" if self.spec.kind in ("items", "follow_up") else "group"
        split = {"items": "measure", "follow_up": "as_of"}.get(self.spec.kind, "item")
        rows = self.rows[~self.rows["item"].isin(DOSES)] if self.spec.kind == "quadrants" else self.rows
        parts = rows[split].drop_duplicates().tolist()[-len(OKABE_ITO) :]
        for part in parts:
            cells = {str(getattr(row, key)): Cell.of(row) for row in rows[rows[split] == part].itertuples()}
            bars = {readable(name): cells[name] for name in _ordered(cells) if not cells[name].empty}
            if bars:
                yield str(part) if len(parts) > 1 else "", bars

    def _answers(self) -> Iterator[tuple[str, dict[str, Cell]]]:
        """Of each statement, who agrees at all and who does so strongly."""
        for answer in ("agree or strongly agree", "strongly agree"):
            rows = self.rows[self.rows["item"].str.endswith(f": {answer}")]
            cells = {str(row.item).rsplit(": ", 1)[0]: Cell.of(row) for row in rows.itertuples()}
            if cells:
                yield answer, cells

    def _bars(self, axes: Axes) -> None:
        """Upright bars, side by side for several series."""
        series = list(self.series())
        labels = list(dict.fromkeys(name for _, cells in series for name in cells))
        width = 0.8 / len(series)
        for i, (name, cells) in enumerate(series):
            at = np.array([labels.index(label) for label in cells]) + (i - (len(series) - 1) / 2) * width
            self._draw(axes, at, list(cells.values()), width, i, name)
        counts = series[0][1]
        axes.set_xticks(
            range(len(labels)), [self._label(label, counts.get(label)) for label in labels], fontsize=8
        )
        if len(labels) == 1:
            axes.set_xlim(-1.5, 1.5)
        self._axis(axes, series)

    def _draw(
        self, axes: Axes, at: Sequence[float] | Any, cells: list[Cell], width: float, i: int, name: str
    ) -> None:
        heights = [self.scale * cell.value for cell in cells]
        shown = np.nan_to_num(np.array(heights))
        color, hatch = OKABE_ITO[i % len(OKABE_ITO)], HATCHES[i % len(HATCHES)]
        axes.bar(
            at, shown, width * 0.92, color=color, hatch=hatch, edgecolor="white", linewidth=0, label=name
        )
        for x, height, cell in zip(at, shown, cells, strict=True):
            text = cell.text or self._number(cell.value)
            axes.annotate(text, (x, height), (0, 2), textcoords="offset points", ha="center", fontsize=8)

    def _axis(self, axes: Axes, series: list[tuple[str, dict[str, Cell]]]) -> None:
        top = max(
            (self.scale * c.value for _, cells in series for c in cells.values() if c.value > 0), default=1.0
        )
        top = max(top, self.scale * (self.target or 0))
        axes.set_ylim(0, min(top * 1.25, 110.0) if self.unit == "share" else top * 1.25)
        axes.set_ylabel("%" if self.unit == "share" else self.unit)
        if self.target is not None:
            axes.axhline(self.scale * self.target, color="black", linestyle="--", linewidth=1, label="target")
        if any(name for name, _ in series) or self.target is not None:
            axes.legend(frameon=False, fontsize=8)
        _tidy(axes)

    def _times(self, axes: Axes) -> None:
        """Lying bars of days from the first event to the second, the median marked, with the target."""
        cells = next(self.series())[1]
        medians = {readable(str(row.group)): number(row.median)[0] for row in self.rows.itertuples()}
        places = range(len(cells))
        lengths = np.nan_to_num([cell.value for cell in cells.values()])
        axes.barh(places, lengths, 0.6, color=OKABE_ITO[0])
        for y, (name, cell), length in zip(places, cells.items(), lengths, strict=True):
            median = medians.get(name, float("nan"))
            if not cell.mark and not np.isnan(median):
                axes.plot([median], [y], "D", color="black", markersize=4, label="_" if y else "median")
            end = length if cell.mark else float(np.fmax(length, median))
            text = cell.text or self._number(cell.value)
            axes.annotate(
                text, (end, y), (6, 0), textcoords="offset points", va="center", fontsize=8,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )  # fmt: skip
        if self.target is not None:
            axes.axvline(
                self.target, color=OKABE_ITO[1], linestyle="--", linewidth=1.5, label="the court's target"
            )
        axes.set_yticks(places, [self._label(name, cell, 40) for name, cell in cells.items()], fontsize=8)
        axes.invert_yaxis()
        axes.set_xlim(0, 1.15 * max(float(lengths.max()), self.target or 0.0, 1.0))
        axes.set_xlabel(f"{self.unit}, mean: {self.rows['item'].iloc[0]}")
        _tidy(axes)
        axes.grid(axis="y", visible=False)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False, fontsize=8, loc="best")

    def _quadrants(self, figure: Figure) -> None:
        """Functional impairment upward, criminogenic risk to the right; two bars in each field."""
        grid = figure.subplots(2, 2, sharey=True)
        rows = self.rows[self.rows["by"] == self.spec.by]
        for place, axes in FIELDS.items():
            bars = {
                str(row.item): (row, Cell.of(row)) for row in rows.itertuples() if str(row.group)[0] == place
            }
            self._field(grid[axes], bars)
        figure.supylabel("% at or above the average dose", fontsize=9)

    def _field(self, axes: Axes, bars: dict[str, tuple[Any, Cell]]) -> None:
        """One quadrant: who gets more than average supervision, and service; the mean dose below."""
        for i, (item, dose) in enumerate(zip(self.spec.items, DOSES, strict=True)):
            if item in bars:
                self._draw(axes, [i], [bars[item][1]], 0.7, i, "")
                axes.set_title(f"{bars[item][0].group} (n = {bars[item][1].count})", fontsize=9)
            amount = bars[dose][1] if dose in bars else None
            words = f"\n{amount.text or f'{amount.value:.1f}'} a quarter" if amount else ""
            axes.annotate(
                item.removeprefix("above-average ") + words, (i, 0), (0, -14),
                textcoords="offset points", ha="center", va="center", fontsize=8,
            )  # fmt: skip
        axes.set(xlim=(-0.6, 1.6), ylim=(0, 118), xticks=[])
        _tidy(axes)

    def _label(self, name: str, cell: Cell | None, width: int = 14) -> str:
        count = f"\n(n = {cell.count})" if cell and cell.count else ""
        return fill(name, width) + count

    def _number(self, value: float) -> str:
        if self.unit == "share":
            return f"{100 * value:.0f} %"
        return f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}"

    def _said(self, cell: Cell) -> str:
        return cell.text or f"{self._number(cell.value)}{'' if self.unit == 'share' else f' {self.unit}'}"


def _tidy(axes: Axes) -> None:
    tidy(axes)
    axes.set_axisbelow(True)


def _ordered(names: Mapping[str, object]) -> list[str]:
    """Everyone first, then the ways out in the guide's order, then the others as they come."""
    known = [name for name in ("all", *WAYS) if name in names]
    return known + [name for name in names if name not in known]


def readable(name: str) -> str:
    """A code of the table as words."""
    return name.replace("_", " ").removeprefix(CHARGE)
