"""A wait that ends at its time, or earlier when somebody rings.

SimPy's ``AnyOf`` of a timeout and an event costs five times as much, and an interrupt three times; a
person has one pending event, and this is it.
"""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappush
from math import inf
from typing import Any

from simpy import Environment, Event
from simpy.events import NORMAL

Wait = Generator[Event, Any, Any]

SPAN = 8.0
"""Days that a clock has in its heap at a time: a power of two, so that no day is rounded past a bound."""


class Departed(Exception):
    """A person died or moved away while something in the county was still waiting for them."""


def due_now(event: Event, value: Any) -> None:
    """Let an event happen at this moment, after all that are due already: ``succeed``, written out."""
    event._ok, event._value = True, value
    env = event.env
    try:
        env.due.append(event)  # type: ignore[attr-defined]
    except AttributeError:  # no Clock, but SimPy's own environment
        env.schedule(event)
    else:
        next(env._eid)


class Bell(Event):
    """An event due after ``delay`` days (never, if infinite) that anyone may ring before.

    The value is None when its time comes, and what was said when it is rung. Yield it in the step that
    made it: a bell rung before anyone listens is not heard.
    """

    message: Any = None
    rung: Event | None = None
    _ok = True

    def __init__(self, env: Environment, delay: float = inf) -> None:
        self.env = env
        self.callbacks = []
        self._value = None
        # ``Clock.schedule``, written out: it is called for nearly every event.
        now = env._now
        day = now + delay
        try:
            near = env.near  # type: ignore[attr-defined]
        except AttributeError:  # no Clock, but SimPy's own environment
            near = inf
        if day < near:
            if day > now:
                heappush(env._queue, (day, NORMAL, next(env._eid), self))
            else:
                due_now(self, None)
        elif day < inf:
            env.later[day // SPAN].append((day, NORMAL, next(env._eid), self))  # type: ignore[attr-defined]

    def ring(self, message: Any) -> bool:
        """Wake whoever listens, now; False if the bell was over already."""
        if self.rung is not None or self.callbacks is None:
            return False
        self.message = message
        early = self.rung = Event(self.env)
        early.callbacks, self.callbacks = self.callbacks, []
        due_now(early, message)
        return True
