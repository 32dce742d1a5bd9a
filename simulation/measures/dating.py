"""Calendar dates and words of a log's days and codes."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.measures.history import Codes, Days, History, Mask


def only_where(mask: Mask, values: Any) -> NDArray[Any]:
    """Values, or one value, where the mask holds, and nothing elsewhere."""
    masked = np.full(len(mask), None, dtype=object)
    masked[mask] = np.broadcast_to(np.asarray(values, dtype=object), mask.shape)[mask]
    return masked


class Dating:
    """A history with the calendar dates and words of its log."""

    def __init__(self, history: History, start: date) -> None:
        self.history = history
        self.start = np.datetime64(start, "D")
        self.words = np.array((*history.events.words, ""), dtype=object)

    def dated(self, days: Days) -> NDArray[Any]:
        """Calendar dates of days from the start; none for a day that was not seen."""
        seen = np.isfinite(days)
        dates = self.start + np.floor(np.where(seen, days, 0)).astype("timedelta64[D]")
        return np.asarray(np.where(seen, dates, np.datetime64("NaT")), dtype="datetime64[us]")

    def timed(self, days: Days) -> NDArray[Any]:
        """Calendar dates with the time of day, to the second."""
        seconds = np.round(days * 86_400).astype("timedelta64[s]")
        return np.asarray(self.start.astype("datetime64[s]") + seconds, dtype="datetime64[us]")

    def spelled(self, codes: Codes) -> NDArray[Any]:
        """The words of codes; none where there is no word."""
        words = self.words[codes]
        return only_where(words != "", words)
