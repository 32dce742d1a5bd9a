"""Lists of jail stays: New York City, Okaloosa County, Broward County."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from calibration.records.adapter.column import Column, days
from calibration.records.adapter.declaration import Adapter, Source, Table
from calibration.records.adapter.fault import Fault, before, missing, overlapping, repeated

DAY = pd.Timedelta("1D")
DEGREES = {"F": "felony", "M": "misdemeanor", "O": "ordinance"}
BROWARD_END = pd.Timestamp(date(2016, 3, 29))
STILL_INSIDE = pd.Timestamp(date(2019, 1, 1))

AFTER = (Fault("booked after follow-up ended", lambda table: table["stay"] < 0, "row left out"),)

NEW_YORK = Adapter(
    name="new_york_jail_stays",
    title="New York City jail, one row a stay",
    origin="New York City Department of Correction, daily inmates in custody, own snapshots",
    sources=(
        Source(
            columns=(
                Column("person", "person"),
                Column("admitted", "booked", "moment"),
                Column("first_seen", "first_seen", "date"),
                Column("last_seen", "last_seen", "date"),
                Column("left_truncated", "left_truncated", "flag"),
                Column("right_censored", "censored", "flag"),
                Column("los_days_approx", "stay", "number"),
                Column("mh_flag_ever", "mental_health", "flag"),
                Column("race", "race", required=False),
                Column("gender", "sex", required=False),
                Column("age", "age", "number", required=False),
                Column("top_charge_first", "charge", required=False),
                Column("status_last", "status", required=False),
            ),
            faults=(
                Fault("no person or dates", missing("person", "booked", "last_seen"), "row left out"),
                Fault("person and booking are there twice", repeated("person", "booked"), "row left out"),
                Fault("seen last before seen first", before("last_seen", "first_seen"), "row left out"),
                Fault(
                    "inside when the snapshots began, or first seen long after the booking: only long "
                    "stays are among them (left truncation), so `entry` says since when it was watched",
                    lambda table: table["left_truncated"],
                    "kept",
                ),
                Fault(
                    "still inside at the last snapshot (censored)", lambda table: table["censored"], "kept"
                ),
                Fault(
                    "stays of one person overlap by more than a day",
                    overlapping("person", "booked", "last_seen", "1D"),
                    "kept",
                ),
            ),
        ),
    ),
    tables=(Table("stays", "a stay", lambda tables: _new_york(tables)),),
    notes=(
        "A stay that ends on its first night is not seen (6.3 % of admissions), and stays count whole days.",
        "The mental-health flag is set during the stay, so that long stays carry it more often (immortal "
        "time): compare stays by it only with that in mind.",
    ),
)

OKALOOSA = Adapter(
    name="okaloosa_jail_stays",
    title="Okaloosa County jail, bookings of frequent individuals",
    origin="Okaloosa County, Florida, complete booking histories of individuals booked often",
    sources=(
        Source(
            columns=(
                Column("person", "person"),
                Column("booked", "booked", "moment"),
                Column("released", "released", "moment"),
                Column("followup_end", "observed_until", "moment"),
            ),
            faults=(
                Fault("no person or booking", missing("person", "booked"), "row left out"),
                Fault("the same row again", repeated(), "row left out"),
                Fault("release before the booking", before("released", "booked"), "row left out"),
                Fault(
                    "no release: taken for still inside at the end of follow-up (censored)",
                    missing("released"),
                    "kept",
                ),
                Fault(
                    "stays of one person overlap",
                    overlapping("person", "booked", "released"),
                    "kept",
                ),
            ),
        ),
    ),
    tables=(
        Table(
            "stays",
            "a stay",
            lambda tables: _okaloosa(tables[""]),
            AFTER,
        ),
    ),
    notes=(
        "Only people booked often are in it: re-booking rates from it hold for them, not for everybody.",
        "Each person's dates are shifted: calendar trends mean nothing.",
    ),
)

BROWARD = Adapter(
    name="broward_screenings",
    title="Broward County, people screened in 2013-14: jail stay and re-arrest",
    origin="ProPublica, COMPAS data for Broward County, Florida, 2013-14",
    sources=(
        Source(
            columns=(
                Column("id", "person"),
                Column("compas_screening_date", "screened", "date"),
                Column("sex", "sex"),
                Column("age", "age", "number"),
                Column("race", "race"),
                Column("decile_score", "risk", "number"),
                Column("priors_count", "priors", "number"),
                Column("c_jail_in", "booked", "moment"),
                Column("c_jail_out", "released", "moment"),
                Column("c_charge_degree", "charge", words=DEGREES),
                Column("is_recid", "rearrested", "number"),
                Column("r_offense_date", "offense", "date"),
            ),
            faults=(
                Fault("the same person again", repeated("person"), "row left out"),
                Fault(
                    "no jail stay",
                    missing("booked"),
                    "kept",
                ),
                Fault(
                    "release before the booking",
                    before("released", "booked"),
                    "set missing",
                    ("booked", "released"),
                ),
                Fault(
                    "released years after the data end: stands for still inside (censored)",
                    lambda table: table["released"] > STILL_INSIDE,
                    "set missing",
                    ("released",),
                ),
                Fault(
                    "no case was found for the person (-1), so nothing is known of re-arrest",
                    lambda table: table["rearrested"] < 0,
                    "set missing",
                    ("rearrested",),
                ),
                Fault("no risk score (-1)", lambda table: table["risk"] < 1, "set missing", ("risk",)),
            ),
        ),
    ),
    tables=(
        Table("stays", "a stay of a person screened", lambda tables: _stays(_broward(tables[""])), AFTER),
        Table(
            "rearrests",
            "a person followed from release",
            lambda tables: _rearrests(tables[""]),
            faults=(
                Fault("nothing is known of re-arrest", missing("rearrested"), "row left out"),
                Fault(
                    "still inside",
                    before("observed_until", "start", "-1s"),
                    "row left out",
                ),
                Fault("new offense before the release", before("event", "start"), "row left out"),
            ),
        ),
    ),
    notes=(
        "Follow-up ends on 2016-03-29. The column two_year_recid of the two-year file (mean 45 %) keeps "
        "people who were not struck only if followed for two years, and is too high: use `rearrests`.",
    ),
)


def _stays(table: pd.DataFrame) -> pd.DataFrame:
    """Days from booking to release, or to the end of observation where the release is not known."""
    censored = table["released"].isna()
    end = table["released"].fillna(table["observed_until"])
    return table.assign(stay=days(end - table["booked"]), entry=0.0, censored=censored.astype("boolean"))


def _okaloosa(table: pd.DataFrame) -> pd.DataFrame:
    """Follow-up ends with a day, and someone booked on it is still followed."""
    return _stays(table.assign(observed_until=table["observed_until"].dt.normalize() + DAY))


def _new_york(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Entry: nights already served when first seen; a stay of n days ended between night n - 1 and n."""
    table = tables[""]
    begun = days(table["first_seen"] - table["booked"].dt.normalize())
    late = table["left_truncated"].fillna(False).to_numpy(dtype=bool)
    entry = np.where(late, np.clip(begun, 0, None), 0.0)
    ended = table["last_seen"].where(~table["censored"].fillna(False).astype(bool))
    until = table["last_seen"].max() + DAY
    table = table.assign(entry=entry, released=ended, observed_until=until)
    return table.drop(columns=["left_truncated"])


def _broward(table: pd.DataFrame) -> pd.DataFrame:
    kept = table[table["booked"].notna()]
    names = ["person", "sex", "age", "race", "risk", "priors", "charge", "booked", "released"]
    return kept[names].assign(observed_until=BROWARD_END).reset_index(drop=True)


def _rearrests(table: pd.DataFrame) -> pd.DataFrame:
    """From release (or screening, whichever is later) to the first new offense or the end of the data."""
    released = table["released"].dt.normalize()
    start = released.where(released > table["screened"], table["screened"])
    inside = table["booked"].notna() & table["released"].isna()
    event = table["offense"].where(table["rearrested"] == 1)
    names = ["person", "sex", "age", "race", "risk", "priors", "charge", "rearrested"]
    return table[names].assign(start=start.mask(inside, BROWARD_END), event=event, observed_until=BROWARD_END)
