"""``offramp run``: check everything, run, write the results in one move, say what came out."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from calibration.document import BadDocument, Problem
from offramp import __version__
from offramp.commands.progress import Progress
from offramp.options import Means, Order
from offramp.output import BadOutput, in_one_move, output_folder
from offramp.scenarios import load
from simulation.experiment.precision import Precision
from simulation.inputs.format import RESULTS_FORMAT
from simulation.scenario import Scenario

if TYPE_CHECKING:
    from calibration.inference.posterior import Posterior
    from offramp.commands.runner import Made
    from offramp.report.tables import Tables

POSTERIOR_DRAWS = 20
"""Draws of a posterior that are run unless --draws says otherwise."""

DONE, BAD_INPUT, STOPPED, INTERRUPTED = 0, 1, 3, 130


def run_and_report(
    names: list[str],
    replications: int,
    draws: int,
    seed: int,
    events: bool,
    precision: Precision | None,
    means: Means,
    out: Path | None,
    subgroups: bool = False,
    posterior: Path | None = None,
) -> int:
    """Everything behind ``offramp run``; returns the exit code."""
    try:
        scenarios = [one.model_copy(update={"subgroups": subgroups}) for one in load(names)]
        found = read_posterior(posterior, scenarios[0]) if posterior else None
        for note in found.apart(scenarios[0].county) if found else ():
            print(f"  note: {note}", file=sys.stderr)
        draws = draws or (POSTERIOR_DRAWS if found else 0)
        refuse_draws(scenarios[0], draws, seed, found)
        folder = output_folder(out, scenarios[0].key)
    except (BadDocument, BadOutput) as bad:
        print(bad, file=sys.stderr)
        return BAD_INPUT
    order = Order(scenarios, replications, draws, seed, events, precision, means, found)
    return _carried_out(order, folder)


def read_posterior(path: Path, scenario: Scenario) -> Posterior:
    """The draws of a calibration, if they are of this county; raises BadDocument."""
    from calibration.inference.posterior import read

    return read(path, scenario.county, scenario.parameters, __version__)


def refuse_draws(scenario: Scenario, draws: int, seed: int, posterior: Posterior | None) -> None:
    """Refuse draws of the parameters with which the county cannot be; raises BadDocument."""
    from offramp.scenarios import unrunnable
    from simulation.experiment.ensemble import sampled

    sample = posterior.sampled if posterior else sampled
    for draw in range(min(draws, len(posterior.values)) if posterior else draws):
        why = unrunnable(sample(scenario, draw, seed))
        if why is not None:
            raise BadDocument([Problem(scenario.key, 1, 1, f"draw {draw + 1} of the parameters", why)])


def _carried_out(order: Order, folder: Path) -> int:
    from offramp.report.console import show
    from simulation.experiment.pool import LostWorkers, OtherCode

    progress = Progress()
    try:
        with in_one_move(folder) as desk:
            made, tables = write_results(order, desk, progress)
    except KeyboardInterrupt:
        return progress.stopped("Stopped", INTERRUPTED)
    except MemoryError:
        return progress.stopped("Stopped: there is not enough memory; try fewer processors (--jobs)", STOPPED)
    except (LostWorkers, OtherCode) as loss:
        return progress.stopped(f"Stopped: {loss}", STOPPED)
    except BadOutput as bad:
        print(bad, file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        where = error.filename or folder
        return progress.stopped(f"{where}: cannot be written: {error.strerror}", BAD_INPUT)
    show(made.order, tables, folder, made.unknown)
    return DONE


def write_results(order: Order, desk: Path, progress: Progress) -> tuple[Made, Tables]:
    """Run, and write summary, differences, monthly values, figures and manifest onto the desk."""
    from offramp.commands.runner import make
    from offramp.report.figures import draw
    from offramp.report.tables import join_events, tabulate

    begun = time.monotonic()
    made = make(order, desk, progress)
    tables = tabulate(order.scenarios, made.results)
    tables.write(desk)
    if made.logs:
        join_events(made.logs, desk / "events.parquet")
    draw(tables, order.scenarios, desk / "figures")
    write_manifest(made.order, desk / "manifest.json", time.monotonic() - begun)
    for log in made.logs:
        log.unlink(missing_ok=True)
    return made, tables


def write_manifest(order: Order, path: Path, seconds: float) -> None:
    """What made these results: enough to make them again."""
    manifest: dict[str, object] = {
        "format": RESULTS_FORMAT,
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
    if order.posterior is not None:
        manifest["posterior"] = order.posterior.about.model_dump(exclude={"ranges"})
    if order.precision is not None:
        manifest["precision"] = {"asked": order.precision.share, "measures": list(order.precision.measures)}
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
