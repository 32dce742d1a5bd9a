"""Re-offending follows each person from an origin to the first event that counts, as a standard declares."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from simulation.measures.reoffending import Reoffending, anniversary
from simulation.measures.row import Dates
from simulation.measures.stay import day
from simulation.measures.timeline import Moments, Spells

Counts = dict[str, Moments]


def moments(*pairs: tuple[int, float]) -> Moments:
    person, days = zip(*pairs, strict=True)
    return Moments(np.array(person), np.array(days, dtype=float))


COUNTY: Counts = {
    # Person 1 is released twice, 2 is arrested on the day of release, 3 too late, 4 never.
    "releases": moments((1, 100), (1, 10), (2, 50), (3, 60), (4, 950)),
    "arrests": moments((3, 60 + 366), (1, 110), (2, 50), (1, 40), (9, 55)),
}
RETURN: Reoffending[Counts] = Reoffending(lambda c: c["releases"], lambda c: c["arrests"], window=365)


def test_the_first_event_at_a_later_time_counts_and_one_of_the_same_day_does_not() -> None:
    people = RETURN.follow(COUNTY, until=1000)
    np.testing.assert_array_equal(people.event, [110, 40, np.nan, 426, np.nan])
    assert people.had_event.tolist() == [True, True, False, False, False]
    assert replace(RETURN, same_day=True).follow(COUNTY, until=1000).had_event[2]


def test_who_cannot_be_observed_to_the_end_of_the_window_is_not_followed() -> None:
    assert RETURN.follow(COUNTY, until=1000).followed.tolist() == [True, True, True, True, False]
    settled = replace(RETURN, settled=600).follow(COUNTY, until=1000)
    assert settled.followed.tolist() == [False, True, False, False, False]  # 10 + 965 is before day 1000


def test_a_person_counted_once_is_followed_from_the_first_origin_that_is_not_excluded() -> None:
    once = replace(RETURN, once=True)
    assert once.follow(COUNTY, until=1000).rows.tolist() == [1, 2, 3, 4]
    early = replace(once, exclude={"early": lambda c: c["releases"].day < 20})
    people = early.follow(COUNTY, until=1000)
    assert people.rows.tolist() == [0, 2, 3, 4]
    assert people.left_out == {"early": 1}


def test_only_origins_of_a_period_count() -> None:
    period = Dates(date(1970, 2, 1), date(1970, 3, 31))  # days 31 to 88
    assert RETURN.follow(COUNTY, until=1000, period=period).origin.person.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("origin", "years", "last"),
    [
        (date(2023, 5, 17), 1, date(2024, 5, 17)),
        (date(2024, 2, 29), 1, date(2025, 3, 1)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2023, 12, 31), 2, date(2025, 12, 31)),
    ],
)
def test_a_window_of_calendar_years_ends_on_the_same_day_of_the_year(
    origin: date, years: int, last: date
) -> None:
    assert anniversary(years)(None, moments((1, day(origin)))).tolist() == [day(last)]


def test_days_of_overlapping_spans_count_once() -> None:
    person, start = np.array([2, 1, 1, 1]), np.array([5.0, 0.0, 4.0, 20.0])
    spells = Spells.merged(person, start, np.array([9.0, 6.0, 10.0, 30.0]))
    assert len(spells.person) == 3
    who, since, until = (
        np.array([1, 1, 2, 3]),
        np.array([0.0, 8.0, 0.0, 0.0]),
        np.array([50.0, 25.0, 7.0, 9.0]),
    )
    assert spells.days_between(who, since, until).tolist() == [20, 7, 2, 0]
