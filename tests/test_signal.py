"""A signal resumes who waits for it once: at its time, or earlier when fired."""

from __future__ import annotations

from math import inf
from typing import Any

from simulation.engine.clock import Clock, Process, Signal


def listen(env: Clock, signal: Signal, heard: list[tuple[float, Any]]) -> Process[None]:
    """Write down when a signal resumed this process, and with which message."""
    message = yield signal
    heard.append((env.now, message))


def fire(env: Clock, day: float, signal: Signal, message: str, answers: list[bool]) -> Process[None]:
    """Fire a signal on a day."""
    yield env.timeout(day)
    answers.append(signal.fire(message))


def story(due: float, firings: list[tuple[float, str]]) -> tuple[list[tuple[float, Any]], list[bool]]:
    """What a waiting process receives of a signal that others fire, and what each ``fire`` returns."""
    env = Clock()
    heard: list[tuple[float, Any]] = []
    answers: list[bool] = []
    signal = Signal(env, due)
    env.process(listen(env, signal, heard))
    for day, message in firings:
        env.process(fire(env, day, signal, message, answers))
    env.run(until=100)
    return heard, answers


def test_left_alone_it_resumes_at_its_time_without_a_message() -> None:
    assert story(5, []) == ([(5, None)], [])


def test_fired_early_it_resumes_then_and_only_then() -> None:
    assert story(5, [(2, "admitted")]) == ([(2, "admitted")], [True])


def test_a_signal_without_end_waits_until_it_is_fired() -> None:
    assert story(inf, [(50, "lost")]) == ([(50, "lost")], [True])
    assert story(inf, []) == ([], [])


def test_the_first_message_counts() -> None:
    assert story(5, [(2, "first"), (2, "second"), (3, "third")]) == ([(2, "first")], [True, False, False])


def test_firing_a_triggered_signal_does_nothing() -> None:
    assert story(5, [(6, "late")]) == ([(5, None)], [False])


def test_a_signal_keeps_its_message() -> None:
    env = Clock()
    signal = Signal(env)
    env.process(listen(env, signal, []))
    env.process(fire(env, 1, signal, "admitted", []))
    env.run(until=2)
    assert signal.value == "admitted"


def test_a_signal_due_now_resumes_now() -> None:
    assert story(0, []) == ([(0, None)], [])


def test_a_signal_is_triggered_once_it_fired_or_timed_out() -> None:
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


def test_waiting_on_a_triggered_signal_returns_at_once() -> None:
    env = Clock()
    heard: list[tuple[float, Any]] = []
    signal = Signal(env)

    def late() -> Process[None]:
        yield Signal(env, 3)
        yield from listen(env, signal, heard)

    env.process(fire(env, 2, signal, "admitted", []))
    env.process(late())
    env.run(until=9)
    assert heard == [(3, "admitted")]
