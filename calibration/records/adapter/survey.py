"""Series of counts: the Jail Profile Survey of California by month and quarter, and a jail's daily counts."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from calibration.records.adapter.column import Column
from calibration.records.adapter.declaration import Adapter, Source, Table
from calibration.records.adapter.fault import (
    Fault,
    far_above_usual,
    level_shift,
    missing,
    off_its_neighbours,
    repeated,
    zero,
    zero_means_missing,
)

BSCC = "California Board of State and Community Corrections, Jail Profile Survey"

COUNTS = ("adp", "bookings", "mental_health_open", "mental_health_new", "psychiatric_medication")
STAYS = ("stay", "stay_pretrial", "stay_sentenced")


def _numbers(**names: str) -> tuple[Column, ...]:
    return tuple(Column(source, name, "number") for name, source in names.items())


def _shifted(month: str, why: str) -> Fault:
    return Fault(
        f"ADP moved by more than 10 % when {why}: a level shift, no error",
        level_shift("adp", "place", "month", month),
        "kept",
    )


MONTHLY = Adapter(
    name="jail_profile_survey",
    title="Jail Profile Survey, monthly",
    origin=BSCC,
    sources=(
        Source(
            columns=(
                Column("jurisdiction", "place"),
                Column("date", "month", "date"),
                Column("census_county_name", "county"),
                *_numbers(
                    adp="avg_daily_pop_total_jurisdiction",
                    unsentenced_male="avg_daily_pop_unsentenced_male",
                    unsentenced_female="avg_daily_pop_unsentenced_female",
                    sentenced_male="avg_daily_pop_sentenced_male",
                    sentenced_female="avg_daily_pop_sentenced_female",
                    bookings="total_num_persons_booked",
                    mental_health_open="mental_heath_case_open_end_month",
                    mental_health_new="num_new_mental_health_cases",
                    psychiatric_medication="num_inmate_get_psych_meds",
                    released_pretrial_no_bed="tot_pretrial_release_lack_bed",
                    released_sentenced_no_bed="tot_sentenced_release_lack_bed",
                ),
            ),
            faults=(
                Fault("no agency or month", missing("place", "month"), "row left out"),
                Fault("agency and month are there twice", repeated("place", "month"), "row left out"),
                *(
                    Fault(
                        f"{name} of 0 where the agency usually reports more, or never reports it",
                        zero_means_missing(name, "place"),
                        "set missing",
                        (name,),
                    )
                    for name in COUNTS
                ),
                *(
                    Fault(
                        f"{name} five times, or a fifth of, the median of the year around it",
                        off_its_neighbours(name, "place", "month"),
                        "set missing",
                        (name,),
                    )
                    for name in ("adp", "bookings")
                ),
                Fault(
                    "ADP differs from the sum of its parts by more than 2 %",
                    lambda table: (_parts(table) - table["adp"]).abs() > 0.02 * table["adp"] + 1,
                    "kept",
                ),
                Fault(
                    "no count of open mental-health cases",
                    missing("mental_health_open"),
                    "kept",
                ),
                Fault(
                    "the county has another agency too: a row is an agency, not a county",
                    lambda table: table.groupby("county")["place"].transform("nunique") > 1,
                    "kept",
                ),
                _shifted("2011-10-01", "realignment began (October 2011)"),
                _shifted("2014-11-01", "Proposition 47 passed (November 2014)"),
            ),
        ),
    ),
    tables=(Table("monthly", "an agency's month", lambda tables: _ordered(tables, "month")),),
)

QUARTERLY = Adapter(
    name="jail_profile_survey_quarterly",
    title="Jail Profile Survey, quarterly",
    origin=BSCC,
    sources=(
        Source(
            columns=(
                Column("jurisdiction", "place"),
                Column("year", "year", "number"),
                Column("quarter", "quarter", "number"),
                Column("census_county_name", "county"),
                *_numbers(
                    stay="avg_length_stay_all_releases",
                    stay_pretrial="avg_length_stay_pretrial_release",
                    stay_sentenced="avg_length_stay_sentnced_release",
                    medication_cost="money_spent_psych_med_last_qtr",
                ),
            ),
            faults=(
                Fault("no agency, year or quarter", missing("place", "year", "quarter"), "row left out"),
                Fault(
                    "no such year or quarter",
                    lambda table: ~(table["year"].between(1900, 2200) & table["quarter"].isin([1, 2, 3, 4])),
                    "row left out",
                ),
                Fault(
                    "agency and quarter are there twice", repeated("place", "year", "quarter"), "row left out"
                ),
                *(
                    Fault(
                        f"{name} of 0 days: nothing was reported",
                        zero(name),
                        "set missing",
                        (name,),
                    )
                    for name in STAYS
                ),
                *(
                    Fault(
                        f"{name} more than three times the agency's median, and above 60 days",
                        far_above_usual(name, "place", 3.0, 60.0),
                        "set missing",
                        (name,),
                    )
                    for name in STAYS
                ),
                Fault("no average stay", missing("stay"), "kept"),
            ),
        ),
    ),
    tables=(Table("quarterly", "an agency's quarter", lambda tables: _quarters(tables)),),
    notes=("A reported stay is a mean over releases; ADP over bookings a day (Little's law) checks it.",),
)

DAILY = Adapter(
    name="new_york_jail_days",
    title="New York City jail, daily counts",
    origin="New York City Department of Correction, daily inmates in custody, own snapshots",
    sources=(
        Source(
            columns=(
                Column("date", "day", "date"),
                *_numbers(
                    population="population",
                    mental_health="population_mh_flag",
                    female="population_female",
                    admissions="admissions_from_spells",
                    exits="last_seen_exits",
                ),
                Column("snapshot_missing", "absent", "flag"),
                Column("stale_repeat", "stale", "flag"),
            ),
            faults=(
                Fault("day is there twice", repeated("day"), "row left out"),
                Fault(
                    "no snapshot was taken that day",
                    lambda table: table["absent"],
                    "set missing",
                    ("population", "mental_health", "female", "admissions", "exits"),
                ),
                Fault(
                    "the snapshot repeats the day before",
                    lambda table: table["stale"],
                    "set missing",
                    ("population", "mental_health", "female", "admissions", "exits"),
                ),
            ),
        ),
    ),
    tables=(Table("daily", "a day of the jail", lambda tables: _ordered(tables, "day")),),
)


def _parts(table: pd.DataFrame) -> pd.Series[float]:
    names = ["unsentenced_male", "unsentenced_female", "sentenced_male", "sentenced_female"]
    return table[names].sum(axis=1, min_count=4)


def _ordered(tables: Mapping[str, pd.DataFrame], when: str) -> pd.DataFrame:
    table = tables[""]
    by = ["place", when] if "place" in table else [when]
    return table.sort_values(by, ignore_index=True)


def _quarters(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    table = tables[""]
    first = {"year": table["year"], "month": 3 * table["quarter"] - 2, "day": 1}
    table = table.assign(quarter=pd.to_datetime(pd.DataFrame(first)).astype("datetime64[us]"))
    return table.drop(columns="year").sort_values(["place", "quarter"], ignore_index=True)
