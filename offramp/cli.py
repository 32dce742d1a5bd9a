"""The command line. Heavy imports wait inside the commands, so that ``--help`` answers at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

from offramp.options import (
    BadOptions,
    CalibrateOptions,
    ExecutionOptions,
    MeasuresOptions,
    PlanOptions,
    RunOptions,
    SynthesizeOptions,
    WorkerOptions,
)
from simulation import __version__

DONE, BAD_INPUT, USAGE, STOPPED, INTERRUPTED, CLOSED_PIPE = 0, 1, 2, 3, 130, 141

Plugins = Annotated[tuple[Path, ...], Parameter(name="--plugin", negative="", show_default=False)]

app = App(
    name="offramp",
    version=__version__,
    help="Simulate a county's capacity to keep people with serious mental illness out of jail.",
)


@app.command
def run(
    *scenarios: str,
    options: RunOptions | None = None,
    execution: ExecutionOptions | None = None,
    out: Path | None = None,
    plugins: Plugins = (),
) -> int:
    """Run scenarios and compare each with the first one.

    Parameters
    ----------
    scenarios
        Files, or bare names of shipped ones: a county as it stands, or a scenario with levers.
    out
        Folder for the results; it must not exist yet or be empty. Left out: a new one in ./results.
    plugins
        A Python file with levers or measures of your own; may be given several times.
    """
    from offramp.commands.run import run_command

    if not scenarios:
        return misused("run", "name at least one scenario")
    if not ready(plugins):
        return BAD_INPUT
    return run_command(scenarios, options or RunOptions(), execution or ExecutionOptions(), out)


@app.command
def plan(*scenarios: str, options: PlanOptions | None = None, plugins: Plugins = ()) -> int:
    """Predict what a large job costs in time, memory and disk, from a few short runs.

    Parameters
    ----------
    scenarios
        What would be run: files, or bare names of shipped ones.
    plugins
        A Python file with levers or measures of your own; may be given several times.
    """
    from offramp.commands.plan import plan_command

    if not scenarios:
        return misused("plan", "name at least one scenario")
    if not ready(plugins):
        return BAD_INPUT
    return plan_command(scenarios, options or PlanOptions())


@app.command
def check(*files: str, plugins: Plugins = ()) -> int:
    """Check scenario and county files without running anything.

    Parameters
    ----------
    files
        Files, or bare names of shipped ones.
    plugins
        A Python file with levers or measures of your own; may be given several times.
    """
    from calibration.document import BadDocument, read
    from offramp.report.caveats import users_of_services
    from offramp.scenarios import find, load_one

    if not files:
        return misused("check", "name at least one file")
    if not ready(plugins):
        return BAD_INPUT
    bad = False
    for name in files:
        try:
            scenario = load_one(name)
        except BadDocument as problems:
            say(str(problems))
            bad = True
        else:
            print(f"{name}: fine: {scenario.name}")
            for sentence in users_of_services(scenario):
                print(f"  note: {sentence}")
            if read(find(name)).old_keys:
                print(f"{name}: is read, in an older format; offramp upgrade {name} rewrites it")
    return BAD_INPUT if bad else DONE


@app.command
def upgrade(*files: str) -> int:
    """Rewrite county and scenario files of an older format, comments kept.

    All files are checked before one is written.

    Parameters
    ----------
    files
        County and scenario files; of a posterior or a folder of results it is only said whether this version
        reads it.
    """
    from offramp.commands.upgrade import upgrade_command

    if not files:
        return misused("upgrade", "name at least one file")
    return upgrade_command(files)


@app.command
def calibrate(
    county: str,
    records: Path,
    *,
    options: CalibrateOptions | None = None,
    out: Path | None = None,
    workers: WorkerOptions | None = None,
) -> int:
    """Find the parameters that agree with a county's records, and report what the records do not determine.

    Stopped halfway, the same command goes on where it was.

    Parameters
    ----------
    county
        A county file, or the bare name of a shipped one.
    records
        A CSV of figures (measure, period, value), a workbook made with offramp template, a file of the Jail
        Profile Survey, or a folder of these.
    out
        File for the draws, ending in .parquet; left out: results/COUNTY.posterior.parquet. Beside it are
        written a folder with the page and a folder with the runs.
    """
    from offramp.commands.calibrate import calibrate_command

    return calibrate_command(county, records, out, options or CalibrateOptions(), workers or WorkerOptions())


@app.command
def synthesize(scenario: str, *, out: Path, options: SynthesizeOptions | None = None) -> int:
    """Write the records that a simulated county would keep, and the parameter values behind them.

    Parameters
    ----------
    scenario
        A county or scenario file, or the bare name of a shipped one.
    out
        Folder for series.csv, workbook.xlsx and truth.csv; it must not exist yet or be empty.
    """
    from offramp.commands.synthesize import synthesize_command

    return synthesize_command(scenario, out, options or SynthesizeOptions())


@app.command
def evidence(path: str = "", *, grade: str = "") -> int:
    """List the evidence register: every parameter with value, unit, range, grade and source.

    Parameters
    ----------
    path
        Only parameters whose name begins like this, such as court or fact.stay.
    grade
        Only parameters of this grade: A measured here, B published, C derived, D assumption.
    """
    from offramp.commands.evidence import show

    return show(path, grade)


@app.command
def template(path: Path) -> int:
    """Write an empty workbook for a county's records, with instructions and examples.

    Parameters
    ----------
    path
        The workbook to write, such as county.xlsx; an existing file is left as it is.
    """
    from offramp.commands.measures import template_command

    return template_command(path)


@app.command
def measures(records: Path, *, options: MeasuresOptions | None = None, out: Path | None = None) -> int:
    """Compute the performance measures from a county's records; counts under 11 are hidden.

    Parameters
    ----------
    records
        A workbook made with offramp template, or a folder of CSV or Parquet files with the same tables.
    out
        Folder for the tables and the figures; it must not exist yet or be empty. Left out: nothing is
        written.
    """
    from offramp.commands.measures import measures_command

    return measures_command(records, options or MeasuresOptions(), out)


runs = App(name="runs", help="What is kept of finished runs: list it, clean it up, export it.")
app.command(runs)


@runs.default
def list_runs(*, store: Path | None = None) -> int:
    """List the finished runs that are kept.

    Parameters
    ----------
    store
        Folder in which they are kept, if not the usual one.
    """
    from offramp.commands.runs import show_runs, store_folder

    return show_runs(store_folder(store))


@runs.command(name="clean")
def clean(*, everything: bool = False, store: Path | None = None) -> int:
    """Remove runs that another version of the model made and that are never used again.

    Parameters
    ----------
    everything
        Remove all the others too.
    store
        Folder in which they are kept, if not the usual one.
    """
    from offramp.commands.runs import clean_runs, store_folder

    return clean_runs(store_folder(store), everything)


@runs.command(name="export")
def export(out: Path, *, store: Path | None = None) -> int:
    """Write every finished run into a folder, as two tidy tables.

    Parameters
    ----------
    out
        Folder to write; it must not exist yet or be empty.
    store
        Folder in which they are kept, if not the usual one.
    """
    from offramp.commands.runs import export_runs, store_folder

    return export_runs(store_folder(store), out)


def ready(plugins: tuple[Path, ...]) -> bool:
    """Import the user's own modules; False, and a message, if one cannot be."""
    from offramp.plugin import BadPlugin, import_plugins

    try:
        import_plugins(plugins)
    except BadPlugin as bad:
        say(str(bad))
        return False
    return True


def say(text: str) -> None:
    """Print what is wrong, apart from the results."""
    print(text, file=sys.stderr)


def misused(command: str, problem: str) -> int:
    """Say how a command has to be called; the exit code."""
    say(f"offramp {command}: {problem}. See: offramp {command} --help")
    return USAGE


def closed_pipe() -> int:
    """Discard what is still to be printed, which nobody reads; the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return CLOSED_PIPE


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns 0 done, 1 bad input or nowhere to write, 2 usage, 3 stopped for lack of workers or memory, 130
    stopped by Ctrl-C, 141 as its output was no longer read.
    """
    given = sys.argv[1:] if arguments is None else arguments
    try:
        result = app(given, exit_on_error=False, result_action="return_value")
        print(end="", flush=True)  # so that a closed pipe is noticed here, not as Python ends
    except CycloptsError:
        return USAGE
    except BadOptions as bad:
        return misused(given[0], str(bad))
    except KeyboardInterrupt:
        say("\nStopped. Nothing was written.")
        return INTERRUPTED
    except BrokenPipeError:
        return closed_pipe()
    except SystemExit as ended:
        if not isinstance(ended.__context__, BrokenPipeError):  # so rich ends on a closed pipe
            raise
        return closed_pipe()
    return result if isinstance(result, int) else DONE
