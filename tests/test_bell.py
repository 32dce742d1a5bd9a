"""A bell wakes its listener once: at its time, or earlier when rung."""

from __future__ import annotations

from math import inf
from typing import Any

from simulation.engine.clock import Clock, Process, Signal


def listen(env: Clock, signal: Signal, heard: list[tuple[float, Any]]) -> Process[None]:
    """Write down when a bell was heard and what it said."""
    message = yield signal
    heard.append((env.now, message))


def ring(env: Clock, day: float, signal: Signal, message: str, answers: list[bool]) -> Process[None]:
    """Ring a bell on a day."""
    yield env.timeout(day)
    answers.append(signal.fire(message))


def story(due: float, rings: list[tuple[float, str]]) -> tuple[list[tuple[float, Any]], list[bool]]:
    """What a listener hears of a bell that others ring, and what the ringers are told."""
    env = Clock()
    heard: list[tuple[float, Any]] = []
    answers: list[bool] = []
    signal = Signal(env, due)
    env.process(listen(env, signal, heard))
    for day, message in rings:
        env.process(ring(env, day, signal, message, answers))
    env.run(until=100)
    return heard, answers


def test_left_alone_it_is_heard_at_its_time_and_says_nothing() -> None:
    assert story(5, []) == ([(5, None)], [])


def test_rung_early_it_is_heard_then_and_only_then() -> None:
    assert story(5, [(2, "admitted")]) == ([(2, "admitted")], [True])


def test_a_bell_without_end_waits_until_it_is_rung() -> None:
    assert story(inf, [(50, "lost")]) == ([(50, "lost")], [True])
    assert story(inf, []) == ([], [])


def test_the_first_ring_counts() -> None:
    assert story(5, [(2, "first"), (2, "second"), (3, "third")]) == ([(2, "first")], [True, False, False])


def test_ringing_a_bell_that_is_over_does_nothing() -> None:
    assert story(5, [(6, "late")]) == ([(5, None)], [False])


def test_a_bell_remembers_what_was_said() -> None:
    env = Clock()
    signal = Signal(env)
    env.process(listen(env, signal, []))
    env.process(ring(env, 1, signal, "admitted", []))
    env.run(until=2)
    assert signal.value == "admitted"


def test_a_bell_due_now_is_heard_now() -> None:
    assert story(0, []) == ([(0, None)], [])


def test_a_bell_is_over_once_it_was_rung_or_its_time_has_come() -> None:
    env = Clock()
    fired, left_alone = Signal(env, 5), Signal(env, 5)
    env.process(listen(env, fired, []))
    env.process(listen(env, left_alone, []))
    env.run(until=1)
    assert not fired.triggered
    fired.fire("released")
    assert (fired.triggered, left_alone.triggered) == (True, False)
    env.run(until=6)
    assert (fired.triggered, left_alone.triggered) == (True, True)


def test_who_listens_to_a_bell_that_is_over_is_told_at_once() -> None:
    env = Clock()
    heard: list[tuple[float, Any]] = []
    signal = Signal(env)

    def late() -> Process[None]:
        yield Signal(env, 3)
        yield from listen(env, signal, heard)

    env.process(ring(env, 2, signal, "admitted", []))
    env.process(late())
    env.run(until=9)
    assert heard == [(3, "admitted")]
