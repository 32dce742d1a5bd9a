"""Adapters: small files by hand, every fault planted once, and the real files with their counts."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from calibration.records.adapter import ADAPTERS, Reading, detect, read, term
from calibration.records.adapter.page import PAGE, page
from calibration.records.workbook import BadRecords
from tests.shared_data import shared_data

SURVEY = "jurisdiction,date,census_county_name,avg_daily_pop_total_jurisdiction,avg_daily_pop_unsentenced_male,avg_daily_pop_unsentenced_female,avg_daily_pop_sentenced_male,avg_daily_pop_sentenced_female,total_num_persons_booked,mental_heath_case_open_end_month,num_new_mental_health_cases,num_inmate_get_psych_meds,tot_pretrial_release_lack_bed,tot_sentenced_release_lack_bed"  # noqa: E501
BROWARD = "id,compas_screening_date,sex,age,race,decile_score,priors_count,c_jail_in,c_jail_out,c_charge_degree,is_recid,r_offense_date"  # noqa: E501
LANE = "ID,Dispatch Request Date & Time,Dispatch Date & Time,Arrival on Scene Date & Time,Engagement with Client Date & Time,MCIT Departure Date & Time,End Point of Dispatch,Reason for Dispatch #1,Disposition,City"  # noqa: E501


def written(folder: Path, *lines: str, name: str = "records.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def caught(reading: Reading, part: str) -> int:
    found = [each.rows for each in reading.caught if part in each.meaning]
    assert len(found) <= 1
    return sum(found)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1M22D PINELLAS COUNTY SHERIFF", 30.4375 + 22),
        ("2Y6M5D DEPARTMENT OF CORRECTIONS", 2 * 365.25 + 6 * 30.4375 + 5),
        ("364D", 364),
        ("05Y", 5 * 365.25),
        ("26.77M", 26.77 * 30.4375),
        ("12H", 0.5),
    ],
)
def test_a_term_is_read_as_days(text: str, days: float) -> None:
    assert term(text) == pytest.approx(days)


@pytest.mark.parametrize(
    "text", ["LIFE DEPARTMENT OF CORRECTIONS", "PINELLAS COUNTY SHERIFF", "", "3W", "D5"]
)
def test_a_text_without_a_span_is_no_term(text: str) -> None:
    assert np.isnan(term(text))


def test_a_zero_is_missing_where_more_is_usual_and_a_count_where_it_is_not(tmp_path: Path) -> None:
    big = [
        f"Big,2010-{m:02}-01,B,{0 if m == 3 else 100},40,20,30,10,{90 + m},8,1,1,0,0" for m in range(1, 13)
    ]
    small = [f"Small,2010-{m:02}-01,S,3,1,0,2,0,{m % 3},{m % 2},0,1,0,0" for m in range(1, 13)]
    never = [f"Never,2010-{m:02}-01,N,50,20,10,15,5,30,0,1,1,0,0" for m in range(1, 13)]
    reading = read(None, written(tmp_path, SURVEY, *big, *small, *never))
    assert reading.adapter == "jail_profile_survey"
    table = reading.table.set_index(["place", "month"])
    assert np.isnan(table.loc[("Big", pd.Timestamp("2010-03-01")), "adp"])
    assert caught(reading, "adp of 0") == 1
    assert table.loc["Small", "bookings"].eq(0).sum() == 4
    assert table.loc["Never", "mental_health_open"].isna().all()
    assert not table.loc["Small", "mental_health_open"].isna().any()
    assert caught(reading, "ADP differs") == 0


def test_an_adp_that_is_not_the_sum_of_its_parts_is_told(tmp_path: Path) -> None:
    reading = read(None, written(tmp_path, SURVEY, "Big,2010-01-01,B,120,40,20,30,10,90,8,1,1,0,0"))
    assert caught(reading, "ADP differs") == 1
    assert reading.table["adp"][0] == 120


def test_a_month_that_is_there_twice_is_kept_once(tmp_path: Path) -> None:
    row = "Big,2010-01-01,B,100,40,20,30,10,90,8,1,1,0,0"
    reading = read("jail_profile_survey", written(tmp_path, SURVEY, row, row))
    assert len(reading.table) == 1
    assert caught(reading, "there twice") == 1


def test_a_level_shift_is_told_and_kept(tmp_path: Path) -> None:
    months = pd.date_range("2014-01-01", "2015-12-01", freq="MS")
    adp = [100 if month < pd.Timestamp("2014-11-01") else 80 for month in months]
    rows = [f"Big,{m:%Y-%m-%d},B,{n},{n},0,0,0,90,8,1,1,0,0" for m, n in zip(months, adp, strict=True)]
    reading = read("jail_profile_survey", written(tmp_path, SURVEY, *rows))
    assert caught(reading, "Proposition 47") == 1
    assert caught(reading, "realignment") == 0
    assert list(reading.table["adp"]) == adp


def test_a_typing_slip_in_a_series_is_set_missing(tmp_path: Path) -> None:
    rows = [f"Big,2010-{m:02}-01,B,100,40,20,30,10,{900 if m == 6 else 90},8,1,1,0,0" for m in range(1, 13)]
    reading = read("jail_profile_survey", written(tmp_path, SURVEY, *rows))
    assert caught(reading, "bookings five times") == 1
    assert np.isnan(reading.table["bookings"][5])


def test_a_stay_of_205_days_among_stays_of_30_is_set_missing(tmp_path: Path) -> None:
    head = "jurisdiction,year,quarter,census_county_name,avg_length_stay_all_releases,avg_length_stay_pretrial_release,avg_length_stay_sentnced_release,money_spent_psych_med_last_qtr"  # noqa: E501
    rows = [f"Big,2010,{q},B,{205 if q == 3 else 30},{0 if q == 2 else 8},60,100" for q in range(1, 5)]
    reading = read(None, written(tmp_path, head, *rows))
    assert list(reading.table["stay"].isna()) == [False, False, True, False]
    assert list(reading.table["stay_pretrial"].isna()) == [False, True, False, False]
    assert reading.table["quarter"][3] == pd.Timestamp("2010-10-01")


def test_new_york_stays_know_since_when_they_were_watched(tmp_path: Path) -> None:
    head = "person,admitted,first_seen,last_seen,left_truncated,right_censored,los_days_approx,mh_flag_ever"
    rows = [
        "1,2016-01-01 13:00:00,2016-06-02,2016-06-10,1,0,162,1",
        "2,2016-07-01 13:00:00,2016-07-02,2016-07-05,0,0,5,0",
        "3,2016-07-01 23:00:00,2016-07-02,2016-12-31,0,1,184,0",
        "2,2016-07-03 01:00:00,2016-07-06,2016-07-08,0,0,6,0",
    ]
    reading = read(None, written(tmp_path, head, *rows))
    table = reading.table.set_index("person")
    assert table.loc["1", "entry"] == 153
    assert (table["entry"] < table["stay"]).all()
    assert pd.isna(table.loc["3", "released"])
    assert table.loc["3", "observed_until"] == pd.Timestamp("2017-01-01")
    assert caught(reading, "left truncation") == 1
    assert caught(reading, "overlap") == 1


def test_a_booking_without_a_release_is_censored_at_the_end_of_follow_up(tmp_path: Path) -> None:
    rows = ["1,2010-01-01 12:00:00,2010-01-02 12:00:00,2010-02-01", "1,2010-01-31 12:00:00,,2010-02-01"]
    reading = read(None, written(tmp_path, "person,booked,released,followup_end", *rows))
    assert list(reading.table["stay"]) == [1.0, 1.5]
    assert list(reading.table["censored"]) == [False, True]


def test_broward_releases_before_the_booking_are_no_stays(tmp_path: Path) -> None:
    rows = [
        "1,2013-02-01,Male,30,Other,3,0,2013-01-01 08:00:00,2013-01-03 08:00:00,F,1,2013-06-01",
        "2,2013-02-01,Male,30,Other,3,0,2013-01-03 08:00:00,2013-01-03 06:00:00,M,0,",
        "3,2013-02-01,Male,30,Other,-1,0,,,O,-1,",
        "4,2013-02-01,Male,30,Other,3,0,2013-01-01 08:00:00,2020-01-01 00:00:00,F,0,",
        "5,2013-02-01,Male,30,Other,3,0,2013-01-01 08:00:00,2013-05-01 08:00:00,F,1,2013-04-01",
    ]
    reading = read(None, written(tmp_path, BROWARD, *rows))
    stays, rearrests = reading.tables["stays"], reading.tables["rearrests"]
    assert list(stays["person"]) == ["1", "4", "5"]
    assert list(stays["censored"]) == [False, True, False]
    assert list(rearrests["person"]) == ["1", "2"]
    assert rearrests["start"][0] == pd.Timestamp("2013-02-01")
    assert caught(reading, "release before the booking") == 1
    assert caught(reading, "no jail stay") == 1
    assert np.isnan(reading.tables["rearrests"]["risk"]).sum() == 0


def test_a_dispatch_at_midnight_has_no_time_and_two_spellings_are_one(tmp_path: Path) -> None:
    rows = [
        "1,2025-05-12 13:29:00,2025-05-12 13:34:00,2025-05-12 00:00:00,,2025-05-12 14:03:00,Cancelled,A,Arrest,E",  # noqa: E501
        "2,2025-05-12 13:29:00,2025-05-12 13:34:00,2025-05-12 13:50:00,,2005-05-12 14:03:00,Engaged client,A,Respite,E",  # noqa: E501
        "3,2025-05-12 13:29:00,2025-05-12 13:20:00,2025-05-12 13:50:00,,2025-05-12 14:03:00,Engaged Client,A,Other,E",  # noqa: E501
    ]
    reading = read(None, written(tmp_path, LANE, *rows))
    table = reading.table
    assert list(table["arrived"].isna()) == [True, False, False]
    assert list(table["departed"].isna()) == [False, True, False]
    assert list(table["dispatched"].isna()) == [False, False, True]
    assert list(table["outcome"]) == ["cancelled", "engaged", "engaged"]
    assert caught(reading, "UTC") == 0


def test_a_total_row_of_the_housing_inventory_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "hic.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for year, header in (
            ("2024", ["CoC Number", "Total Year-Round Beds (ES)", "Total Year-Round Beds (PSH)"]),
            ("2010", ["CoC", "Total Year-Round ES Beds", "Total Year-Round PSH Beds"]),
        ):
            sheet = book.add_worksheet(year)
            rows = [["", "Shelter"], header, ["CA-505", 10, 20], ["MO-604a", 5, 7], ["Total", 15, 27]]
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
        book.add_worksheet("Revisions")
    reading = read(None, path)
    assert reading.table["beds"].sum() == 2 * (10 + 20 + 5 + 7)
    assert set(reading.table["coc"]) == {"CA-505", "MO-604"}
    assert caught(reading, "Total row") == 4


def test_an_hmis_export_gives_tenancies_with_censoring(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "Enrollment.csv",
            "EnrollmentID,PersonalID,ProjectID,EntryDate,MoveInDate,DateDeleted\n"
            "1,a,9,2020-01-01,2020-01-11,\n2,b,9,2020-01-01,2019-01-01,\n3,c,9,2020-01-01,2020-02-01,\n"
            "4,d,9,2020-01-01,2020-02-01,2020-03-01\n",
        )
        archive.writestr(
            "Exit.csv", "EnrollmentID,ExitDate,Destination,DateDeleted\n1,2020-01-31,410,\n3,2024-01-01,8,\n"
        )
        archive.writestr("Project.csv", "ProjectID,ProjectType\n9,3\n")
        archive.writestr("Export.csv", "ExportEndDate\n2020-12-31\n")
    reading = read(None, path)
    homes = reading.tables["tenancies"].set_index("person")
    assert list(homes.index) == ["a", "c"]
    assert homes.loc["a", ["stay", "wait"]].tolist() == [20, 10]
    assert homes["censored"].tolist() == [False, True]
    assert homes.loc["c", "stay"] == 335
    assert caught(reading, "moved in before") == 1


def test_a_value_that_cannot_be_read_is_told_with_an_example(tmp_path: Path) -> None:
    rows = ["1,last week,,2010-02-01", "1,2010-01-31 12:00:00,,2010-02-01"]
    reading = read(None, written(tmp_path, "person,booked,released,followup_end", *rows))
    assert "last week" in str(reading)
    assert len(reading.table) == 1


def test_a_file_of_no_known_kind_is_refused_with_the_nearest_adapter(tmp_path: Path) -> None:
    path = written(tmp_path, "person,bookd,released,followup_end", "1,2010-01-01,,2010-02-01")
    with pytest.raises(BadRecords, match="okaloosa_jail_stays") as refused:
        detect(path)
    assert "is it 'bookd'?" in str(refused.value)


def test_an_adapter_by_a_wrong_name_is_refused_with_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(BadRecords, match="did you mean jail_profile_survey"):
        read("jail_profile_surveys", written(tmp_path, "a,b", "1,2"))


def test_a_file_that_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRecords, match="no such file"):
        read(None, tmp_path / "nowhere.csv")
    with pytest.raises(BadRecords, match="empty file"):
        read(None, _empty(tmp_path))


def _empty(folder: Path) -> Path:
    path = folder / "empty.csv"
    path.write_text("", encoding="utf-8")
    return path


def test_the_workbook_of_the_performance_measures_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "custody.csv").write_text("person,booked,released\nP1,2024-01-01,2024-01-05\n")
    (tmp_path / "about.csv").write_text("item,value\nobserved_until,2025-01-01\n")
    reading = read(None, tmp_path)
    assert reading.adapter == "performance_measures"
    assert reading.records is not None
    assert len(reading.records["custody"]) == 1


def test_the_page_of_adapters_is_as_the_declarations_make_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "renew it: python -m calibration.records.adapter.page"


REAL = {
    "jail_profile_survey": ("ca_jps_monthly_dev_counties_to_2017.csv.gz", 12_731, "adp of 0", 19),
    "jail_profile_survey_quarterly": ("ca_jps_quarterly_dev.csv.gz", 4_225, "no average stay", 2_487),
    "new_york_jail_stays": ("nyc_jail_spells_to_2023.csv.gz", 232_328, "left truncation", 9_853),
    "new_york_jail_days": ("nyc_jail_daily_to_2023.csv", 2_769, "repeats the day before", 127),
    "okaloosa_jail_stays": ("okaloosa_jail_stays_deid.csv", 4_586, "no release", 24),
    "broward_screenings": ("compas_broward/compas-scores_deid.csv", 10_275, "before the booking", 302),
    "lane_mobile_crisis": ("mcslc_to_2025_08.csv", 3_139, "arrived at exactly 00:00", 144),
    "pinellas_charges": ("pinellas_70pct_persons.csv.gz", 34_166, "no span", 148),
    "hud_housing_inventory": ("hud_hic_pit/2007-2024-HIC-Counts-by-CoC.xlsx", 38_389, "Total row", 94),
    "hmis_csv": ("hmis_eva_demo/demo.zip", 4_771, "moved in before", 237),
}


@pytest.mark.parametrize("name", REAL)
def test_the_real_file_is_recognised_and_its_known_fault_caught(name: str) -> None:
    file, rows, fault, count = REAL[name]
    reading = read(None, shared_data(file))
    assert reading.adapter == name
    assert len(reading.table) == rows
    found = [each.rows for each in reading.caught if fault in each.meaning]
    assert count in found


def test_contra_costa_has_1569_permanent_supportive_beds_in_2024() -> None:
    beds = read("hud_housing_inventory", shared_data("hud_hic_pit/2007-2024-HIC-Counts-by-CoC.xlsx")).table
    here = beds.query("coc == 'CA-505' and year == 2024 and kind == 'psh'")
    assert here["beds"].tolist() == [1569]


def test_every_adapter_says_where_its_records_come_from_and_what_comes_out() -> None:
    for adapter in ADAPTERS.values():
        assert adapter.origin
        assert adapter.tables or adapter.records


CSV = [name for name, adapter in ADAPTERS.items() if adapter.format.startswith("CSV")]


@pytest.mark.parametrize("name", CSV)
def test_a_file_without_rows_is_read_as_none_at_all(name: str, tmp_path: Path) -> None:
    (source,) = ADAPTERS[name].sources
    header = ",".join(f'"{column.source}"' for column in source.columns)
    reading = read(None, written(tmp_path, header))
    assert reading.adapter == name
    assert all(len(table) == 0 for table in reading.tables.values())


@pytest.mark.parametrize("name", CSV)
def test_rows_of_rubbish_are_read_without_a_crash(name: str, tmp_path: Path) -> None:
    (source,) = ADAPTERS[name].sources
    header = ",".join(f'"{column.source}"' for column in source.columns)
    rows = [",".join([cell] * len(source.columns)) for cell in ("x", "", "1", "2020-01-01", "-5", "1e400")]
    reading = read(None, written(tmp_path, header, *rows))
    assert reading.caught
    assert "cannot be read" in str(reading)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.csv"
    path.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(BadRecords):
        read(None, path)
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(b"no gzip at all")
    with pytest.raises(BadRecords):
        read(None, broken)
