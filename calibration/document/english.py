"""Pydantic's complaints in plain English, each at its place in the file."""

from __future__ import annotations

import difflib
import heapq
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from calibration.document.finding import Finding, find
from calibration.document.problem import MAX_PROBLEMS, Location, Problem, Tally, one_line
from calibration.document.schema import fields_of, types_at
from calibration.document.source import Source

_BOUNDS = {
    "greater_than_equal": ("ge", "is below"),
    "greater_than": ("gt", "is not above"),
    "less_than_equal": ("le", "is above"),
    "less_than": ("lt", "is not below"),
}


def explained(source: Source, model: type[BaseModel], errors: Iterable[ErrorDetails]) -> Tally:
    """A problem for each place with errors: the alternatives of a union are one problem.

    Of too many places only the first in the file are described: putting an error into words is slow.
    """
    places = _places(source, errors)
    first = list(places)
    if len(places) > MAX_PROBLEMS:
        first = heapq.nsmallest(MAX_PROBLEMS, places, key=source.position)
    problems = [problem for place in first for problem in _problems_at(source, model, place, places[place])]
    return Tally(problems, len(places) - len(first))


def _places(source: Source, errors: Iterable[ErrorDetails]) -> dict[Location, list[Finding]]:
    """What was found at each place about which there is something to say."""
    places: dict[Location, list[Finding]] = {}
    for error in errors:
        finding = find(source, error)
        places.setdefault(finding.location, []).append(finding)
    around = {place[:length] for place in places for length in range(len(place))}
    exact = {place for place, findings in places.items() if any(finding.is_exact for finding in findings)}
    return {
        place: findings
        for place, findings in places.items()
        if place not in source.refused and (place not in around or place in exact)
    }


def _problems_at(
    source: Source, model: type[BaseModel], place: Location, findings: list[Finding]
) -> Iterator[Problem]:
    """The problems at one place."""
    exact = [finding for finding in findings if finding.is_exact]
    of_key = any(finding.kind == "extra_forbidden" or finding.is_about_key for finding in exact)
    messages = [_message(source, model, finding) for finding in exact]
    for message in dict.fromkeys(messages or [_mismatch(source, findings)]):
        at_unit = _at_unit(source, place, message, exact)
        yield at_unit or source.problem(place, message, of_key=of_key)


def _at_unit(source: Source, place: Location, message: str, exact: list[Finding]) -> Problem | None:
    """The problem at the unit of a quantity, if a validator complains of that."""
    unit = (*place, "unit")
    by_validator = any(finding.kind in ("value_error", "assertion_error") for finding in exact)
    if by_validator and unit in source.nodes and re.search(r"\bunits?\b", message, re.IGNORECASE):
        return source.problem(unit, message, of_key=True)
    return None


def _message(source: Source, model: type[BaseModel], finding: Finding) -> str:
    """What is wrong, for an error that is about more than the kind of value."""
    kind, error = finding.kind, finding.error
    context = error.get("ctx", {})
    if kind in ("missing", "union_tag_not_found"):
        return f"The key '{finding.location[-1]}' is missing."
    if kind == "extra_forbidden":
        keys = [key for kind in types_at(model, finding.steps[:-1]) for key in fields_of(kind)]
        return f"This key is not known.{_choices(str(finding.location[-1]), keys)}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", error["msg"]))
    shown = _found(source, finding)
    if kind in _BOUNDS:
        name, relation = _BOUNDS[kind]
        if isinstance(error["input"], float) and math.isnan(error["input"]):
            return f"Needs an ordinary number, but found {shown}."
        return f"{shown} {relation} {_number(context[name])}."
    return _length_or_form(kind, context, shown, error["msg"])


def _length_or_form(kind: str, context: Mapping[str, Any], found: str, message: str) -> str:
    if kind == "string_pattern_mismatch":
        digits = re.fullmatch(r"\^?(?:\\d|\[0-9\])\{(\d+)\}(?:\$|\\Z)?", context["pattern"])
        if digits:
            return f"Needs exactly {digits[1]} digits in quotes, but found {found}."
        return f"Does not have the required form ({context['pattern']}): {found}."
    if kind.endswith("too_short"):
        if context["min_length"] == 1:
            return "Must not be empty."
        return f"Too short: at least {context['min_length']} are needed."
    if kind.endswith("too_long"):
        return f"Too long: at most {context['max_length']} are allowed."
    message = re.sub("^(Input|Value|String) ", "This value ", message)
    return f"{message.rstrip('.')}; found {found}."


def _mismatch(source: Source, findings: list[Finding]) -> str:
    """What to say of a value that is of none of the kinds, and none of the words, needed."""
    needs = list(dict.fromkeys(finding.need for finding in findings if finding.need))
    words = [word for finding in findings for word in finding.allowed or ()]
    shown = _found(source, findings[0])
    node = source.nodes.get(findings[0].location)
    plain = node.plain if node else None
    if "text" in needs and plain:
        zero = "the leading zero is otherwise lost" if re.fullmatch(r"0\d+", plain) else ""
        return f'Needs text. Write it in quotes, "{plain}"{zero and " - " + zero}.'
    hint = ""
    is_decorated = re.fullmatch(r"[\d. ]*[,$%][\d.,$% ]*", plain or "")
    if is_decorated and any("number" in need for need in needs):
        hint = " Write the number with digits only, without a comma, $ or %."
    options = " or ".join([*needs, *(["one of the allowed values"] if words else [])])
    return f"Needs {options}, but found {shown}.{hint}{_choices(shown, words)}"


def _found(source: Source, finding: Finding) -> str:
    """The value in the file, as a reader would name it."""
    node = source.nodes.get(finding.location)
    value = finding.error["input"]
    if node is not None and not finding.is_about_key:
        value = source.value(finding.location)
        if node.plain and not isinstance(value, str):
            return one_line(node.plain, 60)
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "a group of lines"
    return "nothing" if value is None else f"'{one_line(str(value), 60)}'"


def _number(bound: Any) -> str:
    return f"{bound:.15g}" if isinstance(bound, float) else str(bound)


def _choices(found: str, allowed: Iterable[str]) -> str:
    """The allowed words, and the one that was probably meant."""
    words = {word.lower().replace("_", "-"): word for word in dict.fromkeys(allowed)}
    if not words:
        return ""
    written = found.strip("'").lower().replace("_", "-").replace(" ", "-")
    near = difflib.get_close_matches(written[:60], words, n=1)
    meant = f" Did you mean '{words[near[0]]}'?" if near else ""
    return f" Allowed: {', '.join(words.values())}.{meant}"
