"""What a run was asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.scenario import Scenario


@dataclass(frozen=True)
class Order:
    """What was asked for on the command line."""

    scenarios: list[Scenario]
    replications: int
    draws: int
    seed: int
    jobs: int
    events: bool
