"""A FACT team: its staff make its slots and its contacts, and each member has a clinician of their own."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from simulation.county.person import Person
from simulation.county.policy import Policy
from simulation.county.service import Service
from simulation.county.staffing import Post, Staff
from simulation.engine.clock import Clock
from simulation.engine.eventlog import EventLog
from simulation.inputs.parameters import Parameters

MINUTES_A_DAY = 40 * 60 / 7
"""Paid minutes per FTE and calendar day: forty hours a week."""


@dataclass(slots=True)
class Member:
    """Someone enrolled: since when, in which phase, and with whom.

    phase: 0 engagement, 1 active, 2 transition; clinician: the post of their own clinician;
    engagement_lost: share of engagement lost as of day ``updated``; lost_days: its integral over time;
    offered: contacts the team had offered per wanted one as of the last call; due: fraction carried over.
    """

    person: Person
    since: float
    phase: int = 0
    clinician: Post | None = None
    engagement_lost: float = 0.0
    updated: float = 0.0
    lost_days: float = 0.0
    offered: float = 0.0
    due: float = 0.0


class Team(Service):
    """A service whose slots are what its clinicians in post carry, at the caseload ratio.

    Someone in the engagement phase takes more than one slot. Contacts are limited by the time of those in
    post: where it is short, all members get the same part of what their phase asks for. ``forensic`` is the
    part of the team that works as FACT, 0 a plain ACT team; ``fidelity`` its last score, 0 to 1; ``serves``
    regions beside its own; ``answering`` clinicians who answer a crisis now; ``group_minutes`` the part of
    each treatment group's staff time that falls to the team, per day.
    """

    def __init__(self, env: Clock, log: EventLog, name: str, parameters: Parameters, policy: Policy) -> None:
        super().__init__(env, log, name, 0)
        self.fact = parameters.fact
        self.policy = policy
        self.forensic = 1.0
        self.serves: tuple[str, ...] = ()
        self.fidelity = 0.0
        self.members: dict[int, Member] = {}
        self.answering = 0
        self.group_minutes: dict[str, float] = {}
        self._load = self._wanted = 0.0
        self._level, self._offered, self._since = 1.0, 0.0, 0.0
        self.staff = Staff(self, parameters.staffing, policy, policy.caseload_ratio)
        self.staff.on_change = self._staffed
        self.staff.on_exit = self._clinician_left
        self.minutes_per_contact = self.fact.contact.days * 1440
        log.capacity(env.now, name, "minutes_per_contact", self.minutes_per_contact)
        self.cover()

    def scored(self, score: float) -> None:
        """Set fidelity from a score of 1 to 5 on the scales; members' hazards follow if it changed."""
        fidelity = self.forensic * (score - 1) / 4
        if fidelity == self.fidelity:
            return
        self.fidelity = fidelity
        self.log.capacity(self.env.now, self.name, "fidelity", fidelity)
        for member in self.members.values():
            member.person.changed()

    def cover(self) -> None:
        """Log the hours a day in which the team answers its members' crises, if there are any."""
        if self.policy.on_call is not None:
            self.log.capacity(self.env.now, self.name, "on_call", self.policy.on_call.length)

    # --- Enrollment ---

    def admit(self, person: Person, why: str = "", since: float | None = None) -> None:
        """Enroll someone, assign a clinician to them and share the team's time anew."""
        member = Member(person, self.env.now if since is None else since, updated=self.env.now)
        self.members[person.id] = member
        member.phase = self.phase(member)
        self._count(member, 1)
        member.offered = self._offered
        super().admit(person, why, since)
        self._assign(member)

    def leave(self, person: Person, why: str = "") -> None:
        """End someone's enrollment."""
        self._count(self.members.pop(person.id), -1)
        super().leave(person, why)

    @property
    def is_open(self) -> bool:
        """Whether one more, who is in the engagement phase, could be taken in now."""
        return self._load + self._weight(0) <= self.slots and self.intake >= 1

    @property
    def free(self) -> float:
        """Slots free for someone new who could be taken in now; 0 if nobody could."""
        return self.slots - self._load if self.is_open else 0.0

    def _weight(self, phase: int) -> float:
        return self.fact.engagement_weight.value if phase == 0 else 1.0

    def phase(self, member: Member) -> int:
        """The phase a member is in by now."""
        days = self.env.now - member.since
        engagement = self.fact.engagement_phase.days
        return (days >= engagement) + (days >= engagement + self.fact.active_phase.days)

    def review(self) -> None:
        """Move members on to the phase they have reached, and assign clinicians where one is missing."""
        self.assign_clinicians()
        engaged = [self.engagement(member.person) for member in self.members.values()]
        if engaged:
            self.log.capacity(self.env.now, self.name, "engagement", sum(engaged) / len(engaged))
        for member in self.members.values():
            phase = self.phase(member)
            if phase != member.phase:
                self._accrue(member)
                self._count(member, -1)
                member.phase = phase
                self._count(member, 1)

    def _count(self, member: Member, sign: int) -> None:
        self._load = round(self._load + sign * self._weight(member.phase), 9)
        self._wanted += sign * self.contacts_a_day(member.phase)
        self._meter()

    # --- Contacts ---

    def contacts_a_day(self, phase: int) -> float:
        """Contacts that a member in this phase should have, per day."""
        ratio = (self.fact.engagement_contacts.value, 1.0, self.fact.transition_contacts.value)[phase]
        return self.policy.contacts_per_week * ratio / 7

    @property
    def minutes_a_day(self) -> float:
        """Minutes a day that those in post have for contacts, groups taken off."""
        share = (1 - self.policy.administrative_share) * (1 - self.policy.leave)
        minutes = MINUTES_A_DAY * share * sum(post.carried for post in self.staff.posts)
        return max(0.0, minutes - sum(self.group_minutes.values()))

    def give_time(self, group: str, minutes: float) -> None:
        """Set the minutes a day that a treatment group takes from now on."""
        if self.group_minutes.get(group, 0.0) != minutes:
            self.group_minutes[group] = minutes
            self._meter()

    @property
    def can_answer(self) -> bool:
        """Whether a clinician in post is free for a member's crisis: one at a time each."""
        return self.answering < sum(post.carries and post.carried > 0 for post in self.staff.posts)

    def _meter(self) -> None:
        """Add up what was offered so far, and set the part of wanted contacts that staff have time for."""
        now = self.env.now
        self._offered += (now - self._since) * self._level
        self._since = now
        wanted = self._wanted * self.minutes_per_contact
        self._level = min(1.0, self.minutes_a_day / wanted) if wanted > 1e-9 else 1.0

    def offer(self, person: Person) -> int:
        """Whole contacts offered to someone since the last call; a fraction is carried over."""
        member = self.members[person.id]
        self._accrue(member)
        whole = int(member.due)
        member.due -= whole
        return whole

    def _accrue(self, member: Member) -> None:
        self._meter()
        member.due += (self._offered - member.offered) * self.contacts_a_day(member.phase)
        member.offered = self._offered

    # --- Relationships ---

    def _staffed(self) -> None:
        self._meter()
        if self.env.now > 0:  # on day 0 the review comes when everybody is in post
            self.assign_clinicians()

    def assign_clinicians(self) -> None:
        """Assign a clinician to every member without one."""
        for member in self.members.values():
            if member.clinician is None:
                self._assign(member)

    def _assign(self, member: Member) -> None:
        """Draw a clinician from the member's own stream, in proportion to the caseload each can carry."""
        able = [post for post in self.staff.posts if post.carries and post.carried > 0]
        if not able:
            return
        point = member.person.stream.uniform("fact.clinician") * sum(post.carried for post in able)
        for post in able:
            member.clinician = post
            point -= post.carried
            if point < 0:
                return

    def _clinician_left(self, post: Post) -> None:
        """A clinician left: their members lose engagement and are assigned to another one."""
        for member in self.members.values():
            if member.clinician is post:
                self._update_engagement(member)
                kept = (1 - member.engagement_lost) * (1 - self.fact.engagement_lost.value)
                member.engagement_lost = 1 - kept
                member.clinician = None
                self._assign(member)

    def _update_engagement(self, member: Member) -> None:
        """Bring a member's engagement up to date: what was lost is regained exponentially."""
        days, recovery = self.env.now - member.updated, self.fact.engagement_recovery.days
        kept = exp(-days / recovery) if member.engagement_lost else 1.0
        member.lost_days += member.engagement_lost * recovery * (1 - kept)
        member.engagement_lost *= kept
        member.updated = self.env.now

    def engagement(self, person: Person) -> float:
        """How engaged someone is now, 1 fully and 0 not at all."""
        member = self.members[person.id]
        self._update_engagement(member)
        return 1 - member.engagement_lost

    def engagement_days_lost(self, person: Person) -> float:
        """Days of engagement lost since the last call: the integral of the share lost."""
        member = self.members[person.id]
        self._update_engagement(member)
        days, member.lost_days = member.lost_days, 0.0
        return days
