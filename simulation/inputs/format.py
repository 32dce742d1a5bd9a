"""The formats of what users keep: county and scenario files, posteriors and results, and their renamed keys.

A file says its format under the key ``format``; one that does not is in format 1. Whoever renames a key
of a county or scenario file raises ``FILE_FORMAT`` and adds a row to ``RENAMED``: old files are then read
as before, and ``offramp upgrade`` rewrites them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

FileFormat = Annotated[
    Literal[2], Field(description="The format of the file; one that does not say it is in format 1.")
]
FILE_FORMAT: FileFormat = 2
"""Of county and scenario files."""
POSTERIOR_FORMAT = 1
"""Of the parquet file that a calibration writes."""
RESULTS_FORMAT = 2
"""Of a folder of results, in its manifest."""


@dataclass(frozen=True)
class RenamedKey:
    """A key that had another name before format ``since``.

    kind: of the files it stands in; path: where it stood, with ``*`` for any one key or list index, the keys
    above it by the names that they had in format ``since - 1``.
    """

    since: int
    kind: str
    path: str
    name: str

    @property
    def old(self) -> str:
        """The name it had."""
        return self.path.rpartition(".")[2]

    def matches(self, location: Sequence[str | int]) -> bool:
        """Whether a location in a file (keys and list indexes) is that of the old key."""
        steps = self.path.split(".")
        return len(steps) == len(location) and all(
            step in ("*", str(at)) for step, at in zip(steps, location, strict=True)
        )


RENAMED: tuple[RenamedKey, ...] = (
    RenamedKey(2, "scenario", "levers.*.on", "date"),
    RenamedKey(2, "county", "crisis.calls", "demand_profile"),
    RenamedKey(2, "county", "local_evidence.*.*.law", "distribution"),
)
"""In the order in which a file goes through them: by format and, within one, keys before those above them."""
