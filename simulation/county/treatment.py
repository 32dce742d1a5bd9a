"""Treatment groups of the FACT teams: seats, a waiting list, and a session a week that costs staff time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from simulation.county.person import Person
from simulation.county.service import Service
from simulation.county.team import Team
from simulation.engine.clock import Clock, Signal
from simulation.engine.eventlog import EventLog
from simulation.inputs.group_program import GroupProgram

WEEK = 7.0
SESSIONS_A_ROW = 4
"""Sessions that one row of attendance holds at most."""


@dataclass(slots=True)
class Seat:
    """Someone in a group: with which team, and the sessions since a day that are not written yet.

    signal: fires for the next session, or before it if the person has to leave.
    """

    team: Team
    since: float
    signal: Signal
    held: int = 0
    attended: int = 0


class TreatmentGroup(Service):
    """A service whose slots are seats for members of all teams; their teams share the staff time.

    Groups cost a team time for contacts, in proportion to its members among those in the group.
    """

    def __init__(
        self, env: Clock, log: EventLog, slots: float, group_program: GroupProgram, teams: dict[str, Team]
    ) -> None:
        super().__init__(env, log, f"group.{group_program.name}", slots)
        self.group_program = group_program
        self.teams = teams
        self.seats: dict[int, Seat] = {}

    def admit(self, person: Person, why: str = "", since: float | None = None) -> None:
        """Seat someone."""
        self.seats[person.id] = Seat(person.team, self.env.now, Signal(self.env, WEEK))
        super().admit(person, why, since)
        self._share_time()

    def leave(self, person: Person, why: str = "") -> None:
        """Free the seat, and write the sessions not written yet."""
        self._write(person)
        del self.seats[person.id]
        self._share_time()
        super().leave(person, why)

    def dismiss(self, person: Person, why: str) -> None:
        """Have someone leave, if they are here."""
        seat = self.seats.get(person.id)
        if seat is not None:
            seat.signal.fire(why)

    def session(self, person: Person, attended: bool) -> None:
        """Count one session that someone was expected at."""
        seat = self.seats[person.id]
        seat.held += 1
        seat.attended += attended
        if seat.held == SESSIONS_A_ROW:
            self._write(person)

    def _write(self, person: Person) -> None:
        seat, now = self.seats[person.id], self.env.now
        if seat.held:
            self.log.attended((seat.since, now), person.id, "group", (seat.held, seat.attended))
        seat.since, seat.held, seat.attended = now, 0, 0

    def _share_time(self) -> None:
        present = Counter(seat.team.name for seat in self.seats.values())
        for team in self.teams.values():
            part = present[team.name] / len(self.seats) if self.seats else 0.0
            team.give_time(self.name, part * self.group_program.minutes / WEEK)
