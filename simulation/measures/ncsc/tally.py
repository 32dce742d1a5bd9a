"""From facts to rows: the mean of each cohort and group, with what it stands on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.measures.ncsc.cohort import Calendar
from simulation.measures.ncsc.fact import Codes, Fact, Grouping, Mask, Values

Row = dict[str, Any]

COLUMNS: dict[str, str] = {
    "measure": "Number in the guide: 1 to 14, A1 to A14 for the additional ones.",
    "name": "Name in the guide.",
    "cohort": "2025, 2025H1, 2025Q3 or 2025-07.",
    "as_of": "Day up to which the cohort was followed, for retention.",
    "item": "What the value is of, within the measure.",
    "by": "How people are disaggregated; all for not at all.",
    "group": "Which group.",
    "value": "Mean over the denominator; a share lies between 0 and 1; empty if nobody counts.",
    "unit": "Unit of the value.",
    "numerator": "Sum over those counted: how many, for a yes or no.",
    "denominator": "How many count.",
    "excluded": "How many were left out by rule.",
    "reasons": "Why, with how many: 'administrative closure: 2; not tested: 5'.",
    "missing": "Share without the needed entry, of those not left out.",
    "median": "Median, where a spread means something.",
    "sd": "Standard deviation with n - 1.",
    "q1": "Lower quartile, by linear interpolation.",
    "q3": "Upper quartile.",
    "note": "What a reader has to know.",
}


def tally(fact: Fact, calendar: Calendar, groupings: Iterable[Grouping]) -> Iterator[Row]:
    """One row a cohort for everyone, and one a cohort and group for each grouping."""
    rows = fact.rows
    cohort = calendar.place(rows.day)
    inside = cohort >= 0
    if not inside.all():
        rows, cohort = rows.only(inside), cohort[inside]
        groupings = [grouping.only(inside) for grouping in groupings]
    value = fact.value[inside]
    base = np.ones(len(value)) if fact.base is None else fact.base[inside].astype(np.float64)
    everyone = Grouping("all", np.zeros(len(cohort), dtype=np.int64), ("all",))
    for grouping in (everyone, *groupings):
        cell = cohort * len(grouping.names) + grouping.code
        size = len(calendar.cohorts) * len(grouping.names)
        numbers = _numbers(value, base, rows.out.kept, cell, size)
        numbers |= _spread(value, rows.out.kept, cell, size) if fact.spread else {}
        reasons = _reasons(rows.out.code, rows.out.words, cell, size)
        seen = np.bincount(cell, minlength=size)
        for at in range(size):
            label = calendar.cohorts[at // len(grouping.names)].label
            if (grouping is everyone or seen[at]) and fact.cohort in ("", label):
                yield _row(fact, calendar, grouping, at, numbers, reasons)


def _row(
    fact: Fact,
    calendar: Calendar,
    grouping: Grouping,
    at: int,
    numbers: dict[str, NDArray[Any]],
    reasons: dict[str, NDArray[np.int64]],
) -> Row:
    cohort, group = divmod(at, len(grouping.names))
    left_out = {why: int(count[at]) for why, count in reasons.items() if count[at]}
    return {
        "cohort": calendar.cohorts[cohort].label,
        "as_of": fact.as_of,
        "item": fact.item,
        "by": grouping.by,
        "group": grouping.names[group],
        "unit": fact.unit,
        **{name: column[at] for name, column in numbers.items()},
        "excluded": sum(left_out.values()),
        "reasons": "; ".join(f"{why}: {count}" for why, count in left_out.items()),
        "note": fact.note,
    }


def _reasons(code: Codes, words: tuple[str, ...], cell: Codes, size: int) -> dict[str, NDArray[np.int64]]:
    return {
        why: np.bincount(cell[code == number], minlength=size) for number, why in enumerate(words) if number
    }


def _numbers(value: Values, base: Values, kept: Mask, cell: Codes, size: int) -> dict[str, NDArray[Any]]:
    """Mean, numerator, denominator and missing share of each cell."""
    known = kept & ~np.isnan(value)
    count = np.bincount(cell[known], weights=base[known], minlength=size)
    total = np.bincount(cell[known], weights=value[known], minlength=size)
    asked = np.bincount(cell[kept], weights=base[kept], minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "value": np.where(count > 0, total / count, np.nan),
            "numerator": total,
            "denominator": count.astype(np.int64),
            "missing": np.where(asked > 0, (asked - count) / asked, np.nan),
        }


def _spread(value: Values, kept: Mask, cell: Codes, size: int) -> dict[str, NDArray[Any]]:
    """Median, standard deviation and quartiles of each cell."""
    known = kept & ~np.isnan(value)
    value, cell = value[known], cell[known]
    order = np.lexsort((value, cell))
    value, cell = value[order], cell[order]
    edges = np.searchsorted(cell, np.arange(size + 1))
    count = np.diff(edges)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(cell, weights=value, minlength=size) / count
        squares = np.bincount(cell, weights=(value - mean[cell]) ** 2, minlength=size)
        sd = np.where(count > 1, np.sqrt(squares / (count - 1)), np.nan)
    quantiles = {"q1": 0.25, "median": 0.5, "q3": 0.75}
    return {"sd": sd, **{name: _quantile(value, edges, q) for name, q in quantiles.items()}}


def _quantile(ordered: Values, edges: Codes, q: float) -> Values:
    """The quantile of each run ``ordered[edges[i]:edges[i + 1]]``, by linear interpolation."""
    count = np.diff(edges)
    some: Mask = count > 0
    point = edges[:-1][some] + q * (count[some] - 1)
    below = np.floor(point).astype(np.int64)
    above = np.minimum(below + 1, edges[1:][some] - 1)
    values = np.full(len(count), np.nan)
    values[some] = ordered[below] + (ordered[above] - ordered[below]) * (point - below)
    return values
