"""The data of one file, and where in the file each value stands."""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

from calibration.document.problem import (
    BadDocument,
    Location,
    Position,
    Problem,
    Tally,
    dotted,
    first_problems,
    one_line,
)
from simulation.inputs.format import RenamedKey


class Node(NamedTuple):
    """Where a value and its key stand, and its text if it is neither quoted nor nested."""

    key: Position | None
    value: Position
    plain: str | None
    nested: bool


class Source:
    """What was read from one file, and what was found wrong while reading it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: Any = None
        self.found = Tally()
        self.nodes: dict[Location, Node] = {}
        self.refused: set[Location] = set()  # reported while reading: nothing more to say there
        self.old_keys: dict[Location, RenamedKey] = {}  # keys of an older format, by their place of today

    @property
    def problems(self) -> list[Problem]:
        """The problems found while reading."""
        return self.found.problems

    def position(self, location: Location, *, of_key: bool = False) -> Position:
        """Line and column of a value (for a group or list: its key), or of what should hold it."""
        for length in range(len(location), -1, -1):
            node = self.nodes.get(location[:length])
            if node is not None:
                key_asked = of_key and length == len(location)
                return node.key if node.key and (node.nested or key_asked) else node.value
        return 1, 1

    def value(self, location: Location) -> Any:
        """The plain value at a location that is in the file."""
        value = self.data
        for step in location:
            value = value[step]
        return value

    def problem(self, location: Location, message: str, *, of_key: bool = False) -> Problem:
        """A problem to report at this location, with the message as given."""
        return self.problem_at(self.position(location, of_key=of_key), location, message)

    def problem_at(self, position: Position, location: Location, message: str) -> Problem:
        """A problem about this location to report at this line and column."""
        return Problem(one_line(self.file), *position, dotted(location), one_line(message))

    def report(self, position: Position, location: Location, message: str) -> None:
        """Note a problem found while reading, which does not keep the rest from being read."""
        self.found.add(self.problem_at, position, location, message)

    def refuse(self, message: str, at: Position = (1, 1)) -> NoReturn:
        """Give up reading: raises BadDocument with this problem and those found before."""
        last = Tally([self.problem_at(at, (), message)])
        raise BadDocument(first_problems([self.found, last])) from None
