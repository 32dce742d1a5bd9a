"""Use of the crisis and hospital services by all residents, beside people with serious mental illness.

Every other measure is of people with serious mental illness alone. All residents are known for the services
of which the county's file gives their visits; the simulated people alone use the others.
"""

from __future__ import annotations

import numpy as np

from simulation.inputs.sections.service_spec import VISITED
from simulation.measures.capacity import found_none
from simulation.measures.history import Days, History, counts, means, person_days
from simulation.measures.program import summed
from simulation.measures.registry import Values, measure

SERVICES = tuple(spec.name for spec in VISITED)
"""Services that other residents may use too."""


def shared(history: History) -> list[str]:
    """Services that other residents use in this log."""
    noted = {name for _, name, what, _ in history.events.capacity if what == "other_residents"}
    return [name for name in SERVICES if name in noted]


def logs(history: History, service: str) -> list[History]:
    """The histories of all who use a service."""
    return [history, history.other_residents] if service in shared(history) else [history]


def held(history: History, service: str, edges: Days) -> Days:
    """Person-days of all who use a service in each period."""
    spans = [log.spans(service) for log in logs(history, service)]
    days = [person_days(span.start, span.end, edges) for span in spans]
    return np.asarray(sum(days, np.zeros(len(edges) - 1)))


def known(parts: dict[str, Days], edges: Days) -> Values:
    """All services together, then each; unknown if the county gives no visits of all residents."""
    if parts:
        return summed(parts, edges, "service")
    return {"all": np.full(len(edges) - 1, np.nan)}


@measure("Visits to crisis services of people with serious mental illness", "contacts", "flow")
def service_visits(history: History, edges: Days) -> Values:
    """Admissions of people with serious mental illness in the period to the crisis and hospital services.

    By service: calls answered, teams sent, chairs, rooms and beds taken.
    """
    visits = {name: counts(history.spans(name).start, edges) for name in SERVICES}
    return summed(visits, edges, "service")


@measure("Visits to crisis services of all residents", "contacts", "flow", groups="never")
def all_residents_visits(history: History, edges: Days) -> Values:
    """The same of all residents, by each service for which the county's file gives their visits."""
    visits = {
        name: np.sum([counts(log.spans(name).start, edges) for log in logs(history, name)], axis=0)
        for name in shared(history)
    }
    return known(visits, edges)


@measure("Places in crisis services taken by all residents", "persons", "stock", groups="never")
def all_residents_occupied(history: History, edges: Days) -> Values:
    """Mean number of all residents in each service for which the county's file gives their visits."""
    taken = {name: held(history, name, edges) / np.diff(edges) for name in shared(history)}
    return known(taken, edges)


@measure("Visits of all residents that found no place free", "share", "share", groups="never")
def all_residents_found_no_place(history: History, edges: Days) -> Values:
    """Share of their referrals in the period that waited or were declined because all slots were taken.

    By each service for which the county's file gives the visits of all residents.
    """
    days, found = [np.empty(0)], [np.empty(0)]
    parts = {}
    for name in shared(history):
        rows = [found_none(log, name) for log in logs(history, name)]
        days.append(np.concatenate([day for day, _ in rows]))
        found.append(np.concatenate([none for _, none in rows]).astype(np.float64))
        parts[f"service={name}"] = means(days[-1], found[-1], edges)
    return {"all": means(np.concatenate(days), np.concatenate(found), edges), **parts}


@measure("Places in crisis services in use", "share", "share", groups="never")
def places_in_use(history: History, edges: Days) -> Values:
    """Person-days in each service over the days for which it has places open, all services pooled first.

    Those of all residents where the county's file gives their visits, else of people with serious mental
    illness alone: the capacity of such a service has to be the share that serves them.
    """
    places = {name: place_days(*history.level(name, "slots"), edges) for name in SERVICES}
    limited = {name: days for name, days in places.items() if np.isfinite(days).all()}
    taken = {name: held(history, name, edges) for name in limited}
    none = np.zeros(len(edges) - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = sum(taken.values(), none) / sum(limited.values(), none)
        return {"all": pooled, **{f"service={name}": taken[name] / limited[name] for name in limited}}


def place_days(days: Days, numbers: Days, edges: Days) -> Days:
    """Days for which places are open in each period, their number in steps; infinite if unlimited."""
    if not np.isfinite(numbers).all():
        return np.full(len(edges) - 1, np.inf)
    opened = np.concatenate([[0.0], np.cumsum(numbers[:-1] * np.diff(days))])
    at = np.maximum(np.searchsorted(days, edges, side="right") - 1, 0)
    return np.diff(opened[at] + numbers[at] * (np.asarray(edges) - days[at]))
