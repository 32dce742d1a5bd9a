"""The clock: SimPy's, with what is done for every event written out."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import suppress
from heapq import heapify, heappop, heappush
from itertools import chain
from math import inf
from types import MethodType
from typing import Protocol

from simpy import Environment, Event
from simpy.events import NORMAL, URGENT, EventPriority, Process, ProcessGenerator

from simulation.bell import SPAN, Bell, Departed, due_now

BEFORE_ALL = EventPriority(URGENT - 1)
END_OF_SPAN, END_OF_RUN = -1, -2
"""The numbers of marks in the heap that are no events of anybody's."""
Planned = tuple[float, EventPriority, int, Event]


class Leaver(Protocol):
    """Someone who may leave the county, and what goes on beside their life."""

    departure: str | None
    beside: list[Stage]


class Stage(Process):
    """A process that nobody interrupts and whose events do not fail: half of SimPy's bookkeeping is left out.

    A stage beside the life of a ``person`` is told when they leave the county: ``Departed`` is raised where
    it waits, and it ends. Whatever else its generator raises goes straight to whoever runs the clock.
    """

    def __init__(self, env: Environment, generator: ProcessGenerator, person: Leaver | None = None) -> None:
        self.env = env
        self.callbacks = []
        self._generator = generator
        self._person = person
        if person is not None:
            person.beside.append(self)
        first = self._target = Event(env)
        first._value = None
        first._ok = True
        first.callbacks.append(self._resume)
        try:
            env.starting.append(first)  # type: ignore[attr-defined]
        except AttributeError:  # no Clock, but SimPy's own environment
            env.schedule(first, URGENT)
        else:
            next(env._eid)

    def _resume(self, event: Event) -> None:
        try:
            event = self._generator.send(event._value)
            while event.callbacks is None:
                event = self._generator.send(event._value)
        except StopIteration as end:
            if self._person is not None:
                self._person.beside.remove(self)
            due_now(self, end.value)
        else:
            self._target = event
            event.callbacks.append(self._resume)

    def depart(self) -> None:
        """Let the stage end at this moment, its person having left the county."""
        waited = self._target
        if isinstance(waited, Bell):
            waited.ring(None)
            waited = waited.rung or waited
        else:
            waited.callbacks.remove(self._resume)
            waited = Event(self.env)
            waited.callbacks.append(self._resume)
            due_now(waited, None)
        place = waited.callbacks.index(self._resume)
        waited.callbacks[place] = self._end

    def _end(self, _: Event) -> None:
        with suppress(Departed, StopIteration):
            self._generator.throw(Departed(self._person and self._person.departure))
        due_now(self, None)


class Clock(Environment):
    """SimPy's environment, its processes stages, in which most events never see a large heap.

    A third of all events are due at the moment they are made: they wait in line, ``starting`` stages and
    what is ``due``. Most others are bells planned for another month: those from ``near`` on wait with
    ``later`` ones of their ``SPAN`` of days until it begins. All come in the order in which SimPy's one
    heap would have them.
    """

    def __init__(self) -> None:
        super().__init__(0.0)
        self.starting: deque[Event] = deque()
        self.due: deque[Event] = deque()
        self.near = 0.0
        self.later: dict[float, list[Planned]] = defaultdict(list)
        self.process = MethodType(Stage, self)  # type: ignore[method-assign]
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

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: float = 0.0) -> None:
        """Plan an event so many days from now, among those of its moment by its priority."""
        if priority > NORMAL or self._now + delay > self._now:
            super().schedule(event, priority, delay)
        else:
            (self.due if priority == NORMAL else self.starting).append(event)
            next(self._eid)

    def step(self) -> None:
        """Let the next event happen."""
        none_before = not self._queue or self._queue[0][:2] > (self._now, NORMAL)
        if self.starting or (self.due and none_before):
            event = (self.starting or self.due).popleft()
            heappush(self._queue, (self._now, BEFORE_ALL, 0, event))
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
            for callback in callbacks:
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
            event.callbacks.clear()
        for waiting in (self.starting, self.due, self._queue, self.later):
            waiting.clear()
