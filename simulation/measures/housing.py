"""Units occupied, waited for and needed, and homelessness at exit."""

from __future__ import annotations

import numpy as np

from simulation.measures.history import Days, History, Ids, Mask, means
from simulation.measures.program import census, summed, wait_days, waiting
from simulation.measures.registry import Values, measure

KINDS = ["master_leased", "longer_term"]


@measure("Homes occupied", "homes", "stock")
def housing_occupied(history: History, edges: Days) -> Values:
    """Mean number of units held, lease-up included, by kind."""
    return summed(census(history, KINDS, edges), edges, "home")


@measure("People waiting for a home", "persons", "stock")
def housing_waiting(history: History, edges: Days) -> Values:
    """Mean number of people on the waiting lists, by kind of unit."""
    return summed(waiting(history, KINDS, edges), edges, "home")


@measure("Homes needed", "homes", "stock")
def housing_units_needed(history: History, edges: Days) -> Values:
    """Units occupied plus people waiting, by kind.

    People who wait for a longer-term unit while living in a master-leased one count once, for the unit
    they hold.
    """
    occupied, queue = census(history, KINDS, edges), waiting(history, KINDS, edges)
    needed = {
        "master_leased": occupied["master_leased"] + queue["master_leased"],
        "longer_term": occupied["longer_term"],
    }
    return summed(needed, edges, "home")


@measure("Wait for a home", "days", "mean")
def housing_wait_days(history: History, edges: Days) -> Values:
    """Mean days from referral to a master-leased unit to its assignment, of those assigned."""
    return wait_days(history, ["master_leased"], edges)


@measure("People without fixed address", "persons", "stock", "NCSC measure 4")
def homeless(history: History, edges: Days) -> Values:
    """Mean daily number of people in contact without a fixed address, shelter included."""
    return {"all": census(history, ["homeless"], edges)["homeless"]}


@measure("Homeless at exit from the program", "share", "share", "NCSC measure 4")
def homeless_at_exit(history: History, edges: Days) -> Values:
    """Share of an exit cohort without administrative closures that has no fixed address on the day."""
    exits = history.spans("court")
    words = np.array((*history.events.words, ""))
    out = np.isfinite(exits.end) & (words[exits.why_out] != "administrative_closure")
    person, day = exits.person[out], exits.end[out]
    at_exit = without_address(history, person, day).astype(np.float64)
    at_entry = without_address(history, person, exits.start[out]).astype(np.float64)
    return {"all": means(day, at_exit, edges), "at=entry": means(day, at_entry, edges)}


def without_address(history: History, person: Ids, day: Days) -> Mask:
    """Who is homeless on a given day; before day 0 the state on day 0 stands for it."""
    spells = history.spans("homeless")
    by = np.maximum(day, 0.0)
    spell = history.latest(spells.person, spells.start, person, by)
    return np.asarray((spell >= 0) & (np.append(spells.end, -np.inf)[spell] > by))
