"""The diagnostics of a calibration as one self-contained page, the same in Markdown, and tables as CSV."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from offramp.output import write_csv
from offramp.report.calibration_parts import Part
from offramp.report.headline import number
from simulation import __version__

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from calibration.inference.calibration import Calibration

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; color: #1a1a1a; }
table { border-collapse: collapse; margin: 1rem 0; font-size: 0.9rem; }
th, td { border-bottom: 1px solid #bbb; padding: 0.25rem 0.6rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
img { max-width: 100%; height: auto; }
.wide { overflow-x: auto; }
"""


def write_page(calibration: Calibration, folder: Path, seconds: float) -> None:
    """Write calibration.html, calibration.md and a CSV a table into the folder, over what was there."""
    from offramp.report.calibration_parts import parts

    folder.mkdir(parents=True, exist_ok=True)
    setup = calibration.setup
    county = setup.cache.scenario.county
    title = f"Calibration of {county.name}"
    about = (
        f"{setup.budget.runs:,} runs, {county.months} months from {county.start}, seed {setup.cache.seed}, "
        f"Offramp {__version__}; {seconds / 60:.1f} minutes this time."
    )
    sections = parts(calibration)
    for part in sections:
        if part.table is not None and part.name:
            write_csv(part.table, folder / f"{part.name}.csv")
    (folder / "calibration.html").write_text(html(title, about, sections), encoding="utf-8")
    (folder / "calibration.md").write_text(markdown(title, about, sections), encoding="utf-8")


def html(title: str, about: str, sections: Sequence[Part]) -> str:
    """One file that needs no other."""
    body = [f"<h1>{escape(title)}</h1>", f"<p>{escape(about)}</p>"]
    for part in sections:
        body.append(f"<h2>{escape(part.title)}</h2>")
        body += [f"<p>{escape(line)}</p>" for line in part.text]
        if part.figure is not None:
            body.append(f'<img alt="{escape(part.alt)}" src="data:image/png;base64,{picture(part.figure)}">')
        if part.table is not None:
            body.append(f'<div class="wide" tabindex="0">{html_table(part.table, part.title)}</div>')
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head><body><main>\n'
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )


def html_table(table: pd.DataFrame, caption: str) -> str:
    """A table with header cells that say which way they head."""
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in table.columns)
    rows = []
    for row in table.itertuples(index=False):
        first, *rest = (escape(shown(value)) for value in row)
        rows.append(f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>')
    return f"<table><caption>{escape(caption)}</caption><tr>{head}</tr>{''.join(rows)}</table>"


def markdown(title: str, about: str, sections: Sequence[Part]) -> str:
    """The same without figures."""
    lines = [f"# {title}", "", about, ""]
    for part in sections:
        lines += [f"## {part.title}", "", *(f"{line}\n" for line in part.text)]
        if part.table is not None and len(part.table):
            lines += [
                "| " + " | ".join(map(str, part.table.columns)) + " |",
                "|" + "---|" * len(part.table.columns),
            ]
            lines += ["| " + " | ".join(map(shown, row)) + " |" for row in part.table.itertuples(index=False)]
            lines.append("")
    return "\n".join(lines) + "\n"


def shown(value: Any) -> str:
    """A cell for people: three digits, yes or no, nothing for none."""
    if isinstance(value, bool) or str(type(value).__name__) == "bool_":
        return "yes" if value else "no"
    if isinstance(value, float):
        return "" if value != value else number(value)
    return str(value)


def picture(figure: Figure) -> str:
    """A figure as text inside the page."""
    file = io.BytesIO()
    figure.savefig(file, dpi=110, format="png", metadata={"Software": None})
    return base64.b64encode(file.getvalue()).decode()
