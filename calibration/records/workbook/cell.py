"""The value of one cell, and a note if it had to be interpreted.

Every different value of a column is read once, however many cells hold it. A value that can be read in
only one way is read, and the reading reported; one that is known to be unknown (n/a, <10) becomes empty;
anything else must be corrected by whoever knows.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from calibration.records.workbook.column import CODES, Column

MISSING = {
    *("n/a", "na", "#n/a", "n.a.", "none", "null", "nil", "nan", "not_applicable"),
    *("unknown", "unk", "unkn", "missing", "tbd", "not_available", "not_known"),
    *("-", "--", "---", "?", "??", ".", "..", "*"),
}
YES = frozenset(("yes", "y", "true", "t", "1"))
NO = frozenset(("no", "n", "false", "f", "0"))
SPECIAL = tuple("=+-@'\t\r")  # a spreadsheet would take the first four for a formula
RANGE = re.compile(r"(?:[<>]=?|[≤≥]|under|over|less than|fewer than|more than)\s*\d+|\d+\s*\+", re.IGNORECASE)
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
PLAIN = re.compile(r"[+-]?\d{1,30}(?:\.\d{0,30})?(?:[eE][+-]?\d{1,3})?|[+-]?\.\d{1,30}")
PRIVATE = (
    ("a social security number", re.compile(r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)")),
    ("an e-mail address", re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}\.[a-z]{2}", re.IGNORECASE)),
    ("a telephone number", re.compile(r"(?<!\d)\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)")),
    (
        "a street address",
        re.compile(
            r"\b\d{1,5} (?:[A-Z]\w* ){1,3}(?:St|Street|Ave|Avenue|Rd|Road|Blvd|Boulevard|Ln|Lane|Dr|Drive)\b"
        ),
    ),
)
TOTAL = re.compile(r"(?:grand |sub-?)?totals?\b.{0,40}|sum|average|mean|count", re.IGNORECASE)
EPOCH = datetime(1899, 12, 30)


class Reading(NamedTuple):
    """A cell's value, or None.

    ``note``: how it was read, if not plainly; ``unknown``: the cell says that nothing is known;
    ``wrong``: what is the matter, if it cannot be read; ``offset``: minutes from UTC, if the time has any.
    """

    value: Any = None
    note: str = ""
    unknown: bool = False
    wrong: str = ""
    private: bool = False
    offset: str | None = None


@dataclass(frozen=True)
class Context:
    """``typed``: numbers and text are distinct in the file; ``zone``: the county's time zone, if stated."""

    typed: bool = True
    zone: ZoneInfo | None = None


def read_cell(raw: Any, column: Column, context: Context) -> Reading:
    """The reading of a cell that is not empty."""
    if isinstance(raw, str):
        if column.kind == "text" and raw.startswith("'"):
            return _checked(Reading(raw[1:]), column)
        raw = raw.strip().removeprefix("'").strip() if column.kind != "text" else raw
        unknown = _unknown(raw, column)
        if unknown:
            return unknown
    return _checked(READERS[column.kind](raw, column, context), column)


def is_blank(raw: Any) -> bool:
    """Whether nothing stands in the cell."""
    return (
        raw is None or (isinstance(raw, str) and not raw.strip()) or (isinstance(raw, float) and raw != raw)
    )


def escaped(text: str, column: Column) -> str:
    """The text as it is written, so that no spreadsheet computes it and it is read back as it is."""
    if text.startswith(SPECIAL) or is_blank(text) or TOTAL.fullmatch(text.strip()):
        return "'" + text
    reading = read_cell(text, column, Context())
    return text if reading.value == text and not reading.note else "'" + text


def _unknown(text: str, column: Column) -> Reading | None:
    """The reading of a word for an unknown value; None for any other."""
    word = text.strip().lower().replace(" ", "_")
    if word in MISSING and word not in map(str.lower, column.choices):
        return Reading(unknown=True, note="read as empty: the value is not known")
    if column.kind in ("whole", "number") and RANGE.fullmatch(text.strip()):
        return Reading(unknown=True, note="read as empty: only a range of the number is known")
    return None


def _checked(reading: Reading, column: Column) -> Reading:
    """The reading, unless the model refuses its value."""
    if reading.wrong:
        return reading
    if column.kind == "text":
        private = _private(reading.value, column)
        if private:
            return Reading(wrong=private, private=True)
    return reading if column.takes(reading.value) else Reading(wrong="must be corrected")


def _private(text: str, column: Column) -> str:
    """What the text gives away about a person, if it looks as if it did."""
    if text.isalnum():
        return ""
    for what, pattern in PRIVATE:
        if pattern.search(text):
            return what
    words = re.sub("[,.'-]", " ", text).split()
    if column.name == "person" and len(words) > 1 and all(word.isalpha() for word in words):
        return "a person's name"
    return ""


def _text(raw: Any, column: Column, context: Context) -> Reading:
    if isinstance(raw, str):
        if raw.isalnum():
            return Reading(raw)
        clean = " ".join("".join(character if character.isprintable() else " " for character in raw).split())
        return Reading(clean, note="" if clean == raw else TIDIED)
    if isinstance(raw, bool):
        return Reading("yes" if raw else "no", note="read as")
    if isinstance(raw, int | float):
        if float(raw).is_integer() and abs(raw) < 1e15:
            return Reading(str(int(raw)))
        if column.name == "person":
            return Reading(wrong="must be corrected: write the code as text, or it loses digits")
        return Reading(repr(raw), note="read as")
    if isinstance(raw, date | time):
        return Reading(raw.isoformat(), note="read as")
    return Reading(wrong="must be corrected")


TIDIED = "tidied of needless spaces and invisible characters and read as"


def _choice(raw: Any, column: Column, context: Context) -> Reading:
    if raw in column.choices:
        return Reading(raw)
    word = _word(str(raw))
    by_word = {_word(choice): choice for choice in column.choices}
    choice = by_word.get(word) or by_word.get(CODES.get(word, ""))
    if choice is not None:
        return Reading(choice, note="read as")
    near = difflib.get_close_matches(word[:60], by_word, n=1)
    meant = f". Did you mean '{by_word[near[0]]}'?" if near else ""
    return Reading(wrong=f"must be corrected{meant}")


def _word(text: str) -> str:
    """A choice without what people vary: capitals, spaces, hyphens."""
    return re.sub(r"[^\w+]+|_+", "_", text.lower()).strip("_")


def _yes_no(raw: Any, column: Column, context: Context) -> Reading:
    if isinstance(raw, bool):
        return Reading(raw)
    word = f"{raw:g}" if isinstance(raw, int | float) else str(raw).lower()
    if word in YES or word in NO:
        interpreted = word not in ("yes", "no") and not (word in ("true", "false") and not context.typed)
        return Reading(word in YES, note="read as" if interpreted else "")
    return Reading(wrong="must be corrected")


def _number(raw: Any, column: Column, context: Context) -> Reading:
    note, value = "", raw
    if isinstance(raw, str):
        if GROUPED.fullmatch(raw):
            value, note = float(raw.replace(",", "")), "read as"
        elif PLAIN.fullmatch(raw):
            value = float(raw) if not raw.lstrip("+-").isdigit() else int(raw)
            note = "a number stored as text, read as" if context.typed else ""
        else:
            return Reading(wrong="must be corrected")
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15 or value != value:
        return Reading(wrong="must be corrected")
    if column.kind == "number":
        return Reading(float(value), note=note)
    if float(value).is_integer():
        return Reading(int(value), note=note)
    return Reading(wrong="must be corrected: it is not a whole number")


def _moment(raw: Any, column: Column, context: Context) -> Reading:
    """A date, or a date and time: as written, as a serial number, or in American writing."""
    if isinstance(raw, datetime):
        return _dated(raw, column, context, "")
    if isinstance(raw, date):
        return _dated(datetime(raw.year, raw.month, raw.day), column, context, "")
    if isinstance(raw, bool | time | timedelta):
        return Reading(wrong="must be corrected: it is not a date")
    if isinstance(raw, int | float):
        return _serial(float(raw), column, context)
    text = " ".join(str(raw).split())
    if PLAIN.fullmatch(text):
        return _serial(float(text), column, context)
    dated = _iso(text) or _written(text)
    if dated is None:
        return Reading(wrong="must be corrected: write it year-month-day")
    return _dated(dated[0], column, context, dated[1])


def _dated(moment: datetime, column: Column, context: Context, note: str) -> Reading:
    """The reading of a point in time, once its time zone and time of day are dealt with."""
    offset = None
    if not 1900 <= moment.year <= 2200:
        return Reading(wrong="must be corrected: the year cannot be right")
    if moment.tzinfo is not None:
        offset = moment.strftime("%z")
        if context.zone is not None and column.kind == "moment":
            moment, note = moment.astimezone(context.zone), "read in the county's time zone as"
        else:
            note = note or f"read without its time zone ({offset}) as"
        moment = moment.replace(tzinfo=None)
    if column.kind == "moment":
        return Reading(moment, note=note, offset=offset)
    if moment.time() != time(0) and not note:
        note = "read without the time of day as"
    return Reading(moment.date(), note=note)


def _serial(number: float, column: Column, context: Context) -> Reading:
    """A number where a date is needed: 20250201, or the days that Excel counts."""
    if number != number or abs(number) > 1e9:
        return Reading(wrong="must be corrected: it is not a date")
    if 19000101 <= number <= 22001231 and number.is_integer():
        day = _date(number // 10000, number // 100 % 100, number % 100)
        if day is not None:
            return _dated(day, column, context, "eight digits read as")
    if 1900 <= number <= 2200:
        return Reading(wrong="must be corrected: it looks like a year without month and day")
    if 10_000 <= number < 80_000:
        moment = EPOCH + timedelta(seconds=round(number * 86400))
        return _dated(moment, column, context, "a spreadsheet's serial number read as")
    return Reading(wrong="must be corrected: it is not a date")


def _iso(text: str) -> tuple[datetime, str] | None:
    if re.match(r"\d{4}-\d{2}-\d{2}(?![\d-])", text):
        try:
            return datetime.fromisoformat(text.replace(" UTC", "Z").replace(" Z", "Z")), ""
        except ValueError:
            return None
    month = re.fullmatch(r"(\d{4})[-/](\d{1,2})", text)
    return _noted(_date(month[1], month[2], 1), FIRST_DAY) if month else None


FIRST_DAY = "the day is not known; the first of the month stands for it, read as"
MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
CLOCK = r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap])?\.?m?\.?)?"
SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})" + CLOCK, re.IGNORECASE)
YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})" + CLOCK, re.IGNORECASE)
WORDED = re.compile(r"([a-z]{3,9})\.?[ -](\d{1,2})(?:st|nd|rd|th)?,?[ -](\d{4})" + CLOCK, re.IGNORECASE)
DAY_FIRST = re.compile(r"(\d{1,2})[ -]([a-z]{3,9})\.?,?[ -](\d{4})" + CLOCK, re.IGNORECASE)
MONTH_ONLY = re.compile(r"([a-z]{3,9})\.?,?[ -](\d{4})|(\d{1,2})/(\d{4})", re.IGNORECASE)


def _written(text: str) -> tuple[datetime, str] | None:
    """A date written out, or with slashes, month first as in the United States."""
    if match := SLASHED.fullmatch(text):
        month, day, year, *clock = match.groups()
        century = "20" if len(year) == 2 else ""
        return _noted(_date(century + year, month, day, clock), "month/day/year read as")
    if match := YEAR_FIRST.fullmatch(text):
        year, month, day, *clock = match.groups()
        return _noted(_date(year, month, day, clock), "year/month/day read as")
    if match := WORDED.fullmatch(text):
        month, day, year, *clock = match.groups()
        return _noted(_date(year, _month(month), day, clock), "read as")
    if match := DAY_FIRST.fullmatch(text):
        day, month, year, *clock = match.groups()
        return _noted(_date(year, _month(month), day, clock), "read as")
    if match := MONTH_ONLY.fullmatch(text):
        word, year, digits, short = match.groups()
        return _noted(_date(year or short, _month(word) if word else digits, 1), FIRST_DAY)
    return None


def _noted(moment: datetime | None, note: str) -> tuple[datetime, str] | None:
    return None if moment is None else (moment, note)


def _month(word: str) -> int:
    """The number of a month by its name, 0 if there is none."""
    word = "sep" if word.lower() == "sept" else word.lower()
    near = [i for i, month in enumerate(MONTHS, start=1) if word in (month, month[:3])]
    return near[0] if near else 0


def _date(year: Any, month: Any, day: Any, clock: Any = ()) -> datetime | None:
    """The point in time, or None if there is no such day or hour."""
    hour, minute, second, half = [*clock, *[None] * 4][:4]
    hours = int(hour or 0)
    if half is not None:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    try:
        return datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0))
    except ValueError:
        return None


READERS = {
    "text": _text,
    "choice": _choice,
    "date": _moment,
    "moment": _moment,
    "whole": _number,
    "number": _number,
    "yes_no": _yes_no,
}
