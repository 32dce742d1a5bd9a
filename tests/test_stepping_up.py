"""The Stepping Up four come out as worked out by hand, with who is unknown beside them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from simulation.measures.row import Dates
from simulation.measures.stepping_up import stepping_up
from simulation.record import Records

YEAR = Dates(date(2024, 1, 1), date(2025, 1, 1))
COLUMNS = ["person", "booked", "released", "serious_mental_illness", "connected_to_treatment"]


def measured(
    *stays: tuple[object, ...], until: date = date(2026, 1, 1), **more: pd.DataFrame
) -> pd.DataFrame:
    custody = pd.DataFrame(stays, columns=COLUMNS)
    for name in ("booked", "released"):
        custody[name] = pd.to_datetime(custody[name])
    return stepping_up(Records.of({"custody": custody, **more}, until), YEAR)


def row(found: pd.DataFrame, item: str, group: str = "yes") -> pd.Series:
    rows = found[found["item"].str.startswith(item) & (found["group"] == group)]
    assert len(rows) == 1
    return rows.iloc[0]


# a: SMI, twice, 10 and 20 days, connected the second time. b: SMI, 30 days, not connected.
# c: no SMI, 4 days. d: unknown. e: SMI, booked before the period and released in it after 50 days,
# nobody wrote down whether connected. f: SMI, still inside.
SIX = (
    ("a", "2024-02-01", "2024-02-11", True, False),
    ("a", "2024-04-01", "2024-04-21", True, True),
    ("b", "2024-03-01", "2024-03-31", True, False),
    ("c", "2024-03-01", "2024-03-05", False, None),
    ("d", "2024-03-01", "2024-03-03", None, None),
    ("e", "2023-12-12", "2024-01-31", True, None),
    ("f", "2024-12-01", None, True, None),
)


def test_people_with_smi_are_counted_once_and_their_bookings_each_time() -> None:
    found = measured(*SIX)
    people = row(found, "people booked")
    assert (people["value"], people["denominator"]) == (3, 4)  # a, b, f of a, b, c, f; e was booked before
    assert people["missing"] == pytest.approx(1 / 5)  # d
    assert row(found, "share of the people booked")["value"] == pytest.approx(3 / 4)
    assert row(found, "bookings")["value"] == 4
    assert row(found, "people booked", "no")["value"] == 1


def test_someone_found_to_have_an_smi_at_one_booking_has_it() -> None:
    found = measured(
        ("a", "2024-02-01", "2024-02-02", None, None),
        ("a", "2024-03-01", "2024-03-02", False, None),
        ("a", "2024-04-01", "2024-04-02", True, None),
    )
    assert row(found, "people booked")["value"] == 1
    assert row(found, "bookings")["value"] == 3
    assert row(found, "people booked")["missing"] == 0


def test_length_of_stay_is_that_of_stays_that_end_in_the_period() -> None:
    found = measured(*SIX, ("g", "2024-05-02", "2024-05-01", True, None))
    stays = row(found, "days from booking")
    # a 10 and 20, b 30, e 50; f has not ended; g was released before being booked
    assert (stays["value"], stays["denominator"], stays["median"]) == (27.5, 4, 25)
    assert (stays["excluded"], stays["reasons"]) == (1, "released before booking: 1")
    assert row(found, "days from booking", "no")["value"] == 4


def test_a_person_is_connected_if_they_were_at_any_release() -> None:
    linked = row(measured(*SIX), "people released who were connected")
    assert (linked["value"], linked["numerator"], linked["denominator"]) == (0.5, 1, 2)  # a yes, b no
    assert linked["missing"] == pytest.approx(1 / 3)  # e; c and d have no known SMI, f is inside


def test_recidivism_is_a_new_booking_within_a_year_of_the_first_release() -> None:
    back = row(measured(*SIX), "people back in jail")
    assert (back["value"], back["numerator"], back["denominator"]) == (
        pytest.approx(1 / 3),
        1,
        3,
    )  # a of a, b, e
    assert back["note"] == "Cumulative incidence; the plain share is 33.3 %."
    assert row(measured(*SIX), "people back in jail", "no")["value"] == 0


def test_a_booking_on_the_366th_day_is_no_recidivism() -> None:
    # Released 2024-01-01; 2024-12-31 is day 365, 2025-01-01 day 366.
    stays = [
        ("a", "2023-12-01", "2024-01-01", True, None),
        ("a", "2024-12-31", "2025-01-05", True, None),
        ("b", "2023-12-01", "2024-01-01", True, None),
        ("b", "2025-01-01", "2025-01-05", True, None),
    ]
    back = row(measured(*stays), "people back in jail")
    assert (back["numerator"], back["denominator"]) == (1, 2)


def test_recidivism_is_censored_at_the_end_of_the_records_and_death_competes() -> None:
    # Released 1 January: a back after 31 days, b died after 31 days, c not followed more than 60.
    stays = [(p, "2023-12-01", "2024-01-01", True, None) for p in "abd"]
    stays += [("a", "2024-02-01", None, True, None), ("c", "2023-12-01", "2024-12-31", True, None)]
    died = pd.DataFrame({"person": ["b"], "died": pd.to_datetime(["2024-02-01"])})
    back = row(measured(*stays, until=date(2025, 3, 1), participants=died), "people back in jail")
    assert back["value"] == pytest.approx(1 / 4)  # at 31 days all four are at risk; d is followed 425 days
    assert (back["numerator"], back["denominator"]) == (1, 4)


def test_a_jail_that_records_no_smi_gets_no_number_but_all_missing() -> None:
    found = measured(("a", "2024-02-01", "2024-02-11", None, None))
    assert row(found, "share of the people booked")["missing"] == 1
    assert np.isnan(row(found, "share of the people booked")["value"])
    assert np.isnan(row(found, "days from booking")["value"])


def test_an_empty_jail_is_no_crash() -> None:
    found = measured()
    assert row(found, "people booked")["value"] == 0
    assert np.isnan(row(found, "people back in jail")["value"])
