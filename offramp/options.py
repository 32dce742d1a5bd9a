"""What a run was asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.experiment.precision import Precision
from simulation.scenario import Scenario

if TYPE_CHECKING:
    from calibration.inference.posterior import Posterior


@dataclass(frozen=True)
class Means:
    """With what the runs are made, none of which changes the results.

    jobs: processes of this machine; scheduler: the cluster to use instead; store: where finished runs
    are kept; events_to: where the workers write the logs, and leave them.
    """

    jobs: int = 1
    scheduler: str | None = None
    store: Path | None = None
    events_to: str | None = None


@dataclass(frozen=True)
class Order:
    """What was asked for on the command line; draws come from the posterior if there is one."""

    scenarios: list[Scenario]
    replications: int
    draws: int
    seed: int
    events: bool = False
    precision: Precision | None = None
    means: Means = field(default_factory=Means)
    posterior: Posterior | None = None
