"""Jail stays of New York and Broward, and what follows a release, as in benchmarks/stays.md.

Run it as ``python benchmarks/stays.py`` (four minutes); it needs the two files of the folder ``shared/data``
beside the repository (OFFRAMP_SHARED names another folder).
"""

# ruff: noqa: E501 - the lines of a Markdown table cannot be cut

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.fits.duration import Duration, Sample, best, kaplan_meier
from calibration.fits.recurrence import TIMES, Recurrence, Spells, fitted
from calibration.records.adapter import read
from simulation.measures.incidence import SurvivalData, aalen_johansen, follow

SHARED = Path(os.environ.get("OFFRAMP_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"
SHARES = (0.25, 0.5, 0.75, 0.9, 0.95)
DAY = pd.Timedelta("1D")
HEAD = """# Stays in jail, and returns to it

**Held-out log score** a stay (five folds; the higher the better), **distance**: largest distance between the fitted
share released and the Kaplan-Meier curve, which takes late entry and censoring into account.
"""
LIST = """
### The list itself

A list of everyone seen is no sample of stays: those inside on its first day are the long ones, and those inside on its
last day are cut off. Drawing each person's stay from the fitted distribution, given how long it had lasted when first seen and
when the record ended, must give back the list's own quantiles (New York: about 6/20/97/243/409 days; this file
6/21/99/243/409).

| | 25 % | 50 % | 75 % | 90 % | 95 % | largest distance |
|---|---|---|---|---|---|---|
"""


def main() -> None:
    """Fit the stays and the readmissions, and write what came of it."""
    if not SHARED.is_dir():
        print(f"Nothing done: there is no folder {SHARED}. OFFRAMP_SHARED may name another.")
        return
    york = read("new_york_jail_stays", SHARED / "nyc_jail_spells_to_2023.csv.gz").table
    broward = read("broward_screenings", SHARED / "compas_broward" / "compas-scores_deid.csv")
    text = HEAD
    sample = Sample.of_stays(york, 1.0)
    tried = best(sample, "New York")
    text += section("New York City, 2016-2023", sample, tried)
    text += LIST + lists(york, sample, tried)
    sample = Sample.of_stays(broward.tables["stays"])
    text += section("Broward County, 2013-14", sample, best(sample, "Broward"))
    text += returns(york, broward.tables["rearrests"])
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def section(title: str, sample: Sample, tried: tuple[Duration, ...]) -> str:
    time, share = kaplan_meier(sample)
    seen = [f"{time[np.searchsorted(share, each)]:,.3g}" for each in SHARES]
    lines = [
        f"\n## {title}\n",
        f"{len(sample.time):,} stays, {int(sample.events):,} ended. Stays by quantile, in days.\n",
        "| family | log score | distance | 25 % | 50 % | 75 % | 90 % | 95 % | mean |",
        "|---|---|---|---|---|---|---|---|---|",
        f"| Kaplan-Meier | | | {' | '.join(seen)} | |",
    ]
    for found in tried:
        quantiles = " | ".join(f"{found.quantile(each):,.3g}" for each in SHARES)
        mean = f"{found.mean:,.3g}" if np.isfinite(found.mean) else "none"
        score, distance = found.fit.score, found.fit.goodness["km"]
        lines.append(f"| {found.family.name} | {score:.4f} | {distance:.3f} | {quantiles} | {mean} |")
    worst = next(found for found in tried if found.family.name == "exponential")
    lines.append(
        f"\nChosen: {tried[0].family.name}. The exponential distribution fails: it is {worst.fit.goodness['km']:.0%} off at worst, "
        f"and its score is {tried[0].fit.score - worst.fit.score:.2f} a stay below.\n"
    )
    return "\n".join(lines)


def lists(york: pd.DataFrame, sample: Sample, tried: tuple[Duration, ...]) -> str:
    """The list's quantiles, and those of a list drawn from the best distribution and from the exponential one."""
    booked = york["booked"].dt.normalize()
    longest = ((york["observed_until"] - booked) / DAY).to_numpy()
    text = f"| as recorded | {_quantiles(sample.time)} | |\n"
    for found in (tried[0], next(each for each in tried if each.family.name == "exponential")):
        drawn = _list(found, sample.entry, longest)
        grid = np.arange(1, 1500)
        apart = np.abs(_share(drawn, grid) - _share(sample.time, grid)).max()
        text += f"| {found.family.name} | {_quantiles(drawn)} | {apart:.3f} |\n"
    return text


def _list(found: Duration, entry: np.ndarray, longest: np.ndarray) -> np.ndarray:
    """A stay for each row, longer than its entry, cut off where the record ends, in whole days."""
    grid = np.concatenate([[0.0], np.geomspace(1e-3, 2e4, 20_000)])
    left = found.survival(grid)
    begun = np.interp(entry, grid, left)
    goal = begun * np.random.default_rng(1).random(len(entry))
    stay = np.interp(-goal, -left, grid)
    return np.maximum(np.minimum(np.ceil(stay), longest), 1)


def _quantiles(values: np.ndarray) -> str:
    return " | ".join(f"{value:,.0f}" for value in np.quantile(values, SHARES))


def _share(values: np.ndarray, grid: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(values), grid, side="right") / len(values)


def returns(york: pd.DataFrame, rearrests: pd.DataFrame) -> str:
    lines = [
        "\n## Returns after a release\n",
        "A piecewise rate with gamma frailty by risk and age (Broward: new offense of people screened) or age alone "
        "(New York: next booking), beside the Aalen-Johansen estimate, in percent of releases.\n",
        "| record | releases | 6 months | 12 months | 24 months | largest distance, points | frailty shape |",
        "|---|---|---|---|---|---|---|",
        _row("New York", *_new_york(york)),
        _row("Broward", *_broward(rearrests)),
        "",
    ]
    return "\n".join(lines)


def _row(name: str, found: Recurrence, people: SurvivalData) -> str:
    curve = aalen_johansen(people)
    ours = found.incidence(TIMES)
    cells = [f"{100 * a:.1f} (seen {100 * curve.at(t):.1f})" for a, t in zip(ours, TIMES, strict=True)]
    low, high = found.fit.interval("shape")
    shape = f"{found.fit.estimate['shape']:.2f} ({low:.2f} to {high:.2f})"
    apart = 100 * found.fit.goodness["incidence"]
    return f"| {name} | {len(people):,} | {' | '.join(cells)} | {apart:.2f} | {shape} |"


def _new_york(table: pd.DataFrame) -> tuple[Recurrence, SurvivalData]:
    table = table.sort_values(["person", "booked"])
    again = table.groupby("person")["booked"].shift(-1)
    time = (again.fillna(table["observed_until"]) - table["released"]) / DAY
    kept = (time > 0) & table["released"].notna()
    cause = again[kept].notna().astype(int)
    spells = Spells.by_person(table["person"][kept], time[kept], cause, {"young": table["age"][kept] < 25})
    return fitted(spells, "readmission", score=False), spells


def _broward(table: pd.DataFrame) -> tuple[Recurrence, SurvivalData]:
    table = table[table["risk"].notna()]
    days = [(table[name] - table["start"].min()) / DAY for name in ("start", "event", "observed_until")]
    people = follow(*days)
    risk = table["risk"]
    traits = {"medium": risk.between(5, 7), "high": risk >= 8, "young": table["age"] < 25}
    return fitted(Spells.by_person(table["person"], people.time, people.cause, traits)), people


if __name__ == "__main__":
    main()
