"""Charges of people who were booked: Pinellas County, Florida."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from calibration.records.adapter.column import Column, term
from calibration.records.adapter.declaration import Adapter, Source, Table
from calibration.records.adapter.fault import Fault, before, missing, repeated

DEGREES = {
    "F1": "felony", "F2": "felony", "F3": "felony", "F8": "felony", "F9": "felony", "FL": "felony",
    "XF3": "felony", "MISD1": "misdemeanor", "MISD2": "misdemeanor", "MO": "ordinance", "CO": "ordinance",
    "IN": "ordinance", "UND": "unknown",
}  # fmt: skip

PINELLAS = Adapter(
    name="pinellas_charges",
    title="Pinellas County, charges of people booked as homeless",
    origin="Pinellas County, Florida, clerk and sheriff, 2012-2020",
    sources=(
        Source(
            columns=(
                Column("person", "person"),
                Column("case", "case"),
                Column("arrest", "arrest"),
                Column("sex", "sex", required=False),
                Column("race", "race", required=False),
                Column("age_band", "age_band", required=False),
                Column("case_file_date", "filed", "date"),
                Column("offense", "offense"),
                Column("offense_degree", "charge", words=DEGREES),
                Column("offense_date", "offended", "date"),
                Column("disposition_date", "disposed", "date"),
                Column("disposition_type", "disposition"),
                Column("sentence_date", "sentenced", "date"),
                Column("sentence_type", "sentence"),
                Column("confinement", "confinement"),
                Column("probation_term", "probation", "term"),
                Column("arrest_date", "arrested", "date"),
                Column("followup_end", "observed_until", "date"),
            ),
            faults=(
                Fault("the same row again", repeated(), "row left out"),
                Fault("no arrest: cited, or the date is not known", missing("arrested"), "kept"),
                Fault(
                    "disposed of before it was filed",
                    before("disposed", "filed"),
                    "set missing",
                    ("disposed",),
                ),
                Fault(
                    "offense after it was filed", before("filed", "offended"), "set missing", ("offended",)
                ),
                Fault(
                    "confinement names who holds the person, but no span",
                    lambda table: (
                        table["confinement"].notna()
                        & _days(table["confinement"]).isna()
                        & ~_life(table["confinement"])
                    ),
                    "kept",
                ),
                Fault(
                    "confined for life: no span in days", lambda table: _life(table["confinement"]), "kept"
                ),
            ),
        ),
    ),
    tables=(Table("charges", "a charge", lambda tables: _charges(tables)),),
    notes=(
        "Everyone in it was booked as homeless at least once: rates hold for such people, not for all.",
        "Each person's dates are shifted by whole weeks: intervals and weekdays hold, trends do not.",
    ),
)


def _days(text: pd.Series[Any]) -> pd.Series[Any]:
    known = {words: term(words) for words in text.dropna().unique()}
    return text.map(known).astype("float64")


def _life(text: pd.Series[Any]) -> pd.Series[Any]:
    return text.str.startswith("LIFE").fillna(False).astype(bool)


def _charges(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """With the confinement in days and who holds the person, and whether an incompetency was found."""
    table = tables[""]
    holder = table["confinement"].str.extract(r"(PINELLAS COUNTY SHERIFF|DEPARTMENT OF CORRECTIONS)")[0]
    place = holder.map({"PINELLAS COUNTY SHERIFF": "jail", "DEPARTMENT OF CORRECTIONS": "prison"})
    incompetent = table["disposition"].str.contains("INCOMPETEN", na=False)
    return table.assign(
        confinement=_days(table["confinement"]),
        for_life=_life(table["confinement"]),
        place=place,
        incompetent=incompetent.astype("boolean"),
    )
