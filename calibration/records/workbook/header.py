"""Which sheet is which table, which column is which field, and which must not be read at all."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from calibration.records.workbook.cell import is_blank
from calibration.records.workbook.column import Column, columns
from calibration.records.workbook.finding import Report, letter, quoted
from calibration.records.workbook.sheet import Sheet
from simulation.record import TABLES

ABOUT = "about"
GUIDANCE = ("instructions", "examples")  # sheets of our own template that hold no records
HEADER_ROWS = 20  # how far down the header may stand
SYNONYMS = {
    "person": (
        "person_id",
        "id",
        "participant",
        "participant_id",
        "client_id",
        "case_id",
        "code",
        "person_code",
    ),
    "race_ethnicity": ("race", "ethnicity", "race_and_ethnicity"),
    "sex": ("gender",),
    "age_at_admission": ("age",),
    "booked": ("booking", "booking_date", "booked_date", "date_booked"),
    "released": ("release", "release_date", "released_date", "date_released"),
    "arrested": ("arrest_date", "arrest_date_and_time", "arrest", "date_of_arrest"),
    "notified": ("notify_date_and_time", "notified_date", "notification"),
    "start": ("start_date", "from"),
    "end": ("end_date", "to", "until"),
}
PRIVATE = (  # what a heading gives away; whole words of it
    (
        "names of persons",
        {
            "name",
            "names",
            "surname",
            "lastname",
            "firstname",
            "fullname",
            "forename",
            "alias",
            "lname",
            "fname",
            "initials",
            "middlename",
            "maiden",
            "nickname",
        },
    ),
    ("dates of birth", {"birth", "dob", "birthdate", "birthday", "born", "dateofbirth", "bday"}),
    ("social security numbers", {"ssn", "ss", "ssan", "itin", "socialsecurity", "socialsecuritynumber"}),
    ("addresses", {"address", "street", "addr", "zip", "zipcode", "postal", "apartment", "apt"}),
    ("ways to reach a person", {"phone", "telephone", "email", "mail", "cellphone"}),
    ("numbers of documents", {"license", "licence", "passport", "cin", "fbi", "mrn"}),
)
ADVICE = {
    "names of persons": "replace names by codes that only your office can resolve, and delete this column",
    "dates of birth": "give age_at_admission instead, and delete this column",
    "addresses": "give living_at_entry and living_at_exit instead, and delete this column",
}


def key(text: object) -> str:
    """A heading without what people vary: capitals, spaces, hyphens, ExitDate."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(text).strip())
    return re.sub(r"[\W_]+", "_", words.lower()).strip("_")


def tables(names: Iterable[str], report: Report) -> dict[str, str]:
    """The sheet of each table; other sheets are reported."""
    sheets: dict[str, str] = {}
    known = (*TABLES, ABOUT)
    for name in names:
        word = key(name)
        if word in GUIDANCE:
            continue
        if word not in known:
            _report_unknown_sheet(name, word, known, report)
        elif word in sheets.values():
            report.error(name, f"a second sheet for the table {word}", "must be corrected: put them together")
        else:
            sheets[name] = word
    if not set(sheets.values()) & set(TABLES):
        report.error(
            report.file, "no table", "must be corrected", allowed=f"sheets named {', '.join(TABLES)}"
        )
    return sheets


def _report_unknown_sheet(name: str, word: str, known: Sequence[str], report: Report) -> None:
    near = difflib.get_close_matches(word[:60], known, n=1, cutoff=0.75)
    allowed = f"tables named {', '.join(TABLES)}"
    if near:
        done = f"must be corrected. Did you mean '{near[0]}'?"
        report.error(name, "a sheet of this name", done.rstrip("."), allowed=allowed)
    else:
        report.warning(name, "a sheet that is none of the tables", "left out", allowed=allowed)


def find(sheet: Sheet) -> int | None:
    """Where the header stands: the row among the first ones that names most columns of the table."""
    known = {column.name for column in columns(sheet.table)}
    known |= {word for name in known for word in SYNONYMS.get(name, ())}
    hits = [
        len({key(cell) for cell in row if isinstance(cell, str)} & known) for row in sheet.rows[:HEADER_ROWS]
    ]
    best = max(hits, default=0)
    if best:
        return hits.index(best)
    return next((i for i, row in enumerate(sheet.rows[:HEADER_ROWS]) if not all(map(is_blank, row))), None)


def match(sheet: Sheet, at: int, report: Report) -> dict[int, Column]:
    """The field of each column of the sheet; unknown columns are reported, private ones refused."""
    header = list(sheet.rows[at])
    matched: dict[int, Column] = {}
    strange: dict[int, Any] = {}
    by_name = {column.name: column for column in columns(sheet.table)}
    for index, heading in enumerate(header):
        if is_blank(heading):
            continue
        column = by_name.get(key(heading))
        if column is None:
            strange[index] = heading
        elif column in matched.values():
            report.error(
                sheet.name,
                f"the column {column.name} a second time",
                "must be corrected: keep one of the two",
                at=letter(index),
                rows=[at + 1],
            )
        else:
            matched[index] = column
            if heading != column.name:
                report.warning(
                    sheet.name,
                    quoted([heading]),
                    f"read as the column {column.name}",
                    at=letter(index),
                    rows=[at + 1],
                )
    for index, heading in strange.items():
        _place(sheet, at, index, heading, matched, report)
    for column in by_name.values():
        if column.required and column not in matched.values():
            report.error(
                sheet.name,
                f"no column {column.name}",
                "must be corrected",
                rows=[at + 1],
                allowed=column.allowed,
            )
    return matched


def _place(
    sheet: Sheet, at: int, index: int, heading: Any, matched: dict[int, Column], report: Report
) -> None:
    """Refuse, recognize or leave out a column whose heading is none of the table's."""
    word, place, rows = key(heading), letter(index), [at + 1]
    free = {column.name: column for column in columns(sheet.table) if column not in matched.values()}
    private = _private(word)
    if private:
        advice = ADVICE.get(private, "delete this column; measures never need it")
        report.error(
            sheet.name,
            f"{quoted([heading])}, which looks like {private}",
            f"refused; {advice}",
            at=place,
            rows=rows,
        )
        return
    same = [name for name in free if word in SYNONYMS.get(name, ()) and _suits(word, free[name])]
    if same:
        matched[index] = free[same[0]]
        report.warning(sheet.name, quoted([heading]), f"read as the column {same[0]}", at=place, rows=rows)
        return
    near = difflib.get_close_matches(word[:60], free, n=1, cutoff=0.75)
    if near:
        report.error(
            sheet.name,
            quoted([heading]),
            f"must be corrected. Did you mean '{near[0]}'?".rstrip("."),
            at=place,
            rows=rows,
            allowed=", ".join(free),
        )
    else:
        report.warning(
            sheet.name,
            f"{quoted([heading])}, which is no column of this table",
            "the whole column is left out",
            at=place,
            rows=rows,
        )


def _suits(word: str, column: Column) -> bool:
    """A heading that speaks of a date is none of a yes or no."""
    return column.kind in ("date", "moment") or not {"date", "release", "booking"} & set(word.split("_"))


def _private(word: str) -> str:
    """What a heading seems to hold about persons, if anything."""
    words = set(word.split("_")) | {word.replace("_", "")}
    if {"social", "security"} <= words or {"soc", "sec"} <= words:
        return "social security numbers"
    return next((what for what, signs in PRIVATE if words & signs), "")
