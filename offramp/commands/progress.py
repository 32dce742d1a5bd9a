"""Progress of a command: a bar on a terminal, a line a minute where output goes to a file or a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

INTERVAL = 60.0
"""Seconds between two lines where there is no terminal."""


class ProgressLines:
    """A line a minute: how much is finished of how much, and the time left at the last minute's speed."""

    def __init__(
        self, unit: str, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.unit = unit
        self.write = write
        self.clock = clock
        self.written = clock()
        self.finished_then = 0

    def update(self, finished: int, total: int | None) -> None:
        """Write a line if a minute has passed since the last one."""
        seconds = self.clock() - self.written
        if seconds < INTERVAL:
            return
        line = f"{finished:,} {self.unit} finished"
        if total is not None:
            line = f"{finished:,} of {total:,} {self.unit} finished"
            made = finished - self.finished_then
            if made > 0:
                line += f", about {duration((total - finished) * seconds / made)} left"
        self.write(line)
        self.written, self.finished_then = self.written + seconds, finished


def duration(seconds: float) -> str:
    """A time in words, to the minute."""
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class Progress:
    """The runs of one command: how many are finished, and how far they are."""

    def __init__(self) -> None:
        self.finished = 0
        self.kept = False

    def stopped(self, why: str, code: int) -> int:
        """Say why it ended and what remains; the exit code."""
        rest = "Nothing was written."
        if self.kept and self.finished:
            runs = "1 run is" if self.finished == 1 else f"{self.finished} runs are"
            rest += f" {runs} kept: the same command goes on from there."
        print(f"\n{why}. {rest}", file=sys.stderr)
        return code

    @contextmanager
    def bar(self, total: int | None) -> Iterator[tuple[Callable[[], None], Callable[[str], None]]]:
        """A progress bar: yields the callback after each run, and the one for warnings."""
        from rich.console import Console
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        with Bar(console=console, disable=not console.is_terminal, transient=True) as bar:
            task = bar.add_task("simulating", total=total)

            def warn(text: str) -> None:
                console.print(text, highlight=False, markup=False, soft_wrap=True)

            lines = ProgressLines("runs", warn)

            def done() -> None:
                self.finished += 1
                bar.advance(task)
                if not console.is_terminal:
                    lines.update(self.finished, total)

            yield done, warn
