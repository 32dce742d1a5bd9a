"""The model beside published figures for Contra Costa County, as the table in the README.

Run it as ``python benchmarks/face_validity.py`` (about two minutes on two processors); it prints the
table and writes benchmarks/face_validity.md.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import numpy as np

from offramp.report.tables import tabulate
from offramp.scenarios import load
from simulation.experiment.ensemble import gather, jobs

REPLICATIONS = 20
SURVEY = "BSCC Jail Profile Survey, Contra Costa Sheriff, mean of 2017"
STEADMAN = "18.3 % of the above (Steadman and others 2009)"
RETURNS = "Broward County 2013-14; New York City jail 2017: benchmarks/return_hazard.md"
PHILADELPHIA = "Blank Wilson and others 2011, Philadelphia"


def main() -> None:
    """Run the county as it stands and lay the figures side by side."""
    scenarios = load(["contra_costa"])
    work = jobs(scenarios, REPLICATIONS, draws=0, seed=1)
    tables = tabulate(scenarios, gather(work, os.cpu_count() or 1))
    rows = tables.summary.query("period == 'year 1'").set_index(["measure", "subgroup"])
    adp = tables.monthly.query("measure == 'jail_adp' and subgroup in ['all', 'total']")
    first_year = adp[adp["month"] < date(scenarios[0].county.start.year + 1, 1, 1)]
    wide = first_year.pivot_table(index=["replication", "month"], columns="subgroup", values="value")
    share = (wide["all"] / wide["total"]).groupby("replication").mean()

    def shown(measure: str, subgroup: str = "all", scale: float = 1.0, form: str = ",.0f") -> str:
        row = rows.loc[(measure, subgroup)]
        low, middle, high = (row[name] * scale for name in ("p05", "mean", "p95"))
        return f"{middle:{form}} ({low:{form}} to {high:{form}})"

    low, high = np.quantile(share, [0.05, 0.95])
    rows_shown = (
        ("bookings a month, all", shown("bookings", "total", 1 / 12), "1,958", SURVEY),
        ("bookings a month, SMI", shown("bookings", scale=1 / 12), "358", STEADMAN),
        ("average daily population, all", shown("jail_adp", "total"), "1,505", SURVEY),
        ("of them with SMI", shown("jail_adp"), "444 open mental-health cases", SURVEY),
        ("SMI share of the jail", f"{share.mean():.1%} ({low:.1%} to {high:.1%})", "29.5 %", "444 of 1,505"),
        ("mean stay, SMI, days", shown("jail_stay", form=".1f"), "37.7", "Little's law: 444 and 358 a month"),
        (
            "re-arrested within a year",
            shown("rearrest_1y", form=".3f"),
            "0.23, all defendants; 0.41, SMI flag",
            RETURNS,
        ),
        (
            "re-arrested within two years",
            shown("rearrest_2y", form=".3f"),
            "0.31, all defendants; 0.50, SMI flag",
            RETURNS,
        ),
        ("the same", "", "0.54 (SMI) to 0.68 (with substance use) back in jail in 4 years", PHILADELPHIA),
    )
    lines = [
        "| measure | model, first year: mean (5 to 95 % of runs) | published | source |",
        "|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(row)} |" for row in rows_shown]
    text = "\n".join(lines) + f"\n\n{REPLICATIONS} runs, seed 1, central values of the evidence register.\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
