"""``offramp synthesize``: records of a simulated county, to try calibration, or a template, on."""

from __future__ import annotations

import sys
from pathlib import Path

from calibration.document import BadDocument
from offramp.options import SynthesizeOptions
from offramp.output import BadOutput, output_folder
from offramp.scenarios import load_one
from simulation.atomic import staging_folder


def synthesize_command(name: str, out: Path, options: SynthesizeOptions) -> int:
    """Everything behind ``offramp synthesize``; returns the exit code."""
    from calibration.inference.prior import truth
    from calibration.records.synthetic import Faults, months_told, synthesize

    try:
        scenario = truth(load_one(name), options.draw, options.seed)
        folder = output_folder(out, scenario.key)
        with staging_folder(folder) as staging:
            synthesize(scenario, options.seed, Faults(options.missing, options.error), staging)
    except (BadDocument, BadOutput) as bad:
        print(bad, file=sys.stderr)
        return 1
    except OSError as fault:
        print(f"{fault.filename or out}: cannot be written: {fault.strerror}", file=sys.stderr)
        return 1
    first, last = months_told(scenario.county)
    once = f"simulated once (seed {options.seed})"
    print(f"{folder}: records of {scenario.county.name}, {first} to {last}, {once}:")
    print("  series.csv (monthly counts), workbook.xlsx (people), truth.csv (the parameters behind them)")
    print(f"  offramp calibrate {name} {folder} --budget small")
    return 0
