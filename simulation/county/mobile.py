"""Mobile crisis teams: the caller's own district's first, then a neighbour's, then whoever is free first."""

from __future__ import annotations

from collections.abc import Mapping

from simulation.county.person import Person
from simulation.county.service import Service
from simulation.engine.clock import Clock
from simulation.engine.eventlog import EventLog
from simulation.inputs.shift_schedule import COUNTYWIDE


class MobileCrisis(Service):
    """A service whose slots are teams on duty, each of a district.

    An admission's ``why`` is the district that sent the team. When a shift ends no team is taken from a
    scene: it goes off duty when it is back.
    """

    places_a_post = 0.0  # a pair makes no slot of its own: it staffs units of the shift schedule

    def __init__(self, env: Clock, log: EventLog, name: str) -> None:
        super().__init__(env, log, name, 0)
        self.teams: Mapping[str, float] = {}
        self._out: dict[str, int] = {}
        self._sent: dict[int, str] = {}

    def set_on_duty(self, teams: Mapping[str, float]) -> None:
        """Have these teams on duty from now on, by district."""
        self.teams = teams
        self.resize(sum(teams.values()))

    def admit(self, person: Person, why: str = "", since: float | None = None) -> None:
        """Send the nearest free team."""
        base = self._nearest(person.traits.region)
        self._out[base] = self._out.get(base, 0) + 1
        self._sent[person.id] = base
        super().admit(person, base, since)

    def leave(self, person: Person, why: str = "") -> None:
        """The team is back, or takes the next call."""
        self._out[self._sent.pop(person.id)] -= 1
        super().leave(person, why)

    def from_afar(self, person: Person) -> bool:
        """Whether the team sent to this person is a neighbouring district's."""
        return self._sent[person.id] not in (person.traits.region, COUNTYWIDE)

    @property
    def is_open(self) -> bool:
        """Whether a team is free now."""
        return any(self._free(district) >= 1 for district in self.teams)

    def _free(self, district: str) -> float:
        return self.teams.get(district, 0) - self._out.get(district, 0)

    def _nearest(self, district: str) -> str:
        """The district itself, teams without one, or the neighbour with most teams free."""
        if self._free(district) >= 1:
            return district
        if self._free(COUNTYWIDE) >= 1:
            return COUNTYWIDE
        return max(sorted(self.teams), key=self._free)
