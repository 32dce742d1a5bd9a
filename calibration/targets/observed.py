"""What the records show, in the form that a likelihood needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Observed:
    """What the records show, on the emulator's scale: value and standard error of each output.

    weight: an output of weight w counts as if its variance were 1/w times as large, and not at all at 0;
    drift: variance of the figure between years, where that may exceed what chance in the model makes; run:
    the share of the time on record that is run, to which chance in the record is smaller than in a run.
    """

    value: Floats
    error: Floats
    weight: Floats
    drift: Floats
    run: Floats

    @classmethod
    def of(cls, value: Sequence[float] | Floats, error: Floats | None = None) -> Observed:
        """Figures of full weight without drift, and without error unless one is given."""
        nothing = np.zeros(len(value))
        no_error = nothing if error is None else error
        return cls(np.asarray(value), no_error, nothing + 1, nothing, nothing + 1)

    @property
    def used(self) -> NDArray[np.intp]:
        """Outputs that count."""
        return np.flatnonzero(self.weight > 0)

    def only(self, outputs: Sequence[int]) -> Observed:
        """The same for some of the outputs, in their order."""
        return Observed(*(column[list(outputs)] for column in vars(self).values()))

    def without(self, output: int) -> Observed:
        """The same with one output left out."""
        weight = self.weight.copy()
        weight[output] = 0.0
        return Observed(self.value, self.error, weight, self.drift, self.run)
