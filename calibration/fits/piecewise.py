"""A rate of ending that is constant between cuts: a family of durations that follows any curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Piecewise:
    """A constant rate between cuts, so a smoothed Kaplan-Meier curve; cuts ascending, without 0."""

    cuts: tuple[float, ...]
    name: str = "piecewise exponential"

    @property
    def _edges(self) -> Values:
        return np.array([0.0, *self.cuts, np.inf])

    def exposure(self, time: Values) -> Values:
        """Time spent in each interval up to each time; shape times x intervals."""
        edges = self._edges
        return np.clip(time[:, None] - edges[None, :-1], 0, np.diff(edges)[None, :])

    def piece(self, time: Values) -> NDArray[np.int64]:
        """The interval in which each time lies, the one below at an edge."""
        return np.searchsorted(np.array(self.cuts), time, side="left")

    def start(self, time: Values, weight: Values) -> Values:
        """The same rate everywhere."""
        return np.full(len(self.cuts) + 1, -np.log(np.average(time, weights=weight)))

    def log_density(self, time: Values, theta: Values) -> Values:
        """Log rate where it ends, plus log survival."""
        return np.asarray(theta[self.piece(time)] + self.log_survival(time, theta))

    def log_survival(self, time: Values, theta: Values) -> Values:
        """Minus the cumulative hazard."""
        return np.asarray(-self.exposure(time) @ np.exp(np.minimum(theta, 50)))

    def mean(self, theta: Values) -> float:
        """The area under the survival curve."""
        edges, rate = self._edges, np.exp(theta)
        start = np.exp(self.log_survival(edges[:-1], theta))
        end = np.append(start[1:], 0.0)
        return float(((start - end) / rate).sum())

    def natural(self, theta: Values) -> Mapping[str, float]:
        """The rate from each cut on."""
        names = [f"rate from {cut:g}" for cut in (0.0, *self.cuts)]
        return dict(zip(names, np.exp(theta).tolist(), strict=True))


def cuts_of(time: Values, weight: Values, shares: Sequence[float]) -> tuple[float, ...]:
    """The times by which given shares of the spells have ended, each once, without 0 and the last."""
    order = np.argsort(time)
    reached = np.cumsum(weight[order]) / weight.sum()
    inside = [share for share in shares if 0 < share < 1]
    cuts = np.unique(time[order][np.searchsorted(reached, inside)])
    return tuple(float(cut) for cut in cuts if 0 < cut < time.max())
