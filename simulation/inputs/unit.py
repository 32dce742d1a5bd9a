"""Units, so that a stock is never taken for a flow and an hour never for a day."""

from __future__ import annotations

DAYS: dict[str, float] = {
    "minutes": 1 / 1440,
    "hours": 1 / 24,
    "days": 1.0,
    "weeks": 7.0,
    "months": 365.25 / 12,
    "years": 365.25,
}

STOCKS = ("persons", "homes", "beds", "chairs", "slots", "posts", "teams", "FTE")
FLOW_NOUNS = (
    "persons",
    "bookings",
    "arrests",
    "contacts",
    "admissions",
    "hearings",
    "homes",
    "calls",
    "visits",
)
PERIODS: dict[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
FLOWS: dict[str, float] = {
    f"{noun}/{period}": 1 / days for noun in FLOW_NOUNS for period, days in PERIODS.items()
}
RATES: dict[str, float] = {
    "per person-year": 1 / 365.25,
    "per post-year": 1 / 365.25,
    "per person-month": 12 / 365.25,
}
RATIOS = ("ratio", "hazard ratio", "odds ratio")
NUMBERS = (
    "gamma shape",
    "correlation",
    "excess hazard",
    "exponent",
    "elasticity",
    "persons per clinician",
    "contacts per person-week",
    "sanctions",
)

FAMILIES: dict[str, tuple[str, ...]] = {
    "stock": STOCKS,
    "flow": tuple(FLOWS),
    "duration": tuple(DAYS),
    "share": ("share",),
    "ratio": RATIOS,
    "rate": tuple(RATES),
    "number": NUMBERS,
}


def family(unit: str) -> str | None:
    """The family a unit belongs to: stock, flow, duration, share, ratio, rate or number.

    Returns None for a unit that is not known.
    """
    return next((name for name, units in FAMILIES.items() if unit in units), None)


def size(unit: str) -> float:
    """What a unit of durations or rates is in days or per day; 1 for others."""
    return DAYS.get(unit) or RATES.get(unit) or 1.0
