"""A calibration that is ready to begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from calibration.inference.inference import Budget
from calibration.inference.run_cache import Bank
from calibration.targets.local import Said, Taken
from calibration.targets.target import Target


@dataclass(frozen=True)
class Work:
    """A calibration that is ready to begin.

    series: the targets that are series, with the months held out; look_back: the bank that runs the first
    draws through all of them, month by month.
    """

    bank: Bank
    look_back: Bank
    targets: list[Target]
    series: list[Target]
    budget: Budget
    taken: list[Taken]
    said: list[Said]
    notes: list[str]

    @property
    def first_unseen(self) -> date:
        """The first day that the calibration was not shown."""
        return max(target.end for target in self.targets)
