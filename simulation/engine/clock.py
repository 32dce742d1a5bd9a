"""The clock: SimPy's environment, with signals and processes that cost half as much."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from heapq import heapify, heappop, heappush
from itertools import chain
from math import inf
from types import MethodType
from typing import Any, Protocol, TypeVar

from simpy import Environment, Event
from simpy.events import NORMAL, PENDING, URGENT, EventPriority, ProcessGenerator
from simpy.events import Process as SimPyProcess

T = TypeVar("T")
Process = Generator[Event, Any, T]
"""What a process function returns: it yields events and ends with a ``T``."""

SPAN = 8.0
"""Days that a clock has in its heap at a time: a power of two, so that no day is rounded past a bound."""
BEFORE_ALL = EventPriority(URGENT - 1)
END_OF_SPAN, END_OF_RUN = -1, -2
"""The numbers of marks in the heap that are no events of anybody's."""
Planned = tuple[float, EventPriority, int, Event]


class LeftCounty(Exception):
    """A person died or moved away while something in the county was still waiting for them."""


class Signal(Event):
    """An event due after ``delay`` days (never, if infinite) that anyone may fire before.

    ``value`` is None on time-out, else the message; waiting on one that has fired returns at once. SimPy's
    ``AnyOf`` of a timeout and an event costs five times as much, and an interrupt three times; a person has
    one pending event, and this is it. Processes wait on signals, SimPy's conditions (``|`` and ``&``) do not.

    >>> clock = Clock()
    >>> door = Signal(clock, delay=3.0)
    >>> def visitor():
    ...     message = yield door
    ...     print(clock.now, message)
    >>> running = RunningProcess(clock, visitor())
    >>> clock.live_until(1.0)
    >>> door.fire("come in")
    True
    >>> clock.live_until(5.0)
    1.0 come in
    """

    __slots__ = ("_value", "callbacks", "env")
    env: Clock
    callbacks: Any  # one listener is the rule: a tuple of one is half of SimPy's list
    _ok = True
    fired = False

    def __init__(self, env: Clock, delay: float = inf) -> None:
        self.env = env
        self.callbacks = ()
        self._value = None
        # ``Clock.schedule``, written out: it is called for nearly every event.
        now = env._now
        day = now + delay
        if day < env.near:
            if day > now:
                heappush(env._queue, (day, NORMAL, next(env._eid), self))
            else:
                env.due_now(self)
        elif day < inf:
            env.later[day // SPAN].append((day, NORMAL, next(env._eid), self))

    def fire(self, message: Any) -> bool:
        """Resume whoever waits, now; False if it had fired or timed out already."""
        if self.triggered:
            return False
        self.fired, self._value = True, message
        self.env.due_now(self)
        return True

    @property
    def triggered(self) -> bool:
        """Whether it has fired or timed out."""
        return self.fired or self.callbacks is None


class ProcessOwner(Protocol):
    """Someone who may leave the county, and the processes that end when they do."""

    departure: str | None
    processes: list[RunningProcess]


class RunningProcess(SimPyProcess):
    """A process that nobody interrupts and whose events do not fail: half of SimPy's bookkeeping is left out.

    When the ``person`` it belongs to leaves the county, ``LeftCounty`` is raised where it waits, and it ends.
    Whatever else its generator raises goes straight to whoever runs the clock.
    """

    __slots__ = ("_generator", "_person", "_target", "_value", "callbacks", "env")
    env: Clock
    _ok = True

    def __init__(self, env: Clock, generator: ProcessGenerator, person: ProcessOwner | None = None) -> None:
        self.env = env
        self.callbacks = []
        self._value = PENDING
        self._generator = generator
        self._person = person
        if person is not None:
            person.processes.append(self)
        first = self._target = Signal(env)
        first.fired = True
        first.callbacks = (self._resume,)
        env.starting.append(first)
        next(env._eid)

    def _resume(self, event: Event) -> None:
        try:
            event = self._generator.send(event._value)
            while event.callbacks is None:
                event = self._generator.send(event._value)
        except StopIteration as end:
            if self._person is not None:
                self._person.processes.remove(self)
            self._value = end.value
            self.env.due_now(self)
        else:
            self._target = event
            event.callbacks += (self._resume,)

    def leave_county(self) -> None:
        """End the process now, its person having left the county."""
        waited = self._target
        if isinstance(waited, Signal):
            waited.fire(None)
        else:
            waited.callbacks.remove(self._resume)
            waited = Signal(self.env, 0)
            waited.callbacks = (self._resume,)
        waited.callbacks = tuple(self._end if one == self._resume else one for one in waited.callbacks)

    def _end(self, _: Event) -> None:
        with suppress(LeftCounty, StopIteration):
            self._generator.throw(LeftCounty(self._person and self._person.departure))
        self._value = None
        self.env.due_now(self)


class Clock(Environment):
    """SimPy's environment in which most events never enter a large heap.

    A third of all events are due at the moment they are made: they queue, in ``starting`` (processes) and
    ``due``. Most others are signals for another week: those from ``near`` on wait in the list ``later`` of
    their ``SPAN`` of days until it begins. All happen in the order of SimPy's single heap.
    """

    def __init__(self) -> None:
        super().__init__(0.0)
        self.starting: deque[Event] = deque()
        self.due: deque[Event] = deque()
        self.near = 0.0
        self.later: dict[float, list[Planned]] = defaultdict(list)
        self.process = MethodType(RunningProcess, self)  # type: ignore[method-assign]
        self._begin_span()

    def _begin_span(self) -> None:
        """Take into the heap what is planned for the next span of days, and the end of the span."""
        self._queue.extend(self.later.pop(self.near // SPAN, ()))
        self.near += SPAN
        end = Event(self)
        end._ok, end._value = True, None
        end.callbacks.append(self._end_span)
        self._queue.append((self.near, BEFORE_ALL, END_OF_SPAN, end))
        heapify(self._queue)

    def _end_span(self, _: Event) -> None:
        if self._queue or self.later:
            self._begin_span()
        else:
            self.near = inf  # nothing is planned: without an end, SimPy's ``run`` comes to one

    def due_now(self, event: Event) -> None:
        """Let an event happen at this moment, after all that are due already."""
        self.due.append(event)
        next(self._eid)

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: float = 0.0) -> None:
        """Plan an event so many days from now, among those of its moment by its priority."""
        if priority > NORMAL or self._now + delay > self._now:
            super().schedule(event, priority, delay)
        else:
            (self.due if priority == NORMAL else self.starting).append(event)
            next(self._eid)

    def step(self) -> None:
        """Let the next event happen."""
        queue = self._queue
        none_before = not queue or queue[0][:2] > (self._now, NORMAL)
        if self.starting or (self.due and none_before):
            event = (self.starting or self.due).popleft()
            heappush(queue, (self._now, BEFORE_ALL, 0, event))
        if queue and queue[0][3].callbacks is None:
            queue[0][3].callbacks = []  # a signal fired before its time: its callbacks have run
        super().step()

    def live_until(self, end: float) -> None:
        """Let everything happen that is due before ``end``: ``run(until=end)``, written out.

        A run has a million events; two calls and a property less for each are a twelfth of its time.
        """
        queue, starting, due, last = self._queue, self.starting, self.due, Event(self)
        heappush(queue, (end, BEFORE_ALL, END_OF_RUN, last))
        while True:
            if starting:
                event = starting.popleft()
            elif due and (queue[0][0] > self._now or queue[0][1] > NORMAL):
                event = due.popleft()
            else:
                self._now, _, _, event = heappop(queue)
                if event is last:
                    return
            callbacks = event.callbacks
            event.callbacks = None  # type: ignore[assignment]
            for callback in callbacks or ():  # none are left of a signal fired before its time
                callback(event)

    @property
    def pending(self) -> Iterator[Event]:
        """Events that have not happened yet."""
        yield from self.starting
        yield from self.due
        planned = chain(self._queue, *self.later.values())
        yield from (event for _, _, number, event in planned if number >= 0)

    def stop(self) -> None:
        """Let nothing more happen: whoever still waits is let go.

        This breaks the circles between events and people, so that their memory is free at once.
        """
        for event in self.pending:
            event.callbacks = []
        for waiting in (self.starting, self.due, self._queue, self.later):
            waiting.clear()
