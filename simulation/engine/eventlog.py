"""The one source of truth: flat rows of day, person, service, what happened and why.

Five verbs serve every service: ``referred, declined, left_waiting, admitted, discharged``. Facts that
no service holds (an arrest, a conviction) are rows of the same shape. Every number that anyone sees is
a function of these rows, simulated or real.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

NOBODY = -1
OTHER_RESIDENTS_FROM = 1_000_000_000
"""Ids from here on are of other residents' visits, which are read apart from the simulated people's rows."""
ROW = np.dtype(
    [
        ("day", np.float64),
        ("person", np.int64),
        ("service", np.int16),
        ("what", np.int16),
        ("why", np.int16),
    ]
)
"""A row of a log, words as codes."""
COLUMNS = ROW.names or ()
Columns = tuple[NDArray[Any], ...]
PACKED = Struct("=dqhhh").pack
"""The same, as it is written: a pack of bytes costs half of what five numbers in a list would."""


@dataclass(slots=True)
class Arrest:
    """One arrest and what became of it; days from the start, nan where it has not happened.

    charge: felony, misdemeanor, ordinance or violation; booked: taken to jail and not cited;
    charged: day a charge was filed; referred and admitted: days of referral and admission to diversion;
    disposed: day the case ended; disposition: how it ended.
    """

    person: int
    arrested: float
    charge: str
    booked: bool
    charged: float = float("nan")
    referred: float = float("nan")
    admitted: float = float("nan")
    disposed: float = float("nan")
    disposition: str = ""


@dataclass(slots=True)
class Post:
    """One post: from the day it was authorized to the day it ended for good, nan if it has not.

    number: of the post among those of its service; carries: whether it carries a caseload.
    """

    number: int
    service: str
    role: str
    fte: float
    carries: bool
    opened: float
    closed: float = float("nan")
    why: str = ""


@dataclass(slots=True)
class Tenure:
    """One person in one post, from the first day to the last, nan if that has not come."""

    post: int
    service: str
    role: str
    began: float
    ended: float = float("nan")
    why: str = ""


class EventLog:
    """What is written while the county lives: append only."""

    def __init__(self) -> None:
        self._rows = bytearray()
        self._words: dict[str, int] = {}  # codes, given out in the order in which words first appear
        self._people: list[tuple[Any, ...]] = []
        self._capacity: list[tuple[float, str, str, float]] = []
        self._levels: dict[str, set[str]] = defaultdict(set)
        self._attendance: list[tuple[float, float, int, str, int, int]] = []
        self.arrests: list[Arrest] = []
        self.posts: list[Post] = []
        self.tenures: list[Tenure] = []

    def write(self, day: float, person: int, service: str, what: str, why: str = "") -> None:
        """Add one event; ``day`` counts from the start and is negative for what came before."""
        words, rows = self._words, self._rows
        try:
            rows += PACKED(day, person, words[service], words[what], words[why])
        except KeyError:
            rows += PACKED(day, person, *map(self.code, (service, what, why)))

    def enrol(self, traits: tuple[Any, ...]) -> None:
        """Add one person's traits, in the order of ``PEOPLE_COLUMNS``."""
        self._people.append(traits)

    def capacity(self, day: float, service: str, what: str, number: float) -> None:
        """Note that a service has this many ``slots`` or filled ``posts`` from this day on."""
        self._capacity.append((day, service, what, number))
        self._levels[what].add(service)

    def ever(self, what: str) -> set[str]:
        """Services of which a level of this kind was noted."""
        return self._levels[what]

    def attended(self, span: tuple[float, float], person: int, service: str, counts: tuple[int, int]) -> None:
        """Note how many sessions were scheduled and attended in the span ``[start, end)``."""
        self._attendance.append((*span, person, service, *counts))

    def since(self, row: int) -> tuple[Columns, int]:
        """The columns of a row and those after it, words as codes, and the row to go on from next time."""
        rows = np.frombuffer(self._rows, ROW)
        return tuple(rows[column][row:].copy() for column in COLUMNS), len(rows)

    def spelled(self, columns: Columns) -> list[tuple[float, int, str, str, str]]:
        """Rows with their words spelled out."""
        words = list(self._words)
        return [
            (day, person, words[service], words[what], words[why])
            for day, person, service, what, why in zip(*(c.tolist() for c in columns), strict=True)
        ]

    def code(self, word: str) -> int:
        """The code of a word, a new one if it did not occur so far."""
        return self._words.setdefault(str(word), len(self._words))  # plain, if it is an enum's member

    def attendance_since(self, row: int) -> tuple[list[tuple[float, float, int, str, int, int]], int]:
        """What was attended, from a row on, and the row to go on from next time."""
        return self._attendance[row:], len(self._attendance)

    def read(self) -> Events:
        """The finished log as columns, other residents' rows apart."""
        columns, _ = self.since(0)
        others = columns[COLUMNS.index("person")] >= OTHER_RESIDENTS_FROM
        apart = None
        if others.any():
            day, person, service, what, why = (column[others] for column in columns)
            apart = Events(day, person, service, what, why, words=tuple(self._words))
            columns = tuple(column[~others] for column in columns)
        return Events(
            **dict(zip(COLUMNS, columns, strict=True)),
            words=tuple(self._words),
            people=tuple(self._people),
            capacity=tuple(self._capacity),
            attendance=tuple(self._attendance),
            arrests=tuple(self.arrests),
            posts=tuple(self.posts),
            tenures=tuple(self.tenures),
            other_residents=apart,
        )


PEOPLE_COLUMNS = (
    "person",
    "sex",
    "age_band",
    "race_ethnicity",
    "substance_use",
    "criminogenic_risk",
    "functional_impairment",
    "region",
)


@dataclass(frozen=True)
class Events:
    """A finished log, column by column; ``words[code]`` spells service, what and why.

    day: float64 days from the start; person: int64; service, what, why: int16 codes;
    people: one tuple of ``PEOPLE_COLUMNS`` a person; capacity: (day, service, what, number);
    attendance: (start, end, person, service, scheduled, attended); other_residents: the log of their
    visits, None if there are none.
    """

    day: NDArray[np.float64]
    person: NDArray[np.int64]
    service: NDArray[np.int16]
    what: NDArray[np.int16]
    why: NDArray[np.int16]
    words: tuple[str, ...]
    people: tuple[tuple[Any, ...], ...] = ()
    capacity: tuple[tuple[float, str, str, float], ...] = ()
    attendance: tuple[tuple[float, float, int, str, int, int], ...] = ()
    arrests: tuple[Arrest, ...] = ()
    posts: tuple[Post, ...] = ()
    tenures: tuple[Tenure, ...] = ()
    other_residents: Events | None = None

    def __len__(self) -> int:
        return len(self.day)

    def code(self, word: str) -> int:
        """The code of a word, or -1 if it never occurs."""
        try:
            return self.words.index(word)
        except ValueError:
            return -1

    def where(self, service: str = "", what: str = "", why: str = "") -> NDArray[np.bool_]:
        """Which rows match all the words given."""
        mask = np.ones(len(self), dtype=bool)
        for column, word in ((self.service, service), (self.what, what), (self.why, why)):
            if word:
                mask &= column == self.code(word)
        return mask

    def to_frame(self) -> pd.DataFrame:
        """The rows as a pandas table with words spelled out as categories."""
        import pandas as pd

        words = pd.Index(list(self.words))

        def spelled(codes: NDArray[np.int16]) -> pd.Categorical[str]:
            return pd.Categorical.from_codes(codes, categories=words)

        return pd.DataFrame(
            {
                "day": self.day,
                "person": self.person,
                "service": spelled(self.service),
                "what": spelled(self.what),
                "why": spelled(self.why),
            }
        )
