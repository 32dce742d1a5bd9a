"""Re-arrest after release, reconviction after the program (NCSC) and after release (BSCC).

Shares of people who can be followed up for the whole window (and, for convictions, until their cases are
settled). Someone who dies or moves away meanwhile counts as not struck, as in a county's own records.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simulation.measures.history import Days, History, Ids, Mask
from simulation.measures.registry import Values, measure

YEAR = 365.25
SETTLED = 365.25
"""Days after the window until nearly every case of an arrest inside it is disposed."""


def within(history: History, persons: Ids, since: Days, window: float, counted: Mask) -> Mask:
    """Who has an arrest that counts in ``(since, since + window]``."""
    arrests = history.arrests
    arrested = np.sort(history.key(arrests["person"][counted], arrests["arrested"][counted]))
    keys = history.key(persons, since)
    following = np.append(arrested, np.inf)[np.searchsorted(arrested, keys, side="right")]
    return np.asarray(following <= keys + window)


def cohort_share(day: Days, struck: Mask, known: Mask, edges: Days) -> Days:
    """The share struck by period, among those followed up; nan if they are less than a tenth of all."""
    found = np.full(len(edges) - 1, np.nan)
    for i, (start, end) in enumerate(pairwise(edges)):
        inside = (day >= start) & (day < end)
        if inside.any() and known[inside].mean() > 0.1:
            found[i] = struck[inside & known].mean()
    return found


def first_releases(history: History) -> tuple[Ids, Days]:
    """Each person's first release from jail in each year of the run, as pairs of person and day.

    Being moved to a place in restoration is no release.
    """
    stays = history.spans("jail")
    seen = (stays.end >= 0) & (stays.end < history.horizon)
    seen &= stays.why_out != history.events.code("restoration")
    person, day = stays.person[seen], stays.end[seen]
    order = np.lexsort((day, person))
    person, day = person[order], day[order]
    before = np.stack([person, np.floor(day / YEAR)])
    first = np.append(True, (before[:, 1:] != before[:, :-1]).any(axis=0))[: len(person)]
    return person[first], day[first]


def after_release(
    history: History, edges: Days, window: float, counted: Mask, settled: float = 0.0
) -> Values:
    """The share of people struck within the window of their first release of the year."""
    person, day = history.once("first releases", first_releases)
    struck = within(history, person, day, window, counted)
    known = day + window + settled <= history.horizon
    return {"all": cohort_share(day, struck, known, edges)}


def after_program(history: History, edges: Days, window: float) -> Values:
    """The share of an exit cohort convicted of an arrest within the window, by type of exit."""
    exits = history.spans("court")
    words = np.array((*history.events.words, ""))
    way = words[exits.why_out]
    cohort = np.isfinite(exits.end) & (way != "administrative_closure")
    person, day, way = exits.person[cohort], exits.end[cohort], way[cohort]
    struck = within(history, person, day, window, _new_convictions(history))
    known = day + window + SETTLED <= history.horizon
    found = {"all": cohort_share(day, struck, known, edges)}
    for name in np.unique(way):
        found[f"exit={name}"] = cohort_share(day[way == name], struck[way == name], known[way == name], edges)
    out = way != "success"
    found["completed=no"] = cohort_share(day[out], struck[out], known[out], edges)
    return found


def _any_arrest(history: History) -> Mask:
    return np.ones(len(history.arrests["person"]), dtype=bool)


def _new_convictions(history: History) -> Mask:
    """Convictions of a new charge: a violation of probation is none."""
    arrests = history.arrests
    return np.asarray((arrests["disposition"] == "convicted") & (arrests["charge"] != "violation"))


def _convictions(history: History) -> Mask:
    charge = history.arrests["charge"]
    new_crime = (charge == "felony") | (charge == "misdemeanor")
    return np.asarray(new_crime & (history.arrests["disposition"] == "convicted"))


@measure("Re-arrested within a year of release", "share", "share", groups="always")
def rearrest_1y(history: History, edges: Days) -> Values:
    """Of the people released from jail (first release of the year), those arrested within a year."""
    return after_release(history, edges, YEAR, _any_arrest(history))


@measure("Re-arrested within two years of release", "share", "share", groups="always")
def rearrest_2y(history: History, edges: Days) -> Values:
    """Of the people released from jail (first release of the year), those arrested within two years."""
    return after_release(history, edges, 2 * YEAR, _any_arrest(history))


@measure("Reconvicted within a year of leaving the program", "share", "share", "after NCSC measure 14")
def reconviction_1y(history: History, edges: Days) -> Values:
    """Of an exit cohort without administrative closures, those convicted of a new charge of that year.

    Completers and others (``completed=no``) differ in who they are before they differ in what they got:
    people arrested more often are less likely to complete. The gap is no effect of the program; what the
    program does is the difference between scenarios.
    """
    return after_program(history, edges, YEAR)


@measure("Reconvicted within two years of leaving the program", "share", "share", "after NCSC measure 14")
def reconviction_2y(history: History, edges: Days) -> Values:
    """Of an exit cohort without administrative closures, those convicted of a new charge of those years.

    As within a year: the gap between completers and others is selection, and no effect of the program.
    """
    return after_program(history, edges, 2 * YEAR)


@measure("Reconvicted within three years of release from custody", "share", "share", "BSCC", groups="always")
def reconviction_3y(history: History, edges: Days) -> Values:
    """Of the people released (first release of the year), those convicted of a crime within three years.

    A crime is a felony or a misdemeanor; the arrest, not the conviction, lies within the three years.
    """
    return after_release(history, edges, 3 * YEAR, _convictions(history), SETTLED)
