"""What a lever is: a typed, dated change to the county that waits for its day and then acts."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache, reduce
from operator import or_
from typing import Annotated, Any, ClassVar, get_args

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from simulation.county.county import County
from simulation.engine.clock import Process
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.strict_model import StrictModel, choices

LeverProblem = tuple[tuple[str | int, ...], str]
"""The key of the lever that is wrong (and the place in its list), and what is wrong with it."""

LEVERS: dict[str, type[Lever]] = {}
"""Every lever by its name in a scenario file, a user's own among them."""


class Lever(StrictModel):
    """A change that the county could make on a date.

    A class below this one is a lever of its own as soon as it is defined, in whatever module, if its
    ``lever`` is a ``Literal``: that is its name in scenario files. ``section`` is the section of the county
    file without which it has nothing to act on.
    """

    lever: Annotated[str, Field(description="Which lever.")]
    date: Annotated[
        datetime.date, Field(description="The day on which the change is made, inside the county's horizon.")
    ]
    section: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Register the lever; raises TypeError if another one has its name."""
        super().__pydantic_init_subclass__(**options)
        for name in get_args(cls.model_fields["lever"].annotation):
            other = LEVERS.get(name, cls)
            if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
                raise TypeError(f"there is a lever '{name}' already: {other.__module__}.{other.__qualname__}")
            LEVERS[name] = cls

    @property
    def adds_capacity_to(self) -> str:
        """The service whose capacity this lever enlarges and does nothing else, if that is what it does."""
        return ""

    def problems(self, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
        """What keeps the lever from acting on this county, beside those other levers of the scenario."""
        yield from ()

    def apply(self, county: County) -> None:
        """Make the change, now."""
        raise NotImplementedError


def problems(lever: Lever, county: CountyFile, levers: Sequence[Lever]) -> Iterator[LeverProblem]:
    """Every problem of a lever: its own, a day outside the horizon, a section that the county leaves out."""
    if not county.start <= lever.date < county.end:
        horizon = f"{county.start} up to, not including, {county.end}"
        message = f"{lever.date} is outside the horizon of {county.name}. Allowed: {horizon}"
        yield ("date",), message
    yield from missing_section(lever, lever.section, county)
    yield from lever.problems(county, levers)


def missing_section(lever: Lever, section: str, county: CountyFile) -> Iterator[LeverProblem]:
    """That the county leaves out the section that a lever acts on, if it does."""
    if section in county.off:
        yield ("lever",), f"{county.name} has no section {section}, so {lever.lever} has nothing to act on"


def unknown(key: str, what: str, word: str, allowed: Sequence[str]) -> Iterator[LeverProblem]:
    """A problem for each name that is not known; ``what`` is the message without the name."""
    if word not in allowed:
        yield (key,), f"{what} '{word}'. {choices(word, allowed)}"


def own_code(lever: type[Lever]) -> bytes:
    """The source of a user's own lever, as far as it can be found; nothing for a shipped one."""
    if lever.__module__.startswith(f"{__package__}."):
        return b""
    with suppress(OSError, TypeError):
        module: Any = inspect.getmodule(lever)
        return inspect.getsource(module if getattr(module, "__file__", None) else lever).encode()
    return b"".join(
        method.__code__.co_code + repr(method.__code__.co_consts).encode()
        for method in vars(lever).values()
        if inspect.isfunction(method)
    )


def on_its_day(lever: Lever, county: County, day: float) -> Process[None]:
    """Wait for the lever's day, then make its change."""
    yield county.env.timeout(max(0.0, day - county.day))
    lever.apply(county)


class RegisteredLever:
    """Says that a value is read as the registered lever that it names."""

    @property
    def alternatives(self) -> tuple[type[Lever], ...]:
        """The levers that there are now."""
        return tuple(LEVERS.values())

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: Any) -> Any:
            return _adapter(self.alternatives).validate_python(value)

        return core_schema.no_info_plain_validator_function(read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(_adapter(self.alternatives).core_schema)


@lru_cache(maxsize=4)
def _adapter(levers: tuple[type[Lever], ...]) -> TypeAdapter[Any]:
    """What reads a lever by its name; made anew whenever there is another lever."""
    union: Any = reduce(or_, levers)
    return TypeAdapter(Annotated[union, Field(discriminator="lever")])


AnyLever = Annotated[Lever, RegisteredLever()]
"""Any registered lever."""
