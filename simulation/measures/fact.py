"""What FACT teams do beside contacts: treatment groups, and crises of their members."""

from __future__ import annotations

import numpy as np

from simulation.measures.history import Days, History, counts, means
from simulation.measures.program import attendance, census, summed, waiting
from simulation.measures.registry import Values, measure
from simulation.measures.timeline import keyed


@measure("People in treatment groups", "persons", "stock", "CoCo FACT evaluation plan")
def group_census(history: History, edges: Days) -> Values:
    """Mean daily number of seats taken in the FACT teams' groups, by group."""
    return summed(census(history, history.matching("group."), edges), edges, "group", "group.")


@measure("People waiting for a treatment group", "persons", "stock")
def group_waiting(history: History, edges: Days) -> Values:
    """Mean daily number of members of FACT on a group's waiting list, by group."""
    return summed(waiting(history, history.matching("group."), edges), edges, "group", "group.")


@measure("Treatment groups completed", "persons", "flow", "CoCo FACT evaluation plan")
def group_completions(history: History, edges: Days) -> Values:
    """People who came to at least half the sessions of a group that they ended in the period, by group."""
    done = {}
    for name in history.matching("group."):
        spans = history.spans(name)
        done[name] = counts(spans.end[spans.why_out == history.events.code("completed")], edges)
    return summed(done, edges, "group", "group.")


@measure("Group sessions attended", "share", "share")
def group_attendance(history: History, edges: Days) -> Values:
    """Attended over scheduled sessions of treatment groups, by the day on which they were written down."""
    return attendance(history, edges, "group")


@measure("Members' crises answered by their team", "share", "share", "DACTS item O4")
def own_team_crises(history: History, edges: Days) -> Values:
    """Share of the crises of people in FACT in the period that a clinician of their own team answered."""
    crises, parts = history.spans("crisis"), {}
    everyone = [np.empty(0)], [np.empty(0)]
    for team in history.matching("fact."):
        spans = history.spans(team)
        row = history.latest(spans.person, spans.start, crises.person, crises.start)
        enrolled = (row >= 0) & (np.append(spans.end, -np.inf)[row] > crises.start)
        who, day, _ = history.days(team, "answered")
        own = crises.person[enrolled], crises.start[enrolled]
        by_team = np.isin(keyed(*own), keyed(who, day)).astype(np.float64)
        parts[f"team={team.removeprefix('fact.')}"] = means(own[1], by_team, edges)
        everyone[0].append(own[1])
        everyone[1].append(by_team)
    return {"all": means(np.concatenate(everyone[0]), np.concatenate(everyone[1]), edges), **parts}
