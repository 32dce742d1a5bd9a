"""Outcomes per 180 days before and after enrollment in FACT, person by person.

For each outcome a person's count or days within three years before enrollment, and within three years
after, are divided by the days observed on that side and multiplied by 180, since fewer days are observed
after than before. The pairs are compared by a paired t test and Wilcoxon's signed-rank test (Contra Costa
County Behavioral Health Services, Proposition 47 Evaluation Plan, 2019, pages 11 to 13). Before and after is
no control group: people enroll when things are at their worst and would often get better anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from simulation.measures.paired import Paired, compare
from simulation.measures.row import NONE, Row, Spread, spread, table
from simulation.measures.stay import People, day, days, deaths
from simulation.measures.timeline import Codes, Days, Mask, Spells, first_of_each, keyed
from simulation.record import Records

FAMILY = "CoCo FACT"
PER = 180.0
THREE_YEARS = 3 * 365.0

AtRisk = Literal["observed", "community"]
Kind = Literal["times", "days"]


@dataclass(frozen=True)
class Outcome:
    """What is counted: the times a span begins, or the days lived in spans.

    kinds: values of ``column`` that count; all without a column.
    """

    name: str
    label: str
    kind: Kind
    table: str
    start: str
    end: str | None = None
    column: str | None = None
    kinds: tuple[str, ...] = ()


LOCKED = ("jail", "prison")
ROOFLESS = ("homeless", "shelter")


def _episode(name: str, label: str, kind: Kind, *services: str) -> Outcome:
    return Outcome(name, label, kind, "episodes", "start", "end", "service", services)


OUTCOMES = (
    _episode("hospital_episodes", "Hospital episodes", "times", "hospital"),
    _episode("hospital_days", "Hospital days", "days", "hospital"),
    _episode("psychiatric_emergency", "Psychiatric emergency visits", "times", "psychiatric_emergency"),
    _episode("crisis_episodes", "Crisis episodes", "times", "crisis", "stabilization", "short_term_bed"),
    Outcome("arrests", "Arrests", "times", "arrests", "arrested"),
    Outcome("bookings", "Bookings", "times", "custody", "booked", "released", "place", ("jail",)),
    Outcome("jail_days", "Days in jail or prison", "days", "custody", "booked", "released", "place", LOCKED),
    Outcome("convictions", "Convictions", "times", "arrests", "conviction_date"),
    Outcome("homeless_days", "Homeless days", "days", "homes", "start", "end", "kind", ROOFLESS),
)
IN_CUSTODY = ("jail_days", "convictions")
"""Outcomes that happen inside as well, so that days inside are days at risk of them."""
JAIL_DAYS = OUTCOMES[6]
TABLES = ("participants", "episodes", "custody", "arrests", "homes")


@dataclass(frozen=True)
class Sides:
    """One element a person: enrollment, and the days from where to where each side is observed."""

    person: Codes
    enrolled: Days
    first: Days
    last: Days


@dataclass(frozen=True)
class Change:
    """One outcome before and after, per 180 days; means, medians, deviations and ranges of both sides.

    paired: the comparison of after with before; left_out: how many people have no pair, and why;
    shortest: fewest days observed on either side by anyone in the comparison, whose rate weighs like any.
    """

    outcome: Outcome
    before: Days
    after: Days
    paired: Paired
    left_out: dict[str, int]
    shortest: float
    note: str


def before_after(
    records: Records,
    observed_from: date | None = None,
    at_risk: AtRisk = "observed",
    outcomes: Sequence[Outcome] = OUTCOMES,
) -> list[Change]:
    """Every outcome of everyone who enrolled in FACT, each person from their first enrollment.

    observed_from: first day the records cover, else the earliest day in them. at_risk: ``observed`` takes
    all days observed, as the plan does; ``community`` leaves out days in jail or prison for what cannot
    happen there.
    """
    people = People(records, *TABLES)
    person, enrolled, repeated = _enrollments(records, people)
    begin = day(observed_from) if observed_from else _earliest(records)
    died = deaths(records, people)[person]
    last = np.fmin(np.minimum(enrolled + THREE_YEARS, day(records.observed_until)), died)
    sides = Sides(person, enrolled, np.maximum(enrolled - THREE_YEARS, begin), last)
    locked = None
    if at_risk == "community":
        locked = _days_within(_spans(records, people, JAIL_DAYS), sides)
    return [_change(records, people, sides, outcome, locked, repeated) for outcome in outcomes]


def _enrollments(records: Records, people: People) -> tuple[Codes, Days, int]:
    """Each person's first enrollment in FACT, and how many later ones there are.

    From the episodes, or where these hold none from admissions of participants whose care is FACT.
    """
    rows, start, name = records["episodes"], "start", "episodes"
    in_fact = (rows["service"] == "fact").to_numpy(dtype=bool, na_value=False)
    if not in_fact.any():
        rows, start, name = records["participants"], "admission_date", "participants"
        in_fact = (rows["care"] == "fact").to_numpy(dtype=bool, na_value=False)
    when = days(rows[start])
    in_fact = in_fact & (when < day(records.observed_until))
    person, when = people.of(name)[in_fact], when[in_fact]
    order = np.lexsort((when, person))
    first = order[first_of_each(person[order])]
    return person[first], when[first], len(person) - len(first)


def _earliest(records: Records) -> float:
    """The first day on which the records say that anything began."""
    firsts = [days(records[outcome.table][outcome.start]) for outcome in OUTCOMES]
    known = np.concatenate([when[~np.isnan(when)] for when in firsts])
    return float(known.min(initial=day(records.observed_until)))


@dataclass(frozen=True)
class Spans:
    """Spans of people, or events, whose end is their start."""

    person: Codes
    start: Days
    end: Days


def _spans(records: Records, people: People, outcome: Outcome) -> Spans:
    rows = records[outcome.table]
    kept: Mask = rows[outcome.start].notna().to_numpy(dtype=bool)
    if outcome.column:
        kept = kept & rows[outcome.column].isin(outcome.kinds).to_numpy(dtype=bool, na_value=False)
    person, start = people.of(outcome.table)[kept], days(rows[outcome.start])[kept]
    until = day(records.observed_until)
    end = days(rows[outcome.end])[kept] if outcome.end else start
    return Spans(person, start, np.where(np.isnan(end), until, end))


def _times(spans: Spans, sides: Sides) -> tuple[Days, Days]:
    """How often a span begins before and after; the day of enrollment belongs to after."""
    keys = np.sort(keyed(spans.person, spans.start))
    first, enrolled, last = (
        np.searchsorted(keys, keyed(sides.person, day))
        for day in (sides.first, sides.enrolled, np.maximum(sides.last, sides.enrolled))
    )
    return np.maximum(enrolled - first, 0).astype(np.float64), (last - enrolled).astype(np.float64)


def _days_within(spans: Spans, sides: Sides) -> tuple[Days, Days]:
    """Days lived in spans before and after, a day of overlapping spans once."""
    spells = Spells.merged(spans.person, spans.start, spans.end)
    before = spells.days_between(sides.person, np.minimum(sides.first, sides.enrolled), sides.enrolled)
    after = spells.days_between(sides.person, sides.enrolled, np.maximum(sides.last, sides.enrolled))
    return before, after


def _change(
    records: Records, people: People, sides: Sides, outcome: Outcome,
    locked: tuple[Days, Days] | None, repeated: int,
) -> Change:  # fmt: skip
    spans = _spans(records, people, outcome)
    count = _times if outcome.kind == "times" else _days_within
    amounts = count(spans, sides)
    inside = locked if locked and outcome.name not in IN_CUSTODY else (np.zeros(len(sides.person)),) * 2
    time = (sides.enrolled - sides.first - inside[0], np.maximum(sides.last - sides.enrolled, 0) - inside[1])
    kept = (time[0] > 0) & (time[1] > 0)
    measured = len(spans.person) > 0
    before, after = (
        PER * amount[kept] / at_risk[kept] for amount, at_risk in zip(amounts, time, strict=True)
    )
    left_out = {
        "no observed time before": int((time[0] <= 0).sum()),
        "no observed time after": int(((time[0] > 0) & (time[1] <= 0)).sum()),
        "later enrollment of the same person": repeated,
    }
    if not measured:
        before, after = before[:0], after[:0]
    note = "" if measured else "The records hold none at all, of anyone: not measured."
    shortest = float(np.minimum(*time)[kept].min(initial=np.inf))
    return Change(outcome, before, after, compare(before, after), left_out, shortest, note)


def as_table(changes: Sequence[Change], cohort: str = "all enrolled") -> pd.DataFrame:
    """The changes as the tidy table: before, after, difference, effect size and both tests."""
    return table(row for change in changes for row in _rows(change, cohort))


def _rows(change: Change, cohort: str) -> Iterator[Row]:
    paired = change.paired
    unit = f"{'times' if change.outcome.kind == 'times' else 'days'} per 180 days"
    empty = Spread(median=NONE, sd=NONE, q1=NONE, q3=NONE)
    items = (
        ("before", _mean(change.before), NONE, NONE, unit, spread(change.before)),
        ("after", _mean(change.after), NONE, NONE, unit, spread(change.after)),
        ("difference, after minus before", paired.difference, paired.low, paired.high, unit, empty),
        ("effect size dz", paired.dz, paired.dz_low, paired.dz_high, "standard deviations", empty),
        ("paired t test", paired.p_t, NONE, NONE, "p", empty),
        ("Wilcoxon signed-rank test", paired.p_w, NONE, NONE, "p", empty),
    )
    for item, value, low, high, what, scatter in items:
        yield Row(
            measure=change.outcome.name,
            name=FAMILY,
            cohort=cohort,
            item=item,
            value=value,
            unit=what,
            low=low,
            high=high,
            denominator=paired.pairs,
            left_out=change.left_out,
            note=change.note or paired.note,
            **scatter,
        )


def _mean(values: Days) -> float:
    return float(values.mean()) if len(values) else NONE
