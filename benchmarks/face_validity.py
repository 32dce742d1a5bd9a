"""The model beside published figures for Contra Costa County, by system, as the table in the README.

Run it as ``python -m benchmarks.face_validity`` (three minutes on two processors); it prints the table
and writes it into benchmarks/face_validity.md and the README. The figures: benchmarks/published/figures.yaml.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

import benchmarks.published.care
import benchmarks.published.justice  # noqa: F401  both register the measures that the figures name
import offramp

REPLICATIONS = 8
YEARS = (1, 5)
HERE = Path(__file__).parent
README = HERE.parent / "README.md"
MARK = "<!-- face validity: made by python -m benchmarks.face_validity -->\n"
END = "<!-- end of face validity -->\n"

NEAR = 0.05
AGREES = {"": "agrees", "entered": "agrees, being entered", "register": "agrees, being used"}

Bands = Mapping[int, tuple[float, float, float]]
"""By year: the mean over the runs, and the 5 and 95 % quantiles."""


@dataclass(frozen=True)
class Row:
    """A published figure and what the model has for it.

    system: of the county; label: what is counted, of whom; source: where, and of whom; published: as printed;
    measure, subgroup: in the results, empty if the model has no such number; scale, form: of the number
    printed; range: of the published figures, None if there is nothing to compare; used: where the figure
    is the model's own input, ``entered`` in the county's file or in the ``register``; remark: stands in for
    the comparison.
    """

    system: str
    label: str
    source: str
    published: str = ""
    measure: str = ""
    subgroup: str = "all"
    scale: float = 1.0
    form: str = ",.0f"
    range: tuple[float, float] | None = None
    used: str = ""
    remark: str = ""

    def cells(self, bands: Bands) -> tuple[str, ...]:
        """The cells of the table."""
        absent = "not followed so long" if bands else "not in the model"
        shown = [self._printed(bands[year]) if year in bands else absent for year in YEARS]
        verdict = self.remark or self.verdict(bands)
        return self.system, self.label, *shown, self.published, verdict, self.source

    def _printed(self, band: tuple[float, float, float]) -> str:
        middle, low, high = (value * self.scale for value in band)
        return f"{middle:{self.form}} ({low:{self.form}} to {high:{self.form}})"

    def verdict(self, bands: Bands) -> str:
        """Whether the runs of year 1 reach the published range; if not, their mean over its nearer end."""
        if self.range is None or not bands:
            return "nothing to compare"
        middle, low, high = (value * self.scale for value in bands[min(bands)])
        least, most = self.range
        if low <= most and least <= high:
            return AGREES[self.used]
        times = middle / (least if middle < least else most)
        return f"{'near' if abs(times - 1) < NEAR else '**misses**'}, {times:.2f} times"


READING = f"""\
The model: mean (5 to 95 % of {REPLICATIONS} runs), seed 1, central values of the evidence register.
Simulated people are adults with serious mental illness (SMI) in contact with the crisis or justice system.
A row agrees if the runs of year 1 reach the published figures: *being entered* if the county's file has the
figure, *being used* if a parameter of the register rests on it. It is near if their mean is within 5 %.
Several years are counted from the first; year 5 stands for year 1 where only it is known."""


def rows() -> list[Row]:
    """The published figures, system by system."""
    systems = YAML(typ="safe").load(HERE / "published" / "figures.yaml")
    return [_row(system, entry) for system, entries in systems.items() for entry in entries]


def _row(system: str, entry: dict[str, Any]) -> Row:
    if "range" in entry:
        entry["range"] = tuple(entry["range"])
    return Row(system, **entry)


def main() -> None:
    """Run the county as it stands and lay the figures side by side."""
    options = offramp.RunOptions(replications=REPLICATIONS, seed=1)
    workers = offramp.ExecutionOptions(jobs=os.cpu_count() or 1)
    results = offramp.run(offramp.load("contra_costa"), options, workers)
    header = ("system", "measure", *(f"model, year {year}" for year in YEARS), "published", "", "source")
    lines = [header, ("---",) * len(header)]
    bands = {row: bands_of(row, results.summary, results.monthly) for row in rows()}
    lines += [row.cells(band) for row, band in bands.items()]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    text += f"\n\n{tally([row.verdict(band) for row, band in bands.items()])}\n{READING}\n"
    (HERE / "face_validity.md").write_text(text, encoding="utf-8")
    before, rest = README.read_text(encoding="utf-8").split(MARK)
    _, after = rest.split(END)
    README.write_text(before + MARK + text + END + after, encoding="utf-8")
    print(text)


def tally(verdicts: list[str]) -> str:
    """How many figures agree, are near and miss, in a sentence."""
    kinds = Counter(verdict.partition(" ")[0].strip("*,") for verdict in verdicts)
    given = sum(verdict in (AGREES["entered"], AGREES["register"]) for verdict in verdicts)
    compared = kinds["agrees"] + kinds["near"] + kinds["misses"]
    return (
        f"Of {compared} figures that can be compared, {kinds['agrees']} agree ({given} of them given to the "
        f"model), {kinds['near']} are near and {kinds['misses']} miss."
    )


def bands_of(row: Row, summary: pd.DataFrame, monthly: pd.DataFrame) -> Bands:
    """The model's numbers for a row in each year that has them."""
    if row.measure == "smi_share":
        return {year: share_of_jail(monthly, year) for year in YEARS}
    found = summary[(summary["measure"] == row.measure) & (summary["subgroup"] == row.subgroup)]
    by_year = found.set_index("period")[["mean", "p05", "p95"]].dropna()
    years = {year: f"year {year}" for year in YEARS if f"year {year}" in by_year.index}
    return {
        year: cast(tuple[float, float, float], tuple(by_year.loc[period])) for year, period in years.items()
    }


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
