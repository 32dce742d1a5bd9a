"""A county's spreadsheet is read as it is: what can be read safely is, and everything else is told."""

from __future__ import annotations

import csv
import hashlib
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from time import process_time
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from calibration.records import workbook
from calibration.records.workbook import BadRecords, Report, read, template, write
from calibration.records.workbook.column import columns, empty, every_column
from calibration.records.workbook.dictionary import dictionary, schema_text
from calibration.records.workbook.rule import KEYS, ORDERS, SPANS
from simulation.record import TABLES, Records

TODAY = date(2025, 9, 1)
PERSON = ("person", "admission_date", "exit_date", "exit_type")
JAIL = ("person", "booked", "released")
ARRESTS = ("person", "arrested", "charge_level")
HEARINGS = ("person", "kind", "start", "end", "scheduled", "attended", "excused")
MAY = (date(2025, 5, 1), date(2025, 6, 1))
Rows = list[tuple[Any, ...]]


def book(folder: Path, **sheets: Rows) -> Path:
    """A workbook with these sheets; dates look like dates, as a county's do."""
    path = folder / "county.xlsx"
    sheets.setdefault("about", [("item", "value"), ("observed_until", date(2025, 7, 1))])
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, value in enumerate(row):
                    if isinstance(value, str) and not value.startswith("="):
                        sheet.write_string(i, j, value)
                    elif value is not None:
                        sheet.write(i, j, value)
    return path


def found(path: Path) -> tuple[Records, str]:
    """The records, and what was told, as one text."""
    records, report = read(path, TODAY)
    return records, "\n".join(map(str, report.findings))


def refused(path: Path) -> str:
    """What must be corrected, as one text."""
    with pytest.raises(BadRecords) as bad:
        read(path, TODAY)
    return "\n".join(map(str, bad.value.report.errors))


def jail(folder: Path, *rows: tuple[Any, ...]) -> Path:
    return book(folder, custody=[JAIL, *rows])


def hearing(folder: Path, scheduled: Any, attended: Any = 2) -> Path:
    return book(folder, attendance=[HEARINGS, ("A1", "hearing", *MAY, scheduled, attended, 0)])


# --- The template -------------------------------------------------------------------------------------


def test_the_template_has_a_sheet_for_every_table_and_guidance(tmp_path: Path) -> None:
    template(tmp_path / "county.xlsx")
    names = openpyxl.load_workbook(tmp_path / "county.xlsx").sheetnames
    assert names == ["instructions", "about", *TABLES, "examples"]


def test_the_template_has_the_models_columns_frozen_and_with_notes(tmp_path: Path) -> None:
    template(tmp_path / "county.xlsx")
    made = openpyxl.load_workbook(tmp_path / "county.xlsx")
    for table in TABLES:
        heads = next(made[table].iter_rows(max_row=1))
        assert [each.value for each in heads] == [column.name for column in columns(table)]
        assert made[table].freeze_panes == "B2"
        assert all(each.comment for each in heads)


def test_the_template_offers_the_choices_and_bounds_the_numbers(tmp_path: Path) -> None:
    template(tmp_path / "county.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "county.xlsx")["participants"]
    rules = {(each.type, each.formula1, each.formula2) for each in sheet.data_validations.dataValidation}
    assert ("list", '"fact,lower_intensity"', None) in rules
    assert ("list", '"yes,no"', None) in rules
    assert ("whole", "10", "110") in rules


def test_the_template_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "county.xlsx"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="left as it is"):
        template(path)
    assert path.read_text() == "mine"


def test_an_empty_template_is_read_as_no_records(tmp_path: Path) -> None:
    template(tmp_path / "county.xlsx")
    records, _ = found(tmp_path / "county.xlsx")
    assert all(frame.empty for frame in records.tables.values())


def test_the_worked_examples_can_be_read(tmp_path: Path) -> None:
    from calibration.records.workbook.form import sample

    sheets = {
        table: [
            tuple(column.name for column in columns(table)),
            *(tuple(sample(column, which) for column in columns(table)) for which in (0, 1)),
        ]
        for table in TABLES
    }
    records, told = found(book(tmp_path, **sheets))
    assert told == ""
    assert all(len(frame) == 2 for frame in records.tables.values())


# --- Real life: dates ---------------------------------------------------------------------------------


def test_release_before_booking_must_be_corrected(tmp_path: Path) -> None:
    said = refused(jail(tmp_path, ("A1", date(2025, 5, 2), date(2025, 5, 1))))
    assert "custody!C2: found released before booked; allowed: released not before booked" in said


def test_exit_before_admission_must_be_corrected(tmp_path: Path) -> None:
    rows = [PERSON, ("A1", date(2025, 5, 2), date(2024, 5, 1), "success")]
    assert "participants!C2: found exit_date before admission_date" in refused(
        book(tmp_path, participants=rows)
    )


def test_a_date_in_the_future_must_be_corrected(tmp_path: Path) -> None:
    assert "custody!B2: found a date in the future" in refused(jail(tmp_path, ("A1", date(2025, 9, 2))))


def test_a_date_before_anybody_was_born_must_be_corrected(tmp_path: Path) -> None:
    assert "the year cannot be right" in refused(jail(tmp_path, ("A1", "1825-09-02")))


def test_overlapping_jail_stays_are_kept_and_told(tmp_path: Path) -> None:
    rows = [("A1", date(2025, 1, 1), date(2025, 3, 1)), ("A1", date(2025, 2, 1), date(2025, 4, 1))]
    records, told = found(jail(tmp_path, *rows))
    assert len(records["custody"]) == 2
    assert "custody!B3: found a booked before the released of another row of the same person" in told


def test_stays_that_touch_do_not_overlap(tmp_path: Path) -> None:
    rows = [("A1", date(2025, 1, 1), date(2025, 2, 1)), ("A1", date(2025, 2, 1), date(2025, 4, 1))]
    assert found(jail(tmp_path, *rows))[1] == ""


def test_two_exits_of_one_stay_must_be_corrected(tmp_path: Path) -> None:
    rows = [PERSON, ("A1", *MAY, "success"), ("A1", MAY[0], date(2025, 6, 9), "failure")]
    said = refused(book(tmp_path, participants=rows))
    assert "participants!A3: found a second, different row for the same person" in said


def test_overlapping_stays_in_the_program_must_be_corrected(tmp_path: Path) -> None:
    rows = [PERSON, ("A1", date(2025, 1, 1), None, None), ("A1", *MAY, "success")]
    assert "participants!B3: found a admission_date before" in refused(book(tmp_path, participants=rows))


@pytest.mark.parametrize(
    ("written", "day", "said"),
    [
        ("Feb 2025", "2025-02-01", "the day is not known"),
        ("02/2025", "2025-02-01", "the day is not known"),
        ("2025-02", "2025-02-01", "the day is not known"),
        ("2/3/2025", "2025-02-03", "month/day/year"),
        ("02-03-25", "2025-02-03", "month/day/year"),
        ("Feb. 3, 2025", "2025-02-03", "read as"),
        ("3 February 2025", "2025-02-03", "read as"),
        (45691, "2025-02-03", "a spreadsheet's serial number"),
        ("45691", "2025-02-03", "a spreadsheet's serial number"),
        (20250203, "2025-02-03", "eight digits"),
        (datetime(2025, 2, 3, 14, 30), "2025-02-03", "without the time of day"),
        ("2025-02-03", "2025-02-03", ""),
    ],
)
def test_a_date_in_another_writing_is_read_and_told(
    tmp_path: Path, written: Any, day: str, said: str
) -> None:
    records, told = found(jail(tmp_path, ("A1", written)))
    assert str(records["custody"]["booked"][0].date()) == day
    assert said in told
    assert bool(told) == bool(said)


@pytest.mark.parametrize(
    "written", ["13/02/2025", "2025", 2025, "Feb-25", "soon", "2025-02-30", True, 3.5, 1e300]
)
def test_what_is_no_certain_date_must_be_corrected(tmp_path: Path, written: Any) -> None:
    assert "custody!B2" in refused(jail(tmp_path, ("A1", written)))


def test_mixed_time_zones_must_be_resolved_by_stating_the_countys(tmp_path: Path) -> None:
    rows = [ARRESTS, ("A1", "2025-05-01T23:30:00-07:00"), ("A2", "2025-05-02T06:30:00Z")]
    assert "different time zones (+0000 and -0700)" in refused(book(tmp_path, arrests=rows))
    about = [("item", "value"), ("observed_until", date(2025, 7, 1)), ("time_zone", "America/Los_Angeles")]
    records, told = found(book(tmp_path, arrests=rows, about=about))
    assert records["arrests"]["arrested"].nunique() == 1
    assert records["arrests"]["arrested"][0] == pd.Timestamp("2025-05-01 23:30")
    assert "read in the county's time zone" in told


def test_one_time_zone_throughout_is_read_as_local_time(tmp_path: Path) -> None:
    rows = [ARRESTS, ("A1", "2025-05-01T23:30:00-07:00")]
    records, told = found(book(tmp_path, arrests=rows))
    assert records["arrests"]["arrested"][0] == pd.Timestamp("2025-05-01 23:30")
    assert "without its time zone (-0700)" in told


# --- Real life: numbers, words, blanks ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "number", "said"),
    [
        ("1,200", 1200, "read as '1200'"),
        ("12", 12, "a number stored as text"),
        (12.0, 12, ""),
        ("12.0", 12, "text"),
    ],
)
def test_a_number_in_another_writing_is_read_and_told(
    tmp_path: Path, written: Any, number: int, said: str
) -> None:
    records, told = found(hearing(tmp_path, written))
    assert records["attendance"]["scheduled"][0] == number
    assert said in told
    assert bool(told) == bool(said)


@pytest.mark.parametrize("written", ["many", 2.5, -1, "1.200,5", True, "12%", 10**18, "9" * 5000, "1,20"])
def test_what_is_no_count_must_be_corrected(tmp_path: Path, written: Any) -> None:
    assert "attendance!E2" in refused(hearing(tmp_path, written))


@pytest.mark.parametrize("written", ["<10", "< 11", "n/a", "N/A", "unknown", "10+"])
def test_a_row_whose_needed_number_is_not_known_is_left_out_and_told(tmp_path: Path, written: str) -> None:
    records, told = found(hearing(tmp_path, written))
    assert records["attendance"].empty
    assert "attendance!E2" in told
    assert f"found '{written}'" in told
    assert "the whole row is left out" in told


@pytest.mark.parametrize("written", ["n/a", "NA", "-", "Unknown", "<18"])
def test_a_value_that_is_not_known_becomes_empty_and_is_told(tmp_path: Path, written: str) -> None:
    rows = [(*PERSON, "age_at_admission"), ("A1", *MAY, "success", written)]
    records, told = found(book(tmp_path, participants=rows))
    assert records["participants"]["age_at_admission"].isna().all()
    assert f"participants!E2: found '{written}'" in told
    assert "read as empty" in told


def test_a_number_beyond_its_bounds_must_be_corrected(tmp_path: Path) -> None:
    rows = [(*PERSON, "age_at_admission"), ("A1", *MAY, "success", 340)]
    said = refused(book(tmp_path, participants=rows))
    assert "participants!E2: found '340'; allowed: a whole number from 10 to 110, or nothing" in said


def test_more_attended_than_scheduled_must_be_corrected(tmp_path: Path) -> None:
    assert "attendance!F2: found attended above scheduled" in refused(hearing(tmp_path, 2, 3))


@pytest.mark.parametrize(("written", "meant"), [("Success", "success"), ("ADMIN", "administrative_closure"),
                                               ("Voluntary withdrawal", "voluntary_withdrawal")])  # fmt: skip
def test_a_choice_in_another_writing_is_read_and_told(tmp_path: Path, written: str, meant: str) -> None:
    records, told = found(book(tmp_path, participants=[PERSON, ("A1", *MAY, written)]))
    assert records["participants"]["exit_type"][0] == meant
    assert f"found '{written}'" in told


def test_a_misspelled_choice_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    said = refused(book(tmp_path, participants=[PERSON, ("A1", *MAY, "sucess")]))
    assert "participants!D2: found 'sucess'" in said
    assert "Did you mean 'success'?" in said


@pytest.mark.parametrize(
    ("written", "meant"), [("yes", True), ("No", False), (True, True), ("Y", True), (0, False)]
)
def test_yes_and_no_are_read_in_their_usual_writings(tmp_path: Path, written: Any, meant: bool) -> None:
    rows = [(*JAIL, "serious_mental_illness"), ("A1", *MAY, written)]
    records, _ = found(book(tmp_path, custody=rows))
    assert records["custody"]["serious_mental_illness"][0] == meant


def test_a_needed_cell_that_is_empty_must_be_filled(tmp_path: Path) -> None:
    said = refused(jail(tmp_path, ("A1", None, date(2025, 5, 1))))
    assert "custody!B2: found nothing; allowed: a date such as 2025-07-01; must be filled in" in said


def test_an_empty_cell_with_a_default_takes_it(tmp_path: Path) -> None:
    rows = [HEARINGS, ("A1", "hearing", *MAY, 3, 2, None)]
    records, _ = found(book(tmp_path, attendance=rows))
    assert records["attendance"]["excused"][0] == 0


def test_codes_written_as_numbers_and_as_text_are_one_person(tmp_path: Path) -> None:
    rows = [("A1", date(2025, 1, 1), MAY[0]), (1001, *MAY), ("1001", date(2024, 1, 1), date(2024, 2, 1))]
    records, _ = found(jail(tmp_path, *rows))
    assert records["custody"]["person"].tolist() == ["A1", "1001", "1001"]


# --- Real life: rows, headings, sheets ----------------------------------------------------------------


def test_a_repeated_row_is_left_out_and_told(tmp_path: Path) -> None:
    records, told = found(jail(tmp_path, ("A1", *MAY), ("A2", *MAY), ("A1", *MAY)))
    assert len(records["custody"]) == 2
    assert "custody, row 4: found the same row as one above; left out" in told


def test_two_equal_posts_are_two_posts(tmp_path: Path) -> None:
    post = ("FACT", "clinician", date(2025, 1, 1))
    records, told = found(book(tmp_path, posts=[("team", "role", "start"), post, post]))
    assert len(records["posts"]) == 2
    assert told == ""


def test_a_row_of_totals_is_left_out_and_told(tmp_path: Path) -> None:
    rows = [HEARINGS, ("A1", "hearing", *MAY, 3, 2, 0), ("Total", None, None, None, 3, 2, 0)]
    records, told = found(book(tmp_path, attendance=rows))
    assert len(records["attendance"]) == 1
    assert "attendance, row 3: found a row of totals; left out" in told


def test_an_empty_row_is_no_record(tmp_path: Path) -> None:
    records, told = found(jail(tmp_path, (None, None), ("A1", *MAY), ("", "  "), ("A2", *MAY)))
    assert len(records["custody"]) == 2
    assert told == ""


def test_a_row_of_prefilled_cells_is_left_out_and_told(tmp_path: Path) -> None:
    rows = [HEARINGS, ("A1", "hearing", *MAY, 3, 2, 0), (None, None, None, None, 0, 0, 0)]
    records, told = found(book(tmp_path, attendance=rows))
    assert len(records["attendance"]) == 1
    assert "row 3: found a row with nothing but prefilled values; left out" in told


def test_the_rows_named_are_the_spreadsheets_own_below_a_title(tmp_path: Path) -> None:
    rows: Rows = [("Jail stays of the county",), (), JAIL, ("A1", "2/3/2025")]
    told = found(book(tmp_path, custody=rows))[1]
    assert "custody!B4: found '2/3/2025'" in told
    assert "custody, row 1: found lines above the headings; left out" in told


@pytest.mark.parametrize("heading", ["Exit Date", "EXIT_DATE", "exit-date", "ExitDate", " exit date "])
def test_a_heading_in_another_writing_is_read_and_told(tmp_path: Path, heading: str) -> None:
    rows = [("person", "admission_date", heading), ("A1", *MAY)]
    records, told = found(book(tmp_path, participants=rows))
    assert records["participants"]["exit_date"].notna().all()
    assert "read as the column exit_date" in told


def test_a_misspelled_heading_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    said = refused(book(tmp_path, participants=[("person", "admision_date"), ("A1", MAY[0])]))
    assert "participants!B1: found 'admision_date'" in said
    assert "Did you mean 'admission_date'?" in said


def test_a_strange_column_is_left_out_and_told(tmp_path: Path) -> None:
    told = found(book(tmp_path, custody=[(*JAIL, "cell block"), ("A1", *MAY, "B")]))[1]
    assert (
        "custody!D1: found 'cell block', which is no column of this table; the whole column is left out"
        in told
    )


def test_a_strange_sheet_is_left_out_and_a_misspelled_one_refused(tmp_path: Path) -> None:
    assert "Sheet9: found a sheet that is none" in found(book(tmp_path, custody=[JAIL], Sheet9=[("a",)]))[1]
    assert "Did you mean 'arrests'?" in refused(book(tmp_path, arests=[ARRESTS]))


def test_a_column_that_stands_twice_must_be_corrected(tmp_path: Path) -> None:
    said = refused(book(tmp_path, custody=[(*JAIL, "Booked"), ("A1", *MAY, MAY[0])]))
    assert "custody!D1: found the column booked a second time" in said


# --- What must not be read ----------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["Last Name", "DOB", "date_of_birth", "SSN",
                                     "Social Security No", "Home address", "zip",
                                     "e-mail", "Phone"])  # fmt: skip
def test_columns_that_identify_people_are_refused_with_advice(tmp_path: Path, heading: str) -> None:
    said = refused(book(tmp_path, custody=[(*JAIL, heading), ("A1", *MAY, "secret")]))
    assert "custody!D1" in said
    assert "refused" in said
    assert "delete this column" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    "value", ["123-45-6789", "jane@county.gov", "(925) 555-0100", "Doe, Jane", "Jane Doe"]
)
def test_values_that_identify_people_are_refused_and_not_repeated(tmp_path: Path, value: str) -> None:
    said = refused(jail(tmp_path, (value, *MAY)))
    assert "custody!A2" in said
    assert "not shown" in said
    assert value not in said


# --- Files --------------------------------------------------------------------------------------------


def test_reading_never_changes_the_file(tmp_path: Path) -> None:
    path = jail(tmp_path, ("A1", "2/3/2025"))
    before = hashlib.sha256(path.read_bytes()).digest()
    found(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_a_formula_is_not_computed_but_its_saved_result_read(tmp_path: Path) -> None:
    path = tmp_path / "county.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("attendance")
        sheet.write_row(0, 0, HEARINGS)
        sheet.write_row(1, 0, ["A1", "hearing", "2025-05-01", "2025-06-01"])
        sheet.write_formula(1, 4, "=1+1", None, 7)
        sheet.write_number(1, 5, 2)
    records, told = found(path)
    assert records["attendance"]["scheduled"][0] == 7
    assert "attendance!E2: found a formula; its saved result is read; nothing is computed" in told


def test_a_formula_never_computed_and_an_error_must_be_corrected(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "attendance"
    sheet.append(list(HEARINGS))
    sheet.append(["A1", "hearing", "2025-05-01", "2025-06-01", "=1+1", "#N/A", 0])
    made.save(tmp_path / "county.xlsx")
    said = refused(tmp_path / "county.xlsx")
    assert "attendance!E2: found a formula without a saved result" in said
    assert "attendance!F2: found an error of the spreadsheet" in said


def test_a_stray_cell_far_away_is_named_instead_of_filling_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "county.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("custody")
        sheet.write_row(0, 0, JAIL)
        sheet.write_string(1_048_575, 16_383, " ")
    assert "cells as far away as column XFD and row 1,048,576" in refused(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "password"),
        (b"PK\x03\x04 broken", "no readable Excel"),
        (b"hello", "folder of CSV"),
    ],
)
def test_what_is_no_workbook_is_told_with_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "county.xlsx"
    path.write_bytes(content)
    assert said in refused(path)


def test_a_workbook_with_macros_is_refused(tmp_path: Path) -> None:
    path = jail(tmp_path, ("A1", *MAY))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"")
    assert "a workbook with macros; save it as .xlsx" in refused(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "no such file or folder" in refused(tmp_path / "nothing.xlsx")
    assert "without any CSV or Parquet file" in refused(tmp_path)


def test_without_observed_until_the_day_after_the_last_date_is_taken_and_told(tmp_path: Path) -> None:
    path = book(tmp_path, custody=[JAIL, ("A1", *MAY)], about=[("item", "value")])
    records, told = found(path)
    assert records.observed_until == pd.Timestamp("2025-06-02")
    assert "read as 2025-06-02" in told


def test_a_strange_time_zone_or_day_on_the_sheet_about_must_be_corrected(tmp_path: Path) -> None:
    about = [("observed_until", "someday"), ("time_zone", "../etc/passwd")]
    said = refused(book(tmp_path, custody=[JAIL], about=about))
    assert "about!B1: found 'someday'" in said
    assert "about!B2: found '../etc/passwd'" in said


# --- CSV and Parquet ----------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_folder_is_read_whatever_parts_its_columns(tmp_path: Path, separator: str) -> None:
    text = "person,booked,released\nA1,2025-05-01,2025-06-01\n".replace(",", separator)
    (tmp_path / "custody.csv").write_text(text)
    records, told = found(tmp_path)
    assert len(records["custody"]) == 1
    assert ("parted by" in told) == (separator != ",")


def test_a_csv_file_in_the_letters_of_windows_is_read_and_told(tmp_path: Path) -> None:
    (tmp_path / "custody.csv").write_bytes("person,booked,reason\nA1,2025-05-01,détenu\n".encode("cp1252"))
    records, told = found(tmp_path)
    assert records["custody"]["reason"][0] == "détenu"
    assert "Windows-1252" in told


@pytest.mark.parametrize(
    "text",
    ['person,booked\nA1,"2025-05-01\n', "person,booked\nA1,2025-05-01,more\n", "person\0,booked\n"],
)
def test_a_broken_csv_file_must_be_corrected(tmp_path: Path, text: str) -> None:
    (tmp_path / "custody.csv").write_text(text)
    assert refused(tmp_path)


def test_a_parquet_folder_is_read(tmp_path: Path) -> None:
    table = pa.table({"person": pa.array(["A1"]).dictionary_encode(), "booked": [datetime(2025, 5, 1)]})
    pq.write_table(table, tmp_path / "custody.parquet")
    assert found(tmp_path)[0]["custody"]["booked"][0] == pd.Timestamp("2025-05-01")


def test_a_parquet_file_with_lists_must_be_corrected(tmp_path: Path) -> None:
    pq.write_table(pa.table({"person": [["A1"]], "booked": [date(2025, 5, 1)]}), tmp_path / "custody.parquet")
    assert "lists or groups in column person" in refused(tmp_path)


# --- Writing and reading back -------------------------------------------------------------------------

FORMS = {"xlsx": "back.xlsx", "csv": "back", "parquet": "back"}
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12) | st.sampled_from(
    [
        "=1+1",
        "+A",
        "-1",
        "@x",
        "'",
        "''=",
        "Total",
        "n/a",
        "unknown",
        " x ",
        "",
        "<10",
        "1,200",
        "007",
        "true",
    ]
)
DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 12, 31))


def value(column: Any) -> st.SearchStrategy[Any]:
    low, high = column.minimum, column.maximum
    made: st.SearchStrategy[Any] = {
        "text": WORDS.map(lambda text: f"{text}x" if column.name == "person" else text),
        "choice": st.sampled_from(column.choices or [""]),
        "date": DAYS,
        "moment": MOMENTS,
        "whole": st.integers(int(low) if low is not None else -5, int(high) if high else 10**14)
        if column.kind == "whole"
        else st.nothing(),
        "number": st.floats(low if low is not None else -1e14, high if high is not None else 1e14,
                            exclude_min=column.above, allow_nan=False),
        "yes_no": st.booleans(),
    }[column.kind]  # fmt: skip
    return made.filter(lambda each: not isinstance(each, str) or not private(each, column)) | (
        st.none() if column.nullable else st.nothing()
    )


def private(text: str, column: Any) -> bool:
    from calibration.records.workbook.cell import _private

    return bool(_private(text, column)) or len(text) > 40


@st.composite
def simulated(draw: st.DrawFn) -> Records:
    table = draw(st.sampled_from(list(TABLES)))
    rows = draw(
        st.lists(st.fixed_dictionaries({each.name: value(each) for each in columns(table)}), max_size=4)
    )
    notes = tuple(draw(st.lists(WORDS, max_size=2)))
    return Records.of({table: pd.DataFrame(rows)} if rows else {}, date(2031, 5, 1), "simulation", notes)


@pytest.mark.parametrize("form", FORMS)
@given(records=simulated())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_records_written_and_read_back_are_bit_identical(
    tmp_path_factory: pytest.TempPathFactory, form: Any, records: Records
) -> None:
    path = tmp_path_factory.mktemp("w") / FORMS[form]
    write(records, path, form)
    back, _ = read(path, TODAY)
    for table in TABLES:
        assert_frame_equal(back[table], records[table], check_exact=True)
    assert back.observed_until == records.observed_until
    assert (back.source, back.notes) == (records.source, records.notes)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_no_cell_is_written_that_a_spreadsheet_would_compute(tmp_path: Path, form: Any) -> None:
    rows = pd.DataFrame({"person": ["=1+1", "+2", "-3", "@x"], "booked": [pd.Timestamp("2025-05-01")] * 4})
    path = tmp_path / FORMS[form]
    write(Records.of({"custody": rows}, date(2025, 7, 1)), path, form)
    if form == "csv":
        with (path / "custody.csv").open(encoding="utf-8-sig", newline="") as file:
            cells = [row[0] for row in csv.reader(file)]
    else:
        cells = [str(row[0].value) for row in openpyxl.load_workbook(path)["custody"].iter_rows()]
    assert cells[1:] == ["'=1+1", "'+2", "'-3", "'@x"]


def test_writing_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError, match="left as it is"):
        write(Records.of({}, date(2025, 7, 1)), tmp_path, "csv")


def test_a_needed_value_that_is_missing_is_never_written(tmp_path: Path) -> None:
    frame = empty("custody").reindex([0])
    with pytest.raises(ValueError, match=r"custody\.person: row 0 holds nothing"):
        write(Records.of({"custody": frame}, date(2025, 7, 1)), tmp_path / "back.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_200_000_rows_are_read_in_well_under_10_seconds(tmp_path: Path, form: Any) -> None:
    size = 200_000
    booked = pd.Timestamp("2015-01-01") + pd.to_timedelta(pd.Series(range(size)) % 3000, unit="D")
    persons = "P" + pd.Series(range(size)).astype(str)
    rows = pd.DataFrame({"person": persons, "booked": booked, "released": booked + pd.Timedelta(days=9)})
    write(Records.of({"custody": rows}, date(2025, 7, 1)), tmp_path / FORMS[form], form)
    begun = process_time()
    records, _ = read(tmp_path / FORMS[form], TODAY)
    assert process_time() - begun < 10
    assert len(records["custody"]) == size


# --- Nothing leads to a traceback ---------------------------------------------------------------------

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), DAYS, MOMENTS, st.times(), WORDS,
    st.sampled_from(["2025-02-31", "2025-05-01T00:00:00+99:00", "0001-01-01T00:00:00-08:00", "99/99/9999",
                     "1e999", "-0", "12:30", "=A1", "#N/A", "9" * 400, "Feb 0000", "31 Feb 2025"]),
)  # fmt: skip


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_content_of_a_folder_leads_to_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("f")
    table = data.draw(st.sampled_from([*TABLES, "about"]))
    names = [each.name for each in columns(table)] if table in TABLES else ["item", "value"]
    cells = JUNK | st.sampled_from(["observed_until", "time_zone", "source", "note", *names])
    body = data.draw(st.lists(st.lists(cells, max_size=len(names) + 1), max_size=4))
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, *body])
    survives(folder)


@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_no_content_of_a_workbook_leads_to_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    table = data.draw(st.sampled_from(list(TABLES)))
    names = tuple(each.name for each in columns(table))
    cells = JUNK.filter(lambda each: not (isinstance(each, float) and (each != each or abs(each) > 1e308)))
    body = [tuple(row) for row in data.draw(st.lists(st.lists(cells, max_size=len(names) + 1), max_size=4))]
    survives(book(tmp_path_factory.mktemp("b"), **{table: [names, *body]}))


@given(at=st.integers(0, 7000), change=st.binary(min_size=1, max_size=40))
@settings(max_examples=50, deadline=None)
def test_no_damage_to_a_workbook_leads_to_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, at: int, change: bytes
) -> None:
    path = jail(tmp_path_factory.mktemp("d"), ("A1", *MAY))
    whole = path.read_bytes()
    at %= len(whole)
    path.write_bytes(whole[:at] + change + whole[at + len(change) :])
    survives(path)


def survives(path: Path) -> None:
    try:
        records, report = read(path, TODAY)
    except BadRecords as bad:
        assert bad.report.errors
        assert str(bad)
    else:
        assert isinstance(report, Report)
        assert all(list(records[table].columns) == [each.name for each in columns(table)] for table in TABLES)


# --- What is generated from the models ----------------------------------------------------------------

DOCS = Path(workbook.__file__).parents[3] / "docs"


def test_the_data_dictionary_is_the_one_generated_from_the_models() -> None:
    assert (DOCS / "data_dictionary.md").read_text(encoding="utf-8") == dictionary()


def test_the_table_schema_is_the_one_generated_from_the_models() -> None:
    assert (DOCS / "records.schema.json").read_text(encoding="utf-8") == schema_text()


def test_every_column_of_the_models_says_what_it_may_hold() -> None:
    assert all(column.allowed for column in every_column())


def test_every_variable_of_the_guide_leads_to_a_column_that_exists() -> None:
    from calibration.records.workbook.column import GUIDE

    assert set(GUIDE) <= {f"{column.table}.{column.name}" for column in every_column()}


def test_every_rule_is_about_columns_of_its_kind() -> None:
    kinds = {(column.table, column.name): column.kind for column in every_column()}
    dated = [
        (table, name)
        for table, orders in ORDERS.items()
        for each in orders
        for name in (each.earlier, each.later)
    ]
    dated += [(table, name) for table, (_, start, end, _) in SPANS.items() for name in (start, end)]
    assert {kinds[each] for each in dated} <= {"date", "moment"}
    named = [(table, name) for table, names in KEYS.items() for name in names]
    named += [(table, name) for table, (who, *_) in SPANS.items() for name in who]
    assert set(named) <= set(kinds)


def test_a_time_of_day_alone_is_no_date(tmp_path: Path) -> None:
    assert "custody!B2" in refused(jail(tmp_path, ("A1", time(12, 30))))


def test_a_cell_as_long_as_a_book_is_searched_for_addresses_in_a_moment() -> None:
    import time

    from calibration.records.workbook.cell import PRIVATE

    begun = time.process_time()
    for text in ("#" * 300_000, "a@" * 100_000, "a@" + "." * 200_000, "1 A" * 60_000):
        assert not any(pattern.search(text) for what, pattern in PRIVATE if "e-mail" in what)
    assert time.process_time() - begun < 5
    assert dict(PRIVATE)["an e-mail address"].search("write to a.b@c-d.example.org soon")
