"""Each measure is drawn as its template does, hidden cells without a bar, and the bytes never differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from offramp.report.figure_spec import FIGURE_SPECS, WAYS, FigureSpec
from offramp.report.guide_figures import OKABE_ITO, Page, draw_measures
from simulation.measures.ncsc import COLUMNS, NCSC

PNG = b"\x89PNG\r\n\x1a\n"


def row(
    measure: str, item: str, value: object, group: str = "all", by: str = "all", **more: Any
) -> dict[str, Any]:
    blank = dict.fromkeys(COLUMNS, "") | {"missing": 0.0, "median": np.nan}
    told = {
        "measure": measure,
        "name": NCSC[measure].name,
        "cohort": "2025H1",
        "unit": "share",
        "denominator": 40,
    }
    return blank | told | {"item": item, "value": value, "group": group, "by": by} | more


def exits(measure: str, item: str, values: list[object], **more: Any) -> list[dict[str, Any]]:
    """All, then success, failure."""
    groups = ("all", "success", "failure")
    return [
        row(measure, item, value, group, "all" if group == "all" else "exit_type", **more)
        for group, value in zip(groups, values, strict=True)
    ]


def page(rows: list[dict[str, Any]], target: float | None = None, spec: FigureSpec | None = None) -> Page:
    table = pd.DataFrame(rows)
    spec = spec or FIGURE_SPECS[str(table["measure"].iloc[0])][0]
    return Page(spec, spec.picked(table), target)


def heights(drawn: Page, which: int = 0) -> list[float]:
    return [bar.get_height() for bar in drawn.figure().axes[which].patches if isinstance(bar, Rectangle)]


def texts(drawn: Page, which: int = 0) -> list[str]:
    return [text.get_text() for text in drawn.figure().axes[which].texts]


def ticks(drawn: Page) -> list[str]:
    return [label.get_text() for label in drawn.figure().axes[0].get_xticklabels()]


def test_reoffending_has_a_bar_for_everyone_and_each_type_of_exit() -> None:
    drawn = page(exits("1", "reoffended", [0.25, 0.1, 0.6]))
    assert heights(drawn) == pytest.approx([25, 10, 60])
    assert texts(drawn) == ["25 %", "10 %", "60 %"]
    assert ticks(drawn) == ["all\n(n = 40)", "success\n(n = 40)", "failure\n(n = 40)"]


def test_a_suppressed_cell_shows_its_mark_and_no_bar() -> None:
    rows = exits("1", "reoffended", [0.25, "<11", "*"])
    rows[1]["denominator"] = "<11"
    drawn = page(rows)
    assert heights(drawn) == [25, 0, 0]
    assert texts(drawn) == ["25 %", "<11", "*"]
    assert ticks(drawn)[1] == "success\n(n = <11)"
    assert "success: <11" in drawn.alt()


def test_a_share_of_nothing_is_told_from_nobody() -> None:
    rows = exits("1", "reoffended", [0.25, 0.0, np.nan])
    rows[2]["denominator"] = 0
    drawn = page(rows)
    assert texts(drawn) == ["25 %", "0 %"]  # nobody failed: no place on the axis


def test_reoffending_is_drawn_by_charge_as_well(tmp_path: Path) -> None:
    rows = exits("1", "reoffended", [0.25, 0.1, 0.6])
    rows += [
        row("1", f"most serious charge: {name}", share) for name, share in [("felony", 0.2), ("dui", 0.05)]
    ]
    drawn = draw_measures(pd.DataFrame(rows), tmp_path)
    assert [one.path.name for one in drawn] == ["measure_01_2025H1.png", "measure_01_2025H1_charge.png"]
    assert drawn[1].alt == "In-Program Reoffending, 2025H1. felony: 20 %; dui: 5 %."


def test_living_arrangement_has_the_templates_four_bars_in_order() -> None:
    names = FIGURE_SPECS["4"][0].items
    rows = [row("4", name, share) for name, share in zip(names, (0.3, 0.1, 0.5, 0.1), strict=True)]
    rows.append(row("4", "homeless at entry", 0.4))
    assert heights(page(rows)) == pytest.approx([30, 10, 50, 10])


def test_retention_follows_a_cohort_from_one_half_year_to_the_next() -> None:
    rows = [row("5", way, 0.7 if way == "still active" else 0.05, as_of="2025-06-30") for way in WAYS]
    rows += [row("5", way, 0.4 if way == "still active" else 0.1, as_of="2025-12-31") for way in WAYS]
    drawn = page(rows)
    assert heights(drawn) == pytest.approx([70] + [5] * 6 + [40] + [10] * 6)
    legend = drawn.figure().axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["2025-06-30", "2025-12-31"]


def test_times_are_lying_bars_with_the_median_and_the_courts_own_target() -> None:
    rows = exits("8", "admission to exit", [300.0, 400.0, "<11"], unit="days", median=310.0)
    axes = page(rows, target=365.0).figure().axes[0]
    widths = [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle)]
    assert widths == [300, 400, 0]
    assert [text.get_text() for text in axes.texts] == ["300", "400", "<11"]
    target = [line for line in axes.lines if line.get_label() == "the court's target"]
    assert list(target[0].get_xdata()) == [365, 365]
    medians = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "D"]
    assert medians == [310, 310]  # none where the cell is suppressed


def test_the_quadrants_lie_as_in_the_guide_and_show_doses() -> None:
    names = ("1 low risk, low impairment", "2 low risk, high impairment")
    names += ("3 high risk, low impairment", "4 high risk, high impairment")
    rows = []
    for i, name in enumerate(names):
        rows.append(row("11", "above-average supervision", 0.1 * (i + 1), name, "quadrant"))
        rows.append(row("11", "above-average service", 0.5, name, "quadrant"))
        rows.append(row("11", "contacts of supervision", 2.5, name, "quadrant", unit="contacts"))
    rows.append(row("11", "above-average supervision", 0.2, "unknown", "quadrant"))
    drawn = page(rows)
    # Impairment upward, risk to the right: 2 4 over 1 3.
    assert [heights(drawn, i)[0] for i in range(4)] == pytest.approx([20, 40, 10, 30])
    assert drawn.figure().axes[1].get_title() == "4 high risk, high impairment (n = 40)"
    assert "supervision\n2.5 a quarter" in texts(drawn)
    assert "1000" not in drawn.alt()


def test_statements_show_who_agrees_and_who_agrees_strongly() -> None:
    rows = [row("12", "Fair: agree or strongly agree", 0.8), row("12", "Fair: strongly agree", 0.3)]
    rows += [
        row("12", "Listened: agree or strongly agree", 0.6),
        row("12", "Listened: strongly agree", "<11"),
    ]
    drawn = page(rows)
    assert heights(drawn) == pytest.approx([80, 60, 30, 0])
    assert ticks(drawn) == ["Fair\n(n = 40)", "Listened\n(n = 40)"]


def test_recidivism_after_one_and_two_years_stands_side_by_side() -> None:
    rows = exits("14", "within 1 year", [0.2, 0.1, 0.3]) + exits("14", "within 2 years", [0.3, 0.2, 0.4])
    drawn = page(rows)
    assert heights(drawn) == pytest.approx([20, 10, 30, 30, 20, 40])
    bars = [bar for bar in drawn.figure().axes[0].patches if isinstance(bar, Rectangle)]
    centers = [bar.get_x() + bar.get_width() / 2 for bar in bars]
    assert centers == pytest.approx([-0.2, 0.8, 1.8, 0.2, 1.2, 2.2])


def test_a_target_is_a_line_across_the_bars() -> None:
    axes = page(exits("2", "attended", [0.9, 0.95, 0.7]), target=0.8).figure().axes[0]
    assert list(axes.lines[0].get_ydata()) == [80, 80]


def test_the_footer_says_who_was_left_out_and_what_is_missing() -> None:
    drawn = page(exits("2", "attended", [0.9, 0.9, 0.9], reasons="administrative closure: 12", missing=0.25))
    assert drawn.footer() == (
        "Status hearings attended. Left out: administrative closure: 12. Without the entry: 25 %."
    )


def test_a_measure_with_nothing_to_show_is_not_drawn(tmp_path: Path) -> None:
    rows = [row("9", "", np.nan, note="not simulated"), *exits("2", "attended", [0.9, 0.9, 0.9])]
    assert [one.measure for one in draw_measures(pd.DataFrame(rows), tmp_path)] == ["2"]
    assert [path.name for path in tmp_path.iterdir()] == ["measure_02_2025H1.png"]


def test_all_28_measures_have_a_figure(tmp_path: Path) -> None:
    rows = []
    for number, measure in NCSC.items():
        spec = FIGURE_SPECS.get(number, (FigureSpec("groups"),))[0]
        item = spec.items[0] if spec.items else "Fair: strongly agree" if number == "12" else "all there is"
        by = "all" if spec.kind in ("items", "follow_up", "statements") else spec.by
        rows.append(row(number, item, 0.5, "1" if by == "quadrant" else "success", by, unit=measure.unit))
    drawn = draw_measures(pd.DataFrame(rows), tmp_path)
    assert len(drawn) == 28
    assert all(one.path.read_bytes().startswith(PNG) for one in drawn)
    assert {one.path.name for one in drawn} >= {"measure_01_2025H1.png", "measure_A03_2025H1.png"}


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    table = pd.DataFrame(exits("8", "admission to exit", [300.0, 400.0, "<11"], unit="days", median=310.0))
    once, again = (draw_measures(table, tmp_path / name, {"8": 365})[0] for name in "ab")
    assert once.path.read_bytes() == again.path.read_bytes()


def test_colors_are_okabe_and_itos() -> None:
    assert set(OKABE_ITO) <= {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442"}
