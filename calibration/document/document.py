"""A file that can be read into a model, or every problem that keeps it from being one."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from calibration.document import english, syntax
from calibration.document.composer import Composer
from calibration.document.format import translate
from calibration.document.problem import BadDocument, Location, Tally, first_problems, in_order
from calibration.document.schema import types_at, types_inside
from calibration.document.source import Source
from calibration.document.text import text_of

M = TypeVar("M", bound=BaseModel)
Checks = Callable[[M], Iterable[tuple[Location, str]]]


class Document(Source):
    """The data of one file, and where in the file each value stands."""

    def validate(self, model: type[M], *, extra_checks: Checks[M] | None = None) -> M:
        """The data as a model.

        `extra_checks` run once the data fit the model. Raises BadDocument with all that was wrong
        while reading, in the model and in those checks.
        """
        tallies = [self.found, self._false_numbers(model)]
        try:
            value = model.model_validate(self.data, extra="forbid")
        except ValidationError as error:
            errors = [fault for fault in error.errors(include_url=False) if not _falsely_short(fault)]
            tallies.append(english.explained(self, model, errors))
            raise BadDocument(first_problems(tallies)) from None
        if extra_checks is not None:
            tallies.append(Tally([self.problem(tuple(at), message) for at, message in extra_checks(value)]))
        problems = first_problems(tallies)
        if problems:
            raise BadDocument(problems)
        return value

    def _false_numbers(self, model: type[BaseModel]) -> Tally:
        """Each true or false that stands for a number, which pydantic would read as 1 or 0."""

        @cache
        def types_of(group: Location) -> list[Any]:
            return types_at(model, [(step, True) for step in group])

        tally = Tally()
        for location, node in self.nodes.items():
            if (node.plain or "").lower() not in ("true", "false") or location in self.refused:
                continue
            types = types_inside(types_of(location[:-1]), location[-1])
            if (int in types or float in types) and not {bool, Any, object} & set(types):
                tally.add(self.problem, location, f"Needs a number, but found {node.plain}.")
        return tally


def load(path: pathlib.Path, model: type[M], *, extra_checks: Checks[M] | None = None) -> M:
    """Read a file into a model; `extra_checks` gives (location, message) for cross-field faults.

    Raises BadDocument with the problems found.
    """
    return read(path).validate(model, extra_checks=extra_checks)


def _falsely_short(error: ErrorDetails) -> bool:
    """Whether a list is called too short only because pydantic does not count its faulty items."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def read(path: pathlib.Path, *, forgiving: bool = False) -> Document:
    """Read a file into plain data that remembers its lines.

    forgiving: whether keys of an older format pass in a file that states a newer one.
    Raises BadDocument if nothing can be made of the file; lesser problems wait for `validate`.
    """
    document = Document(str(path))
    document.data = _data(document, text_of(document))
    translate(document, forgiving)
    document.found.problems = in_order(document.problems)
    if document.data is None and not document.problems:
        document.refuse("The file is empty.")
    if not isinstance(document.data, dict):
        content = "a list" if isinstance(document.data, list) else "a single value"
        document.refuse(f"The file needs lines of the form key: value, but holds {content}.")
    return document


def _data(document: Document, text: str) -> Any:
    try:
        return Composer(document).compose(text)
    except BadDocument:
        raise
    except Exception as error:  # noqa: BLE001 - odd input makes the parser raise more than its own
        document.refuse(*syntax.explained(error))
