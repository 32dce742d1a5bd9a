"""Returns after release in four records, beside a fading hazard with gamma frailty, as in return_hazard.md.

Run it as ``python -m benchmarks.return_hazard`` (two minutes); it needs the folder ``shared/data`` beside the
repository (OFFRAMP_SHARED names another folder).
"""

# ruff: noqa: E501 - the lines of a Markdown table cannot be cut

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.fits.recurrence import Spells
from calibration.fits.return_hazard import TIMES, ReturnHazard, fitted
from calibration.records.adapter import read
from simulation.measures.incidence import aalen_johansen

SHARED = Path(os.environ.get("OFFRAMP_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"
DAY = pd.Timedelta("1D")
REFORM = pd.Timestamp("2020-01-01")
"""Bail reform in New York, and the epidemic after it: follow-up ends before them."""
TO_PRISON = ("SSR", "DNS")
"""New York's codes of people who await transfer to a state prison: their stay ends with no release."""
LENGTHS = [0, 4, 8, 15, 30, 60, 120, 180, 365, np.inf]
"""Groups of stays, in days, within which flagged and other stays are compared."""
VIOLATIONS = 0.2
"""Share of arrests for a violation of supervision (`arrest.violation`)."""
HEAD = """# Returns after release: the record, and a hazard that fades

The hazard of person i at time t since a release is z x base x ratios x (1 + excess x exp(-t / mean days)), z gamma with mean 1 and the
shape given. The frailty integrates out in closed form, repeated spells of a person share it, and each spell is taken given the spells
before it (`calibration/fits/return_hazard.py`). **seen**: the censored curve of the record, from release (Kaplan-Meier), in percent;
**fit**: the curve the hazard expects of the same spells, at risk when they were. Both count every release.

"""
NOTES = """
What the records are, and what was done to them:

- **Broward**: people screened in 2013-14, from release (or screening) to the first new charged offense; offenses before release are left
  out and follow-up ends with the file. Violations of probation and warrants are not among them. With one spell a person,
  frailty and fading cannot be told apart: the shape is held at 1.3, New York's of stays with the flag; excess and base move with it.
- **New York**: bookings from June 2016 to the end of 2019. A booking less than a day after the last night is the same stay going on (4,223;
  the first day would have ten times the hazard of the second); stays that end with a transfer to state prison (10 %) are no release. Stays of less than a night (6 % of admissions) are
  not seen, so the hazard is some 6 % too low. Bookings fell from year to year; a spell late in the record has a lower hazard, and some of the fading is that.
- **New York, flagged**: stays with the mental-health flag. It is set during the stay, so long stays carry it more often (immortal time).
- **Okaloosa** and **Pinellas** are selected: people booked often, and people booked as homeless. They inform the tail (the shape) and
  the ratio for homelessness alone, and set no level. Pinellas is the interval from the end of confinement (as sentenced; the release itself is
  not recorded) to the next arrest. Its most likely mean is 2.3 points off at six months; held at 95 days, the fit is within two everywhere.
"""
SMI = """
## People with serious mental illness

A person's first release of a year, as `rearrest_1y` counts in the model, in percent. No record says what people with SMI do after release
in a county like ours, and those at hand differ. New York counts bookings of all kinds, and a flag that about a quarter carry; Broward
counts new offenses of all defendants. What the model should do lies between: the mean of the two cumulative hazards, Broward's taken
up for violations (a fifth of arrests). Philadelphia lies above both: 54 % of people with SMI alone and 68 % of those with
substance use too were back in jail within four years, against 60 % of people with neither (Blank Wilson and others 2011); it was
not used, and is what to check against.

"""


def broward() -> Spells:
    """From release to the first new offense, one spell a person."""
    table = read("broward_screenings", SHARED / "compas_broward" / "compas-scores_deid.csv").tables[
        "rearrests"
    ]
    age = table["age"]
    bands = {"18 to 25": age <= 25, "41 to 55": (age >= 41) & (age <= 55), "56 and over": age >= 56}
    ends = table.assign(released=table["start"], again=table["event"])
    return _spells(ends, bands)


def new_york(flagged: bool | None = None) -> Spells:
    """From each release to the next booking, up to the end of 2019; all stays or those with the flag."""
    table = _new_york_releases()
    if flagged is not None:
        table = table[table["mental_health"] == flagged]
    age = table["age"]
    bands = {"18 to 25": age < 26, "41 to 55": (age >= 41) & (age < 56), "56 and over": age >= 56}
    return _spells(table, bands)


def _new_york_releases() -> pd.DataFrame:
    table = read("new_york_jail_stays", SHARED / "nyc_jail_spells_to_2023.csv.gz").table
    table = table[table["booked"] < REFORM].assign(released=table["last_seen"] + DAY, observed_until=REFORM)
    table = _next_booking(_joined(table))
    return table[~table["status"].isin(TO_PRISON) & (table["released"] < REFORM)]


def first_releases(year: int = 2017) -> dict[str, np.ndarray]:
    """New York's curves from each person's first release in a year: all, and by the flag.

    ``weighted``: flagged and unflagged stays weighted to the lengths of all, since the flag is set during the
    stay and so is likelier in a long one.
    """
    table = _new_york_releases()
    first = table[table["released"].dt.year == year].drop_duplicates("person")
    flagged = first["mental_health"].fillna(False).astype(bool)
    length = pd.Series(pd.cut((first["released"] - first["booked"]) / DAY, LENGTHS, right=False), first.index)
    curves = {"all": _curve(first), "flagged": _curve(first[flagged])}
    for name, rows in (("flagged, weighted", flagged), ("not flagged, weighted", ~flagged)):
        shares = length.value_counts(normalize=True)
        curves[name] = sum(
            (share * _curve(first[rows & (length == group)]) for group, share in shares.items()),
            np.zeros(len(TIMES)),
        )
    return curves


def _curve(table: pd.DataFrame) -> np.ndarray:
    record = aalen_johansen(_spells(table))
    return np.array([record.at(time) for time in TIMES])


def expected_with_smi(flagged: np.ndarray, all_defendants: np.ndarray) -> np.ndarray:
    """What people with serious mental illness do without a program: between the two records.

    The mean of the cumulative hazards of New York's flagged stays and of Broward's, the latter over the share of
    arrests that are for no violation, since Broward counts new offenses alone.
    """
    hazards = -np.log1p(-flagged), -np.log1p(-all_defendants) / (1 - VIOLATIONS)
    return np.asarray(-np.expm1(-sum(hazards) / 2))


def okaloosa() -> Spells:
    """From each release to the next booking of people booked often."""
    table = read("okaloosa_jail_stays", SHARED / "okaloosa_jail_stays_deid.csv").table
    return _spells(_next_booking(_joined(table[table["released"].notna()])))


def pinellas() -> Spells:
    """From the end of confinement after each arrest to the next arrest of people booked as homeless."""
    table = read("pinellas_charges", SHARED / "pinellas_70pct_persons.csv.gz").table
    table = table[table["arrested"].notna()].rename(columns={"arrested": "booked"})
    table["prison"] = table["place"] == "prison"
    kept = {"confinement": "max", "prison": "max", "observed_until": "first"}
    arrests = table.groupby(["person", "booked"], as_index=False).agg(kept)
    confined = arrests["confinement"].fillna(0.0).clip(upper=36_500)
    arrests["released"] = arrests["booked"] + pd.to_timedelta(confined, unit="D")
    arrests = _next_booking(_joined(arrests))
    return _spells(arrests[~arrests["prison"]])


def _joined(stays: pd.DataFrame) -> pd.DataFrame:
    """Stays of a person with less than a day between them as one."""
    stays = stays.sort_values(["person", "booked"])
    so_far = stays.groupby("person")["released"].cummax().groupby(stays["person"]).shift(1)
    number = (~((stays["booked"] - so_far) / DAY < 1)).cumsum().rename("number")
    last = {"released": "max", "status": "last", "mental_health": "max", "prison": "max"}
    how = {name: last.get(name, "first") for name in stays.columns}
    return stays.groupby(number).agg(how)


def _next_booking(stays: pd.DataFrame) -> pd.DataFrame:
    return stays.assign(again=stays.groupby("person")["booked"].shift(-1))


def _spells(table: pd.DataFrame, traits: Mapping[str, pd.Series] | None = None) -> Spells:
    time = (table["again"].fillna(table["observed_until"]) - table["released"]) / DAY
    kept = (time > 0) | (table["again"].notna() & (time >= 0))
    columns = {name: values[kept].astype(float) for name, values in (traits or {}).items()}
    return Spells.by_person(table["person"][kept], time[kept], table["again"][kept].notna(), columns)


def main() -> None:
    """Fit each record and write the page."""
    if not SHARED.is_dir():
        print(f"Nothing done: there is no folder {SHARED}. OFFRAMP_SHARED may name another.")
        return
    hazards = {
        "Broward": fitted(broward(), fixed={"shape": 1.3}),
        "New York": fitted(new_york()),
        "New York, flagged": fitted(new_york(flagged=True)),
        "Okaloosa (selected)": fitted(okaloosa()),
        "Pinellas (selected)": fitted(pinellas()),
        "Pinellas, mean held": fitted(pinellas(), fixed={"mean_days": 95.0}),
    }
    text = HEAD + _curves(hazards) + "\n" + _estimates(hazards) + NOTES + _with_smi()
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def _curves(hazards: Mapping[str, ReturnHazard]) -> str:
    days = " | ".join(f"{time:g}" for time in TIMES)
    lines = [f"| days since release | | {days} | largest distance |", "|---|---|" + "---|" * (len(TIMES) + 1)]
    for name, hazard in hazards.items():
        record = aalen_johansen(hazard.spells)
        seen = np.array([record.at(time) for time in TIMES])
        curve = hazard.curve()
        lines.append(f"| {name} | seen | {_percent(seen)} | |")
        lines.append(f"| | fit | {_percent(curve)} | {100 * np.abs(curve - seen).max():.1f} |")
    return "\n".join(lines) + "\n"


def _with_smi() -> str:
    york = first_releases()
    record = aalen_johansen(broward())
    defendants = np.array([record.at(time) for time in TIMES])
    rows = {f"New York, {name}": curve for name, curve in york.items()}
    rows["Broward, all defendants"] = defendants
    rows["**expected with SMI**"] = expected_with_smi(york["flagged, weighted"], defendants)
    lines = [f"| days since release | {' | '.join(f'{time:g}' for time in TIMES)} |", "|---" * 9 + "|"]
    lines += [f"| {name} | {_percent(curve)} |" for name, curve in rows.items()]
    return SMI + "\n".join(lines) + "\n"


def _percent(shares: np.ndarray) -> str:
    return " | ".join(f"{100 * share:.1f}" for share in shares)


def _estimates(hazards: Mapping[str, ReturnHazard]) -> str:
    lines = [
        "Estimates, with standard errors; ages against 26 to 40.\n",
        "| record | releases | returns | base a year | excess | mean days | shape | 18 to 25 | 41 to 55 | 56 and over |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, hazard in hazards.items():
        fit, spells = hazard.fit, hazard.spells
        cells = [f"{365.25 * fit.estimate['base']:.3f} ({365.25 * fit.error('base'):.3f})"]
        for quantity in ("excess", "mean_days", "shape", "18 to 25", "41 to 55", "56 and over"):
            if quantity not in fit.estimate:
                cells.append("")
            elif quantity in hazard.fixed:
                cells.append(f"{fit.estimate[quantity]:g} held")
            else:
                cells.append(f"{fit.estimate[quantity]:.3g} ({fit.error(quantity):.2g})")
        counts = f"{len(spells):,} | {int((spells.cause == 1).sum()):,}"
        lines.append(f"| {name} | {counts} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
