"""A year ahead of eleven agencies of California's Jail Profile Survey, as in benchmarks/jail_profile.md.

Run it as ``python benchmarks/jail_profile.py`` (five minutes); it needs the survey's monthly and quarterly
files, those of the folder ``shared/data`` beside the repository (OFFRAMP_SHARED names another folder).
"""

# ruff: noqa: E501 - the lines of a Markdown table cannot be cut

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.fits.rate import Arrivals, best
from calibration.fits.series import (
    PRIORS,
    Forecast,
    Score,
    by_littles_law,
    implied_stay,
    last_value,
    score,
    seasonal_naive,
    structural,
)
from calibration.records.adapter import read

SHARED = Path(os.environ.get("OFFRAMP_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"
SERIES = {"adp": "ADP", "bookings": "bookings", "mental_health_open": "open mental-health cases"}
AGENCIES = {
    "Contra Costa": "Contra Costa Sheriff's Department",
    "Los Angeles": "Los Angeles Sheriff's Department",
    "Orange": "Orange Sheriff's Department",
    "San Bernardino": "San Bernardino Sheriff's Department",
    "San Francisco": "San Francisco Sheriff's Department",
    "Sonoma": "Sonoma Sheriff's Department",
    "Santa Cruz": "Santa Cruz Sheriff's Department",
    "Kings": "Kings Sheriff's Department",
    "Napa": "Napa Corrections Department",
    "Tuolumne": "Tuolumne Sheriff's Department",
    "Mariposa": "Mariposa Sheriff's Department",
}
RIVAL = {"adp": "last", "bookings": "seasonal", "mental_health_open": "last"}
HEAD = """# The year 2017 forecast from 2012 to 2016

Jail Profile Survey, read by the adapter; only the five years before are used. **Inside**: months of 2017 (that
have a value) inside the 95 % band of each month; **year**: whether all of them stay inside the band that holds
every month together with 95 % chance, which is what "every month inside" asks. **Error**: mean absolute error of
the median, beside the last value and the same month of the year before; CRPS likewise (the lower the better). For
ADP the error of bookings times stay (Little's law) is told too.

| county | series | 2016 | 2017 | inside | year | error | last value | same month | by Little | CRPS | last | same |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""
TRACK = """
## Track record: 2013 to 2016 of 18 other agencies

Each year from the five before, agencies drawn at random, without Contra Costa. These years, and not 2017, chose
the memory and the degrees of freedom of the priors; errors as shares of the mean, medians over agencies and years.

| series | agency years | months inside | years inside | error | last value | same month |
|---|---|---|---|---|---|---|
"""


def main() -> None:
    """Forecast every series, and write the table with what went wrong."""
    if not SHARED.is_dir():
        print(f"Nothing done: there is no folder {SHARED}. OFFRAMP_SHARED may name another.")
        return
    table = read("jail_profile_survey", SHARED / "ca_jps_monthly_dev_counties_to_2017.csv.gz").table
    text = HEAD
    failures: list[str] = []
    tally = dict.fromkeys(("series", "months", "inside", "paths", "beats"), 0)
    for county, agency in AGENCIES.items():
        rows = table[table["place"] == agency].set_index("month")
        for name in SERIES:
            text += one(county, rows, name, failures, tally)
    text += verdict(tally) + "\n## Failures\n\n" + "\n".join(failures) + "\n"
    text += track(table) + rates(table) + stays(table)
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def years(rows: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    months = pd.date_range(f"{first}-01-01", f"{last}-12-01", freq="MS")
    return rows.reindex(months)


def one(county: str, rows: pd.DataFrame, name: str, failures: list[str], tally: dict[str, int]) -> str:
    before, after = years(rows, 2012, 2016), years(rows, 2017, 2017)
    past, seen = before[name].to_numpy(), after[name].to_numpy()
    ours = structural(past, 12, prior=PRIORS[name])
    scores = {"ours": score(ours, seen)}
    scores |= {"last": score(last_value(past, 12), seen), "seasonal": score(seasonal_naive(past, 12), seen)}
    little = ""
    if name == "adp":
        days = np.concatenate([before.index.days_in_month, after.index.days_in_month])
        bookings = structural(before["bookings"].to_numpy(), 12, prior=PRIORS["bookings"])
        little = f"{score(by_littles_law(bookings, past, before['bookings'], days), seen).error:,.1f}"
    count(tally, scores, name)
    failures += told(county, name, past, seen, ours, scores)
    found = scores["ours"]
    cells = [
        county,
        SERIES[name],
        f"{np.nanmean(past[-12:]):,.0f}",
        f"{np.nanmean(seen):,.0f}",
        f"{found.covered} of {found.months}",
        "inside" if found.path else "**outside**",
        *(f"{scores[each].error:,.1f}" for each in scores),
        little,
        *(f"{scores[each].crps:,.1f}" for each in scores),
    ]
    return f"| {' | '.join(cells)} |\n"


def count(tally: dict[str, int], scores: dict[str, Score], name: str) -> None:
    ours = scores["ours"]
    tally["series"] += 1
    tally["months"] += ours.months
    tally["inside"] += ours.covered
    tally["paths"] += ours.path
    tally["beats"] += ours.error <= scores[RIVAL[name]].error


def verdict(tally: dict[str, int]) -> str:
    share = tally["inside"] / tally["months"]
    return (
        f"\nOf {tally['series']} series, {tally['paths']} stay inside the band of the whole year, and "
        f"{share:.0%} of {tally['months']} months inside that of the month; {tally['beats']} have no larger error "
        "than the simple rival (the last value for ADP and open cases, the same month last year for bookings).\n"
    )


def track(table: pd.DataFrame) -> str:
    """How often the bands held, and how large the errors were, in years before 2017."""
    whole = table[table["month"] >= "2012"].groupby("place")["month"].size()
    others = [place for place in whole.index[whole == 72] if place != AGENCIES["Contra Costa"]]
    drawn = np.random.default_rng(5).permutation(others)[:18]
    text = TRACK
    for name, label in SERIES.items():
        found = [
            row
            for place in drawn
            for year in range(2013, 2017)
            if (row := a_year(table[table["place"] == place].set_index("month"), name, year)) is not None
        ]
        values = np.array(found)
        shares = [f"{values[:, 0].sum() / values[:, 1].sum():.1%}", f"{values[:, 2].mean():.1%}"]
        errors = [f"{value:.1%}" for value in np.median(values[:, 3:], axis=0)]
        text += f"| {label} | {len(found)} | {' | '.join([*shares, *errors])} |\n"
    return text


def a_year(rows: pd.DataFrame, name: str, year: int) -> tuple[float, ...] | None:
    past = years(rows, year - 5, year - 1)[name].to_numpy()
    seen = years(rows, year, year)[name].to_numpy()
    if np.isfinite(past).sum() < 30 or np.isfinite(seen).sum() < 8:
        return None
    forecasts = (structural(past, 12, prior=PRIORS[name]), last_value(past, 12), seasonal_naive(past, 12))
    scores = [score(each, seen) for each in forecasts]
    usual = np.nanmean(past)
    return scores[0].covered, scores[0].months, scores[0].path, *(each.error / usual for each in scores)


def told(
    county: str, name: str, past: np.ndarray, seen: np.ndarray, ours: Forecast, scores: dict[str, Score]
) -> list[str]:
    """What failed: a path outside its band, or a larger error than the simple rival, and what the data did."""
    faults = []
    if not scores["ours"].path:
        faults.append("leaves the band of the year")
    rival = scores[RIVAL[name]].error
    if scores["ours"].error > rival:
        faults.append(f"error {scores['ours'].error:,.1f} above {rival:,.1f}")
    if not faults:
        return []
    return [f"- **{county}, {SERIES[name]}** {' and '.join(faults)}: {why(past, seen, ours)}"]


def why(past: np.ndarray, seen: np.ndarray, ours: Forecast) -> str:
    """What the year did that the five before did not tell."""
    means = np.array([np.nanmean(year) for year in past.reshape(5, 12)])
    change = np.nanmean(seen) / means[-1] - 1
    largest = np.abs(means[1:] / means[:-1] - 1).max()
    low, high = ours.path_band()
    outside = np.flatnonzero((seen < low) | (seen > high))
    months = ", ".join(pd.Timestamp(2017, int(month) + 1, 1).strftime("%B") for month in outside[:3])
    places = f" (outside in {months}{' and later' if len(outside) > 3 else ''})" if len(outside) else ""
    moved = f"the mean of 2017 is {change:+.0%} from 2016"
    if abs(change) > largest:
        return f"{moved}, more than between any two years before (at most {largest:.0%}){places}."
    drift = np.nanmean(seen[6:]) / np.nanmean(seen[:6]) - 1
    steps = np.nanmax(np.abs(np.diff(np.log(np.maximum(past, 0.5)))))
    jump = np.nanmax(np.abs(np.diff(np.log(np.maximum(np.append(past[-1], seen), 0.5)))))
    if jump > steps:
        return f"{moved}; one month jumped by {np.expm1(jump):.0%}, more than any before{places}."
    if abs(drift) > 0.05:
        turn = "a turn that the past did not show"
        return f"{moved}; its second half lies {drift:+.0%} from its first, {turn}{places}."
    return f"{moved}; no change unlike those before, and the simple rule happened to be closer{places}."


def rates(table: pd.DataFrame) -> str:
    """Arrival rates of Contra Costa, as a direct fit would hand them to the model."""
    rows = table[(table["place"] == AGENCIES["Contra Costa"]) & (table["month"] >= "2012")]
    fit = best(Arrivals.of(rows["month"], rows["bookings"]), "bookings").fit
    lines = [
        "\n## Bookings of Contra Costa, 2012-2017: the arrival rate\n",
        f"{fit.method}; {fit.n} months; held-out log score {fit.score:.3f} a month; Pearson chi-square over its "
        f"degrees of freedom {fit.goodness['pearson']:.2f}. Level a day, trend a year.\n",
        "| quantity | estimate | 90 % interval |",
        "|---|---|---|",
    ]
    for name, value in fit.estimate.items():
        low, high = fit.interval(name)
        lines.append(f"| {name} | {value:.4g} | {low:.4g} to {high:.4g} |")
    return "\n".join(lines) + "\n"


def stays(table: pd.DataFrame) -> str:
    """Little's law between what the survey says of ADP, bookings and stay."""
    quarters = read("jail_profile_survey_quarterly", SHARED / "ca_jps_quarterly_dev.csv.gz").table
    months = table["month"]
    table = table.assign(quarter=months.dt.to_period("Q").dt.start_time, days=months.dt.days_in_month)
    sums = table.groupby(["place", "quarter"])[["adp", "bookings", "days"]].agg(
        {"adp": "mean", "bookings": lambda counts: counts.sum(min_count=3), "days": "sum"}
    )
    both = quarters.set_index(["place", "quarter"]).join(sums, how="inner")
    ratio = implied_stay(both["adp"], both["bookings"], both["days"]) / both["stay"].to_numpy()
    known = ratio[np.isfinite(ratio)]
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    return (
        "\n## Does the survey agree with itself?\n\nADP over bookings a day (Little's law), over the stay that the "
        f"same agency reports for the quarter: median {middle:.2f}, half of them between {low:.2f} and {high:.2f} "
        f"({len(known):,} agency quarters).\n"
    )


if __name__ == "__main__":
    main()
