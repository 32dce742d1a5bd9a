"""The docket: days on which the diversion court sits, and cases heard on them."""

from __future__ import annotations

from simulation.bell import Wait
from simulation.county import County
from simulation.person import Person


def docket_days(county: County, slots: int, first: float, every: float = 7.0) -> Wait:
    """Hold a docket day every ``every`` days from day ``first``, each with this many slots."""
    yield county.env.timeout(max(0.0, first - county.day))
    while True:
        county.docket.open_intake(slots)
        county.docket.open_intake(0)
        yield county.env.timeout(every)


def hearing(county: County, person: Person, priority: int, patience: float) -> Wait:
    """Wait for a slot on a docket day; True if the case was heard."""
    heard = yield from county.docket.enter(person, patience=patience, priority=priority)
    if heard:
        county.docket.leave(person, "heard")
    return heard
