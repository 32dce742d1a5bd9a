"""The evidence register: every parameter that is not local to one county, with its source."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from calibration.document import load
from simulation.parameters import Parameters

PATH = Path(__file__).with_name("parameters.yaml")


@lru_cache(maxsize=4)
def register(path: Path = PATH) -> Parameters:
    """Read the register; raises ``BadDocument`` with every problem if the file has any."""
    return load(path, Parameters)
