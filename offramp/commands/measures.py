"""``offramp template`` and ``offramp measures``: from a county's own records to the performance measures."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from calibration.document import BadDocument
from calibration.records.workbook import BadRecords, Report, read, template
from offramp import __version__
from offramp.output import BadOutput, in_one_move, output_folder, write_csv

if TYPE_CHECKING:
    from rich.table import Table

    from simulation.record import Records

SHOWN = 60  # findings told on the screen


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
class Asked:
    """What ``offramp measures`` was asked for beside the records.

    cohort: one cohort, or all of six months; by: traits; fidelity: a file of stated items; targets: the
    court's own, such as 6=30 for thirty days in measure 6.
    """

    out: Path | None = None
    cohort: str | None = None
    by: tuple[str, ...] = ()
    fidelity: Path | None = None
    targets: tuple[str, ...] = ()

    def targets_by_measure(self) -> dict[str, float]:
        """Targets by number of the measure; raises ValueError for one that cannot be read."""
        from simulation.measures.ncsc import NCSC

        found = {}
        for text in self.targets:
            measure, _, value = text.partition("=")
            try:
                found[measure.strip().upper()] = float(value)
            except ValueError:
                raise ValueError(f"--target {text}: write the measure and a number, such as 6=30") from None
            if measure.strip().upper() not in NCSC:
                raise ValueError(f"--target {text}: no measure {measure!r}. Allowed: {', '.join(NCSC)}")
        return found


def measures_command(records: Path, asked: Asked) -> int:
    """Read the records, tell what was found in them, print and write the measures; returns the exit code."""
    from calibration.records.suppression import suppress
    from offramp.report.standards import brief, families, fidelity_table
    from simulation.measures.ncsc import compute

    try:
        folder = None if asked.out is None else output_folder(asked.out, records.stem)
        targets = asked.targets_by_measure()
        found, report = read(records)
        _tell(report)
        table = compute(found, cohort=asked.cohort, by=asked.by)
        shown = table if found.source == "simulation" else suppress(table)
        others = families(found, periods(shown, asked.cohort))
        scales = fidelity_table(found, asked.fidelity)
        if folder is not None:
            with in_one_move(folder) as desk:
                _write(shown, found, asked, desk)
                _draw(shown, desk, targets)
                for name, other in {**others, "fidelity": scales}.items():
                    write_csv(other, desk / f"{name}.csv")
        _print(shown, found, asked.by)
        for line in brief(others):
            print(line)
        if folder is not None:
            print(f"Everything is in {folder}: measures.csv, fidelity.csv, figures, manifest.json")
    except BadRecords as bad:
        _tell(bad.report)
        return _say(f"{records}: nothing was computed. Correct what is named above as error.")
    except BadDocument as bad:
        return _say(str(bad))
    except (BadOutput, ValueError) as bad:
        return _say(f"offramp measures: {bad}")
    except OSError as error:
        return _say(f"{error.filename or asked.out}: cannot be written: {error.strerror}. Nothing was kept.")
    return 0


def periods(table: pd.DataFrame, cohort: str | None) -> list[str]:
    """The periods of the other families: the cohort asked for, or every half year of the table."""
    labels = sorted({str(label) for label in table["cohort"]})
    return [cohort] if cohort else [label for label in labels if re.fullmatch(r"\d{4}H[12]", label)]


def _say(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


def _tell(report: Report) -> None:
    """What was found in the records, apart from the results."""
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
        screen.add_row(*(escape(each) for each in (*map(_word, words), *_numbers(row), _note(row))))
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
    return " ".join(each for each in (_word(row["reasons"]), _word(row["note"])) if each)


# --- Files --------------------------------------------------------------------------------------------


def _draw(table: pd.DataFrame, desk: Path, targets: dict[str, float]) -> None:
    """A figure for each measure, and what each shows in words."""
    from offramp.report.guide_figures import draw_measures

    drawn = draw_measures(table, desk / "figures", targets)
    texts = [
        {"figure": each.path.name, "measure": each.measure, "cohort": each.cohort, "text": each.alt}
        for each in drawn
    ]
    write_csv(
        pd.DataFrame(texts, columns=["figure", "measure", "cohort", "text"]), desk / "figures" / "texts.csv"
    )


def _write(table: pd.DataFrame, found: Records, asked: Asked, desk: Path) -> None:
    """The table, and what made it."""
    write_csv(table, desk / "measures.csv")
    manifest = {
        "offramp": __version__,
        "source": found.source,
        "observed_until": f"{found.observed_until:%Y-%m-%d}",
        "cohort": asked.cohort or "all of six months",
        "by": list(asked.by),
        "targets": list(asked.targets),
        "counts under 11": "shown" if found.source == "simulation" else "hidden",
        "notes": list(found.notes),
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (desk / "manifest.json").write_text(text, encoding="utf-8")
