"""Ten more agencies of California's Jail Profile Survey, calibrated on 2012-2016 and held against 2017.

Run it as ``python -m benchmarks.calibrated_counties [SURVEY] [--only NAME] [--jobs N] [--with FOLDER]`` (forty
minutes on two processors); it writes benchmarks/calibrated_counties.md. FOLDER is the page of a full
calibration of Contra Costa, whose held-out months are then shown as well. Runs are kept in
results/calibrated_counties/: a command that was stopped goes on with them.
"""

# ruff: noqa: E501 - the lines of a Markdown table cannot be cut

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the matrices are small, and the processors are busy

import argparse
import resource
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from benchmarks.county import county as scaled
from benchmarks.jail_profile import SERIES, SHARED, count, told, verdict, years
from calibration.fits.series import Forecast, Score, last_value, score, seasonal_naive
from calibration.inference import holdout
from calibration.inference.calibration import Calibration, run
from calibration.inference.run_cache import code
from calibration.inference.setup import CalibrateOptions, prepare
from calibration.records.adapter import read
from calibration.targets.source import SURVEY
from calibration.targets.target import Target
from offramp.report.calibration_page import write_page
from offramp.scenarios import load_one

FILE = SHARED / "ca_jps_monthly_dev_counties_to_2017.csv.gz"
FOLDER = Path("results/calibrated_counties")
FIRST, UNSEEN, END = date(2012, 1, 1), date(2017, 1, 1), date(2018, 1, 1)
BUDGET = "small"
COUNTIES, LARGEST, LEAST = 10, 2000, 5
HEAD = """# Ten more counties, calibrated on 2012-2016 and held against 2017

Made by `python -m benchmarks.calibrated_counties SURVEY --with FOLDER`.

Jail Profile Survey, read by the adapter; `offramp calibrate --budget small` with 2017 held out, in everything.
**Inside**: months of 2017 (that have a value) inside the 95 % band of each month; **year**: whether all of them stay
inside the band that holds every month together with 95 % chance. **Error**: mean absolute error of the median, beside
the last value and the same month of the year before; CRPS of the band (the lower the better). **Seconds**: of
processor time, for the county's three series.

Which counties: of all whose agency has ADP, bookings and open mental-health cases in each month of 2012 to 2016, ADP up
to 2,000 and five open cases or more in 2016, without Contra Costa, ten at even distances in the order of their ADP, the
smallest and the largest among them. Nothing of 2017 enters the choice.

No file of these counties exists. Each is made from Contra Costa's, every stock and flow in proportion to the agency's ADP of
2016 (`benchmarks/county.py`); calibration then takes bookings, ADP and open cases from the survey. Population,
diversion, courts and homes are thus not the county's own: what is tested is whether the jail's series follow, and
not what diversion would do there.

| county | series | 2016 | 2017 | inside | year | error | last value | same month | CRPS | seconds |
|---|---|---|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Agency:
    """One agency of the survey: its county, and its months."""

    county: str
    rows: pd.DataFrame

    @property
    def name(self) -> str:
        """The county without the word."""
        return self.county.removesuffix(" County")

    @property
    def adp(self) -> float:
        """Mean average daily population of 2016."""
        return float(years(self.rows, 2016, 2016)["adp"].mean())

    @property
    def complete(self) -> bool:
        """Whether it can be calibrated on all three series, as the years before 2017 tell."""
        before = years(self.rows, FIRST.year, UNSEEN.year - 1)[list(SERIES)]
        return bool(before.notna().all(axis=None) and before["mental_health_open"][-12:].mean() >= LEAST)


def main() -> None:
    """Calibrate every county, and write the table with what went wrong."""
    asked = options()
    if not asked.survey.exists():
        print(f"Nothing done: there is no file {asked.survey}.")
        return
    agencies = chosen(read("jail_profile_survey", asked.survey).table)
    if asked.only and asked.only not in [agency.name for agency in agencies]:
        print(f"There is no {asked.only}. Allowed: {', '.join(agency.name for agency in agencies)}.")
        return
    rows, failures = "", list[str]()
    tally = dict.fromkeys(("series", "months", "inside", "paths", "beats"), 0)
    total = 0.0
    for agency in agencies:
        if asked.only in (None, agency.name):
            calibration, seconds = calibrated(agency, asked.survey, asked.jobs)
            rows += table(agency, calibration, seconds, tally, failures)
            total += seconds
            print(*rows.splitlines()[-3:], sep="\n", flush=True)
    text = HEAD + rows + verdict(tally) + f"\nProcessor time in all: {total:,.0f} seconds.\n"
    text += "\n## Failures\n\n" + ("\n".join(failures) or "None.") + "\n"
    if asked.full_page:
        text += full(asked.full_page)
    if not asked.only:
        Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("survey", nargs="?", type=Path, default=FILE, help="the survey's monthly file")
    parser.add_argument("--only", metavar="NAME", help="one county; the table is printed and not written")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--with", dest="full_page", type=Path, metavar="FOLDER", help="page of Contra Costa")
    return parser.parse_args()


def chosen(survey: pd.DataFrame) -> list[Agency]:
    """Ten agencies at even distances in the order of their size, smallest first."""
    known = survey.dropna(subset=["county"])
    largest = known.groupby(["county", "place"])["bookings"].sum().groupby("county").idxmax()
    all_of_them = [
        Agency(str(county), known[known["place"] == place].set_index("month").sort_index())
        for county, place in largest
    ]
    able = [each for each in all_of_them if each.name != "Contra Costa" and each.adp <= LARGEST]
    able = sorted((each for each in able if each.complete), key=lambda each: each.adp)
    at = np.linspace(0, len(able) - 1, COUNTIES).round().astype(int)
    return [able[place] for place in at]


def county_file(agency: Agency) -> Path:
    """Contra Costa's file in proportion to the agency's people in jail."""
    base = load_one("contra_costa").county
    factor = agency.adp / base.jail.average_daily_population.value
    own = scaled(base.population.value * factor, 12).county
    content = own.model_dump(mode="json") | {"name": f"{agency.county}, California"}
    path = FOLDER / f"{agency.name.lower().replace(' ', '_')}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(content, file)
    return path


def calibrated(agency: Agency, survey: Path, jobs: int) -> tuple[Calibration, float]:
    """The calibration as the command makes it, and the processor time of it; of a look at finished runs none."""
    path = county_file(agency)
    out = path.with_suffix(".parquet")
    runs = path.with_suffix(".runs")
    options = CalibrateOptions(BUDGET, 1, FIRST, END, hold_out=12, pool=jobs, runs=runs)
    began, note = spent(), path.with_suffix(f".{code()}.seconds")
    before = float(note.read_text()) if note.exists() else 0.0
    setup = prepare(load_one(str(path)), survey, options)
    kept = finished(runs)
    try:
        calibration = run(setup)
    finally:
        if finished(runs) > kept:
            note.write_text(str(before + spent() - began))
    calibration.write(out)
    write_page(calibration, out.with_suffix(""), 0.0)
    return calibration, float(note.read_text())


def finished(runs: Path) -> int:
    return len(list(runs.glob("*.point")))


def spent() -> float:
    """Seconds of processor time, of this process and of those it waited for."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usage)


def table(
    agency: Agency,
    calibration: Calibration,
    seconds: float,
    tally: dict[str, int],
    failures: list[str],
) -> str:
    """The county's rows; what failed is added to the failures."""
    columns = {Target(*names, ()).name: column for column, names in SURVEY.items()}
    text = ""
    for target, runs in calibration.series_runs:
        column = columns[target.name]
        past = years(agency.rows, FIRST.year, UNSEEN.year - 1)[column].to_numpy()
        seen = years(agency.rows, UNSEEN.year, UNSEEN.year)[column].to_numpy()
        ours = whole_year(target, holdout.ahead(target, runs, UNSEEN))
        scores = {"ours": score(ours, seen)}
        scores |= {
            "last": score(last_value(past, 12), seen),
            "seasonal": score(seasonal_naive(past, 12), seen),
        }
        count(tally, scores, column)
        fitted = level(target, runs)
        failures += [f"{each} {fitted}" for each in told(agency.name, column, past, seen, ours, scores)]
        text += row(agency.name, column, past, seen, scores, seconds)
    return text


def row(
    county: str, column: str, past: np.ndarray, seen: np.ndarray, scores: dict[str, Score], seconds: float
) -> str:
    ours = scores["ours"]
    cells = [county, SERIES[column], f"{np.nanmean(past[-12:]):,.0f}", f"{np.nanmean(seen):,.0f}"]
    cells += [f"{ours.covered} of {ours.months}", "inside" if ours.path else "**outside**"]
    cells += [f"{each.error:,.1f}" for each in scores.values()] + [f"{ours.crps:,.1f}", f"{seconds:,.0f}"]
    return f"| {' | '.join(cells)} |\n"


def whole_year(target: Target, forecast: Forecast) -> Forecast:
    """A column for each month of the year: that of the nearest where the record has no value."""
    months = np.array([point.start.month for point in target.points if point.start >= UNSEEN])
    nearest = np.abs(np.arange(1, 13)[:, None] - months).argmin(axis=1)
    return Forecast(forecast.name, forecast.draws[:, nearest])


def level(target: Target, runs: np.ndarray) -> str:
    """How far the calibrated runs lie from the record in the months shown."""
    shown = np.array([point.start < UNSEEN for point in target.points])
    apart = np.nanmean(runs[:, shown]) / target.values[shown].mean() - 1
    return f"In the months shown its runs lie {apart:+.1%} from the record."


def full(folder: Path) -> str:
    """Contra Costa with a full calibration, from the table of its page."""
    found = pd.read_csv(folder / "held_out.csv")
    names = {Target(*names, ()).name: SERIES[column] for column, names in SURVEY.items()}
    text = "\n## Contra Costa, calibrated in full\n\n"
    text += (
        "| series | inside | year | error | last value | same month | CRPS |\n|---|---|---|---|---|---|---|\n"
    )
    for one in found.to_dict("records"):
        errors = [one["error"], one["error of last value"], one["error of same month of the last year"]]
        cells = [names[one["target"]], f"{round(one['inside'] * one['months'])} of {one['months']}"]
        cells += ["inside" if one["year"] in (True, "yes") else "**outside**"]
        cells += [f"{value:,.1f}" for value in (*errors, one["crps"])]
        text += f"| {' | '.join(cells)} |\n"
    return text


if __name__ == "__main__":
    main()
