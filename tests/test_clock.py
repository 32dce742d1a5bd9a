"""The clock lets things happen in SimPy's own order, and a stage ends when its person has left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simpy import Environment, Event
from simpy.events import NORMAL, EventPriority

from simulation.county.person import Person, Traits
from simulation.engine.clock import SPAN, Clock, LeftCounty, Process, RunningProcess, Signal
from simulation.engine.stream import Stream

Told = list[tuple[float, int, object]]
SOMEBODY = Traits("female", "26-40", "White", False, False, False, "west", 1.0)
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([0.0, 1e-20, 0.5, 1.0, 31.0, 32.0, 63.5, 64.0])),
    st.tuples(st.just("timeout"), st.sampled_from([0.0, 0.5, 1.0])),
    st.tuples(st.just("after all"), st.sampled_from([0.0, 1.0])),
    st.tuples(st.just("ring"), st.integers(0, 3)),
    st.tuples(st.just("listen"), st.sampled_from([0.0, 1.0, 5.0, 40.0])),
    st.tuples(st.just("begin"), st.integers(0, 3)),
)
PROGRAMS = st.lists(st.lists(STEPS, max_size=6), min_size=4, max_size=4)


class InSimPy(Event):
    """What a signal is, in SimPy's own events, lists and heap."""

    def __init__(self, env: Environment, delay: float = inf) -> None:
        super().__init__(env)
        self._ok, self._value, self.fired = True, None, False
        if delay < inf:
            env.schedule(self, delay=delay)

    def fire(self, message: object) -> bool:
        if self.fired or self.callbacks is None:
            return False
        self.fired, self._value = True, message
        early = Event(self.env)
        early.callbacks.append(self._happen)
        early.succeed()
        return True

    def _happen(self, _: Event) -> None:
        callbacks, self.callbacks = self.callbacks or [], []
        for callback in callbacks:
            callback(self)


def story(env: Environment, programs: list[list[tuple[str, float]]], run: Callable[[], object]) -> Told:
    """What stages that wait, fire one another's signals and start others receive, in SimPy's order."""
    told: Told = []
    signal = partial(Signal, env) if isinstance(env, Clock) else partial(InSimPy, env)
    signals: dict[int, Signal | InSimPy] = {}

    def stage(number: int, depth: int) -> Process[None]:
        for what, figure in programs[number]:
            heard: object = None
            if what == "wait":
                heard = yield signal(figure)
            elif what == "timeout":
                heard = yield env.timeout(figure)
            elif what == "after all":
                last = Event(env)
                last._ok, last._value = True, None
                env.schedule(last, EventPriority(NORMAL + 1), figure)
                yield last
            elif what == "ring":
                heard = int(figure) in signals and signals[int(figure)].fire(number)
            elif what == "listen":
                signals[number] = signal(figure)
                heard = yield signals[number]
            elif depth < 3:
                env.process(stage(int(figure), depth + 1))
            told.append((env.now, number, heard))

    for number in range(len(programs)):
        env.process(stage(number, 0))
    run()
    return told


@settings(max_examples=400, derandomize=True)
@given(PROGRAMS, st.sampled_from([7.0, 8.0, 64.0, 150.0]))
def test_everything_happens_in_simpys_order_also_what_is_due_at_one_moment(
    programs: list[list[tuple[str, float]]], until: float
) -> None:
    plain, stepped, clock = Environment(0.0), Clock(), Clock()
    expected = story(plain, programs, lambda: plain.run(until=until))
    assert story(stepped, programs, lambda: stepped.run(until=until)) == expected
    assert story(clock, programs, lambda: clock.live_until(until)) == expected


def test_a_clock_with_nothing_left_to_come_stops_and_can_be_gone_on_with() -> None:
    clock, heard = Clock(), []

    def stage() -> Process[None]:
        yield Signal(clock, 100.0)
        heard.append(clock.now)

    RunningProcess(clock, stage())
    clock.run()
    assert heard == [100.0]
    resumed = clock.now
    RunningProcess(clock, stage())
    clock.live_until(resumed + 200)
    assert heard == [100.0, resumed + 100]


def test_what_is_due_at_the_end_does_not_happen_and_time_stands_there() -> None:
    clock, heard = Clock(), []

    def stage(days: float) -> Process[None]:
        yield Signal(clock, days)
        heard.append(clock.now)

    for days in (1.0, 2.0, 3.0):
        RunningProcess(clock, stage(days))
    clock.live_until(2.0)
    assert (heard, clock.now, len(list(clock.pending))) == ([1.0], 2.0, 2)
    clock.live_until(3.5)
    assert heard == [1.0, 2.0, 3.0]


def test_a_run_may_end_with_a_span_of_the_clock() -> None:
    clock, heard = Clock(), []

    def stage(days: float) -> Process[None]:
        yield Signal(clock, days)
        heard.append(clock.now)

    RunningProcess(clock, stage(2 * SPAN - 1))
    RunningProcess(clock, stage(2 * SPAN))
    for end in (SPAN, 2 * SPAN, 2 * SPAN + 1):
        clock.live_until(end)
    assert heard == [2 * SPAN - 1, 2 * SPAN]


@pytest.mark.parametrize(
    "waits", ["a signal", "a signal without end", "a fired signal", "a timeout", "its start"]
)
def test_a_stage_ends_where_it_waits_when_its_person_leaves(waits: str) -> None:
    clock, told = Clock(), []
    person = Person(clock, 1, Stream(1, 1), SOMEBODY, (0.0, 0.0))
    signal = Signal(clock, 9.0) if waits in ("a signal", "a fired signal") else Signal(clock)

    def stage() -> Process[None]:
        try:
            yield clock.timeout(9.0) if waits == "a timeout" else signal
        except LeftCounty as departure:
            told.append((clock.now, str(departure)))
            raise
        told.append((clock.now, "went on"))

    def leave() -> Process[None]:
        if waits != "its start":
            yield clock.timeout(5.0)
        yield from ()
        if waits == "a fired signal":
            signal.fire("too late")
        person.leave_county("death")

    if waits == "its start":
        RunningProcess(clock, leave())
    RunningProcess(clock, stage(), person)
    if waits != "its start":
        RunningProcess(clock, leave())
    clock.live_until(20.0)
    assert told == ([] if waits == "its start" else [(5.0, "death")])
    assert not person.processes
    assert not list(clock.pending) or waits == "a timeout"


def test_a_stage_is_alive_until_it_ends_and_another_may_wait_for_it() -> None:
    clock, heard = Clock(), []

    def short() -> Process[str]:
        yield Signal(clock, 2.0)
        return "done"

    def waits(stage: RunningProcess) -> Process[None]:
        value = yield stage
        heard.append((clock.now, value))

    stage = RunningProcess(clock, short())
    RunningProcess(clock, waits(stage))
    clock.live_until(1.0)
    assert (stage.is_alive, stage.triggered, heard) == (True, False, [])
    clock.live_until(3.0)
    assert (stage.is_alive, stage.value, heard) == (False, "done", [(2.0, "done")])


def test_a_stage_whose_person_stays_leaves_no_trace() -> None:
    clock = Clock()
    person = Person(clock, 1, Stream(1, 1), SOMEBODY, (0.0, 0.0))

    def stage() -> Process[None]:
        yield Signal(clock, 1.0)

    RunningProcess(clock, stage(), person)
    assert len(person.processes) == 1
    clock.live_until(2.0)
    assert not person.processes
