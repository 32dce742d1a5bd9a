"""A service: slots that can change with time, a waiting list, and every event of it in the log.

SimPy's resources have a fixed capacity and a release that grows with the number of holders; this one
is built on signals, may be resized at any time, and costs the same however many are waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from math import inf

from simulation.county.person import Person
from simulation.engine.clock import Clock, LeftCounty, Process, Signal
from simulation.engine.eventlog import EventLog


class Service:
    """Something with places for people: a team, a unit, a bed, an evaluator.

    ``slots`` is how many it holds at once, ``intake`` how many may still be admitted until the intake is
    opened again (infinite unless the service has an intake rule). When slots close nobody is discharged:
    a slot disappears when its holder leaves. ``on_census_change`` is called after each admission and
    discharge. ``places_a_post`` is how many slots one full-time person in
    post makes, unless the post says otherwise.
    """

    places_a_post = 1.0

    def __init__(self, env: Clock, log: EventLog, name: str, slots: float = inf) -> None:
        self.env = env
        self.log = log
        self.name = name
        self.slots = slots
        self.intake = inf
        self.census = 0
        self.on_census_change: Callable[[], None] | None = None
        self._queue: list[tuple[int, int, Signal, Person, str]] = []
        self._tickets = 0
        self._waiting_for: dict[int, Signal] = {}
        log.capacity(env.now, name, "slots", slots)

    def enter(self, person: Person, why: str = "", patience: float = inf, priority: int = 0) -> Process[bool]:
        """Be referred, wait for a place as long as ``patience`` days, and say whether one was given.

        Lower ``priority`` is served first, equal ones in order of referral. With no patience at all a
        full service declines. Raises LeftCounty if the person leaves the county while waiting.
        """
        self.refer(person, why)
        if self.is_open:
            self.admit(person, why)
            return True
        if patience <= 0:
            self.decline(person, "full")
            return False
        return (yield from self._wait(person, why, patience, priority))

    def _wait(self, person: Person, why: str, patience: float, priority: int) -> Process[bool]:
        ticket = Signal(self.env, patience)
        self.join(person, ticket, why, priority)
        try:
            answer: str | None = yield ticket
        except LeftCounty as departure:
            if ticket.value != "admitted":
                self._stop_waiting(person, str(departure))
            raise
        if answer != "admitted":
            self._stop_waiting(person, answer or "waited_too_long")
        return answer == "admitted"

    def join(self, person: Person, ticket: Signal, why: str = "", priority: int = 0) -> None:
        """Put someone already referred on the waiting list, under a signal that they wait for.

        The signal may stand on several lists; whoever waits for it leaves the others with ``renege``.
        """
        self._tickets += 1
        heappush(self._queue, (priority, self._tickets, ticket, person, why))
        self._waiting_for[person.id] = ticket

    def renege(self, person: Person, why: str) -> None:
        """Take someone off the list who was resumed elsewhere, if they are still on it."""
        if person.id in self._waiting_for:
            self._stop_waiting(person, why)

    def reorder(self, priority: Callable[[Person], int]) -> None:
        """Put the waiting list in a new order; equal ones stay in order of referral."""
        self._queue = [
            (priority(person), number, ticket, person, why) for _, number, ticket, person, why in self._queue
        ]
        heapify(self._queue)

    def _stop_waiting(self, person: Person, why: str) -> None:
        del self._waiting_for[person.id]
        self.log.write(self.env._now, person.id, self.name, "left_waiting", why)

    def withdraw(self, person: Person, why: str) -> None:
        """Take someone off the waiting list, if they are on it."""
        ticket = self._waiting_for.get(person.id)
        if ticket is not None:
            ticket.fire(why)

    def leave(self, person: Person, why: str = "") -> None:
        """Give the place up and let the next one in."""
        self.census -= 1
        person.holding.remove(self)
        self.log.write(self.env._now, person.id, self.name, "discharged", why)
        if self.on_census_change is not None:
            self.on_census_change()
        if self._queue:
            self._serve()

    def visit(self, person: Person, days: float, why: str = "") -> Process[None]:
        """Stay for some days in a place already given, then leave it."""
        yield person.pause(days)
        self.leave(person, why)

    def resize(self, slots: float) -> None:
        """Have this many slots from now on."""
        self.slots = slots
        self.log.capacity(self.env.now, self.name, "slots", slots)
        self._serve()

    def open_intake(self, places: float) -> None:
        """Let this many more in, slots permitting; what was left of the last opening lapses."""
        self.intake = places
        self._serve()

    def refer(self, person: Person, why: str = "") -> None:
        """Write a referral."""
        self.log.write(self.env._now, person.id, self.name, "referred", why)

    def decline(self, person: Person, why: str) -> None:
        """Write that a referral was declined, and why."""
        self.log.write(self.env._now, person.id, self.name, "declined", why)

    def left_waiting(self, person: Person, why: str) -> None:
        """Write that a referral came to nothing without a decision, and why."""
        self.log.write(self.env._now, person.id, self.name, "left_waiting", why)

    def admit(self, person: Person, why: str = "", since: float | None = None) -> None:
        """Take someone in; ``since`` dates an admission that happened before day 0."""
        self.census += 1
        self.intake -= 1
        person.holding.append(self)
        day = self.env._now if since is None else since
        self.log.write(day, person.id, self.name, "admitted", why)
        if self.on_census_change is not None:
            self.on_census_change()

    def holds_or_waits(self, person: Person) -> bool:
        """Whether someone is here or on the waiting list."""
        return self in person.holding or person.id in self._waiting_for

    @property
    def waiting(self) -> int:
        """How many are on the waiting list."""
        return len(self._waiting_for)

    @property
    def queue(self) -> list[Person]:
        """Who is on the waiting list, the next one first."""
        return [
            person
            for *_, person, _ in sorted(self._queue, key=lambda ticket: ticket[:2])
            if person.id in self._waiting_for
        ]

    @property
    def is_open(self) -> bool:
        """Whether one more could be taken in now."""
        return self.census + 1 <= self.slots and self.intake >= 1

    def _serve(self) -> None:
        while self._queue and self.is_open:
            _, _, ticket, person, why = heappop(self._queue)
            if ticket.fire("admitted"):
                del self._waiting_for[person.id]
                self.admit(person, why)
