"""Estimates of the model's parameters from records directly, without a search.

A fit that estimates a parameter names it by its dotted path (``Fit.estimates``); other fits describe the
records. A difference between record and parameter (other people, another place) is in the estimate's note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from calibration.fits.duration import Sample, best, fitted
from calibration.fits.family import Lognormal
from calibration.fits.fit import Fit
from calibration.fits.rate import Arrivals
from calibration.fits.rate import best as best_rate
from calibration.fits.recurrence import Spells
from calibration.fits.recurrence import fitted as fitted_recurrence
from calibration.fits.share import annual_rate, of_these
from calibration.records.adapter import Reading
from simulation.measures.incidence import follow
from simulation.record import Records

DAY = pd.Timedelta("1D")
YEAR = 365.25
FEW = 10
"""Events below which nothing is fitted."""
HIGH = 5  # deciles from here on are medium or high risk, as the register takes high
YOUNG = 25
PERMANENT = "4"  # HMIS destinations from 400 on are permanent
EXITS = {
    "voluntary_withdrawal": "court.withdrawal",
    "discharge": "court.discharge",
    "transfer": "court.transfer",
    "failure": "court.failure",
}
OTHERS = "all people in the record, not only those with serious mental illness"


def direct_fits(reading: Reading, place: str | None = None) -> tuple[Fit, ...]:
    """Every fit that the tables of a reading allow; ``place`` selects one agency of a survey of many.

    Tables with fewer than ten events give no fit.
    """
    found: list[Fit] = []
    if reading.records is not None:
        return tuple(_of_records(reading.records))
    for name, table in reading.tables.items():
        if name in _OF_TABLE:
            here = table if place is None or "place" not in table else table[table["place"] == place]
            found.extend(_OF_TABLE[name](here))
    return tuple(found)


def _of_monthly(table: pd.DataFrame) -> Iterator[Fit]:
    if table["place"].nunique() == 1 and table["bookings"].notna().sum() > FEW:
        yield best_rate(Arrivals.of(table["month"], table["bookings"]), "bookings").fit


def _of_stays(table: pd.DataFrame) -> Iterator[Fit]:
    whole = 1.0 if bool((table["stay"] % 1 == 0).all()) else 0.0
    kept = table[table["stay"] > table["entry"]]
    sample = Sample.of_stays(kept, whole)
    if sample.events > FEW:
        yield best(sample, "jail stay")[0].fit


def _of_rearrests(table: pd.DataFrame) -> Iterator[Fit]:
    table = table[table["risk"].notna() & table["age"].notna()]
    origin = table["start"].min()
    days = [_days(table[name], origin) for name in ("start", "event", "observed_until")]
    people = follow(*days)
    if (people.cause == 1).sum() <= FEW:
        return
    traits = {"high": (table["risk"] >= HIGH).to_numpy(), "young": (table["age"] < YOUNG).to_numpy()}
    fit = fitted_recurrence(Spells.by_person(table["person"], people.time, people.cause, traits)).fit
    fit = fit.for_parameter("arrest.frailty_shape", "shape", note=OTHERS)
    fit = fit.for_parameter("arrest.high_risk_ratio", "high", note=OTHERS)
    yield fit.for_parameter("arrest.young_ratio", "young", note=OTHERS)


def _of_dispatches(table: pd.DataFrame) -> Iterator[Fit]:
    for name, late, early in (("response", "arrived", "requested"), ("visit", "departed", "arrived")):
        minutes = _days(table[late], table[early]) * 1440
        known = minutes[np.isfinite(minutes)]
        if len(known) > FEW:
            yield best(_rounded(known, True), f"{name}, minutes")[0].fit
    reached = table[table["outcome"] == "engaged"]
    if len(reached) > FEW:
        here = int((reached["disposition"] == "community").sum())
        yield of_these(here, len(reached), "resolved in the field").for_parameter(
            "crisis.mobile_resolution", "share"
        )


def _of_tenancies(table: pd.DataFrame) -> Iterator[Fit]:
    years = float(table["stay"].sum()) / YEAR
    left = table["left"].notna()
    permanent = int((left & table["destination"].str.startswith(PERMANENT, na=False)).sum())
    if left.sum() <= FEW or years <= 0:
        return
    yield from _tenancies(permanent, int(left.sum()), years)
    yield best(_rounded(table["stay"].to_numpy(), left.to_numpy()), "tenancy")[0].fit


def _of_records(records: Records) -> Iterator[Fit]:
    """The fits of a county's own workbook."""
    until = pd.Timestamp(records.observed_until)
    for fits_of in (_program, _arrests, _custody, _homes, _posts):
        yield from fits_of(records, until)


def _program(records: Records, until: pd.Timestamp) -> Iterator[Fit]:
    """Waits for admission and the ways out of the program."""
    table = records["participants"]
    referred = table[table["referral_date"].notna() & table["decision_date"].isna()]
    wait = _days(referred["admission_date"].fillna(until), referred["referral_date"])
    ended = referred["admission_date"].notna().to_numpy()
    if ended.sum() > FEW:
        yield best(_rounded(wait, ended), "wait for admission")[0].fit
    inside = table[table["admission_date"].notna()]
    years = _days(inside["exit_date"].fillna(until), inside["admission_date"]).clip(min=0).sum() / YEAR
    for way, path in EXITS.items() if len(inside) > FEW and years > 0 else ():
        seen = int((inside["exit_type"] == way).sum())
        yield annual_rate(seen, years, f"program: {way}").for_parameter(path, "rate")


def _arrests(records: Records, until: pd.Timestamp) -> Iterator[Fit]:
    """What people are arrested for, and who is cited and released."""
    table = records["arrests"]
    charge = table["charge_level"].dropna()
    if len(charge) <= FEW:
        return
    for level in ("felony", "violation", "ordinance"):
        share = of_these(int((charge == level).sum()), len(charge), f"arrests: {level}")
        yield share.for_parameter(f"arrest.{level}", "share")
    minor = table[table["charge_level"].isin(["misdemeanor", "ordinance"]) & table["booked"].notna()]
    if len(minor) > FEW:
        cited = int((~minor["booked"].astype(bool)).sum())
        share = of_these(cited, len(minor), "cited and released")
        yield share.for_parameter("arrest.cite_and_release", "share")


def _custody(records: Records, until: pd.Timestamp) -> Iterator[Fit]:
    """Stays in jail."""
    table = records["custody"]
    table = table[table["place"] == "jail"]
    stay = _days(table["released"].fillna(until), table["booked"])
    ended = table["released"].notna().to_numpy()
    if ended.sum() > FEW:
        yield best(_rounded(stay, ended), "jail stay")[0].fit


def _homes(records: Records, until: pd.Timestamp) -> Iterator[Fit]:
    """Tenancies that end in homelessness, a shelter or an own home within a week."""
    table = records["homes"].sort_values(["person", "start"])
    after = table.groupby("person")[["kind", "start"]].shift(-1)
    housed = table["kind"].isin(["master_leased", "longer_term"])
    years = _days(table["end"].fillna(until), table["start"])[housed.to_numpy()].sum() / YEAR
    soon = after["start"] - table["end"] <= 7 * DAY
    lost = housed & after["kind"].isin(["homeless", "shelter"]) & soon
    own = housed & (after["kind"] == "own") & soon
    if housed.sum() > FEW and years > 0:
        yield from _tenancies(int(own.sum()), int((lost | own).sum()), years)
        time = _days(table["end"].fillna(until), table["start"])[housed.to_numpy()]
        ended = table["end"].notna().to_numpy()[housed.to_numpy()]
        if ended.sum() > FEW:
            yield best(_rounded(time, ended), "tenancy")[0].fit


def _tenancies(own: int, ended: int, years: float) -> Iterator[Fit]:
    """How often tenancies ended in these years, and how many of them for a home of one's own."""
    note = "of all tenancies, in their first year or later"
    yield annual_rate(ended, years, "tenancies ended").for_parameter(
        "housing.tenancy_loss", "rate", note=note
    )
    if ended > FEW:
        yield of_these(own, ended, "left for an own home").for_parameter("housing.left_for_own_home", "share")


def _posts(records: Records, until: pd.Timestamp) -> Iterator[Fit]:
    """How often posts fall vacant, and how long they stay so."""
    table = records["posts"]
    years = (_days(table["end"].fillna(until), table["start"]) / YEAR).sum()
    left = int(table["end"].notna().sum())
    if left <= FEW or years <= 0:
        return
    yield annual_rate(left, float(years), "turnover").for_parameter("staffing.turnover", "rate")
    tenure = _days(table["end"].fillna(until), table["start"])
    yield best(_rounded(tenure, table["end"].notna().to_numpy()), "staff tenure")[0].fit
    gaps = [gap for _, posts in table.groupby(["team", "role"]) for gap in vacancies(posts, until)]
    time, filled = np.array([gap[0] for gap in gaps]), np.array([gap[1] for gap in gaps])
    if filled.sum() > FEW:
        fit = fitted(_rounded(time, filled), Lognormal(), "vacancy").fit
        yield fit.for_parameter("staffing.recruitment", "median")


def vacancies(posts: pd.DataFrame, until: pd.Timestamp) -> list[tuple[float, bool]]:
    """Days from each departure to the next start in the same role, and whether it was filled by then.

    Each start fills the vacancy that has been open longest; what is still open is censored.
    """
    starts = sorted(posts["start"].dropna())
    gaps = []
    for end in sorted(posts["end"].dropna()):
        place = next((i for i, start in enumerate(starts) if start >= end), None)
        filled = place is not None
        start = starts.pop(place) if place is not None else until
        gaps.append((max((start - end) / DAY, 0.0), filled))
    return gaps


def _rounded(time: NDArray[np.float64], ended: ArrayLike) -> Sample:
    """Spells recorded as differences of dates or minutes: each lies within half a unit of its value."""
    return Sample.of(np.maximum(time, 0) + 0.5, ended, resolution=1.0)


def _days(late: pd.Series, early: pd.Series | pd.Timestamp) -> NDArray[np.float64]:
    span = pd.to_datetime(late) - pd.to_datetime(early)
    return np.asarray(span.to_numpy() / np.timedelta64(1, "D"), dtype=np.float64)


_OF_TABLE: Mapping[str, Callable[[pd.DataFrame], Iterator[Fit]]] = {
    "monthly": _of_monthly,
    "stays": _of_stays,
    "rearrests": _of_rearrests,
    "dispatches": _of_dispatches,
    "tenancies": _of_tenancies,
}
