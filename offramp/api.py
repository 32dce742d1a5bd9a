"""What ``import offramp`` offers: load scenarios, run them, read results, calibrate, and measure records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from offramp import scenarios
from offramp.commands.calibrate import calibrate
from offramp.commands.measures import measures
from offramp.commands.run import run
from offramp.options import CalibrateOptions, ExecutionOptions, MeasuresOptions, RunOptions, WorkerOptions
from offramp.report.results import Results
from offramp.report.results import open_results as open
from offramp.report.tables import definitions
from simulation.levers import Lever
from simulation.measures.registry import measure
from simulation.scenario import Scenario

__all__ = [
    "CalibrateOptions",
    "ExecutionOptions",
    "Lever",
    "MeasuresOptions",
    "Results",
    "RunOptions",
    "WorkerOptions",
    "calibrate",
    "definitions",
    "load",
    "measure",
    "measures",
    "open",
    "run",
]


def load(names: str | Path | Sequence[str | Path]) -> list[Scenario]:
    """Read scenarios: files, or bare names of shipped ones such as ``contra_costa``.

    Raises BadDocument with every problem of every file.
    """
    several = [names] if isinstance(names, str | Path) else names
    return scenarios.load([str(name) for name in several])
