"""The clock: SimPy's, with what is done for every event written out."""

from __future__ import annotations

from heapq import heappop, heappush
from types import MethodType

from simpy import Environment, Event
from simpy.events import URGENT, EventPriority, Process, ProcessGenerator

from simulation.bell import Departed, due_now

BEFORE_ALL = EventPriority(URGENT - 1)


class Stage(Process):
    """A process that nobody interrupts and whose events do not fail: half of SimPy's bookkeeping is left out.

    It ends quietly when its person has left the county; whatever else its generator raises goes straight to
    whoever runs the clock.
    """

    def __init__(self, env: Environment, generator: ProcessGenerator) -> None:
        self.env = env
        self.callbacks = []
        self._generator = generator
        first = Event(env)
        first._value = None
        first._ok = True
        first.callbacks.append(self._resume)
        heappush(env._queue, (env._now, URGENT, next(env._eid), first))

    def _resume(self, event: Event) -> None:
        try:
            event = self._generator.send(event._value)
            while event.callbacks is None:
                event = self._generator.send(event._value)
        except StopIteration as end:
            due_now(self, end.value)
        except Departed:
            due_now(self, None)
        else:
            event.callbacks.append(self._resume)


def environment() -> Environment:
    """SimPy's environment at day 0, its processes being stages."""
    env = Environment(0.0)
    env.process = MethodType(Stage, env)  # type: ignore[method-assign]
    return env


def live_until(env: Environment, end: float) -> None:
    """Let everything happen that is due before ``end``: ``env.run(until=end)``, written out.

    A run has a million events; two calls and a property less for each are a twelfth of its time.
    """
    queue, last = env._queue, Event(env)
    heappush(queue, (end, BEFORE_ALL, 0, last))
    while True:
        env._now, _, _, event = heappop(queue)
        if event is last:
            return
        callbacks = event.callbacks
        event.callbacks = None  # type: ignore[assignment]
        for callback in callbacks:
            callback(event)
        if not event._ok and not hasattr(event, "_defused"):
            raise event._value
