"""Offramp: what staffing, slots and homes would do to a county's jail days, recidivism and housing."""

from __future__ import annotations

import importlib.util
from pathlib import Path

__version__ = "0.1.0"


def _refuse_intruders() -> None:
    """Stop if ``simulation`` or ``calibration`` would come from another project of the same name."""
    home = Path(__file__).resolve().parent.parent
    for name in ("simulation", "calibration"):
        spec = importlib.util.find_spec(name)
        found = Path(spec.origin).resolve() if spec and spec.origin else None
        if found is None or found.parent.parent != home:
            where = found or "nowhere"
            raise ImportError(
                f"Offramp needs its own package '{name}', but Python finds {where}. "
                "Use a fresh virtual environment, or run from another folder."
            )


_refuse_intruders()
