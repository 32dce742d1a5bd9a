"""What is wrong in a file, and where; the first of many problems, and how many more there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import ParamSpec

MAX_PROBLEMS = 100  # listed for one file; the rest are only counted

Location = tuple[str | int, ...]  # the keys and indexes that lead to a value
Position = tuple[int, int]  # line and column, counted from 1
P = ParamSpec("P")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file; line and column count from 1."""

    file: str
    line: int
    column: int
    field: str
    message: str

    def __str__(self) -> str:
        return one_line(f"{self.file}:{self.line}:{self.column}: {self.field}: {self.message}")


class BadDocument(Exception):
    """A file that cannot be used, with the problems found in it, sorted by file, line and column."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass
class Tally:
    """The first problems found, and how many more there are: those are never put into words."""

    problems: list[Problem] = field(default_factory=list)
    more: int = 0

    def add(self, describe: Callable[P, Problem], *args: P.args, **kwargs: P.kwargs) -> None:
        """Note one more problem; `describe` makes it, only if it will be listed."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(describe(*args, **kwargs))
        else:
            self.more += 1


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """The problems, each once, sorted by file, line and column."""
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line, problem.column))


def first_problems(tallies: Iterable[Tally]) -> list[Problem]:
    """The first problems of one file, and a last line with the number of those left out."""
    tallies = list(tallies)
    problems = in_order(problem for tally in tallies for problem in tally.problems)
    listed = problems[:MAX_PROBLEMS]
    more = len(problems) - len(listed) + sum(tally.more for tally in tallies)
    if more:
        message = "There is 1 more problem" if more == 1 else f"There are {more:,} more problems"
        listed.append(replace(listed[-1], field="(file)", message=f"{message} in this file."))
    return listed


def dotted(location: Location) -> str:
    """A location as a dotted path, such as levers[2].date."""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return one_line(path.removeprefix("."), 200) or "(file)"


def one_line(text: str, limit: int | None = None) -> str:
    """The text on one line, without control characters, cut to a length."""
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if limit is None or len(text) <= limit else text[:limit] + "..."
