"""Whether capacity binds: who was referred and found no place free."""

from __future__ import annotations

import numpy as np

from simulation.measures.history import Days, History, Mask, means
from simulation.measures.registry import Values, measure


def limited(history: History) -> list[str]:
    """Services that had a limited number of slots at some time, in alphabetical order."""
    rows = history.events.capacity
    return sorted({name for _, name, what, number in rows if what == "slots" and np.isfinite(number)})


def found_none(history: History, service: str) -> tuple[Days, Mask]:
    """Days of the referrals to a service, and which of them found no place free at once."""
    waits = history.waits(service)
    full = waits.why_out == history.events.code("full")
    return waits.start, np.asarray((waits.end > waits.start) | (history.ended_by(service, "declined") & full))


@measure("Referrals of people with serious mental illness that found no place free", "share", "share")
def found_no_place(history: History, edges: Days) -> Values:
    """Share of the referrals in the period that waited or were declined because all slots were taken.

    By service of limited size. Where it is 0 the capacity never binds, and more of it changes nothing.
    """
    by_service = {name: found_none(history, name) for name in limited(history)}
    days = np.concatenate([np.empty(0), *(day for day, _ in by_service.values())])
    none = np.concatenate([np.empty(0), *(none for _, none in by_service.values())])
    parts = {
        f"service={name}": means(day, none.astype(float), edges) for name, (day, none) in by_service.items()
    }
    return {"all": means(days, none, edges), **parts}
