"""One service alone is the queue of the textbooks, and its slots and intake obey their rules.

Long runs are cut into batches, whose means are nearly independent: the theory must lie within four
standard errors of their mean, and these four must be under 15 % of it for that to mean something.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from math import inf
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulation.county.person import Person, Traits
from simulation.county.service import Service
from simulation.engine.clock import Clock, LeftCounty, Process, RunningProcess
from simulation.engine.eventlog import EventLog, Events
from simulation.engine.stream import Stream

Numbers = NDArray[np.float64]
Sample = Callable[[float], float]
Row = tuple[float, int, str, str]

NOBODY_SPECIAL = Traits("female", "26-40", "White", False, False, False, "west", 1.0)


class World:
    """A clock, a log and one service."""

    def __init__(self, slots: float = inf) -> None:
        self.env = Clock()
        self.log = EventLog()
        self.desk = Service(self.env, self.log, "desk", slots)

    def person(self, number: int) -> Person:
        """Somebody."""
        return Person(self.env, number, Stream(1, number), NOBODY_SPECIAL, (0.0, 0.0))

    def customer(
        self, number: int, arrives: float, stays: float, patience: float = inf, priority: int = 0
    ) -> Person:
        """Somebody who comes, waits, stays and goes."""
        person = self.person(number)

        def life() -> Process[None]:
            yield self.env.timeout(arrives)
            try:
                if (yield from self.desk.enter(person, patience=patience, priority=priority)):
                    yield from self.desk.visit(person, stays)
            except LeftCounty:
                return

        RunningProcess(self.env, life(), person)
        return person

    def at(self, day: float, action: Callable[[], Any]) -> None:
        """Do something on a day."""

        def later() -> Generator[Any, Any, None]:
            yield self.env.timeout(day)
            action()

        self.env.process(later())

    def rows(self, until: float = 1000) -> list[Row]:
        """What happened until then: day, person, verb and reason, referrals left out."""
        self.env.run(until=until)
        e = self.log.read()
        rows = zip(e.day.tolist(), e.person.tolist(), e.what.tolist(), e.why.tolist(), strict=True)
        told = [(day, person, e.words[what], e.words[why]) for day, person, what, why in rows]
        return [row for row in told if row[2] != "referred"]


def admissions(rows: list[Row]) -> list[tuple[float, int]]:
    """Day and person of every admission."""
    return [(day, person) for day, person, verb, _ in rows if verb == "admitted"]


def exponential(mean: float) -> Sample:
    """Quantile function of the exponential distribution."""
    return lambda uniform: -mean * math.log(uniform)


def busy_season(
    slots: float, rate: float, stay: Sample, people: int, patience: float = inf, urgent: float = 0.0
) -> Events:
    """The log of a service to which people come at random, a share of them urgently."""
    world = World(slots)

    def arrivals() -> Generator[Any, Any, None]:
        for number in range(people):
            stream = Stream(2027, number)
            yield world.env.timeout(stream.exponential("arrival") / rate)
            priority = 0 if stream.bernoulli("urgent", urgent) else 1
            world.customer(number, 0.0, stay(stream.uniform("stay")), patience, priority)

    world.env.process(arrivals())
    world.env.run()
    return world.log.read()


def days_of(events: Events, verb: str, people: int) -> Numbers:
    """The day of this verb for each person, nan if it never came."""
    days = np.full(people, np.nan)
    rows = events.where(what=verb)
    days[events.person[rows]] = events.day[rows]
    return days


def waits_of(events: Events, people: int) -> Numbers:
    """Each person's wait for admission, the first tenth of them left out."""
    waits = days_of(events, "admitted", people) - days_of(events, "referred", people)
    return waits[people // 10 :]


def agrees(values: Numbers, theory: float, batches: int = 30) -> bool:
    """Whether the mean lies within four standard errors (15 % of it at most) of the theory."""
    means = np.array([np.nanmean(batch) for batch in np.array_split(values, batches)])
    error = means.std(ddof=1) / np.sqrt(batches)
    assert error < 0.0375 * theory, "too few people to tell"
    return bool(abs(means.mean() - theory) < 4 * error)


def erlang_b(slots: int, load: float) -> float:
    """Share refused by so many slots without a waiting room (Erlang 1917)."""
    terms = [load**k / math.factorial(k) for k in range(slots + 1)]
    return terms[-1] / sum(terms)


def erlang_c(slots: int, load: float) -> float:
    """Share that must wait for so many slots (Erlang 1917)."""
    refused = erlang_b(slots, load)
    return slots * refused / (slots - load * (1 - refused))


SLOTS, RATE, STAY = 3, 1.8, 1.0


@pytest.fixture(scope="module")
def mmc() -> Numbers:
    """Waits of a service with three slots, six tenths of the time busy."""
    return waits_of(busy_season(SLOTS, RATE, exponential(STAY), 150_000), 150_000)


def test_the_mean_wait_is_that_of_m_m_c(mmc: Numbers) -> None:
    theory = erlang_c(SLOTS, RATE * STAY) / (SLOTS / STAY - RATE)
    assert agrees(mmc, theory)


def test_the_chance_of_waiting_is_that_of_m_m_c(mmc: Numbers) -> None:
    assert agrees((mmc > 0).astype(float), erlang_c(SLOTS, RATE * STAY))


def test_the_wait_of_those_who_wait_is_exponential(mmc: Numbers) -> None:
    gap = SLOTS / STAY - RATE
    assert agrees((mmc[mmc > 0] > 1 / gap).astype(float), math.exp(-1))


def test_without_patience_the_share_declined_is_erlangs_loss() -> None:
    people = 30_000
    events = busy_season(4, 3.0, exponential(1.0), people, patience=0)
    declined = ~np.isnan(days_of(events, "declined", people))
    assert agrees(declined[people // 10 :].astype(float), erlang_b(4, 3.0))


def test_the_loss_depends_on_the_law_of_stay_by_its_mean_alone() -> None:
    people = 30_000
    events = busy_season(4, 3.0, lambda uniform: 0.5 if uniform < 0.5 else 1.5, people, patience=0)
    declined = ~np.isnan(days_of(events, "declined", people))
    assert agrees(declined[people // 10 :].astype(float), erlang_b(4, 3.0))


def test_an_urgent_minority_waits_as_cobham_says_and_the_others_longer() -> None:
    people, slots, rate, urgent = 150_000, 3, 1.8, 0.3
    events = busy_season(slots, rate, exponential(1.0), people, urgent=urgent)
    waits = waits_of(events, people)
    first = np.array([Stream(2027, n).bernoulli("urgent", urgent) for n in range(people // 10, people)])
    remainder = erlang_c(slots, rate) / slots
    of_urgent, of_all = rate * urgent / slots, rate / slots
    assert agrees(waits[first], remainder / (1 - of_urgent))
    assert agrees(waits[~first], remainder / (1 - of_urgent) / (1 - of_all))


def test_the_share_that_gives_up_after_a_fixed_patience_is_barrers() -> None:
    rate, patience, people = 1.2, 1.5, 30_000
    events = busy_season(1, rate, exponential(1.0), people, patience=patience)
    gave_up = ~np.isnan(days_of(events, "left_waiting", people))
    below = (1 - math.exp(-(1 - rate) * patience)) / (1 - rate)
    above = math.exp((rate - 1) * patience)
    idle = 1 / (1 + rate * (below + above))
    assert agrees(gave_up[people // 10 :].astype(float), idle * rate * above)


def test_nobody_waits_longer_than_their_patience_and_who_gives_up_waited_all_of_it() -> None:
    people = 2000
    events = busy_season(1, 1.5, exponential(1.0), people, patience=1.5)
    referred, gave_up = days_of(events, "referred", people), days_of(events, "left_waiting", people)
    assert np.nanmax(days_of(events, "admitted", people) - referred) <= 1.5
    assert np.allclose((gave_up - referred)[~np.isnan(gave_up)], 1.5)


def census_on(events: Events, days: NDArray[np.floating[Any]]) -> Numbers:
    """How many are in the service on each of these days."""
    came = np.sort(events.day[events.where(what="admitted")])
    went = np.sort(events.day[events.where(what="discharged")])
    found: Numbers = (np.searchsorted(came, days) - np.searchsorted(went, days)).astype(np.float64)
    return found


def test_with_unlimited_slots_and_lognormal_stays_the_census_is_poisson() -> None:
    rate, sigma = 20.0, 0.8
    events = busy_season(inf, rate, lambda uniform: math.exp(sigma * NormalDist().inv_cdf(uniform)), 100_000)
    census = census_on(events, np.arange(100.0, 4900.0, 1.0))
    mean = rate * math.exp(sigma**2 / 2)
    assert agrees(census, mean)
    assert agrees((census - mean) ** 2, mean)


def test_an_arrival_rate_that_swings_gives_the_mean_census_of_eick_massey_and_whitt() -> None:
    mean, swing, cycle, stay, cycles = 30.0, 20.0, 10.0, 4.0, 250
    speed, leaving = 2 * math.pi / cycle, 1 / stay
    world = World(inf)

    def arrivals() -> Generator[Any, Any, None]:
        number = 0
        while world.env.now < cycle * cycles:
            number += 1
            stream = Stream(2027, number)
            yield world.env.timeout(stream.exponential("arrival") / (mean + swing))
            now = mean + swing * math.sin(speed * world.env.now)
            if stream.bernoulli("accepted", now / (mean + swing)):
                world.customer(number, 0.0, stream.exponential("stay") * stay)

    world.env.process(arrivals())
    world.env.run(until=cycle * cycles)
    events = world.log.read()
    for phase in (0.0, 2.5, 5.0, 7.5):
        census = census_on(events, np.arange(10, cycles) * cycle + phase)
        swung = leaving * math.sin(speed * phase) - speed * math.cos(speed * phase)
        assert agrees(census, mean / leaving + swing * swung / (leaving**2 + speed**2))


def test_first_come_first_served() -> None:
    world = World(1)
    for number in range(4):
        world.customer(number, number * 0.1, stays=1)
    assert admissions(world.rows()) == [(0, 0), (1, 1), (2, 2), (3, 3)]


def test_the_urgent_go_first_but_put_nobody_out() -> None:
    world = World(1)
    for number, priority in enumerate((5, 5, 1, 0)):
        world.customer(number, number * 0.1, stays=1, priority=priority)
    assert [person for _, person in admissions(world.rows())] == [0, 3, 2, 1]


def test_when_slots_close_nobody_is_put_out_and_the_places_drain() -> None:
    world = World(3)
    for number, stays in enumerate((5, 10, 15, 1, 1)):
        world.customer(number, number * 0.1, stays)
    world.at(1, lambda: world.desk.resize(1))
    rows = world.rows()
    assert [(round(day, 3), person) for day, person in admissions(rows)] == [
        (0, 0), (0.1, 1), (0.2, 2), (15.2, 3), (16.2, 4),
    ]  # fmt: skip
    assert [day for day, person, verb, _ in rows if verb == "discharged" and person < 3] == [5, 10.1, 15.2]


def test_slots_that_open_let_in_as_many_as_there_are() -> None:
    world = World(0)
    for number in range(4):
        world.customer(number, 0.0, stays=100)
    world.at(7, lambda: world.desk.resize(3))
    assert admissions(world.rows(50)) == [(7, 0), (7, 1), (7, 2)]
    assert world.desk.waiting == 1


def test_no_slots_let_nobody_in() -> None:
    world = World(0)
    world.customer(1, 0.0, stays=1)
    world.customer(2, 0.0, stays=1, patience=3)
    world.customer(3, 0.0, stays=1, patience=0)
    assert world.rows() == [(0, 3, "declined", "full"), (3, 2, "left_waiting", "waited_too_long")]


def test_with_unlimited_slots_nobody_waits() -> None:
    world = World(inf)
    for number in range(1000):
        world.customer(number, 1.0, stays=1)
    assert {day for day, _ in admissions(world.rows())} == {1.0}


def test_an_intake_cap_admits_so_many_an_opening_and_what_is_left_lapses() -> None:
    world = World(inf)
    for number, arrives in enumerate((1, 1, 1, 31, 61, 61, 61)):
        world.customer(number, arrives, stays=100)
    for day in (0, 30, 60):
        world.at(day, lambda: world.desk.open_intake(2))
    assert [day for day, _ in admissions(world.rows())] == [1, 1, 30, 31, 61, 61]


def test_an_intake_never_lets_in_more_than_there_are_slots() -> None:
    world = World(1)
    for number in range(3):
        world.customer(number, 0.0, stays=10)
    world.at(1, lambda: world.desk.open_intake(5))
    assert [day for day, _ in admissions(world.rows())] == [0, 10, 20]


def test_a_docket_day_hears_so_many_cases_in_one_batch_and_none_in_between() -> None:
    world = World(inf)
    world.desk.intake = 0
    for number in range(5):
        world.customer(number, 0.5, stays=0)

    def sit() -> None:
        world.desk.open_intake(2)
        world.desk.open_intake(0)

    for day in (7, 14, 21):
        world.at(day, sit)
    world.customer(9, 8.0, stays=0)
    assert admissions(world.rows()) == [(7, 0), (7, 1), (14, 2), (14, 3), (21, 4), (21, 9)]


def test_who_withdraws_leaves_the_list_once_and_the_next_one_moves_up() -> None:
    world = World(1)
    people = [world.customer(number, 0.0, stays=10) for number in range(3)]
    world.at(4, lambda: world.desk.withdraw(people[1], "found_own_home"))
    rows = world.rows()
    assert (4, 1, "left_waiting", "found_own_home") in rows
    assert admissions(rows) == [(0, 0), (10, 2)]
    assert world.desk.waiting == 0


def test_who_departs_gives_up_the_place_and_the_wait() -> None:
    world = World(1)
    people = [world.customer(number, 0.0, stays=10) for number in range(3)]
    world.at(2, lambda: people[1].leave_county("death"))
    world.at(3, lambda: people[0].leave_county("moving_away"))
    assert world.rows() == [
        (0, 0, "admitted", ""),
        (2, 1, "left_waiting", "death"),
        (3, 0, "discharged", "moving_away"),
        (3, 2, "admitted", ""),
        (13, 2, "discharged", ""),
    ]


def test_who_departs_at_the_very_moment_of_admission_does_not_keep_the_place() -> None:
    world = World(1)
    people = [world.customer(number, 0.0, stays=10 + 90 * (number == 0)) for number in range(3)]

    def swap() -> None:
        world.desk.leave(people[0], "done")
        people[1].leave_county("death")

    world.at(5, swap)
    rows = world.rows(until=9)
    assert [row for row in rows if row[1] == 1] == [(5, 1, "admitted", ""), (5, 1, "discharged", "death")]
    assert world.desk.census == 1
