"""What is asked of a run, and the scale on which it is compared with records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.measures import MEASURES, History

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Output:
    """A measure of a subgroup over some spans of a run, in days ``[start, end)`` from its first day.

    Its value is the mean over the spans: of a stock or a share the average, of a flow the number in a span,
    ``times`` over where the record counts a longer time than is run.
    """

    measure: str
    subgroup: str
    spans: tuple[tuple[float, float], ...]
    times: float = 1.0

    @property
    def name(self) -> str:
        """Measure and subgroup, such as ``jail_adp:sex=female``."""
        return self.measure if self.subgroup == "all" else f"{self.measure}:{self.subgroup}"

    @property
    def counts(self) -> bool:
        """Whether an absent subgroup means none, and not unknown."""
        return MEASURES[self.measure].kind in ("stock", "flow")


def observe(history: History, outputs: Sequence[Output]) -> Floats:
    """The value of each output in one run; nan where the run has none."""
    return np.array([output.times * _mean(spans_of(history, output)) for output in outputs])


def spans_of(history: History, output: Output) -> Floats:
    """The value in each span; nan where there is none."""
    edges = np.array(sorted({edge for span in output.spans for edge in span}))
    measure, key = MEASURES[output.measure], f"{output.measure} {edges.tobytes().hex()}"
    by_subgroup = history.once(key, lambda past: measure.function(past, edges))
    if output.subgroup not in by_subgroup:
        by_subgroup = history.once(f"{key} groups", lambda past: measure.values(past, edges, subgroups=True))
    if output.subgroup not in by_subgroup:
        return np.full(len(output.spans), 0.0 if output.counts else np.nan)
    at = np.searchsorted(edges, [start for start, _ in output.spans])
    values = np.asarray(by_subgroup[output.subgroup], dtype=np.float64)[at]
    return np.where(np.isfinite(values), values, np.nan)


def _mean(values: Floats) -> float:
    seen = values[np.isfinite(values)]
    return float(seen.mean()) if len(seen) else float("nan")


def scaled(measure: str, values: Floats) -> Floats:
    """Values on the scale of comparison: log(1 + value), or of a share twice the arcsine of its root.

    What multiplies in the model adds up there, nothing is minus infinity, and a share's chance is alike at
    every level.
    """
    if MEASURES[measure].kind == "share":
        return np.asarray(2 * np.arcsin(np.sqrt(np.clip(values, 0, 1))), dtype=np.float64)
    return np.asarray(np.log1p(np.maximum(values, 0)), dtype=np.float64)


def unscaled(measure: str, values: Floats) -> Floats:
    """The inverse of ``scaled``."""
    if MEASURES[measure].kind == "share":
        return np.asarray(np.sin(np.clip(values, 0, np.pi) / 2) ** 2, dtype=np.float64)
    return np.asarray(np.expm1(np.maximum(values, 0)), dtype=np.float64)
