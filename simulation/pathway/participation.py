"""Taking part in the program: therapy, hearings, warrants, sanctions, and six ways out."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import comb

from simulation.bell import Wait
from simulation.county import County
from simulation.pathway.docket import hearing
from simulation.person import Person


@dataclass(slots=True)
class Participation:
    """Where a participant stands.

    goal: day of completion as it looks now; limit: last day the law allows; others: the day on which
    each other way out would come; arrests: charged arrests seen so far.
    """

    goal: float
    limit: float
    others: dict[str, float]
    arrests: int

    def next_way_out(self) -> tuple[str, float]:
        """The way out that comes first as things stand, and its day; the limit ends in discharge."""
        complete = ("success", self.goal) if self.goal <= self.limit else ("discharge", self.limit)
        other = min(self.others.items(), key=lambda way: way[1])
        return min(complete, other, key=lambda way: way[1])


def begin(county: County, person: Person, began: float, length: float) -> Participation:
    """A participation that began on a day (today, or before day 0) and takes so long to complete."""
    p, luck = county.parameters.court, person.luck
    rates = {
        "voluntary_withdrawal": p.withdrawal,
        "discharge": p.discharge,
        "transfer": p.transfer,
        "failure": p.failure,
    }
    others = {
        way: county.day + luck.exponential(f"court.{way}") / max(rate.per_day, 1e-12)
        for way, rate in rates.items()
    }
    limit = began + county.rules.program_limit
    return Participation(began + length, limit, others, person.charged_arrests)


def follow(county: County, person: Person, stay: Participation) -> Wait:
    """The program, one review after another, until the first of the six ways out; says which."""
    while True:
        way, last_day = stay.next_way_out()
        begun = county.day
        yield from person.pause(max(0.0, min(last_day - begun, county.rules.hearing_interval)))
        compliant = sessions(county, person, begun)
        if county.day >= last_day:
            return way
        if terminated(county, person, stay):
            return "failure"
        yield from status_hearing(county, person, stay, compliant)


def terminated(county: County, person: Person, stay: Participation) -> bool:
    """Whether a charged arrest since the last review ends the program."""
    share = county.parameters.court.termination_after_arrest.value
    while stay.arrests < person.charged_arrests:
        stay.arrests += 1
        if person.luck.happens("court.termination_after_arrest", share):
            return True
    return False


def sessions(county: County, person: Person, begun: float) -> bool:
    """Therapy since the last review, written down in one row; whether half or more was attended."""
    weeks = (county.day - begun) / 7
    scheduled = 0 if person.in_custody else round(weeks * county.rules.sessions_per_week)
    share = county.parameters.fact.therapy_attendance.value
    attended = binomial_quantile(person.luck.luck("court.therapy"), scheduled, share)
    county.log.attended((begun, county.day), person.id, "therapy", (scheduled, attended))
    return 2 * attended >= scheduled


def status_hearing(county: County, person: Person, stay: Participation, compliant: bool) -> Wait:
    """A status hearing, if the docket reaches it; a miss may bring a warrant or a sanction."""
    p, luck = county.parameters.court, person.luck
    if person.in_custody:
        return
    wait = county.rules.hearing_interval / 2
    if not (yield from hearing(county, person, priority=1, patience=wait)):
        return
    present = person.in_custody or luck.happens("court.hearing_attendance", p.hearing_attendance.value)
    county.log.attended((county.day, county.day), person.id, "hearing", (1, int(present)))
    if not present and luck.happens("court.warrant", p.warrant.value):
        yield from person.pause(p.warrant_return.sample(luck.luck("court.warrant_return")))
        person.call("warrant", p.warrant_stay.sample(luck.luck("court.warrant_stay")))
    elif not (present and compliant) and luck.happens("court.sanction", p.sanction.value):
        days = p.sanction_stay.sample(luck.luck("court.sanction_stay"))
        person.call("sanction", days)
        stay.goal += county.rules.hearing_interval


def end(county: County, person: Person, way_out: str) -> None:
    """End the court's supervision by one of the six ways out."""
    person.program = None
    county.court.leave(person, way_out)


@lru_cache(maxsize=1024)
def binomial_ladder(trials: int, share: float) -> tuple[float, ...]:
    """Probabilities of at most 0, 1, 2, ... successes in so many trials."""
    chances = (comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(trials + 1))
    return tuple(accumulate(chances))


def binomial_quantile(luck: float, trials: int, share: float) -> int:
    """How many of so many sessions are attended, in one draw."""
    return min(bisect_left(binomial_ladder(trials, share), luck), trials)
