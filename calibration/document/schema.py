"""What a model allows at a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel

Steps = list[tuple[str | int, bool]]  # a pydantic location; True: the step is in the file


def types_at(model: type[BaseModel], steps: Steps) -> list[Any]:
    """The types that a value at this place may have."""
    types = list(_members(model))
    for step, in_file in steps:
        if in_file:
            types = types_inside(types, step)
        else:
            types = [kind for kind in types if _bears(kind, step)] or types
    return types


def types_inside(types: Iterable[Any], step: str | int) -> list[Any]:
    """The types of what stands at a key or index of a value of one of these types."""
    return [member for kind in types for member in _entered(kind, step)]


def _members(annotation: Any) -> Iterator[Any]:
    """The alternatives of an annotation, without what only wraps them."""
    annotation = getattr(annotation, "__value__", annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        registered = [note.alternatives for note in arguments[1:] if hasattr(note, "alternatives")]
        for argument in registered[0] if registered else arguments[:1]:
            yield from _members(argument)
    elif origin in (Union, UnionType):
        for argument in arguments:
            yield from _members(argument)
    elif isinstance(annotation, type) and issubclass(annotation, RootModel):
        yield from _members(annotation.model_fields["root"].annotation)
    else:
        yield annotation


def _entered(annotation: Any, step: str | int) -> Iterator[Any]:
    """The types of what stands at a key or index of this type."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if step in (fields := fields_of(annotation)):
        yield from _members(fields[str(step)])
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield from _members(arguments[1])
    elif isinstance(step, int):
        for argument in arguments:
            yield from _members(argument)


def fields_of(annotation: Any) -> dict[str, Any]:
    """The keys of a model as written in the file, with their types."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return {}
    fields = annotation.model_fields.items()
    return {field.alias or name: field.annotation for name, field in fields}


def _bears(annotation: Any, tag: str | int) -> bool:
    """Whether pydantic means this member of a union by this name."""
    types = [kind for field in fields_of(annotation).values() for kind in _members(field)]
    names = [word for kind in types if get_origin(kind) is Literal for word in get_args(kind)]
    return tag in names or tag == getattr(annotation, "__name__", None)
