"""What every typed record of the project is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """A typed record: unknown keys refused, nothing changes after it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other values; what was worked out from the old ones is not taken along."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


def choices(word: str, allowed: Sequence[str]) -> str:
    """What is allowed, and what was probably meant, for the message of a problem."""
    close = get_close_matches(word, allowed, n=1)
    meant = f" Did you mean '{close[0]}'?" if close else ""
    return f"Allowed: {', '.join(allowed)}.{meant}"
