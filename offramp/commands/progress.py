"""What is told while runs are made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Progress:
    """What is told while runs are made: a bar on a terminal, only trouble in a pipe."""

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
        """What to call after each run, and whom to tell of trouble."""
        from rich.console import Console
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        with Bar(console=console, disable=not console.is_terminal, transient=True) as bar:
            task = bar.add_task("simulating", total=total)

            def done() -> None:
                self.finished += 1
                bar.advance(task)

            yield done, lambda text: console.print(text, highlight=False, markup=False, soft_wrap=True)
