"""A FACT team: its staff make its slots, and how it is staffed is felt by its members."""

from __future__ import annotations

from simpy import Environment

from simulation.eventlog import EventLog
from simulation.parameters import Staffing
from simulation.person import Person
from simulation.policy import Policy
from simulation.service import Service
from simulation.staffing import Staff


class Team(Service):
    """A service whose slots are what its clinicians in post carry, at the caseload ratio."""

    on_departure = "administrative_closure"

    def __init__(
        self, env: Environment, log: EventLog, name: str, staffing: Staffing, policy: Policy
    ) -> None:
        super().__init__(env, log, name, 0)
        self.staff = Staff(self, staffing, policy, policy.caseload_ratio)
        self.staff.on_change = self._notice
        self.members: dict[int, Person] = {}

    def _notice(self) -> None:
        for member in list(self.members.values()):
            member.changed()

    def admit(self, person: Person, why: str = "", since: float | None = None) -> None:
        """Enroll someone."""
        super().admit(person, why, since)
        self.members[person.id] = person

    def leave(self, person: Person, why: str = "") -> None:
        """End someone's enrollment."""
        del self.members[person.id]
        overloaded = self.busy > self.slots
        super().leave(person, why)
        if overloaded:
            self._notice()

    @property
    def fidelity(self) -> float:
        """How near the team's staffing is to the standard, 0 to 1.

        The mean of two observable items of the Dartmouth scale: caseload per clinician against the
        ratio (H1) and share of posts filled (H6).
        """
        in_post = self.staff.in_post
        if not in_post:
            return 0.0
        caseload = max(self.busy / in_post, self.staff.target)
        return (self.staff.target / caseload + in_post / self.staff.authorized) / 2
