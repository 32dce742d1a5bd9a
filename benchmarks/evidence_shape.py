"""What the evidence looks like beside what comes out of the model, as the table in docs/evidence_shape.md.

Run it as ``python -m benchmarks.evidence_shape`` (about a minute); it writes the table into the page.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from offramp.scenarios import load_one
from simulation import model
from simulation.measures import MEASURES, History
from simulation.measures.recidivism import YEAR, arrests, first_releases
from simulation.measures.reoffending import Reoffending

NO_EFFECT = (
    "fact.arrest_ratio",
    "fact.crisis_ratio",
    "court.arrest_ratio",
    "arrest.homeless_ratio",
    "crisis.homeless_ratio",
)
"""Every ratio by which care or a home could change arrests or crises."""

SINCE = (0, 30, 60, 90, 180, 365, 545, 730)
BROWARD_REARREST = (0.036, 0.063, 0.087, 0.145, 0.226, 0.276, 0.312)
"""Followed from release with censoring, offenses before release left out: benchmarks/return_hazard.md."""
NEW_YORK_FLAGGED = (0.070, 0.130, 0.187, 0.289, 0.409, 0.466, 0.500)
"""First releases of 2017, stays weighted to the lengths of all: benchmarks/return_hazard.md."""
EXPECTED_WITH_SMI = (0.057, 0.104, 0.148, 0.235, 0.345, 0.403, 0.440)
"""Between Broward and New York's flagged stays: benchmarks/return_hazard.md."""
PAGE = Path(__file__).parent.parent / "docs" / "evidence_shape.md"
MARK = "<!-- table: made by python -m benchmarks.evidence_shape -->\n"


def concentration(history: History, first: float, years: float) -> float:
    """Share of jail days, in so many years, of the twentieth of people with most of them."""
    edges = np.array([first, first + years * YEAR])
    return float(MEASURES["jail_days_top_5pct"].function(history, edges)["all"][0])


def stays(history: History) -> tuple[dict[int, float], float]:
    """Quantiles and mean, in days, of the stays that began early enough to be seen to their end."""
    spans = history.spans("jail")
    seen = (spans.start >= 0) & (spans.start < history.horizon - 2 * YEAR)
    days = np.minimum(spans.end, history.horizon)[seen] - spans.start[seen]
    wanted = (25, 50, 75, 90, 95)
    return dict(zip(wanted, np.quantile(days, np.array(wanted) / 100).tolist(), strict=True)), float(
        days.mean()
    )


def busiest(history: History, years: float = 3.0) -> tuple[float, float, float, float]:
    """Of the one in a hundred with most bookings in so many years, and of the others: mean stay, felonies."""
    spans = history.spans("jail")
    seen = (spans.start >= 0) & (spans.start < years * YEAR) & (spans.end < history.horizon)
    persons, bookings = np.unique(spans.person[seen], return_counts=True)
    first = persons[np.argsort(-bookings, kind="stable")][: max(1, len(persons) // 100)]
    days, of_busiest = (spans.end - spans.start)[seen], np.isin(spans.person[seen], first)
    arrests = [record for record in history.events.arrests if 0 <= record.arrested < years * YEAR]
    felony = np.array([record.charge == "felony" for record in arrests])
    theirs = np.isin([record.person for record in arrests], first)
    parts = (days[of_busiest], days[~of_busiest], felony[theirs], felony[~theirs])
    stay, other_stay, share, other_share = (float(part.mean()) for part in parts)
    return stay, other_stay, share, other_share


def rearrested(history: History) -> list[float]:
    """Cumulative share arrested since the first release of a year, at each day of ``SINCE`` but the first."""
    people = Reoffending(first_releases, arrests, SINCE[-1]).follow(history, history.horizon)
    after = (people.event - people.origin.day)[people.followed]
    return [float((after <= days).mean()) for days in SINCE[1:]]


def hazards(history: History) -> list[tuple[int, float]]:
    """Per 30 days, the hazard of a first re-arrest between each two days of ``SINCE``."""
    return per_month(rearrested(history))


def per_month(shares: list[float]) -> list[tuple[int, float]]:
    """Hazards per 30 days from cumulative shares at the days of ``SINCE``."""
    free = 1 - np.array([0.0, *shares])
    rates = -np.diff(np.log(free)) / np.diff(SINCE) * 30
    return list(zip(SINCE[1:], rates.tolist(), strict=True))


def _joined(shares: tuple[float, ...]) -> str:
    return " / ".join(f"{rate:.3f}" for _, rate in per_month(list(shares)))


def reoffending(history: History) -> dict[str, float]:
    """Share reconvicted within a year of leaving the program: of those who completed it, and of others."""
    edges = np.array([0.0, history.horizon])
    found = MEASURES["reconviction_1y"].function(history, edges)
    return {"completed": float(found["exit=success"][0]), "others": float(found["completed=no"][0])}


def main() -> None:
    """Run the county as it stands and without any effect, and write the page's table."""
    scenario = load_one("contra_costa")
    known = dict(scenario.parameters)
    ones = {path: known[path].model_copy(update={"value": 1.0, "low": 1.0}) for path in NO_EFFECT}
    without = scenario.model_copy(update={"parameters": scenario.parameters.replacing(ones)})
    history = History(model.run(scenario, 1, 0), scenario.county.horizon)
    idle = [reoffending(History(model.run(without, 1, r), scenario.county.horizon)) for r in range(3)]
    quantiles, mean = stays(history)
    often = busiest(history)
    shown = " / ".join(f"{quantiles[q]:.1f}" for q in (25, 50, 75, 90, 95))
    rows = [
        (
            "share of jail days of the 5 % of people with most, 3 years",
            f"{concentration(history, 0, 3):.2f}",
            "0.27 New York City 2017-19, everybody",
        ),
        ("the same, 5 years", f"{concentration(history, 0, 5):.2f}", "none at hand"),
        (
            "stays, days: 25 / 50 / 75 / 90 / 95 % quantiles",
            shown,
            "0.9 / 1.4 / 11 / 50 / 103 Broward, everybody; 6 / 20 / 97 / 243 / 409 New York City",
        ),
        (
            "busiest 1 % by bookings in 3 years / others: mean stay, days",
            f"{often[0]:.1f} / {often[1]:.1f}",
            "34 / 61 New York City 2017-19; 12 / 40 Pinellas, prison left out",
        ),
        (
            "the same: share of felonies",
            f"{often[2]:.2f} / {often[3]:.2f}",
            "0.03 / 0.24 Pinellas, prison left out; petty charges 0.46 / 0.16 New York City",
        ),
        ("mean stay, days", f"{mean:.1f}", "19.3 Broward, everybody; 37.7 Contra Costa, with the illness"),
        (
            "re-arrest hazard per 30 days, up to day " + " / ".join(map(str, SINCE[1:])),
            " / ".join(f"{rate:.3f}" for _, rate in hazards(history)),
            f"{_joined(BROWARD_REARREST)} Broward; {_joined(EXPECTED_WITH_SMI)} expected with SMI",
        ),
        (
            "reconvicted within a year of the program, all effects 1: completed / others",
            f"{np.mean([i['completed'] for i in idle]):.2f} / {np.mean([i['others'] for i in idle]):.2f}",
            "direction only: completers less",
        ),
    ]
    table = ["| what | model | evidence |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    before, _ = PAGE.read_text(encoding="utf-8").split(MARK)
    PAGE.write_text(before + MARK + "\n" + "\n".join(table) + "\n", encoding="utf-8")
    print("\n".join(table))


if __name__ == "__main__":
    main()
