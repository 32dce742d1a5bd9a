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
from simpy.events import NORMAL, PENDING

Wait = Generator[Event, Any, Any]


class Departed(Exception):
    """A person died or moved away while something in the county was still waiting for them."""


def due_now(event: Event, value: Any) -> None:
    """Let an event happen at this moment, after all that are due already: ``succeed``, written out."""
    event._ok, event._value = True, value
    env = event.env
    heappush(env._queue, (env._now, NORMAL, next(env._eid), event))


class Bell(Event):
    """An event due after ``delay`` days (never, if infinite) that anyone may ring before.

    The value is None when its time comes, and what was said when it is rung. Yield it in the step that
    made it: a bell rung before anyone listens is not heard.
    """

    message: Any = None
    _rung = False
    _ok = True
    _value: Any = PENDING

    def __init__(self, env: Environment, delay: float = inf) -> None:
        self.env = env
        self.callbacks = []
        if delay < inf:
            self._value = None
            # ``env.schedule``, written out: it is called for nearly every event.
            heappush(env._queue, (env._now + delay, NORMAL, next(env._eid), self))

    def ring(self, message: Any) -> bool:
        """Wake whoever listens, now; False if the bell was over already."""
        if self._rung or self.callbacks is None:
            return False
        self._rung = True
        self.message = message
        early = Event(self.env)
        early.callbacks, self.callbacks = self.callbacks, []
        due_now(early, message)
        return True
