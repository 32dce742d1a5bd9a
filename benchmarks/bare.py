"""What SimPy itself costs: processes that do nothing but wait for random times, so many at once."""

from __future__ import annotations

import random
import time
from collections.abc import Generator
from typing import Any

from simpy import Environment, Event

from simulation.model import garbage_kept


def bare_simpy(pending: int, steps: int) -> tuple[float, int]:
    """Seconds of processor time for about this many steps with so many events pending; and the steps."""
    env = Environment()
    draw = random.Random(1).expovariate

    def waits() -> Generator[Event, Any, None]:
        while True:
            yield env.timeout(draw(1.0))

    with garbage_kept():
        begun = time.process_time()
        for _ in range(pending):
            env.process(waits())
        env.run(until=(steps - pending) / pending)
        seconds = time.process_time() - begun
        made = next(env._eid) - len(env._queue)
        for *_, event in env._queue:
            event.callbacks = []
        env._queue.clear()
    return seconds, made
