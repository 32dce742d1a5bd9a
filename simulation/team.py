"""A FACT team: posts make its slots, and how it is staffed is felt by its members."""

from __future__ import annotations

from simpy import Environment

from simulation.bell import Bell, Wait
from simulation.chance import Stream
from simulation.eventlog import EventLog
from simulation.parameters import Staffing
from simulation.person import Person
from simulation.policy import Policy
from simulation.service import Service


class Team(Service):
    """A service whose slots are clinicians in post times the caseload ratio."""

    on_departure = "administrative_closure"

    def __init__(self, env: Environment, log: EventLog, name: str, ratio: float) -> None:
        super().__init__(env, log, name, 0)
        self.ratio = ratio
        self.posts: list[Post] = []
        self.clinicians = 0
        self.members: dict[int, Person] = {}

    def staffed(self, clinicians: int) -> None:
        """Have this many clinicians in post from now on; slots follow, and members notice."""
        self.clinicians = clinicians
        self.log.capacity(self.env.now, self.name, "posts", len(self.posts))
        self.log.capacity(self.env.now, self.name, "clinicians", clinicians)
        self.resize(clinicians * self.ratio)
        self._notice()

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
        if not self.clinicians:
            return 0.0
        caseload = max(self.busy / self.clinicians, self.ratio)
        return (self.ratio / caseload + self.clinicians / len(self.posts)) / 2


class Post:
    """One clinician's post: filled until vacated, vacant until someone is recruited."""

    def __init__(self, team: Team, luck: Stream, staffing: Staffing, policy: Policy) -> None:
        self.team = team
        self.luck = luck
        self.staffing = staffing
        self.policy = policy
        self.tenure = Bell(team.env)
        team.posts.append(self)

    def life(self, vacant_for: float) -> Wait:
        """Vacancy and tenure in turn, for ever, beginning with a vacancy of so many days."""
        env, team = self.team.env, self.team
        while True:
            if vacant_for > 0:
                yield env.timeout(vacant_for)
            team.staffed(team.clinicians + 1)
            yield from self.filled()
            team.staffed(team.clinicians - 1)
            vacant_for = self.recruitment()

    def filled(self) -> Wait:
        """Until the clinician leaves; a change of pay changes how fast that hazard is spent."""
        left = self.luck.exponential("staffing.turnover")
        while True:
            begun = self.team.env.now
            rate = self.staffing.turnover.per_day * self.policy.turnover_ratio
            self.tenure = Bell(self.team.env, left / rate)
            if (yield self.tenure) is None:
                return
            left = max(0.0, left - (self.team.env.now - begun) * rate)

    def recruitment(self) -> float:
        """Days until a vacancy that begins now is filled."""
        return self.staffing.recruitment.sample(self.luck.luck("staffing.recruitment"))

    def vacancy_on_day_0(self) -> float:
        """Days the post stays vacant on day 0: none for most, the rest of a recruitment for some."""
        recruitment, tenure = self.staffing.recruitment, 1 / self.staffing.turnover.per_day
        if not self.luck.happens("staffing.vacant", recruitment.mean / (recruitment.mean + tenure)):
            return 0.0
        whole = recruitment.sample_in_progress(self.luck.luck("staffing.vacancy"))
        return whole * self.luck.luck("staffing.vacancy_left")
