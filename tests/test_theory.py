"""What queueing theory says of a service that people leave, share, resize and outgrow.

The textbook's single service is in ``test_service``; here are the cases in which capacity behaves as
counties know it. Where there is no formula the oracle is an exact small Markov chain.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from simulation.county.service import Service
from simulation.engine.clock import Process
from simulation.engine.eventlog import Events
from simulation.engine.stream import Stream
from tests.markov import generator, stationary
from tests.test_service import World, agrees, census_on, days_of, exponential

Numbers = NDArray[np.float64]


def season(world: World, rate: float, people: int, visit: Callable[[int, Stream], Process]) -> Events:
    """The log after so many people have come at random and lived through a visit each."""

    def arrivals() -> Process[None]:
        for number in range(people):
            stream = Stream(2027, number)
            yield world.env.timeout(stream.exponential("arrival") / rate)
            world.env.process(visit(number, stream))

    world.env.process(arrivals())
    world.env.run()
    return world.log.read()


# --- People give up: M/M/c+M ---


@lru_cache
def impatient(slots: int, rate: float, giving_up: float, people: int = 60_000) -> Events:
    """A service of mean stay 1 whose waiting list people leave at a constant hazard."""
    world = World(slots)

    def visit(number: int, stream: Stream) -> Process[None]:
        person = world.person(number)
        patience = stream.exponential("patience") / giving_up
        if (yield from world.desk.enter(person, patience=patience)):
            yield from world.desk.visit(person, stream.exponential("stay"))

    return season(world, rate, people, visit)


def erlang_a(slots: int, rate: float, giving_up: float) -> Numbers:
    """How often so many are there, waiting or served (Palm 1957; the birth-death chain itself)."""
    states = list(range(slots + 200))

    def moves(n: int) -> list[tuple[int, float]]:
        return [(n + 1, rate), (n - 1, min(n, slots) + giving_up * max(0, n - slots))]

    return stationary(generator(states, moves))


@pytest.mark.parametrize(("slots", "rate", "giving_up"), [(3, 2.4, 0.5), (2, 4.0, 0.25)])
def test_the_share_that_gives_up_is_erlang_as(slots: int, rate: float, giving_up: float) -> None:
    events, people = impatient(slots, rate, giving_up), 60_000
    gave_up = ~np.isnan(days_of(events, "left_waiting", people))
    chances = erlang_a(slots, rate, giving_up)
    waiting = np.maximum(np.arange(len(chances)) - slots, 0)
    assert agrees(gave_up[people // 10 :].astype(float), giving_up * float(chances @ waiting) / rate)


def test_the_wait_of_everybody_is_erlang_as_by_littles_law() -> None:
    slots, rate, giving_up, people = 3, 2.4, 0.5, 60_000
    events = impatient(slots, rate, giving_up)
    ended = np.fmin(days_of(events, "admitted", people), days_of(events, "left_waiting", people))
    waits = (ended - days_of(events, "referred", people))[people // 10 :]
    chances = erlang_a(slots, rate, giving_up)
    waiting = np.maximum(np.arange(len(chances)) - slots, 0)
    assert agrees(waits, float(chances @ waiting) / rate)


# --- Two stages, blocking, no buffer in between ---


def test_a_place_held_for_want_of_the_next_one_blocks_as_the_exact_chain_says() -> None:
    """A stay in the first service ends only when the second has a place: nobody waits in between."""
    first, second, rate, speeds, people = 3, 2, 2.0, (1.0, 0.9), 60_000
    world = World(first)
    beds = Service(world.env, world.log, "beds", second)

    def visit(number: int, stream: Stream) -> Process[None]:
        person = world.person(number)
        if not (yield from world.desk.enter(person, patience=0)):
            return
        yield person.pause(stream.exponential("first") / speeds[0])
        yield from beds.enter(person)
        world.desk.leave(person)
        yield from beds.visit(person, stream.exponential("second") / speeds[1])

    events = season(world, rate, people, visit)
    turned_away = events.where("desk", "declined")
    refused = np.zeros(people)
    refused[events.person[turned_away]] = 1.0

    def moves(state: tuple[int, int, int]) -> list[tuple[tuple[int, int, int], float]]:
        working, blocked, beyond = state
        on = [((working + 1, blocked, beyond), rate if working + blocked < first else 0.0)]
        goes = (working - 1, blocked, beyond + 1) if beyond < second else (working - 1, blocked + 1, beyond)
        frees = (working, blocked - 1, beyond) if blocked else (working, blocked, beyond - 1)
        return [*on, (goes, working * speeds[0]), (frees, beyond * speeds[1])]

    states = [
        (working, blocked, beyond)
        for working in range(first + 1)
        for blocked in range(first + 1 - working)
        for beyond in range(second + 1)
        if not blocked or beyond == second
    ]
    chances = stationary(generator(states, moves))
    full = sum(p for p, (w, b, _) in zip(chances, states, strict=True) if w + b == first)
    assert agrees(refused[people // 10 :], float(full))
    held = sum(p * b for p, (_, b, _) in zip(chances, states, strict=True)) / (rate * (1 - full))
    waits = days_of_service(events, "beds", "admitted", people) - days_of_service(
        events, "beds", "referred", people
    )
    assert agrees(waits[people // 10 :], float(held))


def days_of_service(events: Events, service: str, verb: str, people: int) -> Numbers:
    """The day of this verb in one of several services for each person, nan if it never came."""
    days = np.full(people, np.nan)
    rows = events.where(service, verb)
    days[events.person[rows]] = events.day[rows]
    return days


# --- Slots that open and close in steps ---

STEPS = ((0.0, 2), (4.0, 6), (8.0, 1), (12.0, 3))
CYCLE, SWINGS = 16.0, 3000


def test_slots_that_open_and_close_in_steps_give_the_census_and_the_queue_of_the_exact_chain() -> None:
    """When slots close the places drain: who is in stays, so the census passes the slots for a while."""
    rate, world = 2.5, World(2)

    def schedule() -> Process[None]:
        while True:
            for (since, slots), (until, _) in pairwise([*STEPS, (CYCLE, 0)]):
                world.desk.resize(slots)
                yield world.env.timeout(until - since)

    def arrivals() -> Process[None]:
        number = 0
        while world.env.now < CYCLE * SWINGS:
            stream = Stream(7, number)
            yield world.env.timeout(stream.exponential("arrival") / rate)
            world.customer(number, 0.0, stream.exponential("stay"))
            number += 1

    world.env.process(schedule())
    world.env.process(arrivals())
    world.env.run(until=CYCLE * SWINGS)
    events = world.log.read()
    chances = swinging(rate)
    for day in LOOKED_AT:
        theory = chances[day]
        cycles = day + CYCLE * np.arange(50, SWINGS)
        assert agrees(census_on(events, cycles), theory[0]), day
        came = np.sort(events.day[events.where(what="referred")])
        begun = np.sort(events.day[events.where(what="admitted")])
        queue = np.searchsorted(came, cycles) - np.searchsorted(begun, cycles)
        batches = np.array([batch.mean() for batch in np.array_split(queue, 30)])
        error = float(batches.std(ddof=1)) / math.sqrt(30)
        assert error < 0.1 * theory[1]
        assert abs(queue.mean() - theory[1]) < 4 * error, day


def swinging(rate: float) -> dict[float, tuple[float, float]]:
    """Mean census and queue at some days of a cycle that has swung in."""
    busy_most, queue_most = 6, 60
    states = [(busy, waiting) for busy in range(busy_most + 1) for waiting in range(queue_most + 1)]

    def moves_with(slots: int) -> Callable[[tuple[int, int]], list[tuple[tuple[int, int], float]]]:
        def moves(state: tuple[int, int]) -> list[tuple[tuple[int, int], float]]:
            busy, waiting = state
            comes = (busy + 1, waiting) if busy < slots else (busy, waiting + 1)
            goes = (busy, waiting - 1) if waiting and busy <= slots else (busy - 1, waiting)
            return [(comes, rate), (goes, float(busy))]

        return moves

    def opened(chances: Numbers, slots: int) -> Numbers:
        moved = np.zeros_like(chances)
        at = {state: i for i, state in enumerate(states)}
        for chance, (busy, waiting) in zip(chances, states, strict=True):
            served = max(0, min(waiting, slots - busy))
            moved[at[busy + served, waiting - served]] += chance
        return moved

    census, queue = np.array(states, dtype=float).T
    legs = [
        (slots, until, expm(generator(states, moves_with(slots)) * (until - since)))
        for slots, since, until in legs_of_a_cycle()
    ]
    chances = np.zeros(len(states))
    chances[0] = 1.0
    found: dict[float, tuple[float, float]] = {}
    for _ in range(40):
        for slots, until, moved in legs:
            chances = opened(chances, slots) @ moved
            found[until] = (float(chances @ census), float(chances @ queue))
    return found


LOOKED_AT = (2.0, 6.0, 8.5, 11.9, 14.0)


def legs_of_a_cycle() -> list[tuple[int, float, float]]:
    """Slots, beginning and end of the spans between steps and the days looked at."""
    days = sorted({0.0, CYCLE, *LOOKED_AT, *(since for since, _ in STEPS)})
    slots_on = dict(STEPS)
    found, slots = [], 0
    for since, until in pairwise(days):
        slots = slots_on.get(since, slots)
        found.append((slots, since, until))
    return found


# --- Growing demand, long stays ---


def test_a_census_under_growing_arrivals_and_heavy_tailed_stays_lags_behind_as_the_formula_says() -> None:
    """M(t)/G/infinity: the mean census is the arrival rate of each past day times the stays still going.

    With Pareto stays of tail index 1.5 it stays far below arrivals times mean stay for years.
    """
    growth, base, horizon, index = 0.5, 8.0, 100.0, 1.5
    days = np.array([20.0, 50.0, 80.0, 99.0])
    found = []
    for run in range(40):
        world, stream = World(math.inf), Stream(5, run)
        expected = 0.0
        number = 0
        while True:
            expected += stream.exponential("arrival")
            day = (math.sqrt(base**2 + 2 * growth * expected) - base) / growth
            if day >= horizon:
                break
            stay = stream.uniform("stay") ** (-1 / index)
            world.customer(number, day, stay)
            number += 1
        world.env.run(until=horizon)
        found.append(census_on(world.log.read(), days))
    census = np.array(found)
    error = census.std(axis=0, ddof=1) / math.sqrt(len(census))
    theory = np.array([growing_census(day, base, growth, index) for day in days])
    assert (np.abs(census.mean(axis=0) - theory) < 4 * error).all()
    assert (error < 0.03 * theory).all()
    steady = (base + growth * days) * index / (index - 1)
    assert (theory < 0.93 * steady).all()


def growing_census(day: float, base: float, growth: float, index: float) -> float:
    """The integral of arrivals times survival, by the trapezoid rule."""
    ago = np.linspace(0.0, day, 200_001)
    survival = np.minimum(1.0, np.maximum(ago, 1e-12) ** -index)
    return float(np.trapezoid((base + growth * (day - ago)) * survival, ago))


# --- More capacity, where it binds and where it does not ---


def waits_with(slots: int, patience: float) -> tuple[Numbers, Numbers]:
    """Waits of those served, and who gave up, of 20 arrivals a day with stays of a day."""
    world, people = World(slots), 30_000

    def visit(number: int, stream: Stream) -> Process[None]:
        person = world.person(number)
        if (yield from world.desk.enter(person, patience=patience)):
            yield from world.desk.visit(person, exponential(1.0)(stream.uniform("stay")))

    events = season(world, 20.0, people, visit)
    referred = days_of(events, "referred", people)
    gave_up = ~np.isnan(days_of(events, "left_waiting", people))
    return (days_of(events, "admitted", people) - referred)[people // 10 :], gave_up[people // 10 :]


def test_a_saturated_queue_that_people_give_up_hardly_reacts_to_a_tenth_more_capacity() -> None:
    """Twice as many come as there is room for: everybody waits out nearly all their patience.

    A tenth more slots only means that fewer give up; the wait of those served, the fluid limit says,
    stays just under the patience.
    """
    (before, lost_before), (after_it, lost_after) = waits_with(10, 2.0), waits_with(11, 2.0)
    assert abs(np.nanmean(after_it) / np.nanmean(before) - 1) < 0.03
    assert lost_before.mean() == pytest.approx(1 - 10 / 20, abs=0.02)
    assert lost_after.mean() == pytest.approx(1 - 11 / 20, abs=0.02)


def test_an_unsaturated_queue_does_not_react_to_a_tenth_more_capacity_at_all() -> None:
    (before, lost_before), (after_it, lost_after) = waits_with(60, 2.0), waits_with(66, 2.0)
    assert not before.any() and not lost_before.any()
    assert np.array_equal(before, after_it) and np.array_equal(lost_before, lost_after)
