"""The docket is a queue served in batches: exact small chains say how long cases wait for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import exp, factorial, inf

import numpy as np
import pytest
from numpy.typing import NDArray

from simulation.county.county import County
from simulation.county.person import Person, Traits
from simulation.engine.clock import Process
from simulation.engine.eventlog import EventLog, Events
from simulation.engine.stream import Stream
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.levers.court import LimitReferrals
from simulation.measures import MEASURES, History
from simulation.pathway import docket
from tests.conftest import AMPLE
from tests.test_service import agrees

Numbers = NDArray[np.float64]

WEEK = 7.0
SOMEBODY = Traits("male", "26-40", "White", False, False, False, "west", 1.0)


def court(register: Parameters, absence: float = 0.0, rules: Rules | None = None) -> County:
    """A county of which only the court is used."""
    county = County(register, rules or Rules(), AMPLE, [], Stream(7, 0))
    county.policy.judge_absence = absence
    return county


def somebody(county: County, number: int) -> Person:
    """A person with a random stream of their own, there since day 0."""
    return Person(county.env, number, Stream(3, number), SOMEBODY, (0.0, 0.0))


def term(county: County, slots: int, per_week: Mapping[str, float], weeks: int) -> Events:
    """So many weeks of motions and status hearings that come at random to one docket day a week."""

    def coming(kind: str, first: int) -> Process[None]:
        number = first
        while True:
            stream = Stream(11, number)
            yield county.env.timeout(WEEK * stream.exponential("arrival") / per_week[kind])
            county.env.process(docket.hearing(county, somebody(county, number), kind, inf))  # type: ignore[arg-type]
            number += 1

    for i, kind in enumerate(per_week):
        county.env.process(coming(kind, 1_000_000 * (i + 1)))
    county.env.process(docket.docket_days(county, slots, first=WEEK))
    county.env.run(until=weeks * WEEK)
    return county.log.read()


def test_a_second_limit_on_referrals_replaces_the_first_and_adds_no_opening(register: Parameters) -> None:
    """Six a month from day 0, two from day 40 on: what is open then is cut to two."""
    county, left = court(register), []
    for day, per_month in ((0, 6), (40, 2)):
        county.env.run(until=day + 1e-6)
        about = {"lever": "limit_referrals", "date": "2027-03-01", "per_month": per_month}
        LimitReferrals.model_validate(about).apply(county)
    assert county.policy.referrals_left == 2
    for day in range(41, 160):
        county.policy.referrals_left = 0
        county.env.run(until=day)
        left.append(county.policy.referrals_left)
    assert sum(left) == 4 * 2, "opened on days 60.9, 91.3, 121.8 and 152.2"


def waits(events: Events, kind: str) -> Numbers:
    """The wait of each case of this kind that was heard, the first tenth left out."""
    spans = History(events, inf).waits("docket")
    mine = (spans.why_in == events.code(kind)) & np.isfinite(spans.end)
    found = (spans.end - spans.start)[mine]
    return found[len(found) // 10 :]


def poisson(mean: float, most: int = 60) -> Numbers:
    """Chances of 0, 1, 2, ... arrivals."""
    return np.array([exp(-mean) * mean**k / factorial(k) for k in range(most)])


def left_over(motions: float, hearings: float, slots: int, absence: float, room: int = 45) -> Iterator[float]:
    """Mean numbers left of each kind after a docket day, in the long run: the chain of (motions, hearings).

    Each week new ones come, motions are heard first, and nobody is on a day without a judge.
    """
    now = np.zeros((room, room))
    now[0, 0] = 1.0
    came = (poisson(motions, room), poisson(hearings, room))
    for _ in range(400):
        before = np.apply_along_axis(lambda row: np.convolve(row, came[1])[:room], 1, now)
        before = np.apply_along_axis(lambda row: np.convolve(row, came[0])[:room], 0, before)
        after = absence * before
        for m in range(room):
            for h in range(room):
                free = max(0, slots - m)
                after[max(0, m - slots), max(0, h - free)] += (1 - absence) * before[m, h]
        now = after / after.sum()
    numbers = np.arange(room)
    yield float(now.sum(axis=1) @ numbers)
    yield float(now.sum(axis=0) @ numbers)


def mean_wait(left: float, per_week: float) -> float:
    """Days: what is left over waits all week, and what comes waits half a week (Little's law)."""
    return WEEK * (left + per_week / 2) / per_week


def test_the_wait_for_a_weekly_docket_is_that_of_the_bulk_service_chain(register: Parameters) -> None:
    events = term(court(register), 5, {"motion": 4.2}, weeks=12_000)
    left, _ = left_over(4.2, 0.0, 5, 0.0)
    assert agrees(waits(events, "motion"), mean_wait(left, 4.2))


def test_motions_go_first_and_status_hearings_wait_as_long_as_the_chain_of_both_says(
    register: Parameters,
) -> None:
    events = term(court(register), 5, {"motion": 1.5, "status": 2.8}, weeks=10_000)
    motions, hearings = left_over(1.5, 2.8, 5, 0.0)
    assert agrees(waits(events, "motion"), mean_wait(motions, 1.5))
    assert agrees(waits(events, "status"), mean_wait(hearings, 2.8))
    assert mean_wait(hearings, 2.8) > mean_wait(motions, 1.5)


def test_an_absent_judge_takes_her_share_of_the_docket_and_the_queue_follows(register: Parameters) -> None:
    weeks, absence = 20_000, 0.2
    events = term(court(register, absence), 6, {"motion": 1.2, "status": 2.4}, weeks)
    held = np.array([n for _, service, what, n in events.capacity if (service, what) == ("docket", "held")])
    assert set(held) == {0.0, 6.0}
    assert (held == 0).mean() == pytest.approx(absence, abs=4 * np.sqrt(absence * (1 - absence) / weeks))
    _, hearings = left_over(1.2, 2.4, 6, absence)
    assert agrees(waits(events, "status"), mean_wait(hearings, 2.4))


def test_the_judge_is_absent_on_the_same_days_whatever_the_docket_holds(register: Parameters) -> None:
    def days(slots: int) -> list[float]:
        events = term(court(register, 0.3), slots, {"motion": 1.0}, weeks=200)
        return [day for day, _, what, n in events.capacity if what == "held" and n == 0]

    assert days(2) == days(9) != []


def test_what_the_docket_does_not_reach_is_heard_on_the_next_docket_day(register: Parameters) -> None:
    county = court(register)
    for number in range(5):
        county.env.process(docket.hearing(county, somebody(county, number), "status", 28.0))
    county.env.process(docket.docket_days(county, 2, first=3.0))
    county.env.run(until=60)
    events = county.log.read()
    heard = events.where("docket", "admitted")
    assert events.day[heard].tolist() == [3, 3, 10, 10, 17]
    assert events.person[heard].tolist() == [0, 1, 2, 3, 4]


def test_a_hearing_is_dropped_when_it_was_carried_as_long_as_the_rule_allows(register: Parameters) -> None:
    county = court(register)
    county.env.process(docket.hearing(county, somebody(county, 1), "status", 28.0))
    county.env.run(until=60)
    events = county.log.read()
    assert events.day[events.where("docket", "left_waiting", "waited_too_long")].tolist() == [28]


def test_used_and_open_slots_are_counted_by_docket_day() -> None:
    log = EventLog()
    for day, slots in ((3, 2), (10, 0), (17, 4)):
        log.capacity(day, "docket", "held", slots)
    for day, person in ((3, 1), (3, 2), (17, 3)):
        log.write(day, person, "docket", "admitted", "motion")
        log.write(day, person, "docket", "discharged", "heard")
    history, edges = History(log.read(), 20.0), np.array([0.0, 10.0, 20.0])
    assert MEASURES["docket_load"].function(history, edges)["all"].tolist() == [1.0, 0.25]
    assert MEASURES["docket_days_lost"].function(history, edges)["all"].tolist() == [0.0, 0.5]
