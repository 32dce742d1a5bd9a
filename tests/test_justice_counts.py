"""Admissions are events, the population is a count on one day, and a return is counted as the tool says."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from simulation.measures.justice_counts import Return, Rule, justice_counts, return_to_custody
from simulation.measures.row import Dates
from simulation.measures.stay import Custody
from simulation.record import Records
from tests.shared_data import shared_data

YEAR = Dates(date(2024, 1, 1), date(2025, 1, 1))


def records(
    *stays: tuple[str, str, str | None], until: date = date(2026, 1, 1), **more: pd.DataFrame
) -> Records:
    """Records of stays (person, booked, released), and other tables."""
    custody = pd.DataFrame(stays, columns=["person", "booked", "released"])
    for name in ("booked", "released"):
        custody[name] = pd.to_datetime(custody[name])
    return Records.of({"custody": custody, **more}, until)


def value(found: pd.DataFrame, measure: str) -> float:
    return float(found.loc[found["measure"] == measure, "value"].iloc[0])


def test_four_admissions_of_one_person_are_one_admission_and_three_readmissions() -> None:
    found = justice_counts(
        records(
            ("a", "2024-01-10", "2024-01-20"),
            ("a", "2024-03-01", "2024-03-02"),
            ("a", "2024-06-01", "2024-06-30"),
            ("a", "2024-12-01", "2024-12-05"),
        ),
        YEAR,
    )
    assert value(found, "admissions") == 4
    assert value(found, "first admissions") == 1
    assert value(found, "readmissions") == 3


def test_a_readmission_looks_back_365_days_and_across_the_year() -> None:
    # a: out 2023-01-01, in again 365 days later: a readmission. b: 366 days later: none.
    found = justice_counts(
        records(
            ("a", "2022-12-01", "2023-01-01"),
            ("a", "2024-01-01", "2024-01-02"),
            ("b", "2022-12-01", "2023-01-01"),
            ("b", "2024-01-02", "2024-01-03"),
        ),
        YEAR,
    )
    assert (value(found, "admissions"), value(found, "readmissions")) == (2, 1)
    assert found["note"].iloc[0] == ""  # the records reach back 396 days


def test_records_that_begin_too_late_for_readmissions_say_so() -> None:
    found = justice_counts(records(("a", "2023-12-02", "2023-12-03"), ("a", "2024-05-01", None)), YEAR)
    assert found["note"].iloc[0] == (
        "Records begin 30 days before the period, not 365: some readmissions are not seen."
    )


def test_an_earlier_long_stay_counts_although_a_shorter_one_began_after_it() -> None:
    # Overlapping stays: in since 2023-01-01 until 2024-02-01, and a second row out on 2023-02-01.
    found = justice_counts(
        records(
            ("a", "2023-01-01", "2024-02-01"),
            ("a", "2023-01-05", "2023-02-01"),
            ("a", "2024-12-01", "2024-12-02"),
        ),
        YEAR,
    )
    assert value(found, "readmissions") == 1


def test_the_population_counts_people_on_one_day() -> None:
    stays = records(
        ("in", "2024-01-10", None),
        ("in all day", "2024-12-31", "2025-01-01"),
        ("out that day", "2024-12-01", "2024-12-31"),
        ("not yet", "2025-01-01", None),
        ("twice", "2024-06-01", None),
        ("twice", "2024-07-01", None),
    )
    found = justice_counts(stays, YEAR)
    assert value(found, "population") == 3  # in, in all day, twice (once)
    assert found.loc[found["measure"] == "population", "as_of"].iloc[0] == "2024-12-31"
    assert value(justice_counts(stays, YEAR, on=date(2024, 1, 9)), "population") == 0


def test_prison_is_not_the_countys_jail() -> None:
    custody = pd.DataFrame(
        {"person": ["a", "b"], "place": ["jail", "prison"], "booked": pd.to_datetime(["2024-02-01"] * 2)}
    )
    found = justice_counts(Records.of({"custody": custody}, date(2026, 1, 1)), YEAR)
    assert (value(found, "admissions"), value(found, "population")) == (1, 1)


# a is out three times and back twice within the year; b once and never back; c is still inside.
FEW = (
    ("a", "2024-02-01", "2024-02-10"),
    ("a", "2024-03-01", "2024-03-05"),
    ("a", "2024-05-01", "2024-05-02"),
    ("b", "2024-02-01", "2024-02-11"),
    ("c", "2024-02-01", None),
)
OPEN = Rule(begin=date(2024, 1, 1), look_back=30)


def back(stays: Records, per: str, rule: Rule = OPEN) -> Return:
    return return_to_custody(Custody(stays), per, rule=rule)  # type: ignore[arg-type]


def test_per_release_and_per_person_answer_different_questions_and_say_which() -> None:
    per_release, per_person = (back(records(*FEW), per) for per in ("release", "first_release"))
    assert per_release.label == "back within 365 days, of all releases"
    assert per_person.label == "back within 365 days, of people, each at their first release"
    # Releases followed 365 days: a 3, b 1; two of the four are followed by a return.
    assert (per_release.estimate.value, per_release.estimate.persons) == (pytest.approx(2 / 4), 4)
    assert (per_person.estimate.value, per_person.estimate.persons) == (pytest.approx(1 / 2), 2)
    assert per_release.left_out == {"under way when the records begin": 0}


def test_return_is_estimated_with_censoring_and_death() -> None:
    # Out on 2024-12-01: a back after 31 days, b dies after 31 days, c and d not back; e out 30 days
    # before the records end. At 31 days: at risk a, b, c, d (e was lost at 30): 1/4.
    stays = records(
        ("a", "2024-11-01", "2024-12-01"),
        ("a", "2025-01-01", "2025-01-02"),
        ("b", "2024-11-01", "2024-12-01"),
        ("c", "2024-11-01", "2024-12-01"),
        ("d", "2024-11-01", "2024-12-01"),
        ("e", "2025-11-01", "2025-12-02"),
        participants=pd.DataFrame({"person": ["b"], "died": pd.to_datetime(["2025-01-01"])}),
    )
    found = back(stays, "first_release").estimate
    assert (found.events, found.competing, found.unfollowed, found.persons) == (1, 1, 1, 5)
    assert found.value == pytest.approx(1 / 4)
    assert found.naive == pytest.approx(1 / 5)
    assert "Report the cumulative incidence." in found.warning


def test_the_next_day_is_the_same_stay_and_the_day_after_a_return() -> None:
    stays = records(
        ("a", "2024-02-01", "2024-02-10"),
        ("a", "2024-02-11", "2024-02-20"),
        ("b", "2024-02-01", "2024-02-10"),
        ("b", "2024-02-12", "2024-02-20"),
    )
    assert back(stays, "release").estimate.persons == 3
    assert back(stays, "release").estimate.events == 1
    assert back(stays, "release", Rule(same_stay=0, begin=date(2024, 1, 1))).estimate.events == 2


def test_stays_under_way_and_people_seen_too_soon_have_no_first_release() -> None:
    stays = records(
        ("under way", "2023-12-20", "2024-01-05"),
        ("under way", "2024-06-01", "2024-06-02"),
        ("too soon", "2024-01-30", "2024-02-05"),
        ("clear", "2024-01-31", "2024-02-05"),
    )
    found = back(stays, "first_release")
    assert found.estimate.persons == 1
    assert found.left_out == {
        "under way when the records begin": 1,
        "first stay within 30 days of the records' first day": 1,
    }
    assert back(stays, "release").estimate.persons == 3


def test_only_releases_of_the_period_are_followed() -> None:
    found = justice_counts(records(*FEW), Dates(date(2024, 3, 1), date(2024, 5, 1)))
    rows = found[found["measure"] == "return to custody"]
    assert rows["denominator"].tolist() == [1, 0]  # a's release on 5 March, which is not a's first
    assert np.isnan(rows["value"].iloc[1])


def test_empty_records_have_counts_of_zero_and_no_shares() -> None:
    found = justice_counts(records(), YEAR)
    assert found["value"].tolist()[:4] == [0, 0, 0, 0]
    assert found["value"].isna().tolist()[4:] == [True, True]


def test_new_yorks_jail_sees_36_percent_of_releases_and_25_percent_of_people_again_in_a_year() -> None:
    spells = pd.read_csv(
        shared_data("nyc_jail_spells_to_2023.csv.gz"), parse_dates=["admitted", "first_seen", "last_seen"]
    )
    began_before = spells["left_truncated"] == 1
    custody = pd.DataFrame(
        {
            "person": spells["person"].astype(str),
            "booked": spells["first_seen"].mask(began_before, spells["admitted"].dt.normalize()),
            "released": spells["last_seen"].mask(spells["right_censored"] == 1),
        }
    )
    stays = Records.of({"custody": custody}, date(2024, 1, 1))
    first_day = date(2016, 6, 2)  # daily snapshots begin; 9,849 stays are under way and left out
    per_release = back(stays, "release", Rule(begin=first_day))
    per_person = back(stays, "first_release", Rule(begin=first_day))
    assert round(per_release.estimate.value, 3) == 0.358
    assert round(per_person.estimate.value, 3) == 0.254
    assert (per_release.estimate.persons, per_person.estimate.persons) == (212_221, 101_812)
    # How long the records must have been silent about someone matters more than chance does.
    shares = [
        back(stays, "first_release", Rule(begin=first_day, look_back=days)).estimate.value
        for days in (0, 365)
    ]
    assert shares == pytest.approx([0.260, 0.220], abs=0.0005)
