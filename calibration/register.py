"""The evidence register: every parameter that is not local to one county, with its source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, get_args

from pydantic import create_model

from calibration.document import BadDocument, Problem, load
from simulation.inputs.parameter import Grade, Parameter, Share
from simulation.inputs.parameters import Parameters
from simulation.inputs.strict_model import StrictModel

FOLDER = Path(__file__).with_name("parameters")
"""One file a section of ``Parameters``, named after it."""


@lru_cache(maxsize=4)
def register(folder: Path = FOLDER) -> Parameters:
    """Read the register; raises ``BadDocument`` with every problem of every file if there are any."""
    sections: dict[str, Any] = {}
    problems: list[Problem] = []
    for name in Parameters.model_fields:
        try:
            sections[name] = getattr(load(folder / f"{name}.yaml", section_file(name)), name)
        except BadDocument as bad:
            problems.extend(bad.problems)
    if problems:
        raise BadDocument(problems)
    return Parameters(**sections)


def counted(parameters: Iterable[Parameter]) -> str:
    """How many parameters there are of each grade, those added later than the rest apart."""
    groups: dict[str, list[Parameter]] = {"there from the start": [], "added since": []}
    for parameter in parameters:
        groups["added since" if parameter.added else "there from the start"].append(parameter)
    parts = [f"{len(group)} {name} ({by_grade(group)})" for name, group in groups.items() if group]
    return f"{sum(map(len, groups.values()))} parameters: {' and '.join(parts)}"


def by_grade(parameters: Sequence[Parameter]) -> str:
    """The number of parameters of each grade that occurs."""
    numbers = {grade: sum(p.grade == grade for p in parameters) for grade in get_args(Grade)}
    return ", ".join(f"{number} of grade {grade}" for grade, number in numbers.items() if number)


FARTHEST = 100
"""How many times beyond the register's range a value may lie; draws of a calibration stay within a third."""


def reach(registered: Parameter) -> tuple[float, float]:
    """The least and the most that a parameter of the register can be anywhere, in its unit."""
    most = 1.0 if isinstance(registered, Share) else FARTHEST * registered.high
    return (0.0 if isinstance(registered, Share) else registered.low / FARTHEST), most


@cache
def section_file(name: str) -> type[StrictModel]:
    """What a file of the register holds: one section under its own name."""
    field: Any = (Parameters.model_fields[name].annotation, ...)
    fields: dict[str, Any] = {name: field}
    return create_model(f"{name}.yaml", __base__=StrictModel, **fields)
