"""Crisis contacts, police, hospital."""

from __future__ import annotations

import numpy as np

from simulation.inputs.weekday import WEEKDAYS
from simulation.measures.history import Codes, Days, History, counts, means, person_days
from simulation.measures.program import census, summed
from simulation.measures.registry import Values, measure

PLACES = ["stabilization", "short_term_bed", "emergency_department", "inpatient"]
"""Services in which people in a crisis are kept."""


@measure("Crisis contacts of people with serious mental illness", "contacts", "flow")
def crisis_contacts(history: History, edges: Days) -> Values:
    """Crisis episodes that reach the line or 911 and begin in the period, by how they ended."""
    episodes = history.spans("crisis")
    words = (*history.events.words, "unfinished")
    parts = {
        f"ended={words[code]}": counts(episodes.start[episodes.why_out == code], edges)
        for code in np.unique(episodes.why_out)
    }
    return {"all": counts(episodes.start, edges), **parts}


@measure("Crisis contacts of people with serious mental illness by hour and weekday", "contacts", "flow")
def crisis_profile(history: History, edges: Days) -> Values:
    """Crisis episodes that begin in the period, by hour of the day and by day of the week."""
    start = history.spans("crisis").start
    hours = np.floor(start % 1 * 24 + 1e-9).astype(np.int64)
    by_group = {"all": counts(start, edges)}
    for hour in range(24):
        by_group[f"hour={hour:02d}"] = counts(start[hours == hour], edges)
    first = history.level("calendar", "first_weekday")[1][-1]
    for number, name in enumerate(WEEKDAYS):
        by_group[f"weekday={name}"] = counts(start[(np.floor(start) + first) % 7 == number], edges)
    return by_group


@measure("Crises of people with serious mental illness answered by police", "contacts", "flow")
def police_responses(history: History, edges: Days) -> Values:
    """Crisis episodes to which police were sent because no mobile team was free in time, by who responded."""
    return by_why(history, "police", "dispatched", edges)


@measure("Crises of people with serious mental illness answered by a mobile team", "contacts", "flow")
def mobile_responses(history: History, edges: Days) -> Values:
    """Crisis episodes to which a mobile team was sent in the period, by the district it came from."""
    return by_why(history, "mobile_crisis", "admitted", edges, "from")


@measure(
    "Share of crises of people with serious mental illness that a mobile team answered", "share", "share"
)
def mobile_share(history: History, edges: Days) -> Values:
    """Mobile team responses over those of mobile teams and police together."""
    teams, police = mobile_responses(history, edges)["all"], police_responses(history, edges)["all"]
    with np.errstate(invalid="ignore"):
        return {"all": teams / (teams + police)}


@measure("Response time of mobile teams to people with serious mental illness", "hours", "mean")
def mobile_response_hours(history: History, edges: Days) -> Values:
    """Mean hours from the request for a mobile team to its arrival, by day of arrival."""
    waits = history.waits("mobile_crisis")
    person, day, _ = history.days("mobile_crisis", "arrived")
    asked = waits.start[history.latest(waits.person, waits.start, person, day)]
    return {"all": means(day, (day - asked) * 24, edges)}


@measure("Arrests at crises of people with serious mental illness", "arrests", "flow")
def crisis_arrests(history: History, edges: Days) -> Values:
    """Arrests that began as a crisis, by who responded."""
    return by_why(history, "crisis", "arrested", edges)


@measure("People with serious mental illness turned away by crisis care", "contacts", "flow")
def crisis_refusals(history: History, edges: Days) -> Values:
    """Refusals by stabilization chairs and short-term beds in the period: full, or by drop-off rule."""
    rows = [history.days(name, "declined") for name in ("stabilization", "short_term_bed")]
    day, why = (np.concatenate([row[column] for row in rows]) for column in (1, 2))
    return split(history, day, why, edges, "why")


@measure(
    "Hours of people with serious mental illness boarded in the emergency department", "person-hours", "flow"
)
def ed_boarding_hours(history: History, edges: Days) -> Values:
    """Person-hours for which people in the emergency department waited for an inpatient bed."""
    waits = history.waits("inpatient")
    boarding = waits.why_in == history.events.code("boarding")
    return {"all": 24 * person_days(waits.start[boarding], waits.end[boarding], edges)}


@measure("Chairs and beds of crisis care occupied by people with serious mental illness", "beds", "stock")
def crisis_beds_occupied(history: History, edges: Days) -> Values:
    """Mean number of people in chairs, short-term beds, emergency departments and inpatient beds."""
    return summed(census(history, PLACES, edges), edges, "in")


def by_why(history: History, service: str, what: str, edges: Days, label: str = "by") -> Values:
    """How often something happened in each period, and for each reason."""
    _, day, why = history.days(service, what)
    return split(history, day, why, edges, label)


def split(history: History, day: Days, why: Codes, edges: Days, label: str) -> Values:
    """Counts of these days, all together and by reason."""
    words = history.events.words
    parts = {f"{label}={words[code]}": counts(day[why == code], edges) for code in np.unique(why)}
    return {"all": counts(day, edges), **{name: part for name, part in parts.items() if name != f"{label}="}}


@measure("Psychiatric hospital days of people with serious mental illness", "person-days", "flow")
def hospital_days(history: History, edges: Days) -> Values:
    """Person-days in inpatient beds in the period."""
    stays = history.spans("inpatient")
    return {"all": person_days(stays.start, stays.end, edges)}


@measure("Psychiatric emergency visits of people with serious mental illness", "contacts", "flow")
def emergency_visits(history: History, edges: Days) -> Values:
    """Admissions to the emergency department in the period."""
    _, day, _ = history.days("emergency_department", "admitted")
    return {"all": counts(day, edges)}
