"""Opening an .xlsx file with care: what it is, how large it would become, and where formulas stand.

The cells themselves are read by calamine, which is some twenty times as fast as openpyxl but shows the
saved result of a formula like any other value, an error as an empty cell, and lays out the whole
rectangle that a single stray cell spans. So the file's own text is searched for these first.
"""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

from calibration.records.workbook.sheet import BadFile, Marks, Sheet

MAX_BYTES = 200_000_000
MAX_UNPACKED = 1_500_000_000
MAX_CELLS = 12_000_000  # in the rectangle of one sheet
MAX_MARKED = 2_000_000  # formulas remembered in one sheet
CHUNK = 1 << 22

REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(?=\d)')
FAR = re.compile(rb'r="([A-Z]{2,3})(?=\d)')
ROW = re.compile(rb"<(?:\w+:)?row\s[^>]{0,500}?\br=\"(\d+)\"")
DAMAGE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, ElementTree.ParseError),
    *(LookupError, NotImplementedError, EOFError, RuntimeError, ValueError, OSError),
)
HINTS = (b"<f", b":f", b't="e"')
MARKED = re.compile(
    rb'<(?:\w+:)?c\s(?=[^>]{0,200}?\br="([A-Z]{1,3}\d{1,7})")([^>]{0,400})>\s{0,9}'
    rb"(<(?:\w+:)?f(?:\s[^>]{0,400})?(?:/>|>[^<]{0,9000}</(?:\w+:)?f>)\s{0,9})?(<(?:\w+:)?v>[^<])?"
)


def sheets(path: Path, wanted: dict[str, str]) -> Iterator[Sheet]:
    """The wanted sheets one by one (their name in the file: the table); raises BadFile."""
    from python_calamine import CalamineWorkbook

    if not wanted:
        return
    places = parts(path)
    marks = {name: survey(path, places[name]) for name in wanted}
    with _reading("the workbook"):
        book = CalamineWorkbook.from_path(str(path))
    for name in wanted:
        with _reading(f"sheet '{name}'"):
            rows: Any = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        yield Sheet(name, wanted[name], rows, typed=True, marks=marks[name])


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Turn whatever the reader raises, its panics too, into BadFile."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError | GeneratorExit):
            raise
        raise BadFile(f"{what}, which cannot be read", "open the file in Excel and save it anew") from None


def parts(path: Path) -> dict[str, str]:
    """Which part of the file holds which sheet; raises BadFile for what is no workbook to be trusted."""
    _refuse_other_files(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_odd_archive(archive)
            links = _xml(archive, "xl/_rels/workbook.xml.rels")
            targets = {link.get("Id", ""): link.get("Target", "") for link in links}
            book = _xml(archive, "xl/workbook.xml")
            return dict(_sheet_parts(book, targets))
    except DAMAGE as error:
        raise BadFile("no readable Excel workbook", "open it in Excel and save it as .xlsx") from error


def _sheet_parts(book: ElementTree.Element, targets: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Name and part of each worksheet; charts and dialogs are none."""
    for element in book.iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        link = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
        target = targets.get(link, "")
        if "worksheets/" in target:
            yield element.get("name", ""), target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _refuse_other_files(path: Path) -> None:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise BadFile(
            f"a file of {size:,} bytes", f"at most {MAX_BYTES:,} are read; save the tables as a folder of CSV"
        )
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile("an old or a password-protected workbook", "save it as .xlsx without a password")
    if not start.startswith(b"PK"):
        raise BadFile("no Excel workbook", "save it as .xlsx, or give a folder of CSV or Parquet files")


def _refuse_odd_archive(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > 10_000 or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise BadFile("a workbook that unpacks to too much", f"at most {MAX_UNPACKED:,} bytes are read")
    if any(PurePosixPath(member.filename).name.lower() == "vbaproject.bin" for member in members):
        raise BadFile("a workbook with macros", "save it as .xlsx, which has none")


def _xml(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    """A small part of the file, parsed; entities are never declared in an honest workbook."""
    if archive.getinfo(part).file_size > 5_000_000:
        raise ValueError("this part is too large")
    text = archive.read(part)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ValueError("declares entities")
    return ElementTree.fromstring(text)


def survey(path: Path, part: str) -> Marks:
    """The formulas and errors of one sheet; raises BadFile if the sheet spans too much to be laid out."""
    marks, columns, last = Marks(), {b"Z"}, 0  # a search for all letters takes long
    for chunk in _chunks(path, part):
        columns.update(FAR.findall(chunk))
        last = max(last, _last_row(chunk))
        if any(hint in chunk for hint in HINTS):
            _mark(chunk, marks)
        if last * max(map(_number, columns)) > MAX_CELLS:
            break
    else:
        return marks
    return _survey_wide(path, part)


def _survey_wide(path: Path, part: str) -> Marks:
    """The same for a sheet of many rows, whose columns have to be known exactly."""
    marks, columns, last = Marks(), {b"A"}, 0
    for chunk in _chunks(path, part):
        columns.update(REFERENCE.findall(chunk))
        last = max(last, _last_row(chunk))
        _mark(chunk, marks)
        farthest = max(columns, key=_number)
        if last * _number(farthest) > MAX_CELLS:
            raise BadFile(
                f"cells as far away as column {farthest.decode()} and row {last:,}",
                f"at most {MAX_CELLS:,} cells are read; delete the stray cell, its row and its column",
            )
    return marks


def _chunks(path: Path, part: str) -> Iterator[bytes]:
    """The text of a sheet, piece by piece, never cut inside a cell."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(part) as file:
            rest = b""
            while piece := file.read(CHUNK):
                text = rest + piece
                cut = max(text.rfind(b"</c>"), text.rfind(b":c>"))
                cut = max(text.rfind(b"<"), 0) if cut < 0 else cut
                if len(text) > 4 * CHUNK:
                    cut = len(text)
                yield text[:cut]
                rest = text[cut:]
            yield rest
    except KeyError:
        return
    except DAMAGE as error:
        raise BadFile("a damaged workbook", "open it in Excel and save it anew") from error


def _last_row(chunk: bytes) -> int:
    return max((int(row[-9:]) for row in ROW.findall(chunk)), default=0)


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _mark(chunk: bytes, marks: Marks) -> None:
    """Note the formulas and errors in one piece of the sheet's text."""
    for reference, attributes, formula, value in MARKED.findall(chunk):
        cell = reference.decode()
        if b't="e"' in attributes:
            marks.errors.append(cell)
        elif formula:
            (marks.formulas if value else marks.unsaved).append(cell)
        if len(marks.errors) + len(marks.formulas) + len(marks.unsaved) > MAX_MARKED:
            raise BadFile(f"more than {MAX_MARKED:,} formulas", "paste them as values")
