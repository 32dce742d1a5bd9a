"""Re-arrest after release, reconviction after the program (NCSC) and after release (BSCC).

Shares of the people who can be followed for the whole window (and, for convictions, until their cases are
settled). Who dies or moves away meanwhile counts as not arrested, as in a county's own records.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from simulation.measures.history import Days, History, Mask
from simulation.measures.registry import Values, measure
from simulation.measures.reoffending import Reoffending
from simulation.measures.timeline import Moments, first_of_each

YEAR = 365.25
SETTLED = 365.25
"""Days after the window until nearly every case of an arrest inside it is disposed."""


def first_releases(history: History) -> Moments:
    """Each person's first release from jail in each year of the run.

    Being moved to a place in restoration is no release.
    """
    return history.once("first releases", _first_releases)


def _first_releases(history: History) -> Moments:
    stays = history.spans("jail")
    released = (stays.end >= 0) & (stays.end < history.horizon)
    released &= stays.why_out != history.events.code("restoration")
    person, day = stays.person[released], stays.end[released]
    year = np.floor(day / YEAR)
    order = np.lexsort((day, year, person))
    rows = order[first_of_each(person[order]) | (np.diff(year[order], prepend=np.nan) != 0)]
    return Moments(person[rows], day[rows])


def program_exits(history: History) -> Moments:
    """Every exit from the program; infinite while in it."""
    stays = history.spans("court")
    return Moments(stays.person, stays.end)


def ways_out(history: History) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """How each stay in the program ended; empty while it lasts."""
    words = np.array((*history.events.words, ""), dtype=object)
    return words[history.spans("court").why_out]


def still_in_program(history: History) -> Mask:
    """Which stays in the program have not ended."""
    return np.isinf(history.spans("court").end)


def closed_administratively(history: History) -> Mask:
    """Which stays in the program ended by an administrative closure."""
    return np.asarray(ways_out(history) == "administrative_closure")


def arrests(history: History) -> Moments:
    """Every arrest."""
    return Moments(history.arrests["person"], history.arrests["arrested"])


def convictions(*charges: str) -> Callable[[History], Moments]:
    """Arrests for one of these charges that ended in conviction."""

    def of(history: History) -> Moments:
        columns = history.arrests
        return arrests(history).only(
            (columns["disposition"] == "convicted") & np.isin(columns["charge"], charges)
        )

    return of


NEW_CRIME = ("felony", "misdemeanor")
NEW_CHARGE = (*NEW_CRIME, "ordinance")
"""A violation of probation is no new charge."""


def after_release(history: History, edges: Days, definition: Reoffending[History]) -> Values:
    """The share of the people released in each period who re-offended."""
    people = definition.follow(history, history.horizon)
    return {"all": cohort_share(people.origin.day, people.had_event, people.followed, edges)}


def after_program(history: History, edges: Days, window: float) -> Values:
    """The share of an exit cohort convicted of an arrest within the window, by type of exit."""
    definition = Reoffending(
        origin=program_exits,
        event=convictions(*NEW_CHARGE),
        window=window,
        exclude={"in the program": still_in_program, "administrative closure": closed_administratively},
        settled=SETTLED,
    )
    people = definition.follow(history, history.horizon)
    exit_type = ways_out(history)[people.rows]
    groups = {"all": np.ones(len(people.rows), dtype=bool)}
    groups |= {f"exit={name}": exit_type == name for name in np.unique(exit_type)}
    groups |= {"completed=no": exit_type != "success"}
    return {
        name: cohort_share(people.origin.day[rows], people.had_event[rows], people.followed[rows], edges)
        for name, rows in groups.items()
    }


def cohort_share(day: Days, had_event: Mask, followed: Mask, edges: Days) -> Days:
    """The share with an event by period, of those followed; nan if they are less than a tenth of all."""
    share = np.full(len(edges) - 1, np.nan)
    for i, (start, end) in enumerate(pairwise(edges)):
        inside = (day >= start) & (day < end)
        if inside.any() and followed[inside].mean() > 0.1:
            share[i] = had_event[inside & followed].mean()
    return share


@measure("Re-arrested within a year of release", "share", "share", groups="always")
def rearrest_1y(history: History, edges: Days) -> Values:
    """Of the people released from jail (first release of the year), those arrested within a year."""
    return after_release(history, edges, Reoffending(first_releases, arrests, YEAR))


@measure("Re-arrested within two years of release", "share", "share", groups="always")
def rearrest_2y(history: History, edges: Days) -> Values:
    """Of the people released from jail (first release of the year), those arrested within two years."""
    return after_release(history, edges, Reoffending(first_releases, arrests, 2 * YEAR))


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
    definition = Reoffending(first_releases, convictions(*NEW_CRIME), 3 * YEAR, settled=SETTLED)
    return after_release(history, edges, definition)
