"""Housing: HUD's inventory of beds by continuum of care, and exports in the HMIS CSV standard."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from calibration.records.adapter.column import Column, days
from calibration.records.adapter.declaration import Adapter, Source, Table
from calibration.records.adapter.fault import Fault, before, missing, repeated
from calibration.records.adapter.file import Texts, folder_header, folder_texts, refused

KINDS = ("ES", "TH", "SH", "RRH", "PSH", "OPH")
PROJECTS = {
    "0": "shelter", "1": "shelter", "2": "transitional", "3": "supportive", "4": "outreach",
    "6": "services", "7": "other", "8": "safe_haven", "9": "other_permanent", "10": "other_permanent",
    "11": "day_shelter", "12": "prevention", "13": "rapid_rehousing", "14": "coordinated_entry",
}  # fmt: skip
"""HMIS Data Standards, 2.02.6 Project Type."""
PERMANENT = ("supportive", "other_permanent", "rapid_rehousing")


def _years(path: Path) -> list[str]:
    """The sheets named after a year; none if it is no such workbook."""
    if path.suffix.lower() not in (".xlsx", ".xls", ".xlsb", ".ods") or not path.is_file():
        return []
    try:
        with path.open("rb") as opened:
            names = CalamineWorkbook.from_filelike(opened).sheet_names
    except (CalamineError, OSError, ValueError):
        return []
    return [name for name in names if re.fullmatch(r"(19|20)\d\d", name)]


def hic_header(path: Path) -> Mapping[str, list[str]] | None:
    """The columns that come out, if the workbook has a sheet a year; None if it has not."""
    return {"": ["coc", "year", "kind", "beds"]} if _years(path) else None


def hic_texts(path: Path) -> Texts:
    """Every year's beds, one row a continuum of care and kind of project, as text."""
    years = _years(path)
    if not years:
        raise refused(path, "no sheet named after a year", "HUD's Housing Inventory Count by CoC")
    with path.open("rb") as opened:
        book = CalamineWorkbook.from_filelike(opened)
        rows = [row for year in years for row in _sheet(year, book.get_sheet_by_name(year).to_python())]
    return {"": pd.DataFrame(rows, columns=["coc", "year", "kind", "beds"], dtype="str")}


def _sheet(year: str, cells: Sequence[Sequence[object]]) -> list[tuple[str, str, str, str]]:
    """The first column of each kind; headers changed in 2014 from 'Year-Round PSH Beds' to 'Beds (PSH)'."""
    top = next((i for i, row in enumerate(cells[:10]) if str(row[0]).startswith("CoC")), None)
    if top is None:
        return []
    header = [str(cell).strip() for cell in cells[top]]
    places = {}
    for kind in KINDS:
        names = (f"Total Year-Round Beds ({kind})", f"Total Year-Round {kind} Beds")
        at = next((i for i, name in enumerate(header) if name in names), None)
        if at is not None:
            places[kind] = at
    return [
        (str(row[0]).strip(), year, kind.lower(), _plain(row[at]))
        for row in cells[top + 1 :]
        for kind, at in places.items()
    ]


def _plain(cell: object) -> str:
    return "" if cell is None else str(cell)


HIC = Adapter(
    name="hud_housing_inventory",
    title="HUD Housing Inventory Count by continuum of care",
    origin="US Department of Housing and Urban Development, HIC and PIT since 2007",
    format="Excel, a sheet a year",
    header=hic_header,
    texts=hic_texts,
    sources=(
        Source(
            columns=(
                Column("coc", "coc"),
                Column("year", "year", "number"),
                Column("kind", "kind"),
                Column("beds", "beds", "number"),
            ),
            faults=(
                Fault(
                    "a Total row: adding the column up would count everything twice",
                    lambda table: table["coc"].str.lower().str.startswith("total"),
                    "row left out",
                ),
                Fault(
                    "a footnote, and no continuum of care",
                    lambda table: ~table["coc"].str.match(r"[A-Z]{2}-\d{3}", na=False),
                    "row left out",
                ),
                Fault(
                    "a continuum of care with a footnote letter behind its code",
                    lambda table: ~table["coc"].str.fullmatch(r"[A-Z]{2}-\d{3}", na=False),
                    "corrected",
                    ("coc",),
                    lambda table: table["coc"].str.slice(0, 6),
                ),
                Fault("no number of beds", missing("beds"), "row left out"),
            ),
        ),
    ),
    tables=(Table("beds", "a year's beds of one kind in a continuum of care"),),
    notes=(
        "Kinds: ES shelter, TH transitional, SH safe haven, RRH rapid rehousing, PSH permanent supportive, "
        "OPH other permanent. CA-505 is Contra Costa.",
    ),
)

HMIS = Adapter(
    name="hmis_csv",
    title="HMIS CSV export",
    origin="US Department of Housing and Urban Development, HMIS CSV Format Specifications",
    format="folder or zip of CSV files",
    header=folder_header,
    texts=lambda path: folder_texts(path, "Enrollment.csv", "Exit.csv", "Project.csv", "Export.csv"),
    sources=(
        Source(
            name="Enrollment.csv",
            columns=(
                Column("EnrollmentID", "enrollment"),
                Column("PersonalID", "person"),
                Column("ProjectID", "project"),
                Column("EntryDate", "entered", "date"),
                Column("MoveInDate", "moved_in", "date"),
                Column("DateDeleted", "deleted", "moment"),
            ),
            faults=(
                Fault("deleted", lambda table: table["deleted"].notna(), "row left out"),
                Fault("the same enrollment again", repeated("enrollment"), "row left out"),
                Fault("no person or entry", missing("person", "entered"), "row left out"),
                Fault(
                    "moved in before the enrollment began",
                    before("moved_in", "entered"),
                    "set missing",
                    ("moved_in",),
                ),
            ),
        ),
        Source(
            name="Exit.csv",
            columns=(
                Column("EnrollmentID", "enrollment"),
                Column("ExitDate", "left", "date"),
                Column("Destination", "destination"),
                Column("DateDeleted", "deleted", "moment"),
            ),
            faults=(
                Fault("deleted", lambda table: table["deleted"].notna(), "row left out"),
                Fault("the same exit again", repeated("enrollment"), "row left out"),
            ),
        ),
        Source(
            name="Project.csv",
            columns=(
                Column("ProjectID", "project"),
                Column("ProjectType", "kind", words=PROJECTS),
            ),
        ),
        Source(
            name="Export.csv",
            columns=(Column("ExportEndDate", "observed_until", "date"),),
        ),
    ),
    tables=(
        Table("enrollments", "an enrollment in a housing project", lambda tables: _enrollments(tables)),
        Table("tenancies", "a move-in to permanent housing", lambda tables: _tenancies(tables)),
    ),
    notes=("Names, birth dates and Social Security numbers of Client.csv are never opened.",),
)


def _enrollments(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Enrollments with their exit, if it came before the end of the export."""
    until = tables["Export.csv"]["observed_until"].max() + pd.Timedelta("1D")
    table = tables["Enrollment.csv"].drop(columns="deleted")
    table = table.merge(tables["Exit.csv"].drop(columns="deleted"), on="enrollment", how="left")
    table = table.merge(tables["Project.csv"], on="project", how="left")
    left = table["left"].where((table["left"] >= table["entered"]) & (table["left"] < until))
    return table.assign(left=left, observed_until=until)


def _tenancies(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """From move-in to exit, only permanent housing; `wait` is days from enrollment to move-in."""
    table = _enrollments(tables)
    housed = table[table["kind"].isin(PERMANENT) & table["moved_in"].notna()]
    housed = housed[housed["moved_in"] < housed["observed_until"]]
    end = housed["left"].fillna(housed["observed_until"])
    stay = days(end - housed["moved_in"]).clip(min=0)
    return housed.assign(
        stay=stay,
        wait=days(housed["moved_in"] - housed["entered"]),
        entry=0.0,
        censored=housed["left"].isna().astype("boolean"),
    ).reset_index(drop=True)
