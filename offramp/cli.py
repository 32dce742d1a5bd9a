"""The command line. Heavy imports wait inside the commands, so that ``--help`` answers at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter, Token
from cyclopts.validators import Number

from offramp import __version__

DONE, BAD_INPUT, USAGE, STOPPED, INTERRUPTED = 0, 1, 2, 3, 130

app = App(
    name="offramp",
    version=__version__,
    help="Simulate a county's capacity to keep people with serious mental illness out of jail.",
)


def percentage(_: type, tokens: Sequence[Token]) -> float:
    """A share above 0 and below 1, written 5% or 0.05."""
    text = tokens[0].value.strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise ValueError("write a share such as 5% or 0.05")
    return share


@app.command
def run(
    *scenarios: str,
    replications: Annotated[int, Parameter(alias="-n", validator=Number(gte=2, lte=10_000))] = 5,
    draws: Annotated[int, Parameter(validator=Number(gte=0, lte=10_000))] = 0,
    seed: Annotated[int, Parameter(validator=Number(gte=0, lt=2**63))] = 1,
    jobs: Annotated[int | None, Parameter(alias="-j", validator=Number(gte=1, lte=1024))] = None,
    out: Path | None = None,
    events: bool = False,
    subgroups: bool = False,
    events_to: str | None = None,
    precision: Annotated[float | None, Parameter(converter=percentage)] = None,
    measure: tuple[str, ...] = (),
    at_most: Annotated[int, Parameter(validator=Number(gte=2, lte=100_000))] = 1000,
    scheduler: str | None = None,
    store: Path | None = None,
    posterior: Path | None = None,
) -> int:
    """Run scenarios and compare each with the first one.

    Parameters
    ----------
    scenarios
        Files, or bare names of shipped ones: a county as it stands, or a scenario with levers.
    replications
        Replications per scenario. Replication i uses the same random numbers in every scenario.
    draws
        How many samples of the uncertain parameters to run; 0 uses the register's central values only.
    seed
        Seed of the random-number streams; the same seed gives the same results.
    jobs
        Processors to use; all of them if left out. The results are the same for any number.
    out
        Folder for the results; it must not exist yet or be empty. Left out: a new one in ./results.
    events
        Also write every event of every run (events.parquet).
    subgroups
        Also report every person-level measure by sex, age, race and ethnicity, and risk and need; takes a
        quarter longer.
    events_to
        Let the workers write every run's events as a parquet file into this folder, and leave it there; an
        address such as s3://bucket/folder will do.
    precision
        Add replications until the 95 % interval of each --measure is within this share of its mean, such as
        5%; of its difference from the first scenario too.
    measure
        What --precision is asked of; may be given several times. Left out: jail_adp.
    at_most
        How many runs of each scenario (with --draws: how many draws) --precision may ask for.
    scheduler
        Address of a dask.distributed scheduler whose workers make the runs, such as tcp://10.0.0.5:8786.
    store
        Folder in which finished runs are kept, so that a command that was stopped goes on where it was.
    posterior
        The draws that offramp calibrate wrote for this county: parameters are taken from them, 20 draws
        unless --draws says otherwise.
    """
    import os

    from offramp.commands.run import run_and_report
    from offramp.options import Means

    if not scenarios:
        say("offramp run: name at least one scenario. See: offramp run --help")
        return USAGE
    asked = None
    if precision is not None:
        from offramp.commands.runner import precision_asked

        try:
            asked = precision_asked(precision, measure, at_most)
        except ValueError as unknown:
            say(f"offramp run: {unknown}")
            return USAGE
    means = Means(jobs or os.cpu_count() or 1, scheduler, store, events_to)
    return run_and_report(
        list(scenarios), replications, draws, seed, events, asked, means, out, subgroups, posterior
    )


@app.command
def plan(
    *scenarios: str,
    replications: Annotated[int, Parameter(alias="-n", validator=Number(gte=1, lte=1_000_000))] = 200,
    draws: Annotated[int, Parameter(validator=Number(gte=0, lte=1_000_000))] = 0,
    jobs: Annotated[int | None, Parameter(alias="-j", validator=Number(gte=1, lte=1_000_000))] = None,
    counties: Annotated[int | None, Parameter(validator=Number(gte=1, lte=10_000))] = None,
    residents: Annotated[float | None, Parameter(validator=Number(gte=1))] = None,
) -> int:
    """Predict what a large job costs in time, memory and disk, from a few short runs.

    Parameters
    ----------
    scenarios
        What would be run: files, or bare names of shipped ones.
    replications
        How often each scenario would be run (with each draw).
    draws
        How many samples of the uncertain parameters.
    jobs
        Processors that there would be.
    counties
        How many counties there are in all, if those named are examples; goes with --residents.
    residents
        How many people live in all of them.
    """
    import os

    from offramp.commands.plan import Ask, plan_command

    if not scenarios or (counties is None) != (residents is None):
        what = "name at least one scenario" if not scenarios else "--counties and --residents go together"
        say(f"offramp plan: {what}. See: offramp plan --help")
        return USAGE
    statewide = (counties, residents) if counties is not None and residents is not None else None
    runs = replications * max(1, draws)
    return plan_command(Ask(tuple(scenarios), runs, jobs or os.cpu_count() or 1, statewide))


@app.command
def check(*files: str) -> int:
    """Check scenario and county files without running anything.

    Parameters
    ----------
    files
        Files, or bare names of shipped ones.
    """
    from calibration.document import BadDocument, read
    from offramp.scenarios import find, load_one

    if not files:
        say("offramp check: name at least one file. See: offramp check --help")
        return USAGE
    bad = False
    for name in files:
        try:
            scenario = load_one(name)
        except BadDocument as problems:
            say(str(problems))
            bad = True
        else:
            print(f"{name}: fine: {scenario.name}")
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
        say("offramp upgrade: name at least one file. See: offramp upgrade --help")
        return USAGE
    return upgrade_command(files)


@app.command
def calibrate(
    county: str,
    records: Path,
    *,
    budget: Literal["small", "standard", "thorough"] = "standard",
    out: Path | None = None,
    jobs: Annotated[int | None, Parameter(alias="-j", validator=Number(gte=1, lte=1024))] = None,
    seed: Annotated[int, Parameter(validator=Number(gte=0, lt=2**31))] = 1,
    start: Annotated[date | None, Parameter(name="--from")] = None,
    end: Annotated[date | None, Parameter(name="--until")] = None,
    free: tuple[str, ...] = (),
    hold_out: Annotated[int, Parameter(validator=Number(gte=0, lte=120))] = 0,
    scheduler: str | None = None,
) -> int:
    """Find the parameters that agree with a county's records, and say what the records cannot tell.

    Stopped halfway, the same command goes on where it was.

    Parameters
    ----------
    county
        A county file, or the bare name of a shipped one.
    records
        A CSV of figures (measure, period, value), a workbook made with offramp template, a file of the Jail
        Profile Survey, or a folder of these.
    budget
        How much to run: small (about two minutes for a small county), standard or thorough.
    out
        File for the draws, ending in .parquet; left out: results/COUNTY.posterior.parquet. Beside it are
        written a folder with the page and a folder with the runs.
    jobs
        Processors to use; all of them if left out. The results are the same for any number.
    seed
        Seed of the random-number streams; the same seed gives the same results.
    start
        Use records from this day on, such as 2012-01-01.
    end
        Use records up to this day, that day not included.
    free
        A parameter to search for, such as jail.sentence; may be given several times.
    hold_out
        Months at the end of the records to forecast instead of fit.
    scheduler
        Address of a dask.distributed scheduler whose workers make the runs, such as tcp://10.0.0.5:8786.
    """
    import os

    from calibration.inference.setup import CalibrateOptions
    from offramp.commands.calibrate import calibrate_command
    from offramp.options import Means

    options = CalibrateOptions(budget, seed, start, end, free, hold_out)
    return calibrate_command(county, records, out, options, Means(jobs or os.cpu_count() or 1, scheduler))


@app.command
def synthesize(
    scenario: str,
    *,
    out: Path,
    seed: Annotated[int, Parameter(validator=Number(gte=0, lt=2**31))] = 1,
    draw: Annotated[int | None, Parameter(validator=Number(gte=0, lt=10_000))] = None,
    missing: Annotated[float, Parameter(validator=Number(gte=0, lt=1))] = 0.0,
    error: Annotated[float, Parameter(validator=Number(gte=0, lt=1))] = 0.0,
) -> int:
    """Write the records that a simulated county would keep, with the truth behind them.

    Parameters
    ----------
    scenario
        A county or scenario file, or the bare name of a shipped one.
    out
        Folder for series.csv, workbook.xlsx and truth.csv; it must not exist yet or be empty.
    seed
        Seed of the random-number streams; the same seed gives the same results.
    draw
        Take the parameters from this draw of the prior; left out: the register's values.
    missing
        Share of the monthly figures, and of the rows of people, to lose: 0.1 for one in ten.
    error
        Standard error of each monthly figure, as a share of it.
    """
    from offramp.commands.synthesize import synthesize_command

    return synthesize_command(scenario, out, seed, draw, missing, error)


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
def measures(
    records: Path,
    *,
    out: Path | None = None,
    cohort: str | None = None,
    by: tuple[str, ...] = (),
    fidelity: Path | None = None,
    target: tuple[str, ...] = (),
) -> int:
    """Compute the performance measures from a county's records; counts under 11 are hidden.

    Parameters
    ----------
    records
        A workbook made with offramp template, or a folder of CSV or Parquet files with the same tables.
    out
        Folder for the table and the figures; it must not exist yet or be empty. Left out: only the screen.
    cohort
        One cohort, such as 2025H1, 2025Q3 or 2025; left out: all of six months.
    by
        Also by this trait, such as sex or race_ethnicity; may be given several times.
    fidelity
        A YAML file with what the records do not show of the DACTS and FACTS items, by item (H1, S5, F3).
    target
        The court's own target for a measure, drawn in its figure: --target 6=30; may be given several times.
    """
    from offramp.commands.measures import Asked, measures_command

    return measures_command(records, Asked(out, cohort, by, fidelity, target))


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


def say(text: str) -> None:
    """Tell the user what is wrong, apart from the results."""
    print(text, file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns 0 done, 1 bad input or nowhere to write, 2 usage, 3 stopped for lack of workers or memory, 130
    stopped by Ctrl-C.
    """
    try:
        result = app(arguments, exit_on_error=False, result_action="return_value")
    except CycloptsError:
        return USAGE
    except KeyboardInterrupt:
        say("\nStopped. Nothing was written.")
        return INTERRUPTED
    except BrokenPipeError:
        return DONE
    return result if isinstance(result, int) else DONE
