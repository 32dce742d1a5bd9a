"""One of pydantic's errors, and the place in the file that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from pydantic_core import ErrorDetails

from calibration.document.problem import Location
from calibration.document.schema import Steps
from calibration.document.source import Source

_NEEDS = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "finite": "an ordinary number",
    "bool": "true or false",
    "string": "text",
    "date": "a date written year-month-day, such as 2027-07-01",
    **dict.fromkeys(("list", "tuple", "set", "frozen_set"), "a list"),
    **dict.fromkeys(("model", "dict", "dataclass", "mapping"), "a group of lines, key: value"),
}
_TYPE_ERROR = re.compile(
    "(finite)_number|([a-z_]+?)_(?:attributes_)?(?:type|parsing|parsing_size|unicode|from_float"
    "|from_datetime_parsing|from_datetime_inexact)"
)


class Finding(NamedTuple):
    """One of pydantic's errors, and the place in the file that it is about."""

    location: Location
    steps: Steps
    error: ErrorDetails

    @property
    def kind(self) -> str:
        """Pydantic's name for this kind of error."""
        return self.error["type"]

    @property
    def need(self) -> str | None:
        """What kind of value is needed, if the error is that it is of another kind."""
        match = _TYPE_ERROR.fullmatch(self.kind)
        return _NEEDS.get(match[1] or match[2]) if match else None

    @property
    def allowed(self) -> list[str] | None:
        """The words allowed here, if the error is that it is none of them."""
        context = self.error.get("ctx", {})
        if self.kind not in ("literal_error", "enum", "union_tag_invalid"):
            return None
        expected = str(context.get("expected") or context.get("expected_tags"))
        return re.findall(r"'([^']*)'", expected) or re.split(", | or ", expected)

    @property
    def is_exact(self) -> bool:
        """Whether the error is about more than the kind of value."""
        return self.need is None and self.allowed is None

    @property
    def is_about_key(self) -> bool:
        """Whether the error is about how a key is written."""
        return self.error["loc"][-1:] == ("[key]",)


def find(source: Source, error: ErrorDetails) -> Finding:
    """The place of an error: the reading of its location that leads to the value complained of."""
    steps, value = _straight(source.data, error["loc"])
    if value is not error["input"]:
        for reading in islice(_readings(source.data, error["loc"]), 64):
            if source.value(_in_file(reading)) is error["input"]:
                steps = reading
                break
    location = _in_file(steps)
    if error["type"] == "missing":
        location = (*location, error["loc"][-1])
    tag = re.fullmatch("'(.*)'", str(error.get("ctx", {}).get("discriminator")))
    if tag:  # the key that tells which member of a union is meant
        location = (*location, tag[1])
    return Finding(location, steps, error)


def _straight(data: Any, location: Location) -> tuple[Steps, Any]:
    """The first of the readings, and the value it leads to: each step that can be taken is."""
    steps: Steps = []
    for step in location:
        in_file = _leads_on(data, step)
        steps.append((step, in_file))
        if in_file:
            data = data[step]
    return steps, data


def _readings(data: Any, location: Location) -> Iterator[Steps]:
    """Each way to read a location in which names of union members stand among the keys."""
    if not location:
        yield []
        return
    step, rest = location[0], location[1:]
    if _leads_on(data, step):
        yield from ([(step, True), *others] for others in _readings(data[step], rest))
    yield from ([(step, False), *others] for others in _readings(data, rest))


def _leads_on(data: Any, step: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and step < len(data)
    return isinstance(data, dict) and step in data


def _in_file(steps: Steps) -> Location:
    return tuple([step for step, in_file in steps if in_file])
