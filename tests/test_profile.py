"""When crises happen: a clock that runs faster in busy hours, and the shifts that answer them."""

from __future__ import annotations

from datetime import date
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulation.engine.hazard import Hazards
from simulation.engine.stream import Stream
from simulation.inputs.demand_profile import EVEN_DEMAND, DemandProfile
from simulation.inputs.shift_schedule import COUNTYWIDE, Shift, ShiftSchedule

HOURS = [0.4] * 6 + [1.0] * 6 + [1.6] * 8 + [0.9] * 4
WEEKDAYS = [1.2, 1.0, 1.1, 1.0, 1.0, 0.9, 0.6]
MONTHS = [0.8, 0.9, 1.0, 1.0, 1.1, 1.2, 1.2, 1.1, 1.0, 0.9, 0.9, 0.8]
START = date(2027, 1, 1)  # a Friday
YEAR = DemandProfile(START, 365, HOURS, WEEKDAYS, MONTHS)


@settings(derandomize=True, max_examples=300)
@given(st.floats(0, 500))
def test_the_clock_turned_back_gives_the_day_again(day: float) -> None:
    assert YEAR.day(YEAR.passed(day)) == pytest.approx(day, abs=1e-8)


@pytest.mark.parametrize("profile", [YEAR, EVEN_DEMAND])
def test_many_days_at_once_are_those_one_by_one(profile: DemandProfile) -> None:
    passed = np.array([0.0, 0.01, 3.7, 200.25, 364.9, 365.0, 400.5])
    assert profile.days(passed) == pytest.approx([profile.day(mark) for mark in passed.tolist()])


def test_the_clock_keeps_the_years_pace_and_goes_on_evenly_after_it() -> None:
    assert YEAR.passed(365) == pytest.approx(365, rel=0.002)
    assert YEAR.passed(400) - YEAR.passed(365) == pytest.approx(35)


def test_an_hour_lasts_in_proportion_to_its_indices_worked_out_by_hand() -> None:
    # Monday 4 January, 14:00 to 15:00: hour 1.6, day 1.2, month 0.8, each over the mean of its list.
    hour = (1.6 / np.mean(HOURS)) * (1.2 / np.mean(WEEKDAYS))
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    month = 0.8 / (np.dot(MONTHS, lengths) / 365)
    assert YEAR.passed(3 + 15 / 24) - YEAR.passed(3 + 14 / 24) == pytest.approx(hour * month / 24)


def struck(people: int, rate: float, profile: DemandProfile | None) -> list[float]:
    """Every strike of a risk over a year, in people whose circumstances change and who are away a while."""
    days = []
    for person in range(people):
        hazards = Hazards(Stream(3, person), profile or EVEN_DEMAND)
        day, changes = 0.0, iter([40.3, 41.9, 200.7, inf])
        change = next(changes)
        while day < 365:
            due = day + hazards.resume(day, (rate, 0.0, 0.0, 0.0, 0.0))
            if due > change:
                hazards.pause(change)
                day, change = change, next(changes)
            else:
                hazards.pause(due)
                assert hazards.strike() == "crisis"
                day = due
                days += [day] if day < 365 else []
    return days


@pytest.fixture(scope="module")
def crises() -> np.ndarray:
    """Crises of 4,000 people at two a year."""
    return np.array(struck(4000, 2 / 365, YEAR))


def test_strikes_fall_on_the_hours_in_proportion_to_the_profile(crises: np.ndarray) -> None:
    observed = np.histogram(crises % 1 * 24, bins=24, range=(0, 24))[0]
    assert stats.chisquare(observed, np.array(HOURS) / sum(HOURS) * len(crises)).pvalue > 0.001


def test_strikes_fall_on_weekdays_and_months_in_proportion_to_what_passes_on_the_clock(
    crises: np.ndarray,
) -> None:
    passed = np.diff([YEAR.passed(day) for day in range(366)])
    weekday = (np.arange(365) + START.weekday()) % 7
    month = np.array([date.fromordinal(START.toordinal() + day).month for day in range(365)])
    for kind in (weekday, month - 1):
        expected = np.bincount(kind, passed)
        observed = np.bincount(kind[crises.astype(int)])
        assert stats.chisquare(observed, expected / expected.sum() * len(crises)).pvalue > 0.001


def test_a_profile_moves_strikes_about_and_makes_no_more_of_them(crises: np.ndarray) -> None:
    expected = 4000 * 2 / 365 * YEAR.passed(365)
    assert abs(len(crises) - expected) < 4 * np.sqrt(expected)
    assert abs(len(struck(4000, 2 / 365, None)) - len(crises)) < 0.01 * len(crises), "the same random numbers"


def test_a_flat_profile_is_no_profile() -> None:
    flat = DemandProfile(START, 365, [2.0] * 24, [3.0] * 7, [1.0] * 12)
    assert struck(50, 1 / 30, flat) == pytest.approx(struck(50, 1 / 30, None))


# --- Shifts ---

FRIDAY_NIGHT = Shift(22, 6, 2, "west", (4,))
ROSTER = ShiftSchedule((Shift(8, 16, 1), FRIDAY_NIGHT), START.weekday())


@pytest.mark.parametrize(
    ("day", "countywide", "west"),
    [(0.0, 0, 0), (8 / 24, 1, 0), (16 / 24, 0, 0), (22 / 24, 0, 2), (1 + 5.9 / 24, 0, 2), (1.25, 0, 0)],
)
def test_a_night_shift_ends_on_the_next_day_and_is_held_on_its_weekdays(
    day: float, countywide: float, west: float
) -> None:
    assert ROSTER.on_duty(day) == {COUNTYWIDE: countywide, "west": west}
    assert ROSTER.on_duty(day + 7) == {COUNTYWIDE: countywide, "west": west}
    assert ROSTER.on_duty(day + 2)["west"] == 0


def test_the_schedule_knows_when_it_changes_next() -> None:
    assert ROSTER.until_change(0.0) == pytest.approx(8 / 24)
    assert ROSTER.until_change(8 / 24) == pytest.approx(8 / 24)
    assert ROSTER.until_change(23 / 24) == pytest.approx(7 / 24)
    assert ShiftSchedule().until_change(3.0) == inf


def test_new_hours_keep_as_many_teams_as_were_on_duty_at_a_time() -> None:
    busy = ShiftSchedule((Shift(8, 16, 1, "west"), Shift(12, 20, 2, "west"), Shift(8, 16, 4, "east")))
    assert busy.most("west") == 3
    assert busy.with_hours(0, 24, None, "west").on_duty(0.1) == {"west": 3, "east": 0}
    assert busy.with_hours(0, 24, None, None).on_duty(0.1) == {"west": 3, "east": 4}
    assert busy.with_hours(0, 24, 7, None).on_duty(0.1) == {"west": 7, "east": 7}


def test_the_unserved_share_is_of_demand_and_not_of_hours() -> None:
    day_shift = ShiftSchedule((Shift(12, 20, 1),))
    assert day_shift.unserved(0.0, None) == pytest.approx(16 / 24)
    assert day_shift.unserved(1 / 24, None) == pytest.approx(15 / 24), "who waits an hour is served at noon"
    assert day_shift.unserved(0.0, YEAR) == pytest.approx(1 - 8 * 1.6 / sum(HOURS))
    assert ShiftSchedule().unserved(1.0, YEAR) == 1
    assert ShiftSchedule((Shift(0, 24, 1),)).unserved(0.0, YEAR) == 0
