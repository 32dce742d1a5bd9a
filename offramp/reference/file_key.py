"""Every key that county and scenario files have, and every one that they ever had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from offramp.reference.schema import is_model, members, models
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.parameter import Parameter
from simulation.inputs.parameters import Parameters
from simulation.levers import AnyLever
from simulation.scenario import ScenarioFile

PATH = Path(__file__).with_name("file_keys.txt")
"""One key a line: the kind of file, and the key's path. Lines are only ever added."""


def keys_of_today() -> list[str]:
    """Each key as a line of the list, ``*`` for the place in a list; those of a lever under its name."""
    files: dict[str, type[BaseModel]] = {"county": CountyFile, "scenario": ScenarioFile}
    return sorted({f"{kind} {'.'.join(path)}" for kind, model in files.items() for path in _under(model)})


def keys_so_far() -> list[str]:
    """The keys that the list has: those of every format."""
    return PATH.read_text(encoding="utf-8").splitlines()


def generate() -> str:
    """The list with today's keys added."""
    return "".join(f"{key}\n" for key in sorted({*keys_so_far(), *keys_of_today()}))


def _under(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every key under a model."""
    for name, field in model.model_fields.items():
        place = (*path, name)
        yield place
        if name == "levers":
            for lever in members(AnyLever):
                (word,) = get_args(lever.model_fields["lever"].annotation)
                yield from _under(lever, (*place, word))
        elif name == "local_evidence":
            yield from ((*place, *parameter.split(".")) for parameter in _parameters())
            for kind in filter(lambda model: issubclass(model, Parameter), models()):
                yield from ((*place, "*", "*", key) for key in kind.model_fields)
        else:
            inside = (*place, "*") if _is_list(field.annotation) else place
            for inner in filter(is_model, members(field.annotation)):
                yield from _under(inner, inside)


def _parameters() -> Iterator[str]:
    """The register's sections, and the path of each parameter."""
    for section, field in Parameters.model_fields.items():
        (model,) = members(field.annotation)
        yield section
        yield from (f"{section}.{name}" for name in model.model_fields)


def _is_list(annotation: Any) -> bool:
    """Whether a key takes a list."""
    if get_origin(annotation) is Annotated:
        return _is_list(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return any(map(_is_list, get_args(annotation)))
    return get_origin(annotation) is tuple


if __name__ == "__main__":
    PATH.write_text(generate(), encoding="utf-8", newline="\n")
