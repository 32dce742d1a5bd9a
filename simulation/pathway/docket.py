"""The docket: days on which the diversion court sits, and the hearings held on them."""

from __future__ import annotations

from typing import Literal

from simpy import Event
from simpy.events import EventPriority

from simulation.county.county import County
from simulation.county.person import Person
from simulation.engine.clock import Process

AFTER_ALL = EventPriority(2)
"""SimPy's own events have priority 0 and 1; the higher comes later."""

PRIORITY = {"motion": 0, "status": 1}


def docket_days(county: County, slots: int, first: float, every: float = 7.0) -> Process[None]:
    """Hold a docket day every ``every`` days from day ``first``, each with this many slots.

    On a day without a judge no hearing is held, and the cases wait for the next docket day.
    """
    yield last_of_its_moment(county, max(0.0, first - county.day))
    while True:
        on_offer = max(0, slots + county.policy.docket_slots) if judge_sits(county) else 0
        county.log.capacity(county.day, "docket", "held", on_offer)
        county.docket.open_intake(on_offer)
        county.docket.open_intake(0)
        yield last_of_its_moment(county, every)


def last_of_its_moment(county: County, delay: float) -> Event:
    """An event after so many days that comes when all who are due at that moment are in the court."""
    event = Event(county.env)
    event._ok, event._value = True, None
    county.env.schedule(event, AFTER_ALL, delay)
    return event


def judge_sits(county: County) -> bool:
    """Whether there is a judge today, drawn from a random stream of the day."""
    today = county.stream.child("docket", round(county.day))
    return not today.bernoulli("court.judge_absence", county.policy.judge_absence)


def hearing(
    county: County, person: Person, kind: Literal["motion", "status"], patience: float
) -> Process[bool]:
    """Wait for a slot on a docket day, motions before status hearings; True if it was held."""
    held = yield from county.docket.enter(person, kind, patience, PRIORITY[kind])
    if held:
        county.docket.leave(person, "heard")
    return held
