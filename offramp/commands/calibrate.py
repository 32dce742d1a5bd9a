"""``offramp calibrate``: from a county's records to a posterior that ``offramp run`` can draw from."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from errno import ENOTDIR
from pathlib import Path
from typing import TYPE_CHECKING

from calibration.document import BadDocument
from calibration.records.workbook import BadRecords
from offramp.commands.progress import ProgressLines
from offramp.options import CalibrateOptions, WorkerOptions
from offramp.output import BadOutput
from offramp.scenarios import load_one

if TYPE_CHECKING:
    from calibration.inference import setup
    from calibration.inference.calibration import Calibration
    from calibration.inference.setup import CalibrationSetup
    from simulation.scenario import Scenario

KEPT = "Finished runs are kept: the same command goes on from there."


@dataclass(frozen=True)
class Files:
    """Where a calibration reads from and writes to: the draws, and beside them the page and the runs."""

    county: str
    records: Path
    draws: Path

    @classmethod
    def of(cls, county: str, records: Path, out: Path | None) -> Files:
        """The usual file of the draws where none is named.

        Raises BadDocument for another ending, OSError where no file can be.
        """
        draws = out or Path("results") / f"{Path(county).stem}.posterior.parquet"
        if draws.suffix != ".parquet":
            from calibration.targets.preflight import bad

            raise bad(draws, "--out", "must end in .parquet")
        check_place(draws)
        return cls(county, records, draws)

    @property
    def page(self) -> Path:
        """The folder of the page and its tables."""
        return self.draws.with_suffix("")

    @property
    def runs(self) -> Path:
        """The folder of the finished runs."""
        return self.draws.with_suffix(".runs")


def check_place(file: Path) -> None:
    """Raise OSError, before anything is run, where no file can be: below a file, or by too long a name."""
    with suppress(FileNotFoundError):
        file.lstat()
    nearest = next(parent for parent in file.absolute().parents if os.path.lexists(parent))
    if not nearest.is_dir():
        raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(nearest))


def calibrate(
    county: Scenario,
    records: str | Path,
    options: CalibrateOptions | None = None,
    workers: WorkerOptions | None = None,
) -> Calibration:
    """Find the parameters under which a county reproduces its records.

    county: such as ``offramp.load("napa")[0]``; its levers are left out. records: a CSV of figures
    (measure, period, value), a workbook, a file of the Jail Profile Survey, or a folder of these.
    Raises BadDocument or BadRecords for records that cannot be used.
    """
    from calibration.inference import calibration

    chosen = _chosen(options or CalibrateOptions(), workers or WorkerOptions(), None)
    return calibration.calibrate(county, records, chosen)


def _chosen(options: CalibrateOptions, workers: WorkerOptions, runs: Path | None) -> setup.CalibrateOptions:
    """The options as the calibration takes them; runs: the folder in which finished runs are kept."""
    from calibration.inference import setup
    from offramp.commands.runner import pool_of

    values = {field.name: getattr(options, field.name) for field in fields(options)}
    return setup.CalibrateOptions(**values, pool=pool_of(workers), runs=runs)


def calibrate_command(
    county: str, records: Path, out: Path | None, options: CalibrateOptions, workers: WorkerOptions
) -> int:
    """Everything behind ``offramp calibrate``; returns the exit code."""
    from calibration.inference.inference import NothingToFit
    from calibration.inference.prior import UnknownParameter
    from simulation.experiment.pool import LostWorkers, OtherCode

    try:
        files = Files.of(county, records, out)
        _calibrate(files, options, workers)
    except BadRecords as fault:
        for line in fault.report.lines(60):
            print(f"  {line}", file=sys.stderr)
        return _failed(f"{records}: nothing was calibrated. Correct what is named above as error.")
    except (BadDocument, BadOutput) as fault:
        return _failed(str(fault))
    except KeyboardInterrupt:
        print(f"\nStopped. {KEPT}", file=sys.stderr)
        return 130
    except (LostWorkers, OtherCode) as loss:
        print(f"Stopped: {loss} {KEPT}", file=sys.stderr)
        return 3
    except NothingToFit as fault:
        return _failed(f"{records}: nothing was calibrated: {fault}")
    except UnknownParameter as fault:
        return _failed(f"offramp calibrate: --free: {fault}")
    except OSError as error:
        return _failed(f"{error.filename or out or 'results'}: cannot be written: {error.strerror}")
    page = files.page / "calibration.html"
    print(f"The draws are in {files.draws}; what the records do and do not show, in {page}")
    print(f"  offramp run {county} --posterior {files.draws}")
    return 0


def _calibrate(files: Files, options: CalibrateOptions, workers: WorkerOptions) -> None:
    """Prepare, report what will be done, run, write."""
    from calibration.inference.calibration import run
    from calibration.inference.setup import prepare

    ready = prepare(load_one(files.county), files.records, _chosen(options, workers, files.runs), _warn)
    for line in plan(ready):
        print(line)
    began = time.time()
    with progress_bar() as progress:
        calibration = run(ready, progress)
    write(calibration, files, time.time() - began)


def write(calibration: Calibration, files: Files, seconds: float) -> None:
    """Write the draws, and the page with its tables."""
    from offramp.report.calibration_page import write_page
    from offramp.report.figures import default_style

    calibration.write(files.draws)
    with default_style():
        write_page(calibration, files.page, seconds)


def plan(setup: CalibrationSetup) -> Iterator[str]:
    """What will be done, line by line."""
    from simulation.measures import MEASURES

    county, prior = setup.cache.scenario.county, setup.cache.prior
    yield from (f"  note: {note}" for note in setup.notes)
    for target in setup.targets:
        role = "given to the model" if not target.weight else f"weight {target.weight:g}"
        values = f"{len(target.points)} values" if len(target.points) > 1 else "one value"
        yield (
            f"  {target.name}: {target.value:,.4g} {MEASURES[target.measure].unit} "
            f"({values}, {target.start} to {target.end}; {role})"
        )
    for update in setup.input_updates:
        yield f"  {update.figure}: {update.after:,.4g} from the records (county file: {update.before:,.4g})"
    for fit in setup.range_updates:
        low, value, high = fit.after
        yield f"  {fit.path}: {value:.4g} ({low:.4g} to {high:.4g}) fitted to the records directly"
    yield (
        f"{county.name}, {county.months} months from {county.start}: {setup.budget.runs:,} runs of "
        f"{prior.free} parameters searched for, {len(prior.names)} in all"
    )


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar with the time left, or a line a minute; what to call with finished and total."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("calibrating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("calibrating", total=None)
        lines = ProgressLines("blocks of runs", _warn)

        def update(finished: int, total: int) -> None:
            bar.update(task, completed=finished, total=total)
            if not console.is_terminal:
                lines.update(finished, total)

        yield update


def _warn(text: str) -> None:
    print(f"  {text}", file=sys.stderr)


def _failed(text: str) -> int:
    print(text, file=sys.stderr)
    return 1
