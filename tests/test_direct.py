"""What records say of parameters: a small workbook by hand, and the real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calibration.fits.direct import direct_fits, vacancies
from calibration.fits.fit import Fit
from calibration.records.adapter import read
from calibration.register import register
from tests.shared_data import shared_data


def estimates_of(fits: tuple[Fit, ...]) -> dict[str, float]:
    return {one.path: one.value for fit in fits for one in fit.estimates}


def workbook(folder: Path) -> Path:
    """Thirty admissions, arrests, homes and posts, with answers that a pencil gives."""
    chance = np.random.default_rng(1)
    day = pd.Timestamp("2020-01-01")
    ways = ["failure"] * 8 + ["success"] * 12 + [""] * 10
    people = [
        {
            "person": f"P{i}",
            "referral_date": f"{day + pd.Timedelta(i, 'D'):%Y-%m-%d}",
            "admission_date": f"{day + pd.Timedelta(i + 20, 'D'):%Y-%m-%d}",
            "exit_date": f"{day + pd.Timedelta(i + 385, 'D'):%Y-%m-%d}" if ways[i] else "",
            "exit_type": ways[i],
        }
        for i in range(30)
    ]
    levels = ["felony"] * 12 + ["misdemeanor"] * 15 + ["violation"] * 3
    arrests = [
        {
            "person": f"P{i}",
            "arrested": "2020-01-01",
            "charge_level": level,
            "booked": "no" if i >= 22 else "yes",
        }
        for i, level in enumerate(levels)
    ]
    homes = [
        {
            "person": f"P{i}",
            "kind": "master_leased",
            "start": "2020-01-01",
            "end": "2021-01-01" if i < 6 else "",
        }
        for i in range(30)
    ]
    homes += [{"person": f"P{i}", "kind": "homeless", "start": "2021-01-03", "end": ""} for i in range(6)]
    posts = []
    for i in range(30):
        left = day + pd.Timedelta(int(200 + 10 * i), "D")
        gap = int(np.exp(chance.normal(np.log(90), 0.4)))
        role = f"clinician {i}"
        posts.append({"team": "west", "role": role, "start": "2019-01-01", "end": f"{left:%Y-%m-%d}"})
        again = left + pd.Timedelta(gap, "D")
        posts.append({"team": "west", "role": role, "start": f"{again:%Y-%m-%d}", "end": ""})
    tables = {"participants": people, "arrests": arrests, "homes": homes, "posts": posts}
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False)
    (folder / "about.csv").write_text("item,value\nobserved_until,2022-01-01\n")
    return folder


def test_a_workbook_says_what_a_pencil_says(tmp_path: Path) -> None:
    values = estimates_of(direct_fits(read(None, workbook(tmp_path))))
    assert values["arrest.felony"] == pytest.approx(12.5 / 31)
    assert values["arrest.violation"] == pytest.approx(3.5 / 31)
    assert values["arrest.cite_and_release"] == pytest.approx(5.5 / 16)
    years = (20 * 365 + sum(731 - 20 - i for i in range(20, 30))) / 365.25
    assert values["court.failure"] == pytest.approx(8.5 / years)
    housed = (6 * 366 + 24 * 731) / 365.25
    assert values["housing.tenancy_loss"] == pytest.approx(6.5 / housed)
    assert values["staffing.recruitment"] == pytest.approx(90, rel=0.25)
    assert 0.2 < values["staffing.turnover"] < 0.8


def test_every_statement_is_about_a_parameter_of_the_register_and_in_its_interval(tmp_path: Path) -> None:
    known = dict(register())
    for fit in direct_fits(read(None, workbook(tmp_path))):
        for one in fit.estimates:
            assert one.path in known
            assert one.low < one.value < one.high
            assert len(one.draws) == len(fit.draws)


def test_a_vacancy_is_filled_by_the_next_start_or_still_open() -> None:
    posts = pd.DataFrame(
        {
            "start": pd.to_datetime(["2020-01-01", "2020-01-01", "2020-06-01"]),
            "end": pd.to_datetime(["2020-04-01", "2020-05-01", None]),
        }
    )
    assert vacancies(posts, pd.Timestamp("2021-01-01")) == [(61.0, True), (245.0, False)]


def test_a_few_rows_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "arrests.csv").write_text("person,arrested,charge_level\nP1,2020-01-01,felony\n")
    (tmp_path / "about.csv").write_text("item,value\nobserved_until,2022-01-01\n")
    assert direct_fits(read(None, tmp_path)) == ()


def test_broward_says_that_risk_and_youth_matter() -> None:
    reading = read("broward_screenings", shared_data("compas_broward/compas-scores_deid.csv"))
    reading.tables.pop("stays")  # type: ignore[attr-defined]
    fits = direct_fits(reading)
    values = estimates_of(fits)
    assert 2.2 < values["arrest.high_risk_ratio"] < 3.5
    assert 1.1 < values["arrest.young_ratio"] < 1.6
    assert 0.3 < values["arrest.frailty_shape"] < 3
    assert all(one.note for fit in fits for one in fit.estimates)


def test_lane_county_says_how_often_a_team_resolves_a_crisis_in_the_field() -> None:
    fits = direct_fits(read("lane_mobile_crisis", shared_data("mcslc_to_2025_08.csv")))
    assert 0.6 < estimates_of(fits)["crisis.mobile_resolution"] < 0.85
    assert {fit.name for fit in fits} >= {"response, minutes", "visit, minutes"}


def test_one_agency_of_a_survey_gives_its_arrival_rate() -> None:
    reading = read("jail_profile_survey", shared_data("ca_jps_monthly_dev_counties_to_2017.csv.gz"))
    (fit,) = direct_fits(reading, "Napa Corrections Department")
    assert 10 < fit.estimate["level"] < 25
    assert direct_fits(reading) == ()
