"""``offramp template`` and ``offramp measures``: from a county's own records to the performance measures."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from calibration.document import BadDocument
from calibration.records.workbook import BadRecords, Report, read, template
from offramp.options import MeasuresOptions
from offramp.output import BadOutput, output_folder, write_csv
from simulation import __version__
from simulation.atomic import staging_folder

if TYPE_CHECKING:
    from rich.table import Table

    from simulation.record import Records

SHOWN = 60
"""Findings that are printed; further ones are counted."""


def template_command(path: Path) -> int:
    """Write the empty workbook; returns the exit code."""
    if path.suffix.lower() != ".xlsx":
        return _say(f"offramp template: {path}: the name of the workbook must end in .xlsx")
    try:
        template(path)
    except FileExistsError as error:
        return _say(f"offramp template: {error}")
    except OSError as error:
        return _say(f"offramp template: {path}: cannot be written: {error.strerror}")
    print(f"{path}: fill in the sheets you have records for; the first sheet says how. Then:")
    print(f"  offramp measures {path} --out results")
    return 0


@dataclass(frozen=True)
class CountyMeasures:
    """The performance measures of a county's records, small counts hidden unless the records are simulated.

    table: the 28 measures of the NCSC guide, a row an item, cohort and group; standards: the tables of the
    other standards by name; fidelity: items of the DACTS and the FACTS; report: what is wrong in the records.
    """

    table: pd.DataFrame = field(repr=False)
    standards: dict[str, pd.DataFrame] = field(repr=False)
    fidelity: pd.DataFrame = field(repr=False)
    records: Records = field(repr=False)
    report: Report = field(repr=False)
    options: MeasuresOptions

    def save(self, folder: str | Path) -> Path:
        """Write tables, figures and manifest into a folder that does not exist yet or is empty.

        Raises BadOutput or OSError if it cannot be written.
        """
        folder = output_folder(Path(folder), "measures")
        with staging_folder(folder) as staging:
            write_csv(self.table, staging / "measures.csv")
            write_manifest(self, staging / "manifest.json")
            _draw(self.table, staging, self.options.targets_by_measure())
            for name, table in {**self.standards, "fidelity": self.fidelity}.items():
                write_csv(table, staging / f"{name}.csv")
        return folder


def measures(records: str | Path, options: MeasuresOptions | None = None) -> CountyMeasures:
    """Compute the performance measures from a workbook, or from a folder with the same tables.

    Raises BadRecords with every error of the records, BadDocument with those of the fidelity file, and
    ValueError for a cohort or trait that does not exist.
    """
    from calibration.records.suppression import suppress
    from offramp.report.standards import fidelity_table, standard_tables
    from simulation.measures.ncsc import compute

    options = options or MeasuresOptions()
    tables, report = read(Path(records))
    table = compute(tables, cohort=options.cohort, by=options.by)
    shown = table if tables.source == "simulation" else suppress(table)
    standards = standard_tables(tables, periods(shown, options.cohort))
    return CountyMeasures(shown, standards, fidelity_table(tables, options.fidelity), tables, report, options)


def measures_command(records: Path, options: MeasuresOptions, out: Path | None) -> int:
    """Compute, print and write the measures, and report faults of the records; returns the exit code."""
    from offramp.report.standards import brief

    try:
        folder = None if out is None else output_folder(out, records.stem)
        computed = measures(records, options)
        _print_findings(computed.report)
        if folder is not None:
            computed.save(folder)
        _print(computed.table, computed.records, options.by)
        for line in brief(computed.standards):
            print(line)
        if folder is not None:
            print(f"Everything is in {folder}: measures.csv, fidelity.csv, figures, manifest.json")
    except BadRecords as bad:
        _print_findings(bad.report)
        return _say(f"{records}: nothing was computed. Correct what is named above as error.")
    except BadDocument as bad:
        return _say(str(bad))
    except (BadOutput, ValueError) as bad:
        return _say(f"offramp measures: {bad}")
    except OSError as error:
        return _say(f"{error.filename or out}: cannot be written: {error.strerror}. Nothing was kept.")
    return 0


def periods(table: pd.DataFrame, cohort: str | None) -> list[str]:
    """The periods of the other families: the cohort asked for, or every half year of the table."""
    labels = sorted({str(label) for label in table["cohort"]})
    return [cohort] if cohort else [label for label in labels if re.fullmatch(r"\d{4}H[12]", label)]


def _say(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


def _print_findings(report: Report) -> None:
    """Print the errors and warnings of the records to stderr."""
    if report.findings:
        errors, warnings = len(report.errors), len(report.warnings)
        _say(f"{report.file}: {errors} kinds of error, {warnings} kinds of warning")
    for line in report.lines(SHOWN):
        _say(f"  {line}")


# --- On the screen ------------------------------------------------------------------------------------


def _print(table: pd.DataFrame, records: Records, by: Sequence[str]) -> None:
    """Every measure for everyone and for the groups asked for; the guide's own groups are in the file."""
    from rich.console import Console

    from calibration.records.suppression import LEGEND

    console = Console(width=None if sys.stdout.isatty() else 150)
    rows = table[table["by"].isin(["all", *by])]
    for cohort, some in rows.groupby("cohort", sort=False):
        console.print(_screen(str(cohort), some))
    until = f"Records up to {records.observed_until:%Y-%m-%d}, that day not included."
    console.print(
        f"{until} n: how many count; left out: by rule of the guide.", highlight=False, markup=False
    )
    if records.source == "records":
        console.print(LEGEND, highlight=False, markup=False)
    else:
        console.print("These are simulated records: nothing is hidden.", highlight=False)


def _screen(cohort: str, rows: pd.DataFrame) -> Table:
    """The measures of one cohort."""
    from rich.markup import escape
    from rich.table import Table

    screen = Table(title=f"Cohort {escape(cohort)}")
    for name in ("measure", "item", "group"):
        screen.add_column(name, overflow="fold")
    for name in ("value", "n", "left out", "missing"):
        screen.add_column(name, justify="right")
    screen.add_column("note", overflow="fold")
    before = ""
    for row in rows.to_dict("records"):
        group = "" if row["by"] == "all" else f"{row['by']}: {row['group']}"
        measure = f"{row['measure']} {row['name']}"
        item = f"{_word(row['item'])}, by {row['as_of']}" if _word(row["as_of"]) else row["item"]
        words = (measure if measure != before else "", item, group)
        before = measure
        screen.add_row(*(escape(cell) for cell in (*map(_word, words), *_numbers(row), _note(row))))
    return screen


def _word(value: Any) -> str:
    return "" if value is None or value is pd.NA else str(value)


def _numbers(row: dict[Any, Any]) -> Iterable[str]:
    """Value with its unit, denominator, people left out, share without the entry."""
    unit = _word(row["unit"])
    yield (
        _number(row["value"], percent=True) if unit == "share" else f"{_number(row['value'])} {unit}".strip()
    )
    yield _number(row["denominator"])
    yield _number(row["excluded"])
    yield _number(row["missing"], percent=True)


def _number(value: Any, percent: bool = False) -> str:
    """A number with three digits, a mark as it is, nothing for none."""
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return ""
    if percent:
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def _note(row: dict[Any, Any]) -> str:
    return " ".join(text for text in (_word(row["reasons"]), _word(row["note"])) if text)


# --- Files --------------------------------------------------------------------------------------------


def _draw(table: pd.DataFrame, folder: Path, targets: dict[str, float]) -> None:
    """A figure for each measure, and what each shows in words."""
    from offramp.report.guide_figures import draw_measures

    drawn = draw_measures(table, folder / "figures", targets)
    columns = ["figure", "measure", "cohort", "text"]
    texts = [(figure.path.name, figure.measure, figure.cohort, figure.alt) for figure in drawn]
    write_csv(pd.DataFrame(texts, columns=columns), folder / "figures" / "texts.csv")


def write_manifest(computed: CountyMeasures, path: Path) -> None:
    """What made the tables."""
    records, options = computed.records, computed.options
    manifest = {
        "offramp": __version__,
        "source": records.source,
        "observed_until": f"{records.observed_until:%Y-%m-%d}",
        "cohort": options.cohort or "all of six months",
        "by": list(options.by),
        "targets": list(options.targets),
        "counts under 11": "shown" if records.source == "simulation" else "hidden",
        "notes": list(records.notes),
    }
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
