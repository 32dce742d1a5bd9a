"""Offramp: what staffing, slots and homes would do to a county's jail days, recidivism and housing."""

import os
import sys


def _search_working_folder_last() -> None:
    """Keep ``python -m offramp`` from taking a user's ``random.py`` for Python's own module.

    ``-m`` puts the working folder first on ``sys.path``. Only a checkout in which Offramp itself lies
    needs it there at all.
    """
    if sys.argv[:1] != ["-m"] or sys.flags.safe_path:
        return
    folder = sys.path.pop(0)
    if os.path.realpath(folder) == os.path.dirname(os.path.dirname(os.path.realpath(__file__))):
        sys.path.append(folder)


_search_working_folder_last()  # before anything else is imported

import importlib.util  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402


def _refuse(reason: str) -> None:
    """Stop: the command line with a sentence, a program that imports Offramp with an ImportError."""
    if os.path.basename(sys.argv[0]) in ("-m", "offramp", "offramp.exe"):
        sys.exit(reason)
    raise ImportError(reason)


def _refuse_optimized_python() -> None:
    """Stop if Python drops docstrings: those of the measures are their definitions."""
    if sys.flags.optimize > 1:
        _refuse(
            "Offramp needs the docstrings that PYTHONOPTIMIZE=2 (or python -OO) removes: they are the "
            "definitions of its measures. Unset PYTHONOPTIMIZE; PYTHONOPTIMIZE=1 changes nothing."
        )


def _refuse_intruders() -> None:
    """Stop if ``simulation`` or ``calibration`` would come from another project of the same name."""
    home = Path(__file__).resolve().parent.parent
    for name in ("simulation", "calibration"):
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin is None or origin.parent.parent != home:
            where = origin or "nowhere"
            _refuse(
                f"Offramp needs its own package '{name}', but Python finds {where}. "
                "Use a fresh virtual environment, or run from another folder."
            )


_refuse_optimized_python()
_refuse_intruders()

from simulation import __version__  # noqa: E402  after the check that it is this one

if TYPE_CHECKING:
    from offramp.api import (
        CalibrateOptions,
        ExecutionOptions,
        Lever,
        MeasuresOptions,
        Results,
        RunOptions,
        WorkerOptions,
        calibrate,
        definitions,
        load,
        measure,
        measures,
        open,
        run,
    )

__all__ = [
    "CalibrateOptions",
    "ExecutionOptions",
    "Lever",
    "MeasuresOptions",
    "Results",
    "RunOptions",
    "WorkerOptions",
    "__version__",
    "calibrate",
    "definitions",
    "load",
    "measure",
    "measures",
    "open",
    "run",
]


def __getattr__(name: str) -> object:
    """The functions of ``offramp.api``, imported when they are first used."""
    if name not in __all__:
        raise AttributeError(f"module 'offramp' has no attribute '{name}'")
    from offramp import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return __all__
