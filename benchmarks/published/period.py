"""What measures by period have in common: shares, and spans that are followed for some time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from simulation.measures.history import Days, History, Mask, Spans, means
from simulation.measures.recidivism import YEAR, cohort_share
from simulation.measures.registry import Values


def ratio(part: Days, whole: Days) -> Days:
    """A share a period; nan where there was nothing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / whole, dtype=np.float64)


def share(days: Days, had_event: Mask, edges: Days) -> Values:
    """The share with the event among the rows of each period."""
    return {"all": means(days, had_event.astype(np.float64), edges)}


def over_years(years: float, history: History, edges: Days, value: Callable[[Days], float]) -> Values:
    """A number of so many years from the start of each year; nan for months and where the run is shorter."""
    spans = [(start, start + years * YEAR) for start, _ in pairwise(edges)]
    yearly = np.diff(edges) > YEAR - 2
    last = history.horizon + 1.0
    numbers = [
        value(np.array(span)) if whole and span[1] <= last else np.nan
        for span, whole in zip(spans, yearly, strict=True)
    ]
    return {"all": np.array(numbers)}


def ended_as(history: History, spans: Spans, *words: str) -> Mask:
    """Which spans ended by one of these words."""
    return np.isin(spans.why_out, [history.events.code(word) for word in words])


def stays_of(history: History, names: Sequence[str]) -> Spans:
    """The spans of several services together."""
    spans = [history.spans(name) for name in names]
    columns = zip(*(vars(some).values() for some in spans), strict=True)
    return Spans(*(np.concatenate(column) for column in columns))


def left_within(spans: Spans, days: float, left: Mask, history: History, edges: Days) -> Values:
    """Of spans begun in the period and followed so long, those that had ended in the way of the mask."""
    begun = spans.start >= 0
    had = left & (spans.end - spans.start <= days)
    followed = spans.start + days < history.horizon
    return {"all": cohort_share(spans.start[begun], had[begun], followed[begun], edges)}
