"""Recidivism as the BSCC defines it: a conviction of a new felony or misdemeanor within three years."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from simulation.measures.bscc import Since, bscc
from simulation.measures.row import Dates
from simulation.record import Records

YEAR = Dates(date(2020, 1, 1), date(2021, 1, 1))
NEVER = None


def frame(rows: list[tuple[object, ...]], *columns: str) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=list(columns))
    for name in set(columns) - {"person", "charge_level", "place"}:
        made[name] = pd.to_datetime(made[name])
    return made


def measured(
    stays: list[tuple[object, ...]],
    arrests: list[tuple[object, ...]],
    until: date = date(2026, 1, 1),
    since: Since = "release",
    participants: list[tuple[object, ...]] | None = None,
) -> tuple[pd.Series, pd.Series]:
    """The naive row and the row of the cumulative incidence."""
    tables = {
        "custody": frame(stays, "person", "booked", "released"),
        "arrests": frame(arrests, "person", "arrested", "charge_level", "conviction_date"),
        "participants": frame(participants or [], "person", "admission_date", "died"),
    }
    found = bscc(Records.of(tables, until), YEAR, since)
    naive, incidence = (found.iloc[i] for i in range(2))
    assert naive["measure"].endswith("naive")
    return naive, incidence


def out(*persons: str, on: str = "2020-01-01") -> list[tuple[object, ...]]:
    return [(person, "2019-12-01", on) for person in persons]


def test_a_new_felony_misdemeanor_or_dui_counts_and_nothing_else() -> None:
    arrests = [
        ("felony", "2020-06-01", "felony", "2020-12-01"),
        ("misdemeanor", "2020-06-01", "misdemeanor", "2020-12-01"),
        ("dui", "2020-06-01", "dui", "2020-12-01"),
        ("traffic", "2020-06-01", "traffic", "2020-12-01"),
        ("ordinance", "2020-06-01", "ordinance", "2020-12-01"),
        ("probation", "2020-06-01", "violation", "2020-12-01"),
        ("not convicted", "2020-06-01", "felony", NEVER),
    ]
    people = [str(a[0]) for a in arrests]
    naive, incidence = measured(out(*people, "quiet"), arrests)
    assert (naive["numerator"], naive["denominator"], naive["value"]) == (3, 8, 0.375)
    assert incidence["value"] == pytest.approx(0.375)  # everyone was followed for three years


def test_the_offense_must_fall_within_three_years_and_the_conviction_may_come_later() -> None:
    # Released 2020-01-01: 2022-12-31 is day 1095, 2023-01-01 day 1096, and three years are 1095.75 days.
    arrests = [
        ("in time", "2022-12-31", "felony", "2025-06-01"),
        ("too late", "2023-01-01", "felony", "2023-02-01"),
    ]
    naive, _ = measured(out("in time", "too late"), arrests)
    assert (naive["numerator"], naive["denominator"]) == (1, 2)


def test_the_arrest_that_led_to_the_stay_is_not_new() -> None:
    # Booked and released on the day of the arrest; and an arrest long before.
    stays = [("a", "2020-03-01", "2020-03-01"), ("b", "2020-02-01", "2020-03-01")]
    arrests = [("a", "2020-03-01", "felony", "2020-09-01"), ("b", "2020-02-01", "felony", "2020-09-01")]
    assert measured(stays, arrests)[0]["numerator"] == 0


def test_a_conviction_the_records_do_not_cover_yet_is_none() -> None:
    arrests = [("a", "2020-06-01", "felony", "2026-01-01")]
    assert measured(out("a"), arrests)[0]["numerator"] == 0


def test_people_not_followed_for_three_years_leave_the_naive_share_only() -> None:
    # Records until 2023-06-01. a, b out 2020-01-01, c, d on 2020-12-31 (882 days). a struck after 152
    # days, c after 101: naive 1 of a, b; incidence: at 101 days 1/4, at 152 + 3/4 x 1/3 = 1/2.
    arrests = [("a", "2020-06-01", "felony", "2020-12-01"), ("c", "2021-04-11", "felony", "2021-12-01")]
    stays = out("a", "b") + out("c", "d", on="2020-12-31")
    naive, incidence = measured(stays, arrests, until=date(2023, 6, 1))
    assert (naive["value"], naive["numerator"], naive["denominator"]) == (0.5, 1, 2)
    assert (naive["excluded"], naive["reasons"]) == (2, "not followed for three years: 2")
    assert incidence["value"] == pytest.approx(0.5)
    assert (incidence["numerator"], incidence["denominator"]) == (2, 4)


def test_the_dead_are_not_taken_for_people_who_may_still_be_convicted() -> None:
    # a is convicted of an arrest on day 10, b dies on day 5, c and d are quiet.
    stays = out("a", "b", "d") + out("c", on="2020-12-25")
    arrests = [("a", "2020-01-11", "felony", "2020-06-01")]
    _, incidence = measured(stays, arrests, until=date(2021, 1, 1), participants=[("b", None, "2020-01-06")])
    # Nobody was followed for three years: no estimate, and it says so.
    assert np.isnan(incidence["value"])
    assert "Nobody was followed that long" in incidence["note"]
    # Followed on: on day 5 four are at risk and one dies; on day 10 one of three: 3/4 x 1/3. With the
    # death taken for a loss it would be 1/3.
    _, incidence = measured(stays, arrests, participants=[("b", None, "2020-01-06")])
    assert incidence["value"] == pytest.approx(1 / 4)


def test_a_person_counts_once_from_the_first_release_and_a_transfer_is_none() -> None:
    stays = [
        ("a", "2019-12-01", "2020-01-10"),
        ("a", "2020-01-11", "2020-02-01"),  # the next day: the same stay
        ("a", "2020-05-01", "2020-05-05"),
    ]
    arrests = [("a", "2020-01-20", "felony", "2020-12-01")]  # during the stay, so before the release
    naive, _ = measured(stays, arrests)
    assert (naive["numerator"], naive["denominator"]) == (0, 1)


def test_placement_starts_the_clock_at_the_first_admission() -> None:
    participants = [("a", "2020-06-01", None), ("a", "2020-09-01", None), ("b", "2021-06-01", None)]
    arrests = [("a", "2020-07-01", "misdemeanor", "2020-12-01"), ("b", "2021-07-01", "felony", "2021-12-01")]
    naive, _ = measured([], arrests, since="placement", participants=participants)
    assert (naive["numerator"], naive["denominator"]) == (1, 1)
    assert naive["item"].endswith("admission to supervision")


def test_a_conviction_of_an_unknown_charge_is_missing_and_not_counted() -> None:
    arrests = [("a", "2020-06-01", None, "2020-12-01"), ("b", "2020-06-01", None, "2020-12-01")]
    arrests += [("b", "2020-07-01", "felony", "2020-12-01")]  # b is struck in any case
    naive, _ = measured(out("a", "b", "c", "d"), arrests)
    assert (naive["numerator"], naive["missing"]) == (1, 0.25)


def test_how_long_convictions_take_is_told() -> None:
    arrests = [("a", "2020-06-01", "felony", "2020-06-11"), ("b", "2020-06-01", "felony", "2020-07-01")]
    naive, _ = measured(out("a", "b"), arrests)  # 10 and 30 days
    assert (
        naive["note"]
        == "Half the convictions come 20 days or more after the arrest: the latest are not here yet."
    )


def test_nobody_released_is_no_crash() -> None:
    naive, incidence = measured([], [])
    assert np.isnan(naive["value"])
    assert incidence["denominator"] == 0
