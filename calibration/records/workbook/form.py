"""The empty workbook that a county fills in, made from the models of the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from calibration.records.workbook.column import Column, columns, purpose
from calibration.records.workbook.header import ABOUT
from simulation.atomic import atomic_file
from simulation.record import TABLES

LAST_ROW = 1_048_575
INSTRUCTIONS = (
    "Fill in the sheets you have records for; the others may stay empty. One row is one record.",
    "Never write names, dates of birth, social security numbers or addresses: such columns are refused. "
    "Give every person a code that only your office can resolve, and use the same code on every sheet.",
    "A column with an orange heading must be filled in every row. Leave others empty if nothing is known.",
    "Dates are written year-month-day, such as 2025-07-01. Times are those of the county's clocks.",
    "Choose from the list where a cell offers one. The note on each heading says what belongs in its column.",
    f"On the sheet {ABOUT}, write in observed_until the first day that the records no longer cover: "
    "for records up to 30 June 2025 that is 2025-07-01.",
    "The headings must stay as they are; their order may change. Do not add rows of totals.",
    "The sheet examples shows filled rows for every table. It is not read, and neither is this one.",
    "When done:  offramp measures county.xlsx --out results. The file is only read, never changed. "
    "Counts under 11 are hidden in everything that is written.",
)
ABOUT_ROWS = (
    ("observed_until", "First day that the records do not cover any more, such as 2025-07-01."),
    ("time_zone", "Only if times carry offsets such as -08:00 or Z: for instance America/Los_Angeles."),
    ("note", "Anything a reader of the measures should know about these records."),
)


def template(path: Path) -> None:
    """Write the empty workbook; raises FileExistsError if the file is there already."""
    if path.exists():
        raise FileExistsError(f"{path} exists already and is left as it is")
    import xlsxwriter

    with (
        atomic_file(path, replace=False) as unfinished,
        xlsxwriter.Workbook(str(unfinished)) as book,
    ):
        book.set_properties(
            {"title": "Records for the performance measures", "created": datetime(2025, 1, 1)}
        )
        styles = _styles(book)
        _instructions(book, styles)
        _about(book, styles)
        for table in TABLES:
            _sheet(book, table, styles)
        _examples(book, styles)


def _styles(book: Any) -> dict[str, Any]:
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "head": book.add_format({"bold": True, "bg_color": "#D9E7F2", "bottom": 1}),
        "needed": book.add_format({"bold": True, "bg_color": "#F2DCC7", "bottom": 1}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "text": book.add_format({"num_format": "@"}),
    }


def _instructions(book: Any, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet("instructions")
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, "How to fill in this workbook", styles["title"])
    for row, text in enumerate(INSTRUCTIONS, start=1):
        sheet.write_number(row, 0, row, styles["wrap"])
        sheet.write_string(row, 1, text, styles["wrap"])
    start = len(INSTRUCTIONS) + 2
    sheet.write_row(start, 0, ["sheet", "what one row is"], styles["head"])
    for row, table in enumerate(TABLES, start=start + 1):
        sheet.write_url(row, 0, f"internal:'{table}'!A1", string=table)
        sheet.write_string(row, 1, purpose(table), styles["wrap"])


def _about(book: Any, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(ABOUT)
    sheet.set_column(0, 1, 24)
    sheet.set_column(2, 2, 90)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, ["item", "value", "what it is"], styles["head"])
    for row, (item, meaning) in enumerate(ABOUT_ROWS, start=1):
        sheet.write_string(row, 0, item)
        sheet.write_blank(row, 1, None, styles["date"] if item == "observed_until" else styles["text"])
        sheet.write_string(row, 2, meaning, styles["wrap"])


def _sheet(book: Any, table: str, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(table)
    sheet.freeze_panes(1, 1)
    for index, column in enumerate(columns(table)):
        sheet.set_column(index, index, max(12, len(column.name) + 3), styles.get(column.kind))
        sheet.write_string(0, index, column.name, styles["needed" if column.required else "head"])
        sheet.write_comment(0, index, note(column), {"width": 280, "height": 150})
        rule = validation(column)
        if rule:
            sheet.data_validation(1, index, LAST_ROW, index, rule)
    sheet.autofilter(0, 0, 0, len(columns(table)) - 1)


def note(column: Column) -> str:
    """What belongs in a column, for the note on its heading."""
    guide = f"NCSC guide: {', '.join(column.guide)}." if column.guide else ""
    need = "Must be filled." if column.required else ""
    if column.default is not None:
        need = f"Empty means {_shown(column.default)}."
    allowed = column.allowed[:1].upper() + column.allowed[1:] + "."
    return "\n".join(part for part in (column.description, allowed, need, guide) if part)


def _shown(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def validation(column: Column) -> dict[str, Any] | None:
    """The rule that a spreadsheet program applies to the cells of a column while they are filled in."""
    said = {
        "ignore_blank": True,
        "error_title": column.name[:32],
        "error_message": f"Allowed: {column.allowed}"[:250],
    }
    if column.kind == "choice":
        return {"validate": "list", "source": list(column.choices), **said}
    if column.kind == "yes_no":
        return {"validate": "list", "source": ["yes", "no"], **said}
    if column.kind in ("date", "moment"):
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": date(1900, 3, 1),
            "maximum": date(2200, 12, 31),
            **said,
        }
    if column.kind in ("whole", "number"):
        return {"validate": "integer" if column.kind == "whole" else "decimal", **_limits(column), **said}
    return (
        {"validate": "length", "criteria": "<=", "value": int(column.maximum), **said}
        if column.maximum
        else None
    )


def _limits(column: Column) -> dict[str, Any]:
    low, high = column.minimum, column.maximum
    if low is not None and high is not None and not column.above:
        return {"criteria": "between", "minimum": low, "maximum": high}
    if low is not None:
        return {"criteria": ">" if column.above else ">=", "value": low}
    return {"criteria": "<=", "value": high if high is not None else 1e15}


# --- Worked examples ----------------------------------------------------------------------------------

SAMPLES: dict[str, Sequence[Any]] = {
    "text": ("A-0017", "A-0042"),
    "date": (date(2025, 1, 15), date(2025, 2, 3)),
    "moment": (datetime(2025, 1, 15, 14, 30), datetime(2025, 2, 3, 9, 5)),
    "yes_no": ("yes", "no"),
}
WORDS = {  # what reads better in an example than a code
    "sex": ("female", "male"),
    "race_ethnicity": ("Hispanic or Latino", "White, not Hispanic"),
    "decision_reason": ("", "charge not eligible"),
    "reason": ("misdemeanor", "sanction"),
    "service": ("fact", "hospital"),
    "way_out": ("success", ""),
    "team": ("FACT east", "FACT west"),
    "role": ("clinician", "peer specialist"),
    "member": ("probation", "defense"),
}
DAYS = {  # dates of one story, in the order in which they happen
    "arrest_date": (date(2024, 5, 2), date(2025, 1, 8)),
    "referral_date": (date(2024, 5, 20), date(2025, 1, 20)),
    "decision_date": (None, date(2025, 2, 3)),
    "admission_date": (date(2024, 6, 11), None),
    "exit_date": (date(2025, 4, 30), None),
    "died": (None, None),
    "charge_date": (date(2025, 1, 17), date(2025, 2, 5)),
    "conviction_date": (date(2025, 3, 20), None),
    "notified": (datetime(2025, 1, 16, 8, 0), None),
    "released": (date(2025, 1, 29), None),
    "end": (date(2025, 3, 1), date(2025, 4, 1)),
    "month": (date(2025, 1, 1), date(2025, 2, 1)),
    "exit_type": ("success", None),
    "living_at_exit": ("not_homeless", None),
    "decision": ("admitted", "declined"),
    "scheduled": (4, 4),
    "attended": (3, 4),
    "excused": (1, 0),
    "required": (12, 12),
    "missing": (2, 0),
    "age_at_admission": (34, None),
    "fte": (1.0, 0.5),
}


def sample(column: Column, which: int) -> Any:
    """The value of a column in the first or second worked example."""
    for made in (DAYS, WORDS):
        if column.name in made:
            value = made[column.name][which]
            return None if value == "" else value
    if column.kind == "choice":
        return column.choices[which % len(column.choices)]
    if column.kind in ("whole", "number"):
        return (4, 2)[which]
    return SAMPLES[column.kind][which]


def _examples(book: Any, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet("examples")
    sheet.set_column(0, 30, 18)
    sheet.write_string(0, 0, "Worked examples: two rows of every table (not read)", styles["title"])
    row = 2
    for table in TABLES:
        sheet.write_string(row, 0, f"{table}: {purpose(table)}", styles["head"])
        for index, column in enumerate(columns(table)):
            sheet.write_string(row + 1, index, column.name, styles["needed" if column.required else "head"])
            for which in (0, 1):
                value = sample(column, which)
                if value is not None:
                    sheet.write(row + 2 + which, index, value, styles.get(column.kind))
        row += 5
