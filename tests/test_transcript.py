"""A simulated log written down as records: a log of four people by hand, and a small county."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from offramp.scenarios import load_one
from simulation import model
from simulation.engine.eventlog import Arrest, EventLog, Post, Tenure
from simulation.measures.ncsc import NCSC, compute
from simulation.measures.transcript import transcript
from simulation.record import Records

START = date(2026, 1, 1)
NOTHING = ["9", "10", "12", "13", "A1", "A2", "A6", "A7", "A8", "A9", "A11", "A12"]


@pytest.fixture(scope="module")
def records() -> Records:
    """Day 0 is 1 January 2026, so day 10 is 11 January and day 390 is 26 January 2027.

    1 is arrested on day 10 at six, referred on day 12, admitted on day 20 without a fixed address, out of
    jail and with the team on day 25, housed on day 100, and completes on day 390. In hospital for a week
    from day 400; arrested on day 500 and convicted. 2 is declined. 3 was in the program on day 0 and dies
    on day 200. 4's referral is not decided yet.
    """
    log = EventLog()
    for person in (1, 2, 3, 4):
        log.enrol((person, "female", "26-40", "Black", True, True, person != 2, "west"))
    log.arrests += [
        Arrest(1, 10.25, "felony", True, charged=11.0, referred=12.5, admitted=20.5),
        Arrest(1, 500.5, "misdemeanor", True, charged=501.0, disposed=520.0, disposition="convicted"),
        Arrest(
            2, 25.0, "misdemeanor", False, charged=26.0, referred=28.0, disposed=60.0, disposition="dismissed"
        ),
        Arrest(3, -50.0, "felony", True, charged=-50.0),
        Arrest(4, 1190.0, "felony", True, charged=1190.0, referred=1195.0),
    ]
    for row in [
        (-50.0, 3, "court", "admitted", "in_community"),
        (-50.0, 3, "lower_intensity", "admitted", "diverted"),
        (5.0, 1, "homeless", "admitted", ""),
        (10.25, 1, "jail", "admitted", "felony"),
        (12.5, 1, "court", "referred", "felony"),
        (20.5, 1, "court", "admitted", "in_custody"),
        (20.5, 1, "fact.west", "referred", "diverted"),
        (25.0, 1, "fact.west", "admitted", "diverted"),
        (25.0, 1, "jail", "discharged", "diverted"),
        (28.0, 2, "court", "referred", "misdemeanor"),
        (30.0, 2, "court", "declined", "not_eligible"),
        (70.0, 1, "jail", "admitted", "sanction"),
        (73.0, 1, "jail", "discharged", "released"),
        (100.0, 1, "homeless", "discharged", "own"),
        (200.0, 3, "lower_intensity", "discharged", "administrative_closure"),
        (200.0, 3, "court", "discharged", "administrative_closure"),
        (200.0, 3, "county", "discharged", "death"),
        (390.75, 1, "fact.west", "discharged", "success"),
        (390.75, 1, "court", "discharged", "success"),
        (400.0, 1, "inpatient", "admitted", ""),
        (407.0, 1, "inpatient", "discharged", "done"),
        (1195.0, 4, "court", "referred", "felony"),
    ]:
        log.write(*row)
    log.attended((25.0, 55.0), 1, "therapy", (8, 6))
    log.attended((55.0, 55.0), 1, "hearing", (1, 1))
    log.attended((55.0, 85.0), 1, "therapy", (8, 4))
    log.attended((85.5, 85.5), 1, "hearing", (1, 0))
    log.posts += [
        Post(0, "fact.west", "nurse", 0.5, True, 0.0),
        Post(1, "fact.west", "psychiatrist", 1, False, 0.0),
    ]
    log.tenures += [
        Tenure(0, "fact.west", "nurse", -20.0, 100.0),
        Tenure(1, "fact.west", "psychiatrist", 0.0),
        Tenure(0, "fact.west", "nurse", 130.0),
    ]
    return transcript(log.read(), START, 1200.0)


def test_a_stay_has_calendar_dates_its_arrest_and_how_it_ended(records: Records) -> None:
    row = records["participants"].set_index("person").loc["1"]
    dates = [
        row[name].date().isoformat()
        for name in ("arrest_date", "referral_date", "admission_date", "exit_date")
    ]
    assert dates == ["2026-01-11", "2026-01-13", "2026-01-21", "2027-01-26"]
    words = [row[name] for name in ("exit_type", "charge_level", "care", "living_at_entry", "living_at_exit")]
    assert words == ["success", "felony", "fact", "homeless", "not_homeless"]
    assert (row["criminogenic_risk"], row["functional_impairment"], row["age_band"]) == (
        "high",
        "high",
        "26-40",
    )


def test_a_referral_that_came_to_nothing_says_why_or_that_it_is_open(records: Records) -> None:
    people = records["participants"].set_index("person")
    assert (people.loc["2", "decision"], people.loc["2", "decision_reason"]) == ("declined", "not_eligible")
    assert pd.isna(people.loc["2", "admission_date"])
    assert pd.isna(people.loc["4", "decision"]) and people.loc["4", "referral_date"] == pd.Timestamp(
        "2029-04-10"
    )


def test_who_was_in_the_program_on_day_0_has_an_admission_and_no_referral(records: Records) -> None:
    row = records["participants"].set_index("person").loc["3"]
    assert row["admission_date"] == row["arrest_date"] == pd.Timestamp("2025-11-12")
    assert pd.isna(row["referral_date"]) and row["died"] == row["exit_date"] == pd.Timestamp("2026-07-20")


def test_arrests_keep_their_time_and_only_a_conviction_has_a_date(records: Records) -> None:
    arrests = records["arrests"]
    assert arrests["arrested"].iloc[0] == pd.Timestamp("2026-01-11 06:00")
    assert arrests["conviction_date"].notna().tolist() == [False, True, False, False, False]
    assert arrests["booked"].tolist() == [True, True, False, True, True]
    assert arrests["notified"].isna().all()


def test_jail_care_homes_and_posts_are_spans(records: Records) -> None:
    custody = records["custody"]
    assert custody["reason"].tolist() == ["felony", "sanction"]
    assert custody["connected_to_treatment"].tolist() == [True, False]
    places = records["episodes"].set_index("service")["team"]
    assert sorted(places.index) == ["fact", "hospital", "lower_intensity"] and places["fact"] == "west"
    assert records["homes"]["kind"].tolist() == ["homeless"]
    posts = records["posts"]
    assert posts["end"].isna().sum() == 2 and len(posts) == 3
    assert posts["fte"].tolist() == [0.5, 1, 0.5] and posts["clinician"].tolist() == [True, False, True]
    assert records["responses"]["date"].tolist() == [pd.Timestamp("2026-03-12")]


def of(records: Records, number: str, item: str, cohort: str) -> tuple[float, int]:
    table = compute(records, cohort, measures=[number])
    row = table[(table["item"] == item) & (table["by"] == "all")].iloc[0]
    return float(row["value"]), int(row["denominator"])


@pytest.mark.parametrize(
    ("number", "item", "value"),
    [
        ("1", "reoffended", 0),
        ("2", "attended", 0.5),
        ("3", "attended", 10 / 16),
        ("4", "homeless at entry, not homeless at exit", 1),
        ("6", "arrest to referral", 2),
        ("7", "referral to admission", 8),
        ("14", "within 1 year", 1),
        ("A3", "jail days", 5 + 3),
        ("A4", "sanctions", 1),
        ("A13", "days incarcerated within 1 year", 0),
        ("A14", "days in hospital within 2 years", 7),
    ],
)
def test_the_measures_of_the_records_are_those_of_the_log(
    records: Records, number: str, item: str, value: float
) -> None:
    """The exit cohort of 2027H1 is person 1: admitted on 21 January 2026, out on 26 January 2027."""
    assert of(records, number, item, "2027H1") == (value, 1)


def test_the_admission_cohort_is_followed_and_the_dead_are_closed(records: Records) -> None:
    assert of(records, "8", "admission to exit", "2026H1") == (370, 1)
    assert of(records, "8", "admission to exit", "2025H2") == (250, 1)
    closed = compute(records, "2026H2", measures=["1"])
    assert closed["reasons"].iloc[0] == "administrative closure: 1"


def test_a_small_simulated_county_has_every_measure_the_model_produces_and_no_other() -> None:
    scenario = load_one("contra_costa")
    jail = scenario.county.jail
    bookings = jail.bookings.model_copy(update={"value": 400.0})
    changes = {"months": 42, "jail": jail.model_copy(update={"bookings": bookings})}
    scenario = scenario.model_copy(update={"county": scenario.county.model_copy(update=changes)})
    records = transcript(model.run(scenario, 1, 0), scenario.county.start, scenario.county.horizon)
    table = compute(records, cohort="2028H1", by=("sex", "race_ethnicity"))
    told = table[(table["by"] == "all") & table["value"].notna()]
    silent = table[table["note"] == "not simulated"]
    assert list(silent["measure"].unique()) == NOTHING and silent["value"].isna().all()
    assert list(told["measure"].unique()) == [number for number in NCSC if number not in NOTHING]
    shares = told[told["unit"] == "share"]
    assert shares.loc[shares["item"] != "admissions over referrals", "value"].between(0, 1).all()


def test_a_log_without_anybody_is_records_without_anybody() -> None:
    records = transcript(EventLog().read(), START, 365.0)
    assert all(frame.empty for frame in records.tables.values())
    assert compute(records, "2026H1")["value"].isna().all()
