"""The model beside published figures for Contra Costa County, as the table in the README.

Run it as ``python benchmarks/face_validity.py`` (about three minutes on two processors); it prints the
table and writes benchmarks/face_validity.md.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from offramp.report.tables import tabulate
from offramp.scenarios import load
from simulation.experiment.ensemble import gather, jobs

REPLICATIONS = 20
YEARS = (1, 5)
SURVEY = "BSCC Jail Profile Survey, Contra Costa Sheriff, mean of 2017"
RETURNS = "Broward County 2013-14; New York City jail 2017: benchmarks/return_hazard.md"
A3 = "Contra Costa County, announcement of A3 around the clock, 2023; about 2022-23"
PES = "County hospital alone, minors included: the same announcement (8,000); East Bay Express 2020 (10,511)"
NEED = "Contra Costa Health, A3 page on the need; year not stated"
CALLS_911 = "Contra Costa Health Services in Richmond Confidential, 13 January 2022"
WEEK, MONTH = 7 / 365.25, 1 / 12

Bands = Mapping[int, tuple[float, float, float]]
"""By year: the mean over the runs, and the 5 and 95 % quantiles."""


@dataclass(frozen=True)
class Row:
    """A published figure and what the model has for it.

    system: of the county; label: what is counted, of whom; published: as printed; source: where, and of whom;
    measure, subgroup: in the results, empty if the model has no such number; scale, form: of the number
    printed; range: of the published figures, None if they say nothing to compare; entered: whether the
    county's file has the figure, and other residents make it up; remark: stands in for the comparison.
    """

    system: str
    label: str
    published: str
    source: str
    measure: str = ""
    subgroup: str = "all"
    scale: float = 1.0
    form: str = ",.0f"
    range: tuple[float, float] | None = None
    entered: bool = False
    remark: str = ""

    def cells(self, bands: Bands) -> tuple[str, ...]:
        """The cells of the table."""
        absent = "not followed so long" if self.measure else "not in the model"
        shown = [self._printed(bands[year]) if year in bands else absent for year in YEARS]
        return (
            self.system,
            self.label,
            *shown,
            self.published,
            self.remark or self._verdict(bands),
            self.source,
        )

    def _printed(self, band: tuple[float, float, float]) -> str:
        middle, low, high = (value * self.scale for value in band)
        return f"{middle:{self.form}} ({low:{self.form}} to {high:{self.form}})"

    def _verdict(self, bands: Bands) -> str:
        """Whether the runs of year 1 reach the published range; if not, their mean over its nearer end."""
        if self.range is None:
            return "nothing to compare"
        middle, low, high = (value * self.scale for value in bands[1])
        least, most = self.range
        if low <= most and least <= high:
            return "agrees, being entered" if self.entered else "agrees"
        return f"**misses**, {middle / (least if middle < least else most):.2f} times"


OTHERS_NOT_MODELLED = "a part: other residents' are not in the model"
ROWS = (
    Row(
        "jail",
        "bookings a month, all",
        "1,958",
        SURVEY,
        "bookings",
        "total",
        MONTH,
        range=(1958, 1958),
        entered=True,
    ),
    Row(
        "jail",
        "bookings a month, SMI",
        "358",
        "18.3 % of the above (Steadman and others 2009)",
        "bookings",
        scale=MONTH,
        range=(358, 358),
    ),
    Row(
        "jail",
        "average daily population, all",
        "1,505",
        SURVEY,
        "jail_adp",
        "total",
        range=(1505, 1505),
    ),
    Row("jail", "of them with SMI", "444 open mental-health cases", SURVEY, "jail_adp", range=(444, 444)),
    Row(
        "jail",
        "SMI share of the jail",
        "29.5 %",
        "444 of 1,505",
        "smi_share",
        form=".1%",
        range=(0.295, 0.295),
    ),
    Row(
        "jail",
        "mean stay, SMI, days",
        "37.7",
        "Little's law: 444 and 358 a month",
        "jail_stay",
        form=".1f",
        range=(37.7, 37.7),
    ),
    Row(
        "re-arrest",
        "within a year",
        "0.23, all defendants; 0.41, SMI flag",
        RETURNS,
        "rearrest_1y",
        form=".3f",
        range=(0.23, 0.41),
    ),
    Row(
        "re-arrest",
        "within two years",
        "0.31, all defendants; 0.50, SMI flag",
        RETURNS,
        "rearrest_2y",
        form=".3f",
        range=(0.31, 0.50),
    ),
    Row(
        "re-arrest",
        "back in jail in four years",
        "0.54 (SMI) to 0.68 (with substance use)",
        "Blank Wilson and others 2011, Philadelphia",
    ),
    Row(
        "crisis",
        "calls to the crisis line a week, all residents",
        "about 200",
        A3,
        "all_residents_visits",
        "service=crisis_line",
        WEEK,
        range=(200, 200),
        entered=True,
    ),
    Row(
        "crisis",
        "of them by simulated people",
        "",
        "not published",
        "service_visits",
        "service=crisis_line",
        WEEK,
    ),
    Row(
        "crisis",
        "mobile teams sent a week, all residents",
        "about 30",
        A3,
        "all_residents_visits",
        "service=mobile_crisis",
        WEEK,
        range=(30, 30),
        entered=True,
    ),
    Row(
        "crisis",
        "of them to simulated people",
        "",
        "not published",
        "service_visits",
        "service=mobile_crisis",
        WEEK,
    ),
    Row(
        "crisis",
        "behavioral 911 calls a year; in the model crises with SMI answered by police",
        "14,000 in 2019",
        CALLS_911,
        "police_responses",
        remark=OTHERS_NOT_MODELLED,
    ),
    Row("crisis", "involuntary holds a year, all residents", "10,000 and more", NEED),
    Row(
        "emergency",
        "psychiatric emergency visits a year, all residents",
        "8,000 to 10,511",
        PES,
        "all_residents_visits",
        "service=emergency_department",
        range=(8000, 10_511),
        entered=True,
    ),
    Row(
        "emergency",
        "of them by simulated people",
        "",
        "not published",
        "emergency_visits",
    ),
)


READING = f"""\
The model: mean (5 to 95 % of {REPLICATIONS} runs), seed 1, central values of the evidence register.
Simulated people are adults with serious mental illness (SMI) in contact with the crisis or justice system.
A row agrees if the runs of year 1 reach the published figures."""


def main() -> None:
    """Run the county as it stands and lay the figures side by side."""
    scenarios = load(["contra_costa"])
    tables = tabulate(scenarios, gather(jobs(scenarios, REPLICATIONS, draws=0, seed=1), os.cpu_count() or 1))
    header = ("system", "measure", *(f"model, year {year}" for year in YEARS), "published", "", "source")
    lines = [header, ("---",) * len(header)]
    lines += [row.cells(bands_of(row, tables.summary, tables.monthly)) for row in ROWS]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    text += f"\n\n{READING}\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def bands_of(row: Row, summary: pd.DataFrame, monthly: pd.DataFrame) -> Bands:
    """The model's numbers for a row in each year that has them."""
    if row.measure == "smi_share":
        return {year: share_of_jail(monthly, year) for year in YEARS}
    found = summary[(summary["measure"] == row.measure) & (summary["subgroup"] == row.subgroup)]
    by_year = found.set_index("period")[["mean", "p05", "p95"]].dropna()
    years = {year: f"year {year}" for year in YEARS if f"year {year}" in by_year.index}
    return {year: tuple(by_year.loc[period]) for year, period in years.items()}


def share_of_jail(monthly: pd.DataFrame, year: int) -> tuple[float, float, float]:
    """The share of the jail's population with serious mental illness, mean of the months of a year."""
    adp = monthly.query("measure == 'jail_adp' and subgroup in ['all', 'total']")
    first = adp["month"].min()
    of_year = adp[adp["month"].map(lambda month: month.year - first.year + 1) == year]
    wide = of_year.pivot_table(index=["replication", "month"], columns="subgroup", values="value")
    share = (wide["all"] / wide["total"]).groupby("replication").mean()
    low, high = np.quantile(share, [0.05, 0.95])
    return float(share.mean()), float(low), float(high)


if __name__ == "__main__":
    main()
