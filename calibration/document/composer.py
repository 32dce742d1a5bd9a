"""From text to plain data, with the place of each value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
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

from calibration.document.problem import Location, Position
from calibration.document.scalar import converted
from calibration.document.source import Node, Source
from calibration.document.text import CONTROL

MAX_DEPTH = 30

_NESTED = (MappingStartEvent, SequenceStartEvent)
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


class Composer:
    """Builds the data of a source from the parser's events, and notes where each value stands."""

    def __init__(self, source: Source) -> None:
        self.source = source
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
        nested = isinstance(event, _NESTED)
        plain = event.value if isinstance(event, ScalarEvent) and event.style is None else None
        at = key if key and plain == "" else _start(event)  # the parser puts nothing a line late
        self.source.nodes[location] = Node(key, at, plain, nested)
        if nested and len(location) >= MAX_DEPTH:
            self.source.refuse(f"The file is nested more than {MAX_DEPTH} levels deep here.", _start(event))
        if isinstance(event, MappingStartEvent):
            return self._mapping(location)
        if isinstance(event, SequenceStartEvent):
            return self._list(location)
        return None if location in self.source.refused else self._scalar(event)

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
        if isinstance(event, _NESTED):
            self.source.refuse("A key must be a word, not a list or a group.", _start(event))
        return str(f"*{event.anchor}" if isinstance(event, AliasEvent) else event.value)

    def _duplicate(self, event: Event, location: Location) -> None:
        """Report a key that stands twice; the first value counts, the second is only read over."""
        source = self.source
        first = source.position(location, of_key=True)[0]
        message = f"This key stands twice: on line {first} and on line {_start(event)[0]}."
        source.report(_start(event), location, message)
        kept = source.nodes, source.refused
        source.nodes, source.refused = {}, set()
        self._node(next(self.events), location)
        source.nodes, source.refused = kept

    def _scalar(self, event: ScalarEvent) -> Any:
        if event.style is not None:
            return event.value
        tag = str(self.yaml.resolver.resolve(ScalarNode, event.value, (True, False)))
        return converted(event.value, tag.rpartition(":")[2])

    def _refuse_extras(self, event: Any, location: Location) -> None:
        """Report what YAML allows and this file must not use."""
        message = ""
        if isinstance(event, AliasEvent):
            message = "References that start with * are not allowed. Write the value out"
        elif event.anchor is not None:
            message = "Names that start with & are not allowed. Remove this one"
        elif event.tag is not None:
            message = "Tags that start with ! are not allowed. Remove this one"
        elif isinstance(event, ScalarEvent) and _HALF_A_CHARACTER.search(event.value):
            self.source.refuse("This text holds half a character.", _start(event))
        elif isinstance(event, ScalarEvent) and CONTROL.search(event.value):
            self.source.refuse("This text holds an invisible control character. Remove it.", _start(event))
        if message:
            self._report(event, location, f"{message}, or put the text in quotes.")

    def _report(self, event: Event, location: Location, message: str) -> None:
        self.source.refused.add(location)
        self.source.report(_start(event), location, message)


def _start(event: Any) -> Position:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1
