"""A hand-written YAML file, read into a model, with every problem told at its line and column.

`read` turns the text into plain data and remembers where each value stands; `Document.validate`
hands the data to a pydantic model and turns each complaint into plain English. Keys are always
text, as written, so that a county code used as a key keeps its leading zero. Unknown keys are
refused whatever the model says, and `true` never passes for the number 1.
"""

from __future__ import annotations

import datetime
import difflib
import math
import pathlib
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Literal, NoReturn, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.nodes import ScalarNode

MAX_BYTES = 1_000_000
MAX_DEPTH = 30

M = TypeVar("M", bound=BaseModel)
Location = tuple[str | int, ...]
Position = tuple[int, int]
Checks = Callable[[M], Iterable[tuple[Location, str]]]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file; line and column count from 1."""

    file: str
    line: int
    column: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.field}: {self.message}"


class BadDocument(Exception):
    """A file that cannot be used, with every problem found in it, sorted by line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(dict.fromkeys(problems), key=lambda each: (each.file, each.line, each.column))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class _Node:
    """Where a value and its key stand, and its text if it is neither quoted nor nested."""

    key: Position | None
    value: Position
    plain: str | None
    nested: bool


class Document:
    """The data of one file, and where in the file each value stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: Any = None
        self.problems: list[Problem] = []  # found while reading; `validate` reports them
        self.nodes: dict[Location, _Node] = {}
        self.refused: set[Location] = set()  # reported while reading: nothing more to say there

    def position(self, location: Location, *, of_key: bool = False) -> Position:
        """Line and column of a value (for a group or list: its key), or of what should hold it."""
        for length in range(len(location), -1, -1):
            node = self.nodes.get(location[:length])
            if node is not None:
                key_asked = of_key and length == len(location)
                return node.key if node.key and (node.nested or key_asked) else node.value
        return 1, 1

    def problem(self, location: Location, message: str, *, of_key: bool = False) -> Problem:
        """A problem to report at this location, with the message as given."""
        return self.problem_at(self.position(location, of_key=of_key), location, message)

    def problem_at(self, position: Position, location: Location, message: str) -> Problem:
        """A problem about this location to report at this line and column."""
        return Problem(_one_line(self.file), *position, _field(location), _one_line(message))

    def validate(self, model: type[M], *, extra_checks: Checks[M] | None = None) -> M:
        """The data as a model.

        `extra_checks` run once the data fit the model. Raises BadDocument with all that was wrong
        while reading, in the model and in those checks.
        """
        problems = [*self.problems, *self._false_numbers(model)]
        try:
            value = model.model_validate(self.data, extra="forbid")
        except ValidationError as error:
            problems += _explain(self, model, error.errors(include_url=False))
            raise BadDocument(problems) from None
        if extra_checks is not None:
            problems += [self.problem(tuple(at), message) for at, message in extra_checks(value)]
        if problems:
            raise BadDocument(problems)
        return value

    def value(self, location: Location) -> Any:
        """The plain value at a location that is in the file."""
        value = self.data
        for step in location:
            value = value[step]
        return value

    def _false_numbers(self, model: type[BaseModel]) -> Iterator[Problem]:
        """Each true or false that stands for a number, which pydantic would read as 1 or 0."""
        for location, node in self.nodes.items():
            if (node.plain or "").lower() not in ("true", "false") or location in self.refused:
                continue
            types = _types_at(model, [(step, True) for step in location])
            if (int in types or float in types) and not {bool, Any, object} & set(types):
                yield self.problem(location, f"Needs a number, but found {node.plain}.")


def load(path: pathlib.Path, model: type[M], *, extra_checks: Checks[M] | None = None) -> M:
    """Read a file into a model; `extra_checks` gives (location, message) for cross-field faults.

    Raises BadDocument with every problem found.
    """
    return read(path).validate(model, extra_checks=extra_checks)


def read(path: pathlib.Path) -> Document:
    """Read a file into plain data that remembers its lines.

    Raises BadDocument if nothing can be made of the file; lesser problems wait for `validate`.
    """
    document = Document(str(path))
    text = _text(document)
    composer = _Composer(document)
    try:
        document.data = composer.compose(text)
    except BadDocument:
        raise
    except Exception as error:  # noqa: BLE001 - odd input makes the parser raise more than its own
        _refuse(document, _syntax_message(error), _syntax_position(error))
    if document.data is None and not document.problems:
        _refuse(document, "The file is empty.")
    if not isinstance(document.data, dict):
        found = "a list" if isinstance(document.data, list) else "a single value"
        _refuse(document, f"The file needs lines of the form key: value, but holds {found}.")
    return document


def _refuse(document: Document, message: str, at: Position = (1, 1)) -> NoReturn:
    raise BadDocument([*document.problems, document.problem_at(at, (), message)]) from None


# --- From file to text ----------------------------------------------------------------------------


def _text(document: Document) -> str:
    raw = _bytes(document)
    is_utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in raw and not is_utf16:
        _refuse(document, "This is not a text file. Save it as plain text (UTF-8).")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        message = "The file is not in UTF-8: this character cannot be read. Save it as UTF-8."
        _refuse(document, message, _position_after(before))
    text = text.removeprefix("\ufeff")
    control = re.search("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]", text)
    if control:
        at = _position_after(text[: control.start()])
        _refuse(document, "An invisible control character stands here. Remove it.", at)
    return text


def _bytes(document: Document) -> bytes:
    path = pathlib.Path(document.file)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            _refuse(document, "This is a folder, not a file.")
        if not stat.S_ISREG(status.st_mode):
            _refuse(document, "This is not an ordinary file.")
        if status.st_size > MAX_BYTES:
            size = f"The file has {status.st_size:,} bytes, more than the {MAX_BYTES:,} (1 MB)"
            _refuse(document, f"{size} allowed.")
        return path.read_bytes()
    except FileNotFoundError:
        _refuse(document, "There is no such file.")
    except PermissionError:
        _refuse(document, "The file cannot be read: permission is denied.")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not valid"
        _refuse(document, f"The file cannot be read: {reason}.")


def _position_after(text: str) -> Position:
    return text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1


# --- From text to data ----------------------------------------------------------------------------

_SYNTAX = (  # what the parser says, whether to point at the opening instead, what we say
    (
        "mapping values are not allowed",
        False,
        "A colon is not expected here. Indent like lines alike; put text with a colon in quotes.",
    ),
    (r"character '\t'", False, "A tab stands here. Indent with spaces."),
    ("cannot start any token", False, "Text that starts with this character needs quotes."),
    ("unexpected end of stream", True, "The quotation mark that opens here is never closed."),
    ("expected ',' or ']'", True, "The list opened here with [ lacks a comma or its closing ]."),
    ("expected ',' or '}'", True, "The group opened here with { lacks a comma or its closing }."),
    (
        "but found '<scalar>'",
        False,
        "Text goes on here after it should have ended. Put all of it in one pair of quotes.",
    ),
    ("sequence entries are not", False, "An item that starts with - needs a line of its own."),
    ("expected <block end>", False, "This line does not fit those above. Indent like lines alike."),
    ("could not find expected ':'", True, "A colon and a space are missing after this key."),
    ("unknown escape", False, "A backslash in double quotes is special. Use single quotes."),
    ("expected the node content", False, "A value is expected here."),
)


def _syntax(error: Exception) -> tuple[bool, str]:
    said = str(getattr(error, "problem", ""))
    for fragment, at_opening, message in _SYNTAX:
        if fragment in said:
            return at_opening, message
    return False, "This is not valid YAML. Check the indentation, quotes and brackets here."


def _syntax_message(error: Exception) -> str:
    return _syntax(error)[1]


def _syntax_position(error: Exception) -> Position:
    if not isinstance(error, MarkedYAMLError):
        return 1, 1
    at_opening, _ = _syntax(error)
    mark = (error.context_mark if at_opening else None) or error.problem_mark or error.context_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


class _Composer:
    """Builds the data of a document from the parser's events, and notes where each value stands."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.yaml = YAML(typ="safe", pure=True)
        self.events: Iterator[Event] = iter(())

    def compose(self, text: str) -> Any:
        """The data in the text, or None if there is none."""
        self.events = iter(self.yaml.parse(text))
        next(self.events)
        start: Any = next(self.events)
        if isinstance(start, StreamEndEvent):
            return None
        if start.version or start.tags:
            self._report(start, (), "Remove this line: lines that start with % are not allowed.")
        data = self._node(next(self.events), ())
        next(self.events)
        following = next(self.events)
        if isinstance(following, DocumentStartEvent):
            self._report(following, (), "A second document starts here. Only one is allowed.")
        return data

    def _node(self, event: Any, location: Location, key: Position | None = None) -> Any:
        self._refuse_extras(event, location)
        nested = isinstance(event, MappingStartEvent | SequenceStartEvent)
        plain = event.value if isinstance(event, ScalarEvent) and event.style is None else None
        at = key if key and plain == "" else _start(event)  # the parser puts nothing a line late
        self.document.nodes[location] = _Node(key, at, plain, nested)
        if nested and len(location) >= MAX_DEPTH:
            message = f"The file is nested more than {MAX_DEPTH} levels deep here."
            _refuse(self.document, message, _start(event))
        if isinstance(event, MappingStartEvent):
            return self._mapping(location)
        if isinstance(event, SequenceStartEvent):
            return self._list(location)
        return None if location in self.document.refused else self._scalar(event)

    def _list(self, location: Location) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self._node(event, (*location, len(items))))
        return items

    def _mapping(self, location: Location) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self._key(event)
            inside = (*location, key)
            if key in entries:
                self._duplicate(event, inside)
            else:
                self._refuse_extras(event, inside)
                entries[key] = self._node(next(self.events), inside, _start(event))
        return entries

    def _key(self, event: Any) -> str:
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            message = "A key must be a word, not a list or a group."
            _refuse(self.document, message, _start(event))
        return str(f"*{event.anchor}" if isinstance(event, AliasEvent) else event.value)

    def _duplicate(self, event: Event, location: Location) -> None:
        """Report a key that stands twice; the first value counts, the second is only read over."""
        first = self.document.position(location, of_key=True)[0]
        message = f"This key stands twice: on line {first} and on line {_start(event)[0]}."
        document = self.document
        document.problems.append(document.problem_at(_start(event), location, message))
        kept = document.nodes, document.refused
        document.nodes, document.refused = {}, set()
        self._node(next(self.events), location)
        document.nodes, document.refused = kept

    def _scalar(self, event: ScalarEvent) -> Any:
        if event.style is not None:
            return event.value
        tag = str(self.yaml.resolver.resolve(ScalarNode, event.value, (True, False)))
        convert = _CONVERSIONS.get(tag.rpartition(":")[2], str)
        try:
            return convert(event.value)
        except ValueError:  # looks like a number or a date, but is none: 2027-13-01
            return event.value

    def _refuse_extras(self, event: Any, location: Location) -> None:
        """Report what YAML allows and this file must not use."""
        message = ""
        if isinstance(event, AliasEvent):
            message = "References that start with * are not allowed. Write the value out"
        elif event.anchor is not None:
            message = "Names that start with & are not allowed. Remove this one"
        elif event.tag is not None:
            message = "Tags that start with ! are not allowed. Remove this one"
        elif isinstance(event, ScalarEvent) and re.search("[\ud800-\udfff]", event.value):
            _refuse(self.document, "This text holds half a character.", _start(event))
        if message:
            self._report(event, location, f"{message}, or put the text in quotes.")

    def _report(self, event: Event, location: Location, message: str) -> None:
        self.document.refused.add(location)
        self.document.problems.append(self.document.problem_at(_start(event), location, message))


def _start(event: Any) -> Position:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _int(text: str) -> int:
    digits = text.replace("_", "").lower()
    return int(digits, 0 if re.match("[-+]?0[xob]", digits) else 10)


def _float(text: str) -> float:
    return float(re.sub(r"\.(?=inf|nan)", "", text.replace("_", "").lower()))


_CONVERSIONS: dict[str, Callable[[str], Any]] = {
    "null": lambda text: None,
    "bool": lambda text: text.lower() == "true",
    "int": _int,
    "float": _float,
    "timestamp": datetime.date.fromisoformat,
}


# --- From pydantic's errors to plain English ------------------------------------------------------

_Steps = list[tuple[str | int, bool]]  # a pydantic location; True: the step is in the file
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
_BOUNDS = {
    "greater_than_equal": ("ge", "is below"),
    "greater_than": ("gt", "is not above"),
    "less_than_equal": ("le", "is above"),
    "less_than": ("lt", "is not below"),
}


@dataclass(frozen=True)
class _Finding:
    """One of pydantic's errors, and the place in the file that it is about."""

    location: Location
    steps: _Steps
    error: ErrorDetails

    @property
    def kind(self) -> str:
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


def _explain(document: Document, model: type[BaseModel], errors: list[ErrorDetails]) -> Iterator[Problem]:
    """A problem for each place with errors: the alternatives of a union are told as one."""
    places: dict[Location, list[_Finding]] = {}
    for error in errors:
        finding = _find(document, error)
        places.setdefault(finding.location, []).append(finding)
    around = {place[:length] for place in places for length in range(len(place))}
    for place, findings in places.items():
        exact = [each for each in findings if each.need is None and each.allowed is None]
        if place in document.refused or (place in around and not exact):
            continue
        of_key = any(each.kind == "extra_forbidden" or _is_about_key(each.error) for each in exact)
        messages = [_message(document, model, each) for each in exact]
        for message in dict.fromkeys(messages or [_mismatch(document, findings)]):
            yield _at_unit(document, place, message, exact) or document.problem(place, message, of_key=of_key)


def _at_unit(document: Document, place: Location, message: str, exact: list[_Finding]) -> Problem | None:
    """The problem at the unit of a quantity, if a validator complains of that."""
    unit = (*place, "unit")
    by_validator = any(each.kind in ("value_error", "assertion_error") for each in exact)
    if by_validator and unit in document.nodes and re.search(r"\bunits?\b", message, re.IGNORECASE):
        return document.problem(unit, message, of_key=True)
    return None


def _is_about_key(error: ErrorDetails) -> bool:
    return error["loc"][-1:] == ("[key]",)


def _find(document: Document, error: ErrorDetails) -> _Finding:
    """The place of an error: the reading of its location that leads to the value complained of."""
    readings = list(islice(_readings(document.data, error["loc"]), 64))
    steps = readings[0]
    for reading in readings:
        if document.value(_in_file(reading)) is error["input"]:
            steps = reading
            break
    location = _in_file(steps)
    if error["type"] == "missing":
        location = (*location, error["loc"][-1])
    tag = re.fullmatch("'(.*)'", str(error.get("ctx", {}).get("discriminator")))
    if tag:  # the key that tells which member of a union is meant
        location = (*location, tag[1])
    return _Finding(location, steps, error)


def _readings(data: Any, location: Location) -> Iterator[_Steps]:
    """Each way to read a location in which names of union members stand among the keys."""
    if not location:
        yield []
        return
    step, rest = location[0], location[1:]
    is_index = isinstance(step, int) and isinstance(data, list) and step < len(data)
    if is_index or (isinstance(data, dict) and step in data):
        yield from ([(step, True), *more] for more in _readings(data[step], rest))
    yield from ([(step, False), *more] for more in _readings(data, rest))


def _in_file(steps: _Steps) -> Location:
    return tuple(step for step, in_file in steps if in_file)


def _message(document: Document, model: type[BaseModel], finding: _Finding) -> str:
    """What is wrong, for an error that is about more than the kind of value."""
    kind, error = finding.kind, finding.error
    context = error.get("ctx", {})
    if kind in ("missing", "union_tag_not_found"):
        return f"The key '{finding.location[-1]}' is missing."
    if kind == "extra_forbidden":
        keys = [key for each in _types_at(model, finding.steps[:-1]) for key in _fields(each)]
        return f"This key is not known.{_choices(str(finding.location[-1]), keys)}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", error["msg"]))
    found = _found(document, finding)
    if kind in _BOUNDS:
        name, relation = _BOUNDS[kind]
        if isinstance(error["input"], float) and math.isnan(error["input"]):
            return f"Needs an ordinary number, but found {found}."
        return f"{found} {relation} {_number(context[name])}."
    return _length_or_form(kind, context, found, error["msg"])


def _length_or_form(kind: str, context: Mapping[str, Any], found: str, said: str) -> str:
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
    said = re.sub("^(Input|Value|String) ", "This value ", said)
    return f"{said.rstrip('.')}; found {found}."


def _mismatch(document: Document, findings: list[_Finding]) -> str:
    """What to say of a value that is of none of the kinds, and none of the words, needed."""
    needs = list(dict.fromkeys(each.need for each in findings if each.need))
    words = [word for each in findings for word in each.allowed or ()]
    found = _found(document, findings[0])
    node = document.nodes.get(findings[0].location)
    plain = node.plain if node else None
    if "text" in needs and plain:
        zero = "the leading zero is otherwise lost" if re.fullmatch(r"0\d+", plain) else ""
        return f'Needs text. Write it in quotes, "{plain}"{zero and " - " + zero}.'
    hint = ""
    is_decorated = re.fullmatch(r"[\d. ]*[,$%][\d.,$% ]*", plain or "")
    if is_decorated and any("number" in need for need in needs):
        hint = " Write the number with digits only, without a comma, $ or %."
    options = " or ".join([*needs, *(["one of the allowed values"] if words else [])])
    return f"Needs {options}, but found {found}.{hint}{_choices(found, words)}"


def _found(document: Document, finding: _Finding) -> str:
    """The value in the file, as a reader would name it."""
    node = document.nodes.get(finding.location)
    value = finding.error["input"]
    if node is not None and not _is_about_key(finding.error):
        value = document.value(finding.location)
        if node.plain and not isinstance(value, str):
            return _one_line(node.plain, 60)
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "a group of lines"
    return "nothing" if value is None else f"'{_one_line(str(value), 60)}'"


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


def _field(location: Location) -> str:
    """A location as a dotted path, such as levers[2].date."""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return _one_line(path.removeprefix("."), 200) or "(file)"


def _one_line(text: str, limit: int | None = None) -> str:
    """The text on one line, without control characters, cut to a length."""
    text = "".join(each if each.isprintable() else " " for each in text)
    return text if limit is None or len(text) <= limit else text[:limit] + "..."


# --- What a model allows at a place ---------------------------------------------------------------


def _types_at(model: type[BaseModel], steps: _Steps) -> list[Any]:
    """The types that a value at this place may have."""
    types = list(_members(model))
    for step, in_file in steps:
        if in_file:
            types = [member for each in types for member in _entered(each, step)]
        else:
            types = [each for each in types if _bears(each, step)] or types
    return types


def _members(annotation: Any) -> Iterator[Any]:
    """The alternatives of an annotation, without what only wraps them."""
    annotation = getattr(annotation, "__value__", annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _members(arguments[0])
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
    if step in (fields := _fields(annotation)):
        yield from _members(fields[str(step)])
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield from _members(arguments[1])
    elif isinstance(step, int):
        for argument in arguments:
            yield from _members(argument)


def _fields(annotation: Any) -> dict[str, Any]:
    """The keys of a model as written in the file, with their types."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return {}
    fields = annotation.model_fields.items()
    return {field.alias or name: field.annotation for name, field in fields}


def _bears(annotation: Any, tag: str | int) -> bool:
    """Whether pydantic means this member of a union by this name."""
    types = [each for field in _fields(annotation).values() for each in _members(field)]
    names = [word for each in types if get_origin(each) is Literal for word in get_args(each)]
    return tag in names or tag == getattr(annotation, "__name__", None)
