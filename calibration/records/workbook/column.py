"""What each column may hold, worked out from the pydantic models of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pandas as pd
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from simulation.record import TABLES, dtypes, typed

Kind = Literal["text", "choice", "date", "moment", "whole", "number", "yes_no"]

KINDS: dict[type, Kind] = {
    str: "text",
    date: "date",
    datetime: "moment",
    int: "whole",
    float: "number",
    bool: "yes_no",
}


@dataclass(frozen=True)
class Column:
    """One column of one table.

    ``required``: a cell must be filled. ``default`` stands for an empty cell (None: unknown); ``minimum``
    and ``maximum`` bound a number, or the length of a text. ``guide``: the variables of the NCSC guide's
    Appendix B that are counted from it.
    """

    table: str
    name: str
    kind: Kind
    required: bool
    nullable: bool
    default: Any
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    above: bool  # more than the minimum, not the minimum itself
    description: str
    guide: tuple[str, ...]
    adapter: TypeAdapter[Any] | None  # what the model demands beyond the kind
    dtype: str  # of pandas, in ``Records``

    @property
    def allowed(self) -> str:
        """What a cell may hold, in words."""
        return _allowed(self) + ("" if self.required else ", or nothing")

    def takes(self, value: Any) -> bool:
        """Whether the model takes this value, which is of the right kind."""
        try:
            return self.adapter is None or self.adapter.validate_python(value) is not None
        except ValidationError:
            return False


def _allowed(column: Column) -> str:
    if column.kind == "text":
        return f"text of at most {column.maximum:g} characters" if column.maximum else "text"
    if column.kind == "choice":
        return f"one of {', '.join(column.choices)}"
    if column.kind in ("whole", "number"):
        what = "a whole number" if column.kind == "whole" else "a number"
        return what + _range(column)
    return {
        "date": "a date such as 2025-07-01",
        "moment": "a date, with or without a time, such as 2025-07-01 14:30",
        "yes_no": "yes or no",
    }[column.kind]


def _range(column: Column) -> str:
    low, high = column.minimum, column.maximum
    if low is not None and column.above:
        return f" above {low:g}" + (f", at most {high:g}" if high is not None else "")
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if low is not None:
        return f", {low:g} or more"
    return f", {high:g} or less" if high is not None else ""


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The columns of a table, in the order of its model."""
    return tuple(_column(table, name, field) for name, field in TABLES[table].model_fields.items())


def every_column() -> Iterator[Column]:
    """The columns of all tables."""
    for table in TABLES:
        yield from columns(table)


@cache
def empty(table: str) -> pd.DataFrame:
    """The table without rows, each column of its type."""
    return typed(table, pd.DataFrame())


def purpose(table: str) -> str:
    """What one row of a table is, from the docstring of its model."""
    return " ".join((TABLES[table].__doc__ or "").split())


def _column(table: str, name: str, field: FieldInfo) -> Column:
    base, metadata, nullable = _unwrap(field.annotation, list(field.metadata))
    choices = tuple(get_args(base)) if get_origin(base) is Literal else ()
    if not choices and base not in KINDS:
        raise TypeError(f"{table}.{name}: the workbook has no kind of cell for {base!r}")
    default = None if field.default is PydanticUndefined else field.default
    low, high, above = _bounds(metadata)
    annotated: Any = Annotated[base, *metadata] if metadata else None
    return Column(
        table=table,
        name=name,
        kind="choice" if choices else KINDS[base],
        required=field.is_required() and not nullable,
        nullable=nullable,
        default=default,
        choices=choices,
        minimum=low,
        maximum=high,
        above=above,
        description=field.description or _description(metadata),
        guide=GUIDE.get(f"{table}.{name}", ()),
        adapter=TypeAdapter(annotated) if metadata else None,
        dtype=dtypes(table)[name],
    )


def _unwrap(annotation: Any, metadata: list[Any]) -> tuple[Any, list[Any], bool]:
    """The type under Annotated and None, everything said about it, and whether it may be None."""
    nullable = False
    while get_origin(annotation) in (Annotated, Union, UnionType):
        if get_origin(annotation) is Annotated:
            annotation, *annotations = get_args(annotation)
            metadata += annotations
            continue
        members = [member for member in get_args(annotation) if member is not NoneType]
        nullable = nullable or len(members) < len(get_args(annotation))
        if len(members) > 1:
            raise TypeError(f"the workbook has no kind of cell for {annotation!r}")
        annotation = members[0]
    return annotation, metadata, nullable


def _bounds(metadata: list[Any]) -> tuple[float | None, float | None, bool]:
    """The lowest and the highest number (for a text: length) that the model allows; if lowest is left out."""
    constraints = [part for item in metadata for part in (item, *getattr(item, "metadata", ()))]
    limits: dict[str, Any] = {}
    for constraint in constraints:
        for name in ("ge", "gt", "le", "lt", "max_length"):
            if getattr(constraint, name, None) is not None:
                limits[name] = getattr(constraint, name)
    low = limits.get("ge", limits.get("gt"))
    return low, limits.get("le", limits.get("lt", limits.get("max_length"))), "gt" in limits


def _description(metadata: list[Any]) -> str:
    return next((item.description for item in metadata if getattr(item, "description", None)), "")


# Appendix B of the NCSC guide names aggregates; here is the column that each is counted from.
EXITS = ("EXIT", "ACTIVE", "SUCCESS", "ADMIN", "WITHDRAW", "DISCHARGE", "TRANSFER", "FAIL")
LIVING = tuple(
    f"ENTRY_{before}_EXIT_{after}"
    for before in ("HOMELESS", "NOT_HOMELESS")
    for after in ("NOT_HOMELESS", "HOMELESS")
)
GUIDE: dict[str, tuple[str, ...]] = {
    "participants.admission_date": ("ADMISSION", "ADMIT", "ADMIT_TOTAL", "TIME", "TIME_TOTAL"),
    "participants.exit_date": ("EXIT", "TIME", "TIME_TOTAL"),
    "participants.exit_type": EXITS,
    "participants.arrest_date": ("ARREST", "ARREST_TOTAL"),
    "participants.referral_date": ("ARREST", "ARREST_TOTAL", "ADMIT", "ADMIT_TOTAL"),
    "participants.living_at_entry": LIVING,
    "participants.living_at_exit": LIVING,
    "participants.criminogenic_risk": ("RNR_QUADRANT",),
    "participants.functional_impairment": ("RNR_QUADRANT",),
    "arrests.arrested": ("OFFEND", "ARREST_DATE_AND_TIME"),
    "arrests.charge_level": ("FELONY", "MISD", "ORD", "VOP"),
    "arrests.charge_date": ("OFFEND",),
    "arrests.conviction_date": ("RECIDIVISM",),
    "arrests.notified": ("NOTIFY_DATE_AND_TIME",),
    "attendance.scheduled": ("STATUS_SCHEDULED", "THERAPY_SCHEDULED"),
    "attendance.attended": ("STATUS_ATTEND", "STATUS_PROPORTION", "THERAPY_ATTEND", "THERAPY_PROPORTION"),
    "contacts.services": ("SERVICE",),
    "contacts.supervisions": ("SUPERVISION",),
    "surveys.fair": ("RESPONSE_1", "AGREE_1"),
    "surveys.listened": ("RESPONSE_2", "AGREE_2"),
    "surveys.informed": ("RESPONSE_3", "AGREE_3"),
    "surveys.same_treatment": ("RESPONSE_4", "AGREE_4"),
    "surveys.respected": ("RESPONSE_5", "AGREE_5"),
    **{
        f"surveys.knows_{what}": ("CONTACT", "CONTACT_PERCENT")
        for what in ("housing", "medication", "symptoms", "substance", "medical")
    },
    "meetings.required": ("INFO_1",),
    "meetings.missing": ("MISSING_1",),
}
CODES = {  # the guide's word for a choice: ours
    "success": "success",
    "admin": "administrative_closure",
    "administrative": "administrative_closure",
    "withdraw": "voluntary_withdrawal",
    "withdrawal": "voluntary_withdrawal",
    "fail": "failure",
    "terminated": "failure",
    "termination": "failure",
    "misd": "misdemeanor",
    "fel": "felony",
    "ord": "ordinance",
    "summary": "ordinance",
    "vop": "violation",
    "probation_violation": "violation",
    "violation_of_probation": "violation",
    "dwi": "dui",
    "status": "hearing",
    "status_hearing": "hearing",
}
