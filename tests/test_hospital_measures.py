"""Readmission, hospital days and concentration of crises, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.engine.eventlog import EventLog
from simulation.measures import MEASURES, History
from simulation.measures.hospital import YEAR

Rows = list[tuple[float, int, str, str]]


def history(rows: Rows, horizon: float) -> History:
    """A log of these rows of day, person, service and event, in a county everybody is in from day 0."""
    log = EventLog()
    people = sorted({person for _, person, _, _ in rows})
    for person in people:
        log.write(0.0, person, "county", "admitted", "")
    for day, person, service, what in sorted(rows):
        log.write(day, person, service, what, "")
    return History(log.read(), horizon)


def stay(person: int, start: float, end: float, service: str = "inpatient") -> Rows:
    """A stay in a service."""
    return [(start, person, service, "admitted"), (end, person, service, "discharged")]


def value(measure: str, history: History, edges: list[float], group: str = "all") -> list[float]:
    """A measure by period."""
    values = MEASURES[measure].function(history, np.array(edges))[group]
    return [float(number) for number in values]


def test_a_readmission_counts_from_each_discharge_that_can_be_followed_for_30_days() -> None:
    """Discharged on day 10, 35, 100 and 190 of 200: back after 15 days, after 45, never, and not followed."""
    rows = [
        *stay(1, 5, 10),
        *stay(1, 25, 35),
        *stay(1, 80, 100),
        *stay(2, 150, 190),
        *stay(2, 195, 199),
    ]
    assert value("psychiatric_readmission_30d", history(rows, 200), [0, 100, 200]) == [0.5, 0.0]


def test_who_leaves_the_county_from_a_bed_is_not_discharged() -> None:
    rows = [*stay(1, 5, 10), *stay(1, 20, 30), (30.0, 1, "county", "discharged")]
    assert value("psychiatric_readmission_30d", history(rows, 200), [0, 100]) == [1.0]


def test_hospital_days_count_over_years_in_the_county_and_in_a_team() -> None:
    """Two people for 100 days: 30 days in a bed, 10 of them of the 50 days that one spends in a FACT team."""
    rows = [*stay(1, 40, 60), *stay(2, 10, 20), *stay(1, 50, 100, "fact.west")]
    log = history(rows, 100)
    assert value("hospital_days_per_person_year", log, [0, 100]) == [pytest.approx(YEAR * 30 / 200)]
    in_care = value("hospital_days_per_person_year", log, [0, 50, 100], "care=fact")
    assert np.isnan(in_care[0])
    assert in_care[1] == pytest.approx(YEAR * 10 / 50)


def test_the_busiest_twentieth_have_their_share_of_crises() -> None:
    """Forty people with one crisis each but two with 6 and 5, of which one before the period: 11 of 49."""
    rows = [row for person in range(40) for row in stay(person, 50 + person, 50.5 + person, "crisis")]
    rows += [row for n in range(5) for row in stay(0, 20 + 3 * n, 21 + 3 * n, "crisis")]
    rows += [row for n in range(5) for row in stay(1, 8 + 3 * n, 9 + 3 * n, "crisis")]
    assert value("crises_top_5pct", history(rows, 200), [10, 200]) == [pytest.approx(11 / 49)]


def test_too_few_people_have_no_busiest_twentieth() -> None:
    rows = [row for person in range(19) for row in stay(person, 50, 51, "crisis")]
    assert np.isnan(value("crises_top_5pct", history(rows, 200), [0, 200])).all()
