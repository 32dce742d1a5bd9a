"""A figure that the simulated county should show as well: of what, of whom, when, how sure, from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import cached_property

import numpy as np
from dateutil.relativedelta import relativedelta
from numpy.typing import NDArray

from calibration.fits.between_year import Calendar, YearlyVariation
from calibration.targets.observed import Observed
from calibration.targets.output import Output, scaled
from simulation.inputs import unit as units
from simulation.inputs.countyfile import CountyFile
from simulation.measures import MEASURES
from simulation.measures.registry import Kind

Floats = NDArray[np.float64]

MONTHS = 12

KIND_WORDS = {
    "stock": "a stock: how many there are at one time, averaged over the period",
    "flow": "a flow: how many come in a period",
    "mean": "a mean length in days",
    "share": "a share between 0 and 1",
}


class BadTarget(ValueError):
    """A figure that cannot be held against the model, in words for whoever wrote it."""


@dataclass(frozen=True)
class Point:
    """One value with its calendar days ``[start, end)``."""

    start: date
    end: date
    value: float


@dataclass(frozen=True)
class Target:
    """A figure of one measure and subgroup: one value, or a series that counts through its mean.

    error: standard error of each value by itself; weight: 1 counts fully, 0 is shown and not used;
    source: where it was published or taken from; known_variation: the variation, if it is known from
    other values than these. Values are in the measure's own unit: of a flow, the number in the period.
    """

    measure: str
    subgroup: str
    points: tuple[Point, ...]
    error: float = 0.0
    weight: float = 1.0
    source: str = ""
    known_variation: YearlyVariation | None = None

    @property
    def name(self) -> str:
        """Measure and subgroup, such as ``jail_adp:total``."""
        return self.measure if self.subgroup == "all" else f"{self.measure}:{self.subgroup}"

    @property
    def kind(self) -> Kind:
        """Stock, flow, mean or share."""
        return MEASURES[self.measure].kind

    @property
    def start(self) -> date:
        """The first day of the first value."""
        return min(point.start for point in self.points)

    @property
    def end(self) -> date:
        """The first day after the last value."""
        return max(point.end for point in self.points)

    @cached_property
    def values(self) -> Floats:
        """The values in the order of time."""
        return np.array([point.value for point in self.points])

    @property
    def value(self) -> float:
        """The mean of the values: what is held against the model."""
        return float(self.values.mean())

    @property
    def per_year(self) -> int:
        """How many values make a year: 12 of months, 4 of quarters, 1 of years and of longer times."""
        days = sum((point.end - point.start).days for point in self.points) / len(self.points)
        return max(1, round(units.DAYS["years"] / days))

    @property
    def calendar(self) -> Calendar:
        """Where the values lie in their years."""
        months = np.array([point.start.month - 1 for point in self.points])
        return Calendar(months * self.per_year // 12, self.per_year)

    @property
    def variation(self) -> YearlyVariation:
        """Variation between years and within them, part of which the model does not produce."""
        if self.known_variation is not None:
            return self.known_variation
        variation = YearlyVariation.of(self.values, self.calendar, self.kind == "flow")
        return replace(variation, past=self._months() if self.per_year == MONTHS else ())

    def _months(self) -> tuple[float, ...]:
        """The values month by month, nan where there is none."""
        places = [point.start.year * MONTHS + point.start.month for point in self.points]
        values = np.full(max(places) - min(places) + 1, np.nan)
        values[np.array(places) - min(places)] = self.values
        return tuple(values.tolist())

    @property
    def drift(self) -> float:
        """Standard error of the value from the variance between years.

        0 if only the latest of more values are used: the model is to reproduce the latest years; the
        variation widens the bands of months then, and not the fit.
        """
        if self.known_variation is not None:
            return 0.0
        return self.variation.between_years / float(np.sqrt(max(1.0, len(self.values) / self.per_year)))

    def output(self, county: CountyFile) -> Output:
        """What a run of the county has to say for the same days.

        If the run is shorter than the records: of a series the months that are run, of what lies outside
        them the same season in the time that is run, and of a flow as many times over as a value is longer.
        """
        spans = [(county.day(point.start), county.day(point.end)) for point in self.points]
        inside = tuple(span for span in spans if span[0] >= 0 and span[1] <= county.horizon)
        if inside:
            return Output(self.measure, self.subgroup, inside)
        run = in_season((spans[0][0], spans[-1][1]), county.horizon)
        longer = float(np.mean([end - start for start, end in spans])) / (run[1] - run[0])
        return Output(self.measure, self.subgroup, (run,), longer if self.kind == "flow" else 1.0)

    def run_share(self, output: Output) -> float:
        """The share of the days on record that is run, to which chance is smaller in the record."""
        recorded = sum((point.end - point.start).days for point in self.points)
        return min(1.0, sum(end - start for start, end in output.spans) / recorded)

    def before(self, day: date) -> Target | None:
        """The target with the values that end by this day; None if there are none."""
        kept = tuple(point for point in self.points if point.end <= day)
        return replace(self, points=kept) if kept else None

    def since(self, day: date) -> Target:
        """The target with the values that begin on this day or later; as it is if there are none."""
        kept = tuple(point for point in self.points if point.start >= day)
        if not kept or len(kept) == len(self.points):
            return self
        return replace(
            self, points=kept, known_variation=self.variation.resting_on(len(kept) / self.per_year)
        )


def in_season(span: tuple[float, float], horizon: float) -> tuple[float, float]:
    """The part of a run of so many days that lies at the same time of a year as a span outside it.

    The whole run where no part of it does.
    """
    start, end = span
    year = units.DAYS["years"]
    moves = [k * year for k in range(int(-end // year), int((horizon - start) // year) + 2)]
    parts = [(max(0.0, start + move), min(end + move, horizon)) for move in moves]
    best = max(parts, key=lambda part: part[1] - part[0])
    return best if best[1] > best[0] else (0.0, horizon)


def observed(targets: Sequence[Target], outputs: Sequence[Output] = ()) -> Observed:
    """Targets on the scale on which runs are compared with them; outputs: what is asked of the runs."""
    shares = [target.run_share(output) for target, output in zip(targets, outputs, strict=False)]
    return Observed(
        value=np.array([float(scaled(t.measure, np.array(t.value))) for t in targets]),
        error=np.array([_on_scale(t, t.error / np.sqrt(len(t.points))) for t in targets]),
        weight=np.array([t.weight for t in targets]),
        drift=np.array([_on_scale(t, t.drift) ** 2 for t in targets]),
        run=np.array(shares or [1.0] * len(targets)),
    )


def _on_scale(target: Target, error: float) -> float:
    """A standard error carried over to the scale of comparison."""
    ends = np.array([max(0.0, target.value - error), target.value + error])
    low, high = scaled(target.measure, ends)
    return float(high - low) / 2


def window(targets: Sequence[Target], longest: int = 10_000) -> tuple[date, int]:
    """The first day of the months that the values span, of the latest ``longest`` ones, and how many."""
    start = min(target.start for target in targets).replace(day=1)
    span = months_between(start, max(target.end for target in targets))
    return start + relativedelta(months=max(0, span - longest)), min(span, longest)


def months_between(start: date, end: date) -> int:
    """Months from the first day of one to a day, a part of one counted whole."""
    difference = relativedelta(end, start)
    return int(difference.years * 12 + difference.months + (difference.days > 0))


def checked(measure: str, subgroup: str, kind: str, unit: str) -> float:
    """What a value is multiplied by to be in the measure's own unit; raises BadTarget for what cannot be.

    A flow per month or year is still to be multiplied by the days of its period: see ``per_day``.
    """
    if measure not in MEASURES:
        close = get_close_matches(measure, MEASURES, n=1)
        meant = f" Did you mean '{close[0]}'?" if close else ""
        raise BadTarget(f"there is no measure '{measure}'.{meant} Allowed: {', '.join(MEASURES)}")
    own = MEASURES[measure]
    if kind and kind not in KIND_WORDS:
        raise BadTarget(f"kind '{kind}' is unknown. Allowed: {', '.join(KIND_WORDS)}")
    if kind and kind != own.kind:
        raise BadTarget(f"{measure} is {KIND_WORDS[own.kind]}; the row gives {KIND_WORDS[kind]}")
    return _factor(measure, own.kind, unit) if unit else 1.0


def _factor(measure: str, kind: Kind, unit: str) -> float:
    family = {"percent": "share", "%": "share", "person-days": "flow"}.get(unit) or units.family(unit)
    own = MEASURES[measure].unit
    if unit == own:
        return 1.0
    wanted = "duration" if kind == "mean" else kind
    if family is None and unit in units.FLOW_NOUNS and kind == "flow":
        return 1.0
    if family != wanted:
        shown = f"a {family}" if family else "unknown"
        raise BadTarget(
            f"{measure} is {KIND_WORDS[kind]}, in {own}; unit '{unit}' is {shown}."
            + (f" Give {own}, or {own}/month." if kind == "flow" else f" Give {own}.")
        )
    if wanted == "duration":
        return units.DAYS[unit]
    return 0.01 if unit in ("percent", "%") else 1.0


def per_day(unit: str) -> float | None:
    """Of a flow given per day, week, month or year, what makes it one a day; None of a plain number."""
    return units.FLOWS.get(unit)
