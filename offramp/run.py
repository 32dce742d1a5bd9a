"""``offramp run``: check everything, run, write the results in one move, say what came out."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from calibration.document import BadDocument
from offramp import __version__
from offramp.order import Order
from offramp.scenarios import load
from simulation.scenario import Scenario

if TYPE_CHECKING:
    from offramp.tables import Tables


class BadOutput(Exception):
    """The results cannot be written where they should go."""


def run_and_report(
    names: list[str],
    replications: int,
    draws: int,
    seed: int,
    jobs: int | None,
    out: Path | None,
    events: bool,
) -> int:
    """Everything behind ``offramp run``; returns the exit code."""
    try:
        scenarios = load(names)
        folder = output_folder(out, scenarios[0].key)
        order = Order(scenarios, replications, draws, seed, jobs or os.cpu_count() or 1, events)
        with in_one_move(folder) as desk:
            tables = write_results(order, desk)
    except (BadDocument, BadOutput) as bad:
        print(bad, file=sys.stderr)
        return 1
    except OSError as error:
        where = error.filename or out or "results"
        print(f"{where}: cannot be written: {error.strerror}. Nothing was kept.", file=sys.stderr)
        return 1
    from offramp.screen import show

    show(order, tables, folder)
    return 0


def output_folder(out: Path | None, name: str) -> Path:
    """Where the results go: never where others are already."""
    if out is None:
        base = Path("results") / name
        numbered = (base.with_name(f"{name}-{i}") for i in range(2, 100_000))
        return next(path for path in (base, *numbered) if not path.exists()) if base.exists() else base
    if out.is_file():
        raise BadOutput(f"--out {out}: is a file; name a folder that does not exist yet")
    if out.is_dir() and any(out.iterdir()):
        raise BadOutput(
            f"--out {out}: holds something already and is left as it is; name one that does not exist yet"
        )
    return out


@contextmanager
def in_one_move(folder: Path) -> Iterator[Path]:
    """A desk beside the folder that becomes the folder when all is written, and vanishes otherwise."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    desk = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield desk
        desk.chmod(0o755)
        if folder.is_dir():
            folder.rmdir()
        desk.rename(folder)
    finally:
        if desk.exists():
            shutil.rmtree(desk, ignore_errors=True)


def write_results(order: Order, desk: Path) -> Tables:
    """Run, and write summary, differences, monthly values, figures and manifest onto the desk."""
    from offramp.figures import draw
    from offramp.tables import join_events, tabulate
    from simulation.ensemble import gather, jobs

    begun = time.time()
    work = jobs(order.scenarios, order.replications, order.draws, order.seed)
    if order.events:
        from dataclasses import replace

        parts = desk / "events"
        parts.mkdir()
        work = [replace(job, events=parts) for job in work]
    with progress(len(work)) as done:
        results = gather(work, order.jobs, done)
    tables = tabulate(order.scenarios, results)
    tables.write(desk)
    if order.events:
        join_events(desk / "events", desk / "events.parquet")
    draw(tables, order.scenarios, desk / "figures")
    write_manifest(order, desk / "manifest.json", time.time() - begun)
    return tables


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, silence in a pipe."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("simulating", total=total)
        yield lambda: bar.advance(task)


def write_manifest(order: Order, path: Path, seconds: float) -> None:
    """What made these results: enough to make them again."""
    manifest = {
        "offramp": __version__,
        "python": sys.version.split()[0],
        "seed": order.seed,
        "replications": order.replications,
        "draws": order.draws,
        "scenarios": {one.key: describe(one) for one in order.scenarios},
        "parameters": parameters_of(order.scenarios),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(seconds, 1),
    }
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def describe(scenario: Scenario) -> dict[str, object]:
    """Name, question, levers and the hash of everything the run depends on."""
    return {
        "name": scenario.name,
        "question": scenario.question,
        "county": scenario.county.name,
        "levers": [lever.model_dump(mode="json") for lever in scenario.levers],
        "hash": scenario.fingerprint(),
    }


def parameters_of(scenarios: Sequence[Scenario]) -> dict[str, dict[str, object]]:
    """The parameters used, all scenarios of a run sharing one county."""
    return {path: parameter.model_dump() for path, parameter in scenarios[0].parameters}
