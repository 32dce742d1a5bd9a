"""How fast the model is, against SimPy itself and other engines, and how that changes with size.

Run it as ``python benchmarks/speed.py`` (about ten minutes on two processors that do nothing else); it
prints the figures and writes benchmarks/speed.md. ``--json`` prints them as JSON, ``--quick`` takes a
tenth of the size. Ratios hold between machines, seconds do not.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.bare import bare_simpy
from benchmarks.county import county
from offramp.scenarios import load_one
from simulation import model
from simulation.experiment.ensemble import gather, jobs
from simulation.scenario import Scenario

HERE = Path(__file__).parent
MADE = (
    "Made by `python benchmarks/speed.py`. Aims: event cost 3.0 or less, slope 1.15 or less, two processors "
    "1.8 times as fast or more, growth under 0.5 MB."
)
Figures = dict[str, float | str]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--quick", action="store_true")
    asked.add_argument("--only", choices=list(BENCHMARKS), action="append")
    options = asked.parse_args()
    size = 0.1 if options.quick else 1.0
    figures: Figures = {}
    for name in options.only or BENCHMARKS:
        figures |= BENCHMARKS[name](size)
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    table = as_table(figures)
    print(table)
    if not options.quick and not options.only:
        Path(__file__).with_suffix(".md").write_text(table, encoding="utf-8")


def event_cost(size: float) -> Figures:
    """A step of a county of a million over ten years, over a step of bare SimPy with as much pending."""
    scenario = county(1_000_000 * size, 120)
    model.run(county(100_000 * size, 12), 1, 0)  # what is worked out once
    ours, bare = [], []
    for turn in range(5):
        seconds, steps, pending = replication(scenario, turn)
        ours.append(seconds / steps)
        seconds, made = bare_simpy(pending, steps)
        bare.append(seconds / made)
    ratios = [a / b for a, b in zip(ours, bare, strict=True)]
    return {
        "event_cost_over_bare_simpy": median(ratios),
        "event_cost_of_the_best_turn": min(ratios),
        "event_cost_of_the_worst_turn": max(ratios),
        "model_step_ns": 1e9 * median(ours),
        "bare_simpy_step_ns": 1e9 * median(bare),
        "steps_of_a_million_over_ten_years": steps,
        "pending": pending,
    }


def replication(scenario: Scenario, number: int) -> tuple[float, int, int]:
    """Processor seconds of a whole run from nothing to the finished log; kernel steps; pending events."""
    with model.garbage_kept():
        begun = time.process_time()
        made = model.build(scenario, 1, number)
        made.env.live_until(scenario.county.horizon)
        pending = sum(1 for _ in made.env.pending)
        steps = next(made.env._eid) - pending
        made.finish()
        return time.process_time() - begun, steps, pending


def population_slope(size: float) -> Figures:
    """How the cost of five years grows from 100,000 to 2 million residents; 1 is in proportion."""
    residents = [100_000, 250_000, 500_000, 1_000_000, 2_000_000]
    seconds = []
    for number in residents:
        scenario = county(number * size, 60)
        seconds.append(median(replication(scenario, turn)[0] for turn in range(3)))
    slope, _ = np.polyfit(np.log(residents), np.log(seconds), 1)
    return {"population_slope": float(slope), "t_1m_over_t_250k": seconds[3] / seconds[1]}


def parallel_speedup(size: float) -> Figures:
    """The same runs of Contra Costa in one process and in two, start and stop included."""
    work = jobs([load_one("contra_costa")], max(2, round(16 * size)), draws=0, seed=1)
    ratios, two = [], []
    for _ in range(3 if size == 1 else 1):
        alone, both = wall(lambda: gather(work, 1)), wall(lambda: gather(work, 2))
        ratios.append(alone / both)
        two.append(both)
    return {
        "parallel_speedup_2_cores": median(ratios),
        "replications_per_minute": 60 * len(work) / median(two),
    }


def wall(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


GROWTH = """
import psutil, sys
import numpy as np
from offramp.scenarios import load_one
from simulation.run import Job, simulate
scenario, process, used = load_one("napa"), psutil.Process(), []
for number in range(int(sys.argv[1])):
    simulate(Job(scenario, 0, number, 1))
    used.append(process.memory_info().rss / 1e6)
settled = used[len(used) // 10 :]
print(np.polyfit(np.arange(len(settled)), settled, 1)[0], max(used))
"""


def memory_growth(size: float) -> Figures:
    """Megabytes that each of 50 replications adds to the process (the first tenth set aside)."""
    command = [sys.executable, "-c", GROWTH, str(max(10, round(50 * size)))]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=Path(__file__).parent.parent
    )
    growth, peak = map(float, done.stdout.split())
    return {"memory_growth_per_replication_mb": growth, "memory_peak_mb": peak}


def engines(size: float) -> Figures:
    """The same queue network here, in bare SimPy, in Ciw and in simmer."""
    from benchmarks.network import compared

    return compared(20_000 * size)


BENCHMARKS: dict[str, Callable[[float], Figures]] = {
    "event_cost": event_cost,
    "population_slope": population_slope,
    "parallel_speedup": parallel_speedup,
    "memory_growth": memory_growth,
    "engines": engines,
}


def as_table(figures: Figures) -> str:
    """The figures for a reader, with the machine and the versions they were taken on."""
    rows = [
        f"| {name} | {value if isinstance(value, str) else f'{value:,.3g}'} |"
        for name, value in figures.items()
    ]
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    versions = ", ".join(f"{name} {version(name)}" for name in ("simpy", "numpy"))
    return "\n".join(["| figure | value |", "|---|---|", *rows, "", f"{machine}, {versions}. {MADE}", ""])


if __name__ == "__main__":
    main()
