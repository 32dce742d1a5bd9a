"""Crisis contacts, police, hospital."""

from __future__ import annotations

import numpy as np

from simulation.measures.history import Days, History, counts, person_days
from simulation.measures.registry import Values, measure


@measure("Crisis contacts", "contacts", "flow")
def crisis_contacts(history: History, edges: Days) -> Values:
    """Crisis episodes that reach the line or 911 and begin in the period, by how they ended."""
    episodes = history.spans("crisis")
    words = (*history.events.words, "unfinished")
    parts = {
        f"ended={words[code]}": counts(episodes.start[episodes.why_out == code], edges)
        for code in np.unique(episodes.why_out)
    }
    return {"all": counts(episodes.start, edges), **parts}


@measure("Crises answered by police", "contacts", "flow")
def police_responses(history: History, edges: Days) -> Values:
    """Crisis episodes to which police were sent because no mobile team was free in time."""
    _, day, _ = history.days("police", "dispatched")
    return {"all": counts(day, edges)}


@measure("Psychiatric hospital days", "person-days", "flow")
def hospital_days(history: History, edges: Days) -> Values:
    """Person-days in inpatient beds in the period."""
    stays = history.spans("inpatient")
    return {"all": person_days(stays.start, stays.end, edges)}


@measure("Psychiatric emergency visits", "contacts", "flow")
def emergency_visits(history: History, edges: Days) -> Values:
    """Admissions to the emergency department in the period."""
    _, day, _ = history.days("emergency_department", "admitted")
    return {"all": counts(day, edges)}
