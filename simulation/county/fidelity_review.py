"""A fidelity review each quarter: the teams' log is scored by the anchors of the scales.

The one part of the running county that reads its log: FACT's effects depend on what a review observes. Each
item is computed as it is from county records (``simulation.measures.fidelity``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

import numpy as np

from simulation.county.county import County
from simulation.engine.clock import Process
from simulation.engine.eventlog import EventLog
from simulation.measures.fidelity.dacts import DACTS
from simulation.measures.fidelity.facts import FACTS
from simulation.measures.fidelity.item import Scale
from simulation.measures.fidelity.window import (
    AFTERCARE,
    YEAR,
    Contacts,
    Enrollments,
    ObservedItem,
    Staff,
    TeamWindow,
    days_between,
)

QUARTER = 3 * 365.25 / 12


def reviews(county: County, stated: Mapping[str, int]) -> Process[None]:
    """Score every team on day 0 and each quarter; ``stated``: item scores given in the county file.

    A stated score takes precedence over an observed one. An item with neither gets the score that the
    county file assumes for the items that no event of the model shows.
    """
    reader = LogReader(county.log)
    assumed = 1 + 4 * county.parameters.fact.forensic_fidelity.value
    while True:
        reader.follow(team.name for team in county.fact.values())
        reader.read()
        for team in county.fact.values():
            window = reader.window(team.name, county.day, team.minutes_per_contact)
            dacts = mean_score(DACTS, stated, DACTS.observed(window), assumed)
            observed = {**FACTS.observed(window), "F1": ObservedItem(dacts)}
            facts = mean_score(FACTS, stated, observed, assumed)
            county.log.capacity(county.day, team.name, "dacts", dacts)
            county.log.capacity(county.day, team.name, "facts", facts)
            team.scored((dacts + facts) / 2)
        yield county.env.timeout(QUARTER)


def mean_score(
    scale: Scale, stated: Mapping[str, int], observed: Mapping[str, ObservedItem], assumed: float
) -> float:
    """The mean over the items of a scale: the stated score, else that of the raw value, else the assumed."""
    scores = [
        stated.get(item.key, item.score(observed[item.key].raw) if item.key in observed else assumed)
        for item in scale.items
    ]
    return sum(scores) / len(scores)


@dataclass(slots=True)
class Enrollment:
    """One person with one team, from the first day to the last."""

    person: int
    start: float
    why_in: str
    end: float = inf
    why_out: str = ""


class LogReader:
    """Reads the log of a running county on from where the last review stopped."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.enrolled: dict[str, list[Enrollment]] = {}
        self.of_person: dict[int, list[tuple[str, Enrollment]]] = {}
        self.arrested: dict[int, float] = {}
        self.aftercare: list[tuple[int, float]] = []
        self.contacts: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
        self.crises: dict[str, list[float]] = defaultdict(list)
        self.answered: dict[str, list[float]] = defaultdict(list)
        self._row = self._span = 0

    def follow(self, teams: Iterable[str]) -> None:
        """Read these teams too from now on."""
        for team in teams:
            self.enrolled.setdefault(team, [])

    def read(self) -> None:
        """Read what was written since the last time."""
        columns, self._row = self.log.since(self._row)
        days, people, services, whats, _ = columns
        admitted, arrests = whats == self.log.code("admitted"), services == self.log.code("arrest")
        self.arrested.update(zip(people[arrests].tolist(), days[arrests].tolist(), strict=True))
        wanted = np.isin(services, [self.log.code(team) for team in self.enrolled])
        clients = np.union1d(people[wanted], list(self.of_person))
        wanted |= admitted & np.isin(services, [self.log.code(service) for service in AFTERCARE])
        crises = np.flatnonzero(admitted & (services == self.log.code("crisis")))
        wanted[crises] = np.isin(people[crises], clients)
        for row in self.log.spelled(tuple(column[wanted] for column in columns)):
            self._read_row(*row)
        spans, self._span = self.log.attendance_since(self._span)
        for start, end, person, kind, _, kept in spans:
            team, enrollment = self._enrollment(person, end)
            if kind == "therapy" and enrollment is not None and end <= enrollment.end:
                self.contacts[team].append((end, end - start, kept))

    def _read_row(self, day: float, person: int, service: str, what: str, why: str) -> None:
        if service in AFTERCARE:
            self.aftercare.append((person, day))
        elif service == "crisis":
            team, enrollment = self._enrollment(person, day)
            if enrollment is not None and enrollment.end > day:
                self.crises[team].append(day)
        elif what == "answered":
            self.answered[service].append(day)
        elif what == "admitted":
            enrollment = Enrollment(person, day, why)
            self.enrolled[service].append(enrollment)
            self.of_person.setdefault(person, []).append((service, enrollment))
        elif what == "discharged":
            enrollment = self.of_person[person][-1][1]
            enrollment.end, enrollment.why_out = day, why

    def _enrollment(self, person: int, day: float) -> tuple[str, Enrollment | None]:
        """The person's last enrollment begun by a day, with its team."""
        begun = (pair for pair in reversed(self.of_person.get(person, ())) if pair[1].start <= day)
        return next(begun, ("", None))

    def window(self, team: str, day: float, minutes: float) -> TeamWindow:
        """What the log shows of a team by a day; minutes: face-to-face minutes of one contact."""
        care = np.array(self.aftercare, dtype=np.float64).reshape(-1, 2)
        crises = np.array(self.crises[team]), np.array(self.answered[team])
        return TeamWindow(
            day=day,
            begin=0.0,
            enrollments=self._enrollments(team),
            staff=self._staff(team, day),
            contacts=self._contacts(team, day, minutes),
            aftercare=(care[:, 0].astype(np.int64), care[:, 1]),
            crises=crises if team in self.log.ever("on_call") else None,
            meetings=np.empty(0),
            ratings=np.empty(0),
        )

    def _enrollments(self, team: str) -> Enrollments:
        enrolled = self.enrolled[team]
        return Enrollments(
            person=np.array([e.person for e in enrolled], dtype=np.int64),
            start=np.array([e.start for e in enrolled], dtype=np.float64),
            end=np.array([e.end for e in enrolled], dtype=np.float64),
            way_out=np.array([e.why_out for e in enrolled], dtype=object),
            justice=np.array([self._latest_justice(e) for e in enrolled], dtype=np.float64),
        )

    def _latest_justice(self, enrollment: Enrollment) -> float:
        """The latest arrest, or the enrollment itself if it came by the court."""
        by_court = -inf if enrollment.why_in == "return" else enrollment.start
        return max(by_court, self.arrested.get(enrollment.person, -inf))

    def _staff(self, team: str, day: float) -> Staff:
        posts = {post.number: post for post in self.log.posts if post.service == team}
        held = [tenure for tenure in self.log.tenures if tenure.service == team]
        opened = np.array([post.opened for post in posts.values()], dtype=np.float64)
        closed = unless_open([post.closed for post in posts.values()])
        fte = np.array([post.fte for post in posts.values()], dtype=np.float64)
        since = max(0.0, day - YEAR)
        share = days_between(opened, closed, since, day) / (day - since) if day else np.ones(len(posts))
        return Staff(
            role=np.array([tenure.role.replace("_", " ") for tenure in held], dtype=object),
            member=np.full(len(held), "", dtype=object),
            fte=np.array([posts[tenure.post].fte for tenure in held], dtype=np.float64),
            carries=np.array([posts[tenure.post].carries for tenure in held], dtype=bool),
            start=np.array([tenure.began for tenure in held], dtype=np.float64),
            end=unless_open([tenure.ended for tenure in held]),
            begin=0.0,
            positions=float(np.isinf(closed).sum()),
            authorized=float((share * fte).sum()),
            roles_recorded=True,
        )

    def _contacts(self, team: str, day: float, minutes: float) -> Contacts:
        since = max(0.0, day - YEAR)
        rows = [row for row in self.contacts[team] if row[0] >= since]
        kept = np.array([kept for *_, kept in rows], dtype=np.float64)
        unknown = np.full(len(rows), np.nan)
        return Contacts(kept, kept * minutes, unknown, sum(days for _, days, _ in rows))


def unless_open(ends: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Days of ends, infinite for nan: what has not ended."""
    return np.nan_to_num(np.array(ends, dtype=np.float64), nan=inf)
