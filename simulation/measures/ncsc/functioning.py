"""Social functioning: living arrangement, quality of life, symptoms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulation.measures.ncsc.cohort import Calendar
from simulation.measures.ncsc.court import Court, day_of, is_in, number_of
from simulation.measures.ncsc.fact import Fact, Values, choices
from simulation.measures.ncsc.guide import guide_measure

LIVING = (
    "homeless at entry, not homeless at exit",
    "homeless at entry and exit",
    "not homeless at entry and exit",
    "not homeless at entry, homeless at exit",
)
"""The guide's four categories, in its order (page 16)."""


@guide_measure(
    "4",
    "Living Arrangement",
    cohort="exit",
    unit="share",
    label="Homeless at entry and at exit",
    page=16,
    needs=("participants.living_at_entry", "participants.living_at_exit"),
)
def living(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Share of the exit cohort in each of four categories of homeless or not, at entry and at exit.

    Beside them the share homeless at entry and at exit. Someone in jail lives where they did before it or
    will after it.
    """
    exits = court.exits
    columns = (court.stays["living_at_entry"], court.stays["living_at_exit"])
    entry, leaving = (is_in(column, "homeless")[exits.stay] for column in columns)
    known = np.logical_and(*(is_in(c, "homeless", "not_homeless") for c in columns))[exits.stay]
    category = np.where(entry, np.where(leaving, 1, 0), np.where(leaving, 3, 2))
    yield from choices(exits, np.where(known, category, -1), LIVING)
    yield exits.report("homeless at entry", np.where(known, entry, np.nan))
    yield exits.report("homeless at exit", np.where(known, leaving, np.nan))


@guide_measure(
    "A7",
    "Quality of Life Inventory (QOLI)",
    cohort="exit",
    unit="points",
    label="Quality of life at admission and at exit",
    page=45,
    needs=("scales",),
    simulated=False,
)
def quality_of_life(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean score of the Quality of Life Inventory at admission and at exit, and the mean change.

    Change is of those who have both. The whole scale and each domain that was entered.
    """
    yield from scale(court, "qoli")


@guide_measure(
    "A8",
    "Symptom Management (Modified Colorado Symptom Index)",
    cohort="exit",
    unit="points",
    label="Symptoms at admission and at exit",
    page=45,
    needs=("scales",),
    simulated=False,
)
def symptoms(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Mean score of the Modified Colorado Symptom Index at admission and at exit, and the mean change.

    Change is of those who have both.
    """
    yield from scale(court, "csi")


def scale(court: Court, name: str) -> Iterator[Fact]:
    """Entry, exit and change of one scale, as a whole and by domain."""
    table = court.records["scales"]
    domains = table["domain"][is_in(table["scale"], name)].dropna().unique()
    for domain in ("", *sorted(domains)):
        suffix = f": {domain}" if domain else ""
        entry, leaving = scores(court, name, "entry", domain), scores(court, name, "exit", domain)
        for item, value in (("entry", entry), ("exit", leaving), ("change", leaving - entry)):
            yield court.exits.report(item + suffix, value[court.exits.stay], "points").spreading()


def scores(court: Court, name: str, moment: str, domain: str) -> Values:
    """The score of each stay at one moment; nan where there is none, the last one where there are two."""
    table = court.records["scales"]
    right_domain = is_in(table["domain"], domain) if domain else table["domain"].isna().to_numpy(dtype=bool)
    table = table[is_in(table["scale"], name) & is_in(table["moment"], moment) & right_domain]
    day = day_of(table["date"])
    to = court.admission if moment == "entry" else court.exit
    stay = court.nearest_stay(table["person"], day, to)
    order = np.argsort(day, kind="stable")
    order = order[stay[order] >= 0]
    last_score = np.full(len(court.stays), np.nan)
    last_score[stay[order]] = number_of(table["score"])[order]
    return last_score
