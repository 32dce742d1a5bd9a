"""A worker that is lost costs time, and never a result."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from simulation.experiment.pool import PATIENCE, LostWorkers, Machine, map_unordered


def killed_once(folder: Path, number: int) -> int:
    """Squares, but whoever first works on 3 is killed."""
    if number == 3:
        try:
            (folder / "killed").touch(exist_ok=False)
        except FileExistsError:
            return number**2
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def always_killed(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def out_of_memory(number: int) -> int:
    raise MemoryError


def faulty(number: int) -> int:
    raise ZeroDivisionError(f"{number} is wrong")


def own_process_then_sleep(number: int) -> int:
    if number:
        time.sleep(60)
    return os.getpid()


def test_a_killed_worker_s_item_is_worked_on_again(tmp_path: Path) -> None:
    told: list[str] = []
    found = dict(map_unordered(partial(killed_once, tmp_path), range(6), Machine(2), told.append))
    assert found == {number: number**2 for number in range(6)}
    assert len(told) == 1 and "lost" in told[0]


@pytest.mark.parametrize("function", [always_killed, out_of_memory])
def test_workers_that_are_always_lost_end_the_work(function: Callable[[int], int]) -> None:
    told: list[str] = []
    with pytest.raises(LostWorkers):
        list(map_unordered(function, [1], Machine(2), told.append))
    assert len(told) == PATIENCE - 1


def test_a_mistake_is_told_as_it_is_and_not_tried_again() -> None:
    told: list[str] = []
    with pytest.raises(ZeroDivisionError, match="1 is wrong"):
        list(map_unordered(faulty, [1], Machine(1), told.append))
    assert not told


def test_processes_end_with_the_work_whatever_they_are_at() -> None:
    begun = time.monotonic()
    work = map_unordered(own_process_then_sleep, [0, 1], Machine(2), print)
    _, process = next(work)
    work.close()
    assert time.monotonic() - begun < 30
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_job_handed_out_as_the_processes_are_killed_leaves_no_word_of_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Under load one Ctrl-C in six met such a job, and a traceback of the manager's thread was printed."""
    pool = Machine(1)
    executor = pool.open()
    at_it = executor.submit(own_process_then_sleep, 1)
    while not at_it.running():
        time.sleep(0.01)
    executor._work_ids.put(99)  # type: ignore[attr-defined]  # handed out, and not taken over yet
    pool.close()
    assert capfd.readouterr().err == ""
