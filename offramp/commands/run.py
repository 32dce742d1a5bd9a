"""``offramp run``: check everything, run, write the results in one move, and report them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from weakref import finalize

from calibration.document import BadDocument
from offramp.commands import runner
from offramp.commands.progress import Progress
from offramp.options import ExecutionOptions, RunOptions
from offramp.output import BadOutput, output_folder
from offramp.report.results import Results
from offramp.scenarios import key_notes, load
from simulation.atomic import staging_folder
from simulation.experiment.pool import LostWorkers, OtherCode
from simulation.scenario import Scenario

DONE, BAD_INPUT, STOPPED, INTERRUPTED = 0, 1, 3, 130


def run(
    scenarios: Sequence[Scenario],
    options: RunOptions | None = None,
    execution: ExecutionOptions | None = None,
) -> Results:
    """Run scenarios, each with the same random numbers, and compare each with the first one.

    Raises BadDocument if the scenarios or draws cannot be run, BadOutput if a folder that was named
    cannot be used, LostWorkers if workers are lost again and again.
    """
    request = runner.prepare(scenarios, options or RunOptions(), execution or ExecutionOptions())
    scratch = TemporaryDirectory(prefix="offramp-", ignore_cleanup_errors=True)
    results = runner.make(request, Path(scratch.name), Progress())
    finalize(results, scratch.cleanup)
    return results


def run_command(
    names: Sequence[str], options: RunOptions, execution: ExecutionOptions, out: Path | None
) -> int:
    """Everything behind ``offramp run``; returns the exit code."""
    try:
        request = runner.prepare(load(names), options, execution)
        note_differences(request, key_notes(names, request.scenarios))
        folder = output_folder(out, request.scenarios[0].key)
    except (BadDocument, BadOutput) as bad:
        print(bad, file=sys.stderr)
        return BAD_INPUT
    progress = Progress()
    return exit_code(lambda: run_and_save(request, folder, progress), folder, progress)


def note_differences(request: runner.Request, notes: Sequence[str]) -> None:
    """Print these notes, and how the county differs from the one its posterior was fitted to."""
    posterior = request.posterior
    for note in (*notes, *(posterior.apart(request.scenarios[0].county) if posterior else ())):
        print(f"  note: {note}", file=sys.stderr)


def run_and_save(request: runner.Request, folder: Path, progress: Progress) -> None:
    """Run into a staging folder, write everything there, move it into place and report it."""
    from offramp.report.console import show

    with staging_folder(folder) as staging:
        scratch = staging / "runs"
        results = runner.make(request, scratch, progress)
        results.write(staging)
        shutil.rmtree(scratch, ignore_errors=True)
    show(request.scenarios, results, folder)


def exit_code(work: Callable[[], None], folder: Path, progress: Progress) -> int:
    """Do some work; the exit code, with the reason printed if it did not finish."""
    try:
        work()
    except KeyboardInterrupt:
        return progress.stopped("Stopped", INTERRUPTED)
    except BrokenPipeError:
        raise
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
    return DONE
