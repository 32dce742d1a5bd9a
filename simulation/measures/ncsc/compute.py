"""All measures of the guide over cohorts of one length or several, as one tidy table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

import numpy as np
import pandas as pd

from simulation.measures.ncsc.cohort import Calendar, Cohort, occurring
from simulation.measures.ncsc.court import NEVER, Court, day_of
from simulation.measures.ncsc.fact import Fact, Grouping
from simulation.measures.ncsc.guide import NCSC, GuideMeasure
from simulation.measures.ncsc.tally import COLUMNS, Row, tally
from simulation.measures.ncsc.trait import TRAITS, grouping
from simulation.record import Records

NOT_SIMULATED = "not simulated"
SMALL = 10
FEW = "Ten or fewer: the value hangs on single participants; a longer cohort says more."
"""The guide's own example of a cohort that is too small, and its advice ("Time Frame")."""
LENGTHS = {"month": 1, "quarter": 3}
TEXT = ("measure", "name", "cohort", "as_of", "item", "by", "group", "unit", "reasons", "note")
WHOLE = ("denominator", "excluded")
DATED = (
    ("participants", "referral_date"),
    ("participants", "admission_date"),
    ("participants", "exit_date"),
    ("meetings", "date"),
    ("caseloads", "week"),
    ("trainings", "date"),
)


def compute(
    records: Records,
    cohort: str | Sequence[str] | None = None,
    by: str | Sequence[str] = (),
    measures: Iterable[str] | None = None,
    months: int = 6,
) -> pd.DataFrame:
    """The measures as a table with the columns ``COLUMNS``: a row a measure, cohort, item and group.

    cohort: labels such as 2025, 2025H1 or 2025Q3, or all cohorts of ``months`` (3, 6 or 12) in which
    something happened; by: traits to disaggregate by beside the guide's own (``TRAITS``); measures:
    numbers in the guide, or all. Raises ValueError for a label, trait or number there is not.
    """
    traits = (by,) if isinstance(by, str) else tuple(by)
    if wrong := [name for name in traits if name not in TRAITS]:
        raise ValueError(f"cannot disaggregate by {wrong[0]!r}; allowed: {', '.join(TRAITS)}")
    wanted = list(NCSC) if measures is None else list(measures)
    if wrong := [number for number in wanted if number not in NCSC]:
        raise ValueError(f"there is no measure {wrong[0]!r}; allowed: {', '.join(NCSC)}")
    court = Court(records)
    cohorts = chosen(records, cohort, months)
    rows = [row for number in wanted for row in rows_of(NCSC[number], court, cohorts, traits)]
    return as_frame(rows)


def chosen(records: Records, cohort: str | Sequence[str] | None, months: int) -> list[Cohort]:
    """The cohorts asked for, or those of a length in which something happened while observed."""
    if cohort is not None:
        labels = [cohort] if isinstance(cohort, str) else cohort
        return [Cohort.parse(label) for label in labels]
    if months not in (3, 6, 12):
        raise ValueError(f"cohorts have 3, 6 or 12 months, not {months}")
    day = np.concatenate([day_of(records[table][column]) for table, column in DATED])
    until = day_of(pd.Series([records.observed_until]))[0]
    return occurring(day[(day != NEVER) & (day < until)], months)


def calendars(measure: GuideMeasure, cohorts: list[Cohort]) -> Iterator[Calendar]:
    """The cohorts by length, or the months or quarters they are made of."""
    if measure.cohort in LENGTHS:
        cohorts = [part for cohort in cohorts for part in cohort.within(LENGTHS[measure.cohort])]
    length = attrgetter("months")
    for _, family in groupby(sorted(cohorts, key=length), key=length):
        yield Calendar.of(family)


def rows_of(
    measure: GuideMeasure, court: Court, cohorts: list[Cohort], traits: tuple[str, ...]
) -> Iterator[Row]:
    """The rows of one measure, with its number and name."""
    head = {"measure": measure.number, "name": measure.name}
    silence = silent(measure, court)
    for calendar in calendars(measure, cohorts):
        late = incomplete(calendar, court)
        rows = nothing(measure, calendar, silence) if silence else reported(measure, court, calendar, traits)
        for row in rows:
            notes = [row["note"]]
            if not silence:
                notes += [late.get(row["cohort"], ""), FEW if 0 < row["denominator"] <= SMALL else ""]
            yield {**head, **row, "note": " ".join(note for note in notes if note)}


def reported(
    measure: GuideMeasure, court: Court, calendar: Calendar, traits: tuple[str, ...]
) -> Iterator[Row]:
    """The rows of a measure that can be computed."""
    for fact in measure.function(court, calendar):
        yield from tally(fact, calendar, groupings(measure, court, fact, traits))


def groupings(measure: GuideMeasure, court: Court, fact: Fact, traits: tuple[str, ...]) -> Iterator[Grouping]:
    """The guide's disaggregation and those asked for, as far as the rows are of participants."""
    people = bool((fact.rows.stay >= 0).any())
    for name in dict.fromkeys((*measure.by, *(traits if people else ()))):
        if people or any(own.by == name for own in fact.rows.own):
            yield grouping(court, name, fact.rows)


def silent(measure: GuideMeasure, court: Court) -> str:
    """Why a measure cannot be computed from these records; empty if it can."""
    simulated = court.records.source == "simulation"
    if simulated and not measure.simulated:
        return NOT_SIMULATED
    lacking = court.lacks(measure.needs)
    return NOT_SIMULATED if lacking and simulated else lacking


def nothing(measure: GuideMeasure, calendar: Calendar, why: str) -> Iterator[Row]:
    """One empty row a cohort, with the reason why there is no number."""
    for cohort in calendar.cohorts:
        yield {"cohort": cohort.label, "by": "all", "group": "all", "unit": measure.unit, "note": why}


def incomplete(calendar: Calendar, court: Court) -> dict[str, str]:
    """A note for each cohort that the records do not cover to its end."""
    until = court.records.observed_until.date()
    note = f"The records end before {until.isoformat()}, the cohort does not."
    return {cohort.label: note for cohort in calendar.cohorts if cohort.end > until}


def as_frame(rows: list[Row]) -> pd.DataFrame:
    """Rows as a table with fixed columns and types."""
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    kinds = {name: "string" if name in TEXT else "Int64" if name in WHOLE else "float64" for name in COLUMNS}
    table = table.astype(kinds)
    table[list(TEXT)] = table[list(TEXT)].fillna("")
    return table
