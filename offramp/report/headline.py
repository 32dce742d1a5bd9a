"""Headline measures: which ones a county is shown, and how their numbers are written."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from math import isfinite
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from simulation.experiment.precision import Estimate

COUNTY_WIDE = (
    "jail_adp",
    "jail_days",
    "arrests",
    "bookings",
    "rearrest_1y",
    "crisis_contacts",
    "hospital_days",
)
PROGRAM = (
    "jail_days_waiting_for_slot",
    "days_referral_to_admission",
    "fact_census",
    "fact_waiting",
    "caseload_per_clinician",
    "reconviction_2y",
    "housing_units_needed",
    "housing_waiting",
    "homeless_at_exit",
)
HEADLINES = (*COUNTY_WIDE, *PROGRAM)
NEEDS = {
    "jail_adp": "jail",
    "jail_days": "jail",
    "bookings": "jail",
    "rearrest_1y": "jail",
    "jail_days_waiting_for_slot": "jail",
    "crisis_contacts": "crisis",
    "hospital_days": "crisis",
    "days_referral_to_admission": "court",
    "reconviction_2y": "court",
    "homeless_at_exit": "court",
    "fact_census": "fact",
    "fact_waiting": "fact",
    "caseload_per_clinician": "fact",
    "housing_units_needed": "housing",
    "housing_waiting": "housing",
}
"""The section of a county's file without which a headline has no value."""
MORE = {
    "diversion_referrals": "court",
    "diversion_admissions": "court",
    "court_census": "court",
    "homeless": "housing",
    "housing_occupied": "housing",
    "housing_wait_days": "housing",
    "housing_need_peak": "housing",
    "homes_lost": "housing",
    "tenancies_kept_1y": "housing",
}
"""Headlines of a county that has only a part of the pathway, and the section they need."""


def headlines(off: Collection[str]) -> list[str]:
    """The measures worth a line for a county whose file leaves out some sections."""
    if not off:
        return list(HEADLINES)
    needs = {**dict.fromkeys(HEADLINES, ""), **NEEDS, **MORE}
    arrests = {"arrests"} if {"jail", "court"} <= set(off) else set()
    return [name for name, section in needs.items() if section not in off and name not in arrests]


def as_sentence(estimate: Estimate) -> str:
    """An estimate that is less precise than was asked for, in words."""
    if not isfinite(estimate.mean):
        return f"no run has a value of {estimate.of}."
    half_width = number(estimate.half_width) if isfinite(estimate.half_width) else "unknown"
    return f"{estimate.of} is {number(estimate.mean)}, give or take {half_width}."


Cells = dict[tuple[str, str], dict[Hashable, Any]]


def at_a_glance(table: pd.DataFrame) -> Cells:
    """Columns of each scenario and measure, all people together over the whole horizon."""
    rows = table[(table["period"] == "all") & (table["subgroup"] == "all")]
    return {(str(row["scenario"]), str(row["measure"])): row for row in rows.to_dict("records")}


def described(cells: Cells, scenario: str, measure: str, sign: str = "") -> str:
    """Mean and confidence interval of one cell, or that there is none."""
    row = cells.get((scenario, measure))
    if row is None:
        return "none"
    return (
        f"{number(row['mean'], sign)} [{number(row['mean_low'], sign)} to {number(row['mean_high'], sign)}]"
    )


def number(value: float, sign: str = "") -> str:
    """Three significant digits, no exponent, and plain zero for what rounds to it."""
    if abs(value) >= 1000:
        return f"{value:{sign},.0f}"
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 4
    return "0" if round(value, digits) == 0 else f"{value:{sign}.{digits}f}"
