"""What SimPy itself costs: processes that do nothing but wait, so many at a time."""

from __future__ import annotations

import random
import time
from collections.abc import Generator
from itertools import cycle
from typing import Any

from simpy import Environment, Event

from simulation.model import garbage_kept


def bare_simpy(pending: int, steps: int) -> tuple[float, int]:
    """Seconds of processor time for about this many steps with so many events pending; and the steps."""
    env = Environment()
    draw = random.Random(1)
    delays = cycle([draw.expovariate(1.0) for _ in range(100_003)])

    def waits() -> Generator[Event, Any, None]:
        while True:
            yield env.timeout(next(delays))

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
