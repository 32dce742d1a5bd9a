"""The sections of a calibration's page."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from calibration.inference import diagnosis, holdout
from calibration.inference.calibration import Calibration
from offramp.report.figures import COLORS, tidy
from simulation.measures import MEASURES

matplotlib.use("Agg")

Floats = NDArray[np.float64]

SHOWN = 12
"""Rows of advice and trade-offs shown."""


def parts(calibration: Calibration) -> list[Part]:
    """All sections, the answer to "may I believe this?" first."""
    over_time = [part for part in (series(calibration), held_out(calibration)) if part is not None]
    return [
        summary(calibration),
        fit(calibration),
        *over_time,
        contradictions(calibration),
        *([direct(calibration)] if calibration.setup.range_updates else []),
        moved(calibration),
        silent(calibration),
        tied(calibration),
        left_out(calibration),
        advice(calibration),
        emulation(calibration),
    ]


def summary(calibration: Calibration) -> Part:
    """The few sentences that matter."""
    table, setup = calibration.fit, calibration.setup
    used = table[table["used"]]
    own = calibration.parameters
    nothing = int((own["verdict"] == diagnosis.UNINFORMED).sum())
    edge = list(own.loc[own["verdict"] == "at the edge of its range", "parameter"])
    lines = [
        f"{int(used['inside'].sum())} of {len(used)} targets lie inside the calibrated model's 95 % band.",
        f"The records inform {len(own) - nothing} of the {len(own)} parameters searched for; "
        f"{nothing} keep their prior.",
    ]
    if edge:
        lines.append(
            f"At the edge of their prior range: {', '.join(edge)}. Check the sources of these ranges."
        )
    lines += [
        f"{update.figure}: {update.after:,.4g} from the records; county file: {update.before:,.4g}."
        for update in setup.input_updates
    ]
    lines += [f"Note: {note}" for note in (*setup.notes, *diagnosis.unused(calibration.result))]
    if count := diagnosis.broken(calibration.result):
        lines.append(f"{count} runs broke off or were impossible with their parameters, and were left out.")
    return Part("Summary", tuple(lines))


def fit(calibration: Calibration) -> Part:
    """Every target before and after."""
    table = calibration.fit
    figure = Figure(figsize=(8.5, 0.55 * len(table) + 1.2), layout="constrained")
    axes = figure.add_subplot()
    for place, row in enumerate(table.to_dict("records")):
        scale = row["observed"] or 1.0
        for key, color, width in (("prior", "#999999", 7), ("posterior", COLORS[0], 4)):
            ends = [row[f"{key}_low"] / scale, row[f"{key}_high"] / scale]
            axes.plot(ends, [place, place], color=color, linewidth=width, solid_capstyle="butt")
        axes.plot([row["observed"] / scale], [place], "D", color="black", markersize=5)
    axes.set_yticks(range(len(table)), [str(name) for name in table["target"]], fontsize=8)
    axes.set_xlabel("as a multiple of the record (diamond); gray: prior, blue: calibrated, 95 %")
    axes.invert_yaxis()
    axes.set_xlim(0, 3)
    tidy(axes)
    text = ("Bands hold 95 % of single runs, of the prior and of the calibrated model, errors included.",)
    return Part(
        "Fit of every target under prior and posterior",
        text,
        table,
        "fit",
        figure,
        "Bands of each figure; see the table",
    )


def series(calibration: Calibration) -> Part | None:
    """Posterior predictive bands over the months of the records."""
    pairs = calibration.series_runs
    if not pairs:
        return None
    figure = Figure(figsize=(8.5, 2.6 * len(pairs)), layout="constrained")
    for axes, (target, runs) in zip(np.atleast_1d(figure.subplots(len(pairs), 1)), pairs, strict=True):
        low, middle, high = holdout.band(runs, target)
        months = pd.to_datetime([point.start for point in target.points])
        axes.fill_between(months, low, high, color=COLORS[0], alpha=0.2, linewidth=0)
        axes.plot(months, middle, color=COLORS[0], linewidth=1.5)
        axes.plot(months, target.values, ".", color="black", markersize=4)
        axes.set_title(f"{target.name} ({MEASURES[target.measure].unit})", loc="left", fontsize=10)
        axes.set_ylim(bottom=0)
        tidy(axes)
    text = (
        "Dots: records; line and band: median and 95 % of calibrated runs, with the record's "
        "variance between years added.",
    )
    return Part(
        "Month by month", text, calibration.series, "series", figure, "Series with their bands; see the table"
    )


def held_out(calibration: Calibration) -> Part | None:
    """Forecasts of the months held out."""
    table = calibration.held_out
    if not len(table):
        return None
    text = (
        f"Months from {calibration.setup.first_unseen} on were held out. Errors are mean absolute errors.",
        "Inside: share of the months in the 95 % band of each; year: whether all of them lie in the band "
        "that holds all months jointly with 95 % probability.",
        "For a record of three years or more the runs give the level, a time series model the deviation.",
    )
    return Part("Held-out months", text, table, "held_out")


def contradictions(calibration: Calibration) -> Part:
    """Targets that cannot all be true."""
    return Part("Contradictory targets", tuple(calibration.contradictions) or ("None was found.",))


def direct(calibration: Calibration) -> Part:
    """Parameters that the records show by themselves."""
    text = ("Estimated from the records directly; these ranges are the prior below.",)
    return Part("Fitted directly", text, calibration.direct, "direct")


def moved(calibration: Calibration) -> Part:
    """Prior to posterior of the parameters searched for."""
    own = calibration.parameters
    figure = Figure(figsize=(8.5, 0.4 * len(own) + 1.2), layout="constrained")
    axes = figure.add_subplot()
    for place in range(len(own)):
        low, middle, high = np.quantile(calibration.result.z[:, place], [0.05, 0.5, 0.95])
        axes.plot([-1.645, 1.645], [place, place], color="#bbbbbb", linewidth=7, solid_capstyle="butt")
        axes.plot([low, high], [place, place], color=COLORS[0], linewidth=4, solid_capstyle="butt")
        axes.plot([middle], [place], "o", color="black", markersize=4)
    axes.set_yticks(range(len(own)), [str(name) for name in own["parameter"]], fontsize=8)
    axes.set_xlabel(
        "standard deviations of the prior from the register's value; gray: prior, blue: posterior, 90 %"
    )
    axes.invert_yaxis()
    tidy(axes)
    text = (
        "mean_shift: in standard deviations of the prior. variance_removed: share of the prior's variance.",
    )
    return Part(
        "Prior to posterior", text, own, "parameters", figure, "Intervals of each parameter; see the table"
    )


def silent(calibration: Calibration) -> Part:
    """Parameters that keep their prior, and others that are updated linearly."""
    table = calibration.all_parameters
    nothing = table["verdict"] == diagnosis.UNINFORMED
    own = table[table["searched"] & nothing]["parameter"]
    others = table[~table["searched"]]
    follow = table[~table["searched"] & ~nothing].drop(columns="searched").reset_index(drop=True)
    text = (
        f"Not informed by the data: {', '.join(own) or 'none searched for'}. They keep their prior.",
        f"Of the {len(others)} other parameters, {len(others) - len(follow)} keep their prior as well; "
        f"{len(follow)} are updated linearly (table).",
    )
    return Part("Parameters that the records do not inform", text, follow if len(follow) else None, "others")


def tied(calibration: Calibration) -> Part:
    """Pairs that trade off."""
    table = calibration.trade_offs
    text = (
        "The records inform a combination of the two; a negative correlation: one higher if the "
        "other is lower.",
    )
    return Part("Parameters that trade off", text, table.head(SHOWN), "trade_offs")


def left_out(calibration: Calibration) -> Part:
    """Each target forecast from the others."""
    table = calibration.left_out
    outside = list(table.loc[~table["inside"], "target"])
    verdict = (
        f"Outside the 90 % band of the others: {', '.join(outside)}."
        if outside
        else "All agree with the others."
    )
    text = ("Each target predicted from the others and the register's ranges (5, 50, 95 %).", verdict)
    return Part("Leave-one-out predictions", text, table, "left_out")


def advice(calibration: Calibration) -> Part:
    """Which record would help most."""
    table = calibration.advice
    best = table.iloc[0] if len(table) else None
    text = ["Expected share of the parameters' remaining variance that one more figure would remove."]
    if best is not None:
        label = MEASURES[str(best["record"])].label
        text.append(f"Most informative: {label} ({best['record']}), above all for {best['parameter']}.")
    return Part("Which record would help most", tuple(text), table.head(SHOWN), "advice")


def emulation(calibration: Calibration) -> Part:
    """The accuracy of the emulator."""
    result = calibration.result
    waves = ", ".join(f"{wave.not_ruled_out:.1%} after {wave.points} points" for wave in result.waves)
    text = (
        f"Share of the prior that no target rules out: {waves}.",
        "Explained: share of the variance between design points, without noise, that is predicted.",
        f"Effective sample size of the {len(result.z):,} draws: {result.effective_sample_size:,.0f}.",
    )
    return Part("The emulator", text, calibration.emulator, "emulator")


@dataclass(frozen=True)
class Part:
    """One section: sentences, a table, a figure with its alternative text."""

    title: str
    text: tuple[str, ...]
    table: pd.DataFrame | None = None
    name: str = ""
    figure: Figure | None = None
    alt: str = ""
