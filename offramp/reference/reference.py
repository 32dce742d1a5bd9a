"""Reference pages made from the code: states, parameters, measures.

``python -m offramp.reference.reference`` writes them into ``docs/``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from calibration.register import counted, register
from offramp.reference.diagram import chart, overview, stages
from simulation.inputs.parameter import Duration, LognormalDuration, MixtureDuration, Parameter
from simulation.inputs.parameters import Parameters
from simulation.measures import MEASURES

COMMAND = "python -m offramp.reference.reference"
FOLDER = Path(__file__).resolve().parents[2] / "docs"
TOP = f"<!-- Generated, do not edit; make it with: {COMMAND} -->\n"


def states() -> str:
    """The states a person goes through, drawn from the journeys."""
    known = stages()
    parts = [
        TOP + "# The states a person goes through",
        "Drawn from `simulation/pathway/`: a solid arrow is a stage of life that is lived through and\n"
        "returned from, a dotted one starts a process that runs in parallel, a rounded node is a service\n"
        "with slots and a waiting list.",
        fenced(overview(known)),
    ]
    for module, group in groupby(known.values(), key=lambda stage: stage.module):
        rows = [f"| `{stage.name}` | {stage.means} | {', '.join(stage.services)} |" for stage in group]
        table = "\n".join(["| stage | what happens | services |", "|---|---|---|", *rows])
        parts += [f"## {module}", fenced(chart(known, module)), table]
    return "\n\n".join(parts) + "\n"


def fenced(mermaid: str) -> str:
    """A chart as Markdown shows it."""
    return f"```mermaid\n{mermaid}\n```"


def parameters() -> str:
    """Every parameter with value, range, source and grade."""
    registered = list(register())
    parts = [
        TOP + "# Every parameter, with source and grade",
        f"{counted(p for _, p in registered)}.\n"
        "A measured in the county at hand, B published elsewhere, C derived or published for an unlike\n"
        "population, D assumption. What is local to one county is in its file under `scenarios/`.\n"
        "How a source was seen: `data` computed from, its whole `text`, an `excerpt` (abstract, first page,\n"
        "summary), `secondary` (another's account of it), from `memory`, or `none` that has the number.",
    ]
    for section, rows in groupby(registered, key=lambda item: item[0].split(".")[0]):
        means = Parameters.model_fields[section].annotation
        parts += [
            f"## {section}",
            ((means.__doc__ if means else "") or "").strip(),
            "\n\n".join(entries(rows)),
        ]
    return "\n\n".join(parts) + "\n"


def entries(rows: Iterator[tuple[str, Parameter]]) -> Iterator[str]:
    """Each parameter of a section as a paragraph."""
    for path, p in rows:
        spread = f", {p.distribution}" if isinstance(p, Duration) else ""
        if isinstance(p, LognormalDuration | MixtureDuration):
            spread += f" with sigma {p.sigma:g}"
        yield (
            f"**`{path}`** = {p.value:g} {p.unit} ({p.low:g} to {p.high:g}{spread}), grade {p.grade}  \n"
            f"{p.meaning}  \nMeasured in: {p.population}  \nSource: {p.source} Seen: `{p.seen}`."
            + (f"  \nThe county's own record: {p.county_record}" if p.county_record else "")
        )


def measures() -> str:
    """Every measure of a run with its definition."""
    rows = [
        f"| `{m.name}` | {m.label} | {m.unit} | {m.kind} | {m.definition} | {m.source} |"
        for m in MEASURES.values()
    ]
    head = ["| measure | label | unit | kind | definition | source |", "|---|---|---|---|---|---|"]
    return "\n\n".join([TOP + "# The measures of a run", "\n".join([*head, *rows])]) + "\n"


def generate() -> dict[str, str]:
    """The generated pages by file name."""
    return {"states.md": states(), "parameters.md": parameters(), "measures.md": measures()}


def write(folder: Path = FOLDER) -> None:
    """Write the generated pages."""
    for name, text in generate().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
