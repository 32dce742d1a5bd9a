"""An old county or scenario file in the format of today: only its old keys and its format change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from calibration.document.composer import Composer
from calibration.document.document import Document, read
from calibration.document.format import KINDS
from calibration.document.problem import BadDocument, Location
from calibration.document.source import Source
from calibration.document.text import text_of
from simulation.inputs.format import FILE_FORMAT, RENAMED, RenamedKey

Edit = tuple[int, int, str]
"""From which letter of the text to which other one something else is written."""


def upgraded(path: Path) -> str | None:
    """The text of the file in today's format, or None if it is in that already.

    Every other letter stays: comments, order, quotes and spaces. Raises BadDocument if the file cannot be
    read, is neither of a county nor a scenario, or cannot be rewritten.
    """
    document = read(path, forgiving=True)
    if document.problems:
        raise BadDocument(document.problems)
    kind = document.data.get("kind")
    if kind not in KINDS:
        message = f"Only files of the kinds {' and '.join(KINDS)} can be upgraded."
        raise BadDocument([document.problem(("kind",), message)])
    before = text = text_of(Source(str(path)))
    for row in RENAMED:
        if row.kind == kind:
            text = _edited(text, _renaming(document, text, row))
    text = _edited(text, _stating(text))
    if _data(document, text) != document.data:
        message = "The file cannot be rewritten as it stands. Write it with one key a line."
        raise BadDocument([document.problem(("kind",), message, of_key=True)])
    return text if text != before else None


def _edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with these edits, none of which overlap."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _renaming(document: Document, text: str, row: RenamedKey) -> Iterator[Edit]:
    """Give each key that was renamed its new name."""
    for location, key in _keys(_composed(text), ()):
        if row.matches(location):
            start, end = key.start_mark.index, key.end_mark.index
            if row.old not in text[start:end]:
                message = f"'{row.old}' cannot be rewritten here. Write it as a plain word."
                place = (*location[:-1], row.name)
                raise BadDocument([document.problem(place, message, of_key=True)])
            yield start, end, text[start:end].replace(row.old, row.name)


def _stating(text: str) -> Iterator[Edit]:
    """State the format, before the kind where no format is stated."""
    root = _composed(text)
    top = {key.value: (key, value) for key, value in root.value}
    if "format" in top:
        value = top["format"][1]
        yield value.start_mark.index, value.end_mark.index, str(FILE_FORMAT)
        return
    mark = top["kind"][0].start_mark
    newline = "\r\n" if "\r\n" in text else "\n"
    separator = ", " if root.flow_style else newline + " " * mark.column
    yield mark.index, mark.index, f"format: {FILE_FORMAT}{separator}"


def _composed(text: str) -> Any:
    """The text as nodes that know where they stand in it."""
    return YAML(typ="rt", pure=True).compose(text)


def _keys(node: Node, location: Location) -> Iterator[tuple[Location, Any]]:
    """Every key below a node, with the location of its value."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            inside = (*location, str(key.value))
            yield inside, key
            yield from _keys(value, inside)
    elif isinstance(node, SequenceNode):
        for number, item in enumerate(node.value):
            yield from _keys(item, (*location, number))


def _data(document: Document, text: str) -> Any:
    """The data of a rewritten text, or None if it can no longer be read."""
    try:
        return Composer(Source(document.file)).compose(text)
    except Exception:  # noqa: BLE001 - as when a file is read: the parser raises more than its own
        return None
