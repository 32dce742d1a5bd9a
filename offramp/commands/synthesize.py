"""``offramp synthesize``: records of a simulated county, to try calibration, or a template, on."""

from __future__ import annotations

import sys
from pathlib import Path

from calibration.document import BadDocument
from offramp.output import BadOutput, in_one_move, output_folder
from offramp.scenarios import load_one


def synthesize_command(
    name: str, out: Path, seed: int, draw: int | None, missing: float, error: float
) -> int:
    """Everything behind ``offramp synthesize``; returns the exit code."""
    from calibration.inference.prior import truth
    from calibration.records.synthetic import Faults, months_told, synthesize

    try:
        scenario = truth(load_one(name), draw, seed)
        folder = output_folder(out, scenario.key)
        with in_one_move(folder) as desk:
            synthesize(scenario, seed, Faults(missing, error), desk)
    except (BadDocument, BadOutput) as bad:
        print(bad, file=sys.stderr)
        return 1
    except OSError as fault:
        print(f"{fault.filename or out}: cannot be written: {fault.strerror}", file=sys.stderr)
        return 1
    first, last = months_told(scenario.county)
    print(f"{folder}: records of {scenario.county.name}, {first} to {last}, simulated once (seed {seed}):")
    print("  series.csv (monthly counts), workbook.xlsx (people), truth.csv (the parameters behind them)")
    print(f"  offramp calibrate {name} {folder} --budget small")
    return 0
