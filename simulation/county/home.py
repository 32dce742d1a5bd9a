"""Homes of one kind: a service with a list of tenants, which can lose a unit to its landlord."""

from __future__ import annotations

from simulation.county.outcome import Home
from simulation.county.person import Person
from simulation.county.service import Service
from simulation.engine.clock import Clock, Process
from simulation.engine.eventlog import EventLog


class Homes(Service):
    """All the homes of one kind; a home is held from its offer on, lease-up included."""

    @property
    def tenants(self) -> list[Person]:
        """Who lives in a unit or is about to."""
        return list(self._tenants.values())

    def __init__(self, env: Clock, log: EventLog, home: Home, slots: float) -> None:
        super().__init__(env, log, home.value, slots)
        self.home = home
        self._tenants: dict[int, Person] = {}

    def admit(self, person: Person, why: str = "", since: float | None = None) -> None:
        """Give someone a home."""
        super().admit(person, why, since)
        self._tenants[person.id] = person

    def leave(self, person: Person, why: str = "") -> None:
        """Give the home up and let the next one in."""
        del self._tenants[person.id]
        super().leave(person, why)

    def open_homes(self, homes: float, per_month: float, month: float) -> Process[None]:
        """Open (or close, if negative) so many homes, all at once or so many a month."""
        step = min(abs(homes), per_month)
        while homes:
            now = min(step, abs(homes)) * (1 if homes > 0 else -1)
            self.resize(max(0.0, self.slots + now))
            homes -= now
            if homes:
                yield self.env.timeout(month)
        yield from ()

    def lose_one(self, days: float) -> None:
        """A landlord takes a unit off the market; another is found after some days."""
        self.resize(self.slots - 1)
        self.env.process(self._replaced(days))

    def _replaced(self, days: float) -> Process[None]:
        yield self.env.timeout(days)
        self.resize(self.slots + 1)
