"""How many runs are enough: blocks of runs until named measures are known as precisely as asked.

A sequential stopping rule on the relative half-width of a 95 % confidence interval (Law, Simulation
Modeling and Analysis, section 9.4). Blocks have a fixed size, so that the runs made do not depend on
how many workers make them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan, sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simulation.experiment.run import Result

FEWEST = 10
"""Runs that a spread is judged from at least; fewer stop too early too often."""

R = TypeVar("R")


@dataclass(frozen=True)
class Precision:
    """Which measures are to be known how precisely, with at most so many runs of each scenario.

    share: half-width of the 95 % confidence interval over the mean.
    """

    share: float
    measures: tuple[str, ...]
    at_most: int = 1000


@dataclass(frozen=True)
class Estimate:
    """A mean over runs and half of its 95 % confidence interval; ``level`` is what a change is held against.

    of: the measure, with the scenario (and ``change in`` for a paired difference).
    """

    of: str
    mean: float
    half_width: float
    level: float | None = None

    def known(self, share: float) -> bool:
        """Whether it is as precise as asked.

        A difference also counts as known when it is known to be smaller than that share of the level:
        no number of runs would give the digits of a difference that is not there.
        """
        if self.half_width <= share * abs(self.mean):
            return True
        return self.level is not None and abs(self.mean) + self.half_width <= share * abs(self.level)


def estimates(results: Sequence[Result], scenarios: Sequence[str], measures: Sequence[str]) -> list[Estimate]:
    """Every measure in every scenario, and its difference from the first one, run by run.

    Runs of one draw are averaged first when there are several draws: only draws are independent.
    """
    rows = []
    for measure in measures:
        first: dict[tuple[int, int], float] = {}
        for scenario in scenarios:
            values = {r.key[1:]: r.value(measure) for r in results if r.key[0] == scenario}
            rows.append(_estimate(f"{measure} of {scenario}", values))
            if scenario == scenarios[0]:
                first, level = values, rows[-1].mean
                continue
            change = {run: value - first.get(run, nan) for run, value in values.items()}
            rows.append(_estimate(f"change in {measure} by {scenario}", change, level))
    return rows


def _estimate(of: str, values: dict[tuple[int, int], float], level: float | None = None) -> Estimate:
    from scipy.stats import t

    sample = _independent(values)
    n = len(sample)
    if n < 2:
        return Estimate(of, float(sample.mean()) if n else nan, float("inf"), level)
    half_width = float(t.ppf(0.975, n - 1)) * float(sample.std(ddof=1)) / sqrt(n)
    return Estimate(of, float(sample.mean()), half_width, level)


def _independent(values: dict[tuple[int, int], float]) -> NDArray[np.float64]:
    finite = {run: value for run, value in values.items() if isfinite(value)}
    draws = sorted({draw for draw, _ in finite})
    if len(draws) < 2:
        return np.array(list(finite.values()))
    return np.array([np.mean([v for (draw, _), v in finite.items() if draw == d]) for d in draws])


def until_known(
    block: Callable[[range], list[Result]], size: int, precision: Precision, scenarios: Sequence[str]
) -> tuple[list[Result], list[Estimate]]:
    """Blocks of runs until all is known or ``at_most`` is reached; and what is not known then.

    ``block`` makes the runs with these numbers, of every scenario.
    """
    results: list[Result] = []
    made = 0
    unknown: list[Estimate] = []
    while made < precision.at_most:
        more = range(made, min(made + max(size, FEWEST), precision.at_most))
        results += block(more)
        made = more.stop
        intervals = estimates(results, scenarios, precision.measures)
        unknown = [interval for interval in intervals if not interval.known(precision.share)]
        if all(
            isnan(interval.mean) for interval in unknown
        ):  # no run has a value, and more runs would have none
            break
    return sorted(results, key=lambda result: result.key), unknown
