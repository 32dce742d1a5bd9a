"""What a treatment group teaches, how long, and whom it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MeantFor = Literal["everyone", "substance_use"]


@dataclass(frozen=True)
class GroupProgram:
    """A group's name, its sessions (one a week) from first to last, and for whom it is.

    minutes: of staff time a session takes, however many come.
    """

    name: str
    sessions: int
    minutes: float
    meant_for: MeantFor = "everyone"

    def suits(self, substance_use: bool) -> bool:
        """Whether someone is meant: any member, or only one with a co-occurring substance use disorder."""
        return self.meant_for == "everyone" or substance_use
