"""A fidelity review each quarter: the log is read as a reviewer would, and scored by the scales' anchors.

The one part of the running world that counts: what a review finds decides how much FACT does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf, isnan

import numpy as np

from simulation.county.county import County
from simulation.engine.clock import Process
from simulation.engine.eventlog import EventLog, Post, Tenure
from simulation.measures.fidelity.dacts import DACTS
from simulation.measures.fidelity.facts import FACTS
from simulation.measures.fidelity.item import Scale
from simulation.measures.fidelity.observed import DROPPED_OUT, GRADUATED, TO_AFTERCARE, YEAR

MONTH = 365.25 / 12
QUARTER = 3 * MONTH

ROLES = {
    "H7": "psychiatrist",
    "H8": "nurse",
    "H9": "substance_use_specialist",
    "H10": "vocational_specialist",
}


def reviews(county: County, stated: Mapping[str, int]) -> Process[None]:
    """Score every team on day 0 and each quarter; ``stated`` are scores of items given in the county file.

    A stated item goes before what the log shows; an item that neither gives takes the share of the full
    score that is assumed of those no event in the model produces.
    """
    reader = Reader(county.log, [])
    other = 1 + 4 * county.parameters.fact.forensic_fidelity.value
    while True:
        reader.follow(team.name for team in county.fact.values())
        reader.read()
        for team in county.fact.values():
            found = reader.look(team.name, county.day, team.minutes_per_contact)
            dacts = mean_score(DACTS, stated, found, other)
            facts = mean_score(FACTS, stated, {**found, "F1": dacts}, other)
            county.log.capacity(county.day, team.name, "dacts", dacts)
            county.log.capacity(county.day, team.name, "facts", facts)
            team.scored((dacts + facts) / 2)
        yield county.env.timeout(QUARTER)


def mean_score(scale: Scale, stated: Mapping[str, int], found: Mapping[str, float], other: float) -> float:
    """The mean over the items of a scale: as stated, else by the raw value found, else as assumed."""
    scores = [
        stated.get(item.key, item.score(found[item.key]) if item.key in found else other)
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


class Reader:
    """What the log shows of the teams, read on from where the last review stopped."""

    def __init__(self, log: EventLog, teams: Iterable[str]) -> None:
        self.log = log
        self.enrolled: dict[str, list[Enrollment]] = {}
        self.latest: dict[int, tuple[str, Enrollment]] = {}
        self.arrested: dict[int, float] = {}
        self.aftercare: dict[int, list[float]] = defaultdict(list)
        self.contacts: dict[str, list[tuple[float, float, int]]] = {}
        self.crises: dict[str, list[float]] = {}
        self.answered: dict[str, list[float]] = {}
        self._row = self._span = 0
        self.follow(teams)

    def follow(self, teams: Iterable[str]) -> None:
        """Look at these teams too from now on."""
        for team in teams:
            self.enrolled.setdefault(team, [])
            for found in (self.contacts, self.crises, self.answered):
                found.setdefault(team, [])

    def read(self) -> None:
        """Take in what was written since the last time."""
        columns, self._row = self.log.since(self._row)
        days, people, services, whats, _ = columns
        admitted, arrests = whats == self.log.code("admitted"), services == self.log.code("arrest")
        self.arrested.update(zip(people[arrests].tolist(), days[arrests].tolist(), strict=True))
        wanted = np.isin(services, [self.log.code(team) for team in self.enrolled])
        clients = np.union1d(people[wanted], list(self.latest))
        wanted |= admitted & (services == self.log.code("outpatient"))
        crises = np.flatnonzero(admitted & (services == self.log.code("crisis")))
        wanted[crises] = np.isin(people[crises], clients)
        for row in self.log.spelled(tuple(column[wanted] for column in columns)):
            self._take_in(*row)
        spans, self._span = self.log.attendance_since(self._span)
        for start, end, person, kind, _, kept in spans:
            if kind != "therapy" or person not in self.latest:
                continue
            team, enrollment = self.latest[person]
            if enrollment.start <= end <= enrollment.end:
                self.contacts[team].append((end, end - start, kept))

    def _take_in(self, day: float, person: int, service: str, what: str, why: str) -> None:
        if service == "outpatient":
            self.aftercare[person].append(day)
        elif service == "crisis":
            team, enrollment = self.latest.get(person, ("", None))
            if enrollment is not None and enrollment.end > day:
                self.crises[team].append(day)
        elif what == "answered":
            self.answered[service].append(day)
        elif what == "admitted":
            enrollment = Enrollment(person, day, why)
            self.enrolled[service].append(enrollment)
            self.latest[person] = service, enrollment
        elif what == "discharged":
            enrollment = self.latest[person][1]
            enrollment.end, enrollment.why_out = day, why

    def look(self, team: str, day: float, minutes: float) -> dict[str, float]:
        """The raw values of the items that this team's log shows by a day, items without any left out.

        minutes: face-to-face minutes of one contact.
        """
        seen = Seen(self, team, day, minutes)
        values = {key: look(seen) for key, look in LOOKS.items()}
        return {key: value for key, value in values.items() if value is not None}


class Seen:
    """One team by one day."""

    def __init__(self, reader: Reader, team: str, day: float, minutes: float) -> None:
        self.reader, self.team, self.day, self.minutes = reader, team, day, minutes
        self.since = max(0.0, day - YEAR)
        enrolled = reader.enrolled[team]
        self.clients = [one for one in enrolled if one.end > day]
        self.served = [one for one in enrolled if one.end >= self.since]
        self.intakes = [one.start for one in enrolled if one.start >= 0 and one.why_in != "present"]
        self.contacts = [row for row in reader.contacts[team] if row[0] > self.since]
        self.posts = {post.number: post for post in reader.log.posts if post.service == team}
        self.tenures = [tenure for tenure in reader.log.tenures if tenure.service == team]

    def fte(self, wanted: Callable[[Post], bool] = lambda _: True) -> float:
        """FTE in post now, of the posts wanted."""
        return sum(
            self.posts[t.post].fte for t in self.tenures if isnan(t.ended) and wanted(self.posts[t.post])
        )

    def left_by(self, ways: tuple[str, ...]) -> list[Enrollment]:
        """Enrollments that ended in the last year in one of these ways."""
        return [one for one in self.served if one.end <= self.day and one.why_out in ways]

    def days(self, span: Post | Tenure) -> float:
        """Days of the last year that a post existed or was held."""
        first, last = (span.opened, span.closed) if isinstance(span, Post) else (span.began, span.ended)
        return max(0.0, (self.day if isnan(last) else last) - max(first, self.since))


def _caseload(seen: Seen) -> float | None:
    """H1: clients per clinician in post."""
    fte = seen.fte(lambda post: post.carries)
    return (len(seen.clients) / fte if fte else inf) if seen.clients else None


def _turnover(seen: Seen) -> float | None:
    """H5: staff who left in two years over the posts, scaled to 24 months from what the log covers."""
    covered = min(seen.day, 2 * YEAR) / (2 * YEAR)
    posts = sum(isnan(post.closed) for post in seen.posts.values())
    if not covered or not posts:
        return None
    gone = sum(tenure.ended > seen.day - 2 * YEAR for tenure in seen.tenures)
    return 100 * gone / posts / covered


def _capacity(seen: Seen) -> float | None:
    """H6: FTE-days in post over those authorized in the last year; on day 0 those of the day."""
    if not seen.posts:
        return None
    if not seen.day:
        return 100 * seen.fte() / sum(post.fte for post in seen.posts.values())
    held = sum(seen.days(tenure) * seen.posts[tenure.post].fte for tenure in seen.tenures)
    return 100 * held / sum(seen.days(post) * post.fte for post in seen.posts.values())


def _specialist(role: str) -> Callable[[Seen], float | None]:
    """H7 to H10: FTE in post per 100 clients."""

    def look(seen: Seen) -> float | None:
        fte = seen.fte(lambda post: post.role == role)
        return 100 * fte / len(seen.clients) if seen.clients else None

    return look


def _intake(seen: Seen) -> float | None:
    """O2: most intakes in one of the last six months."""
    months = min(6, round(seen.day / MONTH))
    counts = [0] * months
    for start in seen.intakes:
        back = int((seen.day - start) / MONTH)
        if back < months:
            counts[back] += 1
    return float(max(counts)) if months else None


def _answered(seen: Seen) -> float | None:
    """O4: crises of clients in the last year that the team answered, if it was ever on call."""
    mine = [day for day in seen.reader.crises[seen.team] if day > seen.since]
    if not mine or seen.team not in seen.reader.log.ever("on_call"):
        return None
    return 100 * sum(day > seen.since for day in seen.reader.answered[seen.team]) / len(mine)


def _share(part: Callable[[Seen], list[Enrollment]]) -> Callable[[Seen], float | None]:
    """Some of the enrollments that were open in the last year, in percent."""

    def look(seen: Seen) -> float | None:
        return 100 * len(part(seen)) / len(seen.served) if seen.served and seen.day else None

    return look


def _retained(seen: Seen) -> list[Enrollment]:
    dropped = {id(one) for one in seen.left_by(DROPPED_OUT)}
    return [one for one in seen.served if id(one) not in dropped]


def _contacts(seen: Seen) -> float | None:
    """S5: contacts kept over the client-weeks that the reviews of the last year cover."""
    weeks = sum(days for _, days, _ in seen.contacts) / 7
    return sum(kept for *_, kept in seen.contacts) / weeks if weeks else None


def _minutes(seen: Seen) -> float | None:
    """S4: the same in minutes."""
    contacts = _contacts(seen)
    return None if contacts is None else contacts * seen.minutes


def _involved(seen: Seen) -> float | None:
    """F3: clients who came by the court, or were arrested since a year before enrollment."""
    if not seen.clients:
        return None
    arrested = seen.reader.arrested
    known = [
        one.why_in != "return" or arrested.get(one.person, -inf) >= one.start - YEAR for one in seen.clients
    ]
    return 100 * sum(known) / len(known)


def _transition(seen: Seen) -> float | None:
    """F13: completers who began aftercare within 30 days of the end, of those whose 30 days are over."""
    done = [one for one in seen.left_by(GRADUATED) if one.end + TO_AFTERCARE <= seen.day]
    begun = seen.reader.aftercare
    linked = [any(abs(day - one.end) <= TO_AFTERCARE for day in begun[one.person]) for one in done]
    return 100 * sum(linked) / len(linked) if linked else None


LOOKS: dict[str, Callable[[Seen], float | None]] = {
    "H1": _caseload,
    "H5": _turnover,
    "H6": _capacity,
    **{key: _specialist(role) for key, role in ROLES.items()},
    "H11": lambda seen: seen.fte(),
    "O2": _intake,
    "O4": _answered,
    "O7": _share(lambda seen: seen.left_by(GRADUATED)),
    "S2": _share(_retained),
    "S4": _minutes,
    "S5": _contacts,
    "F3": _involved,
    "F13": _transition,
}
