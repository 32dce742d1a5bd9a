"""The benchmarks measure what they say: the engines serve the same network, and counties scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.bare import bare_simpy as bare_processes
from benchmarks.calibrated_counties import chosen, whole_year
from benchmarks.county import county
from benchmarks.network import (
    AGAIN,
    ARRIVALS,
    STATIONS,
    Engine,
    bare_simpy,
    ciw,
    missing,
    offramp,
)
from benchmarks.san_diego import arm, exits
from calibration.fits.series import Forecast
from calibration.targets.target import Point, Target
from simulation import model

CUSTOMERS = 3000
EXPECTED = CUSTOMERS * STATIONS / (1 - AGAIN)
"""Each customer passes every station 1 / (1 - AGAIN) times: a geometric number of rounds."""


@pytest.mark.parametrize("engine", [offramp, bare_simpy, ciw])
def test_every_engine_serves_as_often_as_the_traffic_equations_say(engine: Engine) -> None:
    if engine is ciw and missing("ciw"):
        pytest.skip(missing("ciw"))
    assert engine(CUSTOMERS / ARRIVALS) == pytest.approx(EXPECTED, rel=0.06)


def test_the_yardstick_makes_as_many_steps_as_asked_with_as_many_events_pending() -> None:
    _, steps = bare_processes(pending=200, steps=20_000)
    assert steps == pytest.approx(20_000, rel=0.05)


def test_a_county_of_half_the_size_has_half_the_people_in_contact() -> None:
    whole, half = (model.sized(county(size, 12)).people for size in (400_000, 200_000))
    assert half / whole == pytest.approx(0.5, rel=0.05)


def survey(later: float) -> pd.DataFrame:
    """Thirty agencies of 60 to 2,960 people in jail, every third without its open cases of one month."""
    months = pd.date_range("2012-01-01", "2017-12-01", freq="MS")
    rows = []
    for size in range(60, 3000, 100):
        adp = np.where(months.year == 2017, later, float(size))
        open_cases = np.where((size // 100 % 3 == 0) & (months == "2014-05-01"), np.nan, adp / 5)
        columns = {"adp": adp, "bookings": 2 * adp, "mental_health_open": open_cases}
        rows.append(
            pd.DataFrame({"county": f"C{size} County", "place": f"C{size}", "month": months, **columns})
        )
    return pd.concat(rows)


def test_ten_complete_counties_from_the_smallest_to_the_largest_are_chosen_whatever_2017_was() -> None:
    ten = [agency.adp for agency in chosen(survey(later=100.0))]
    assert ten == [agency.adp for agency in chosen(survey(later=9.0))]
    assert (len(ten), ten[0], ten[-1]) == (10, 160, 1960)
    assert ten == sorted(ten) and all(adp // 100 % 3 for adp in ten)


def test_a_month_without_a_value_borrows_the_forecast_of_the_nearest() -> None:
    starts = [pd.Timestamp(2017, month, 1).date() for month in (1, 2, 3, 5, 6, 7, 8, 9, 10, 11)]
    target = Target("jail_adp", "all", tuple(Point(start, start, 1.0) for start in starts))
    draws = np.array([[each.month for each in starts]] * 3, dtype=float)
    whole = whole_year(target, Forecast("", draws)).draws[0].tolist()
    assert whole == [1, 2, 3, 3, 5, 6, 7, 8, 9, 10, 11, 11]


def test_people_on_the_street_leave_it_ever_more_rarely_and_sooner_with_a_subsidy_as_in_san_diego() -> None:
    without, with_one = arm(0, in_progress=False), arm(2000, in_progress=False)
    first, second, year = exits(without)
    assert first > second > 1 - (1 - year) ** 0.5
    assert with_one[:, -1].mean() < without[:, -1].mean()
    trial, seen = 19 / 158, 158
    assert with_one[:, -1].mean() == pytest.approx(trial, abs=2 * (trial * (1 - trial) / seen) ** 0.5)
