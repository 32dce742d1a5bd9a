"""How participants are disaggregated: exit, charge, risk and need, sex, age, race, time in the program."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd

from simulation.measures.ncsc.court import FAR, Court, is_in, number_of
from simulation.measures.ncsc.fact import Codes, Cohorted, Grouping, Values
from simulation.record import AgeBand, ChargeLevel, ExitType

QUADRANTS = (
    "1 low risk, low impairment",
    "2 low risk, high impairment",
    "3 high risk, low impairment",
    "4 high risk, high impairment",
)
"""In the guide's order and numbering (page 32)."""

AGES: tuple[str, ...] = get_args(AgeBand)
OLDEST = np.array([17, 25, 40, 55])
MONTH = 365.25 / 12
SPANS = ("under 3", "3 to 6", "6 to 12", "12 to 18", "18 to 24", "24 or more")
MONTHS = np.array([3, 6, 12, 18, 24])
CODED = {"exit_type": (*get_args(ExitType), "still active"), "charge_level": get_args(ChargeLevel)}
TEXT = ("sex", "race_ethnicity", "care")
YES_NO = ("co_occurring", "from_other_court")

TRAITS = (*CODED, "quadrant", *TEXT, "age", *YES_NO, "months_in_program")
"""Everything ``by`` may name."""


def grouping(court: Court, by: str, rows: Cohorted) -> Grouping:
    """The group of each row by a trait of its stay; raises ValueError for a trait there is not."""
    for own in rows.own:
        if own.by == by:
            return own
    if by not in TRAITS:
        raise ValueError(f"cannot disaggregate by {by!r}; allowed: {', '.join(TRAITS)}")
    if by not in court.groups:
        court.groups[by] = of_stays(court, by)
    code, names = court.groups[by]
    code = np.append(code, -1)[rows.stay]
    return Grouping(by, np.where(code < 0, len(names), code), (*names, "unknown"))


def of_stays(court: Court, by: str) -> tuple[Codes, tuple[str, ...]]:
    """The group of each stay, -1 if it is not known, and the names of the groups."""
    stays = court.stays
    if by == "quadrant":
        return quadrant(court), QUADRANTS
    if by == "age":
        return age(court), AGES
    if by == "months_in_program":
        length = np.where(court.exit < FAR, court.exit - court.admission, -1)
        return month_span(length.astype(np.float64)), tuple(f"{span} months" for span in SPANS)
    if by in YES_NO:
        value = number_of(stays[by])
        return np.where(np.isnan(value), -1, value == 1).astype(np.int64), ("no", "yes")
    words = pd.Series(stays[by])
    if by == "exit_type":
        words = words.mask(words.isna() & (court.exit == FAR), "still active")
    names = CODED.get(by) or tuple(sorted(words.dropna().unique()))
    return pd.Index(names, dtype="string").get_indexer(pd.Index(words)).astype(np.int64), tuple(names)


def quadrant(court: Court) -> Codes:
    """The risk-need quadrant of each stay, 0 to 3; -1 unless both dimensions were assessed."""
    levels = [court.stays[name] for name in ("criminogenic_risk", "functional_impairment")]
    high = [is_in(level, "high") for level in levels]
    known = np.logical_and(*(is_in(level, "high", "low") for level in levels))
    return np.where(known, 2 * high[0] + high[1], -1).astype(np.int64)


def age(court: Court) -> Codes:
    """The age band at admission, from the years or else as recorded; -1 if neither is known."""
    years = number_of(court.stays["age_at_admission"])
    band = pd.Index(AGES, dtype="string").get_indexer(pd.Index(court.stays["age_band"]))
    return np.where(np.isnan(years), band, np.searchsorted(OLDEST, years)).astype(np.int64)


def month_span(days: Values) -> Codes:
    """In which of ``SPANS`` of months a number of days lies; -1 for a negative one or nan."""
    unknown = ~(days >= 0)
    return np.where(unknown, -1, np.searchsorted(MONTHS * MONTH, days, side="right")).astype(np.int64)
