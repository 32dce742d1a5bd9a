"""The evidence register on the screen."""

from __future__ import annotations

import sys

from calibration.document import BadDocument
from calibration.register import counted, register
from simulation.inputs.strict_model import choices


def show(path: str, grade: str) -> int:
    """Print the parameters whose path begins like this and that have this grade, or all."""
    try:
        parameters = register()
    except BadDocument as bad:
        print(bad, file=sys.stderr)
        return 1
    grade = grade.upper()
    matching = [(name, p) for name, p in parameters if name.startswith(path) and grade in ("", p.grade)]
    if not matching:
        names = sorted({name.split(".")[0] for name, _ in parameters} | {name for name, _ in parameters})
        if grade and grade not in "ABCD":
            print(f"offramp evidence: there is no grade '{grade}'. Allowed: A, B, C, D", file=sys.stderr)
        else:
            wanted = path or f"of grade {grade}"
            print(f"offramp evidence: no parameter {wanted}. {choices(path, names)}", file=sys.stderr)
        return 1
    for name, p in matching:
        spread = f"{p.low:g} to {p.high:g}"
        print(f"{name} = {p.value:g} {p.unit} ({spread}), grade {p.grade}")
        print(f"    {p.meaning}\n    Measured in: {p.population}\n    Source: {p.source}")
        print(f"    Source seen: {p.seen}")
        if p.county_record:
            print(f"    The county's own record: {p.county_record}")
        print()
    print(f"{counted(p for _, p in matching)}.")
    print("A measured in this county, B published elsewhere, C indirect or derived, D assumption.")
    print("Values local to a county are in its file.")
    return 0
