"""Damaged workbooks, and the same tables as CSV."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from functools import cache
from pathlib import Path

import xlsxwriter
from hypothesis import strategies as st

from tests.fuzz.text import TOKENS, flipped, mutated_text


@cache
def workbook() -> bytes:
    """A small workbook of a county, in order."""
    people = [
        ("person", "arrest_date", "referral_date", "admission_date", "exit_date", "exit_type", "sex"),
        ("P1", date(2024, 1, 2), date(2024, 1, 9), date(2024, 2, 1), date(2025, 1, 5), "success", "female"),
        ("P2", date(2024, 3, 2), date(2024, 3, 9), date(2024, 4, 1), date(2024, 9, 5), "failure", "male"),
        ("P3", date(2024, 5, 2), date(2024, 5, 9), date(2024, 6, 1), None, None, "male"),
    ]
    arrests = [("person", "arrested", "charge_level"), ("P2", date(2024, 8, 1), "felony")]
    stays = [("person", "booked", "released"), ("P2", date(2024, 8, 1), date(2024, 8, 20))]
    about = [("item", "value"), ("observed_until", date(2025, 7, 1))]
    sheets = {"about": about, "participants": people, "arrests": arrests, "custody": stays}
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": datetime(2025, 1, 1)})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, value in enumerate(row):
                    if value is not None:
                        sheet.write(i, j, value)
    return made.getvalue()


TABLES = {
    "about": "item,value\nobserved_until,2025-07-01\n",
    "participants": "person,arrest_date,referral_date,admission_date,exit_date,exit_type,sex\n"
    "P1,2024-01-02,2024-01-09,2024-02-01,2025-01-05,success,female\n"
    "P2,2024-03-02,2024-03-09,2024-04-01,2024-09-05,failure,male\n",
    "arrests": "person,arrested,charge_level\nP2,2024-08-01,felony\n",
}
"""The same as CSV files of a folder."""


def write_tables(folder: Path) -> None:
    """Write the folder of CSV files."""
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


@st.composite
def mutated_table(draw: st.DrawFn) -> tuple[str, bytes]:
    """One of those files, and what it holds now."""
    name = draw(st.sampled_from(sorted(TABLES)))
    return f"{name}.csv", draw(mutated_text(TABLES[name]))


XML_TOKENS = (
    *("<f>1+1</f>", '<f>HYPERLINK("http://x")</f>', "<!DOCTYPE x [<!ENTITY a 'aaaa'>]>", "&a;", "&#0;"),
    *("<![CDATA[", "]]>", "<c/>", "</sheetData>", '<c r="XFD1048576"><v>1</v></c>', '<row r="99999999">'),
    *('t="e"', 't="s"', "<v>-1</v>", "<v>9e99</v>", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
)
SWAPS = (
    *(("person", "persons"), ("arrest_date", "person"), ("success", "=1+1"), ("felony", "x" * 40_000)),
    *(("P2", ""), ("participants", "participant"), ("about", "custody"), ("<v>", "<v>1e"), ("<v>4", "<v>-4")),
    *(('t="s"', 't="n"'), ('t="s"', ""), ("sheet1.xml", "../../sheet1.xml"), ("<row ", "<row x=")),
    *(("</c>", ""), ('r="A', 'r="ZZZ'), ("worksheet", "chartsheet"), ("utf-8", "utf-7"), ("UTF-8", "EBCDIC")),
    *(("P1", "P2"), ("female", "\x0b")),
)
NO_WORKBOOKS = (b"", b"PK", b"a,b\n1,2\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"<html>")


@st.composite
def mutated_workbook(draw: st.DrawFn) -> bytes:
    """The workbook damaged as a file, in one of its parts, or in its cells."""
    changes = [_part_edited, _part_edited, _part_edited, _part_lost, _file_damaged, _not_one]
    return draw(st.sampled_from(changes))(draw, workbook())


def _parts(whole: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(whole)) as book:
        return {name: book.read(name) for name in book.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return target.getvalue()


def _part_edited(draw: st.DrawFn, whole: bytes) -> bytes:
    parts = _parts(whole)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(parts)))
        text = parts[name].decode("utf-8", "replace")
        if draw(st.booleans()):
            at, lost = draw(st.integers(0, len(text))), draw(st.integers(0, 30))
            text = text[:at] + draw(st.sampled_from(XML_TOKENS + TOKENS)) + text[at + lost :]
        else:
            text = text.replace(*draw(st.sampled_from(SWAPS)))
        parts[name] = text.encode("utf-8", "surrogatepass")
    return _packed(parts)


def _part_lost(draw: st.DrawFn, whole: bytes) -> bytes:
    parts = _parts(whole)
    del parts[draw(st.sampled_from(sorted(parts)))]
    if draw(st.booleans()):
        name = draw(st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "x"]))
        parts[name] = b"A" * 5_000_000
    return _packed(parts)


def _file_damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    return flipped(draw, whole) if draw(st.booleans()) else whole[: draw(st.integers(0, len(whole)))]


def _not_one(draw: st.DrawFn, _: bytes) -> bytes:
    return draw(st.sampled_from(NO_WORKBOOKS)) + draw(st.binary(max_size=50))
