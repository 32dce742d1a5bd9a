"""Running scenarios: on which workers, how many runs, and what is kept of them on the way."""

from __future__ import annotations

import time
import weakref
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibration.document import BadDocument, Problem
from offramp.commands.progress import Progress
from offramp.commands.runs import store_folder
from offramp.options import BadOptions, ExecutionOptions, RunOptions, WorkerOptions
from offramp.output import BadOutput
from offramp.report.headline import as_sentence
from offramp.report.manifest import describe_run
from offramp.report.results import Results
from offramp.report.tables import EVENT_TABLES, definitions, draws_table, tabulate
from offramp.scenarios import not_comparable, unrunnable
from simulation import __version__
from simulation.atomic import write_atomic
from simulation.experiment.ensemble import (
    Job,
    Report,
    Result,
    Sample,
    drawn,
    gather,
    jobs,
    replicated,
    sampled,
)
from simulation.experiment.events import REMOTE, table_path
from simulation.experiment.own_measure import OwnMeasures
from simulation.experiment.pool import BadAddress, Cluster, Pool
from simulation.experiment.precision import Estimate, Precision, until_known
from simulation.experiment.store import Store
from simulation.scenario import Scenario

if TYPE_CHECKING:
    from calibration.inference.posterior import Posterior

POSTERIOR_DRAWS = 20
"""Draws of a posterior that are run unless --draws gives another number."""


@dataclass(frozen=True)
class Request:
    """Scenarios that can be run, and how; the posterior is that of the options, read and checked."""

    scenarios: Sequence[Scenario]
    options: RunOptions
    execution: ExecutionOptions
    posterior: Posterior | None = None

    @property
    def sample(self) -> Sample:
        """What gives a scenario the parameters of a draw."""
        return self.posterior.sampled if self.posterior else sampled

    @property
    def precision(self) -> Precision | None:
        """What is to be known how precisely, if that decides how many runs are made."""
        options = self.options
        if options.precision is None:
            return None
        measures = tuple(dict.fromkeys(options.measures)) or ("jail_adp",)
        return Precision(options.precision, measures, options.at_most)


def prepare(scenarios: Sequence[Scenario], options: RunOptions, execution: ExecutionOptions) -> Request:
    """Read the posterior and check that every draw can be run.

    Raises BadDocument with what cannot be run, BadOptions without a scenario.
    """
    if not scenarios:
        raise BadOptions("name at least one scenario, such as offramp.load(['napa'])")
    problems = not_comparable(scenarios)
    if problems:
        raise BadDocument(problems)
    scenarios = [scenario.model_copy(update={"subgroups": options.subgroups}) for scenario in scenarios]
    posterior = read_posterior(options.posterior, scenarios[0]) if options.posterior else None
    if posterior and not options.draws:
        options = replace(options, draws=POSTERIOR_DRAWS)
    request = Request(scenarios, options, execution, posterior)
    check_draws(request)
    return request


def read_posterior(path: Path, scenario: Scenario) -> Posterior:
    """The draws of a calibration, if they are of this county; raises BadDocument."""
    from calibration.inference.posterior import read

    return read(path, scenario.county, scenario.parameters, __version__)


def check_draws(request: Request) -> None:
    """Raise BadDocument if the county cannot be simulated with the parameters of some draw."""
    scenario, options, posterior = request.scenarios[0], request.options, request.posterior
    for draw in range(min(options.draws, len(posterior.values)) if posterior else options.draws):
        problem = unrunnable(request.sample(scenario, draw, options.seed))
        if problem is not None:
            field = f"draw {draw + 1} of the parameters"
            raise BadDocument([Problem(scenario.key, 1, 1, field, problem)])


def make(request: Request, scratch: Path, progress: Progress) -> Results:
    """Run what is requested and not stored yet, and lay out the results.

    scratch: where the events go if no store keeps them; they are removed with the results.
    """
    begun = time.monotonic()
    options = request.options
    total = len(request.scenarios) * options.replications * max(1, options.draws)
    with progress.bar(None if options.precision else total) as (done, warn):
        runner = Runner(request, scratch, Report(done, warn))
        progress.kept = runner.store is not None
        runs, unknown = runner.until_known() if options.precision else (runner.all_at_once(), [])
    return results_of(request, runs, unknown, runner.event_files(), time.monotonic() - begun)


class Runner:
    """Runs the jobs of a request by its options."""

    def __init__(self, request: Request, scratch: Path, report: Report) -> None:
        self.request = request
        self.report = report
        check_address(request.execution.events_to)
        self.store = open_store(request.execution, report.warn)
        self.pool = pool_of(request.execution)
        self.scratch = scratch
        self.places: dict[tuple[str, int, int], str] = {}

    def all_at_once(self) -> list[Result]:
        """A number of runs known from the start."""
        scenarios, options = self.request.scenarios, self.request.options
        work = jobs(scenarios, options.replications, options.draws, options.seed, self.request.sample)
        return self.made(work)

    def until_known(self) -> tuple[list[Result], list[Estimate]]:
        """Blocks of runs, of draws if parameters vary, until the precision asked for is reached."""
        request, options = self.request, self.request.options
        assert request.precision is not None

        def block(numbers: range) -> list[Result]:
            if not options.draws:
                return self.made(replicated(request.scenarios, numbers, options.seed))
            return self.made(
                drawn(request.scenarios, numbers, options.replications, options.seed, request.sample)
            )

        keys = [scenario.key for scenario in request.scenarios]
        return until_known(block, options.draws or options.replications, request.precision, keys)

    def made(self, work: list[Job]) -> list[Result]:
        """These jobs done, the events of each where they belong."""
        placed = [replace(job, events=self.place(job)) for job in work]
        results = gather(placed, self.pool, self.report, self.store)
        if self.request.options.events:
            self.places |= {job.key: job.events for job in placed if job.events}
            self.check_events()
        return results

    def place(self, job: Job) -> str | None:
        """Where a run's events go, if they are wanted at all."""
        if self.request.execution.events_to is not None:
            return Store(self.scratch).events(job, self.request.execution.events_to)
        if not self.request.options.events:
            return None
        return (self.store or Store(self.scratch)).events(job)

    def event_files(self) -> dict[str, tuple[Path, ...]]:
        """The files of each table, by scenario and run."""
        places = [self.places[key] for key in sorted(self.places)]
        tables = EVENT_TABLES if places else ()
        return {table: tuple(Path(table_path(place, table)) for place in places) for table in tables}

    def check_events(self) -> None:
        """Raise BadOutput if the workers wrote the events where this machine does not see them."""
        paths = (path for files in self.event_files().values() for path in files)
        missing = next((path for path in paths if not path.is_file()), None)
        if missing is not None:
            raise BadOutput(
                f"{missing}: a worker wrote these events on another machine. "
                "Name a place that all machines see: --store FOLDER, or --events-to ADDRESS"
            )


def results_of(
    request: Request,
    runs: Sequence[Result],
    unknown: Sequence[Estimate],
    event_files: dict[str, tuple[Path, ...]],
    seconds: float,
) -> Results:
    """The runs as tidy tables, with what made them."""
    options, draws = request.options, sorted({run.key[1] for run in runs})
    numbers = {"seed": options.seed, "replications": options.replications, "draws": options.draws}
    if options.precision is not None:
        counted = len(draws) if options.draws else len({run.key[2] for run in runs})
        numbers["draws" if options.draws else "replications"] = counted
    first = request.scenarios[0]
    samples = {draw: request.sample(first, draw, options.seed) if options.draws else first for draw in draws}
    results = Results(
        tables=tabulate(request.scenarios, runs),
        draws=draws_table({draw: scenario.parameters for draw, scenario in samples.items()}),
        definitions=definitions(),
        manifest=describe_run(request.scenarios, numbers, seconds) | _more(request, unknown),
        event_files=event_files,
    )
    if request.execution.events_to is None:
        _hold(results, [path for files in event_files.values() for path in files])
    return results


def _more(request: Request, unknown: Sequence[Estimate]) -> dict[str, Any]:
    """What a manifest holds of a posterior and of the precision asked for."""
    entries: dict[str, Any] = {}
    if request.posterior is not None:
        entries["posterior"] = request.posterior.about.model_dump(exclude={"ranges"})
    if request.precision is not None:
        precision = request.precision
        entries["precision"] = {"asked": precision.share, "measures": list(precision.measures)}
        entries["precision"]["not_reached"] = [as_sentence(estimate) for estimate in unknown]
    return entries


_HOLDERS: Counter[Path] = Counter()
"""How many results of this process read a file of events."""


def _hold(results: Results, files: Sequence[Path]) -> None:
    """Keep the events of runs for as long as any results of this process read them."""
    _HOLDERS.update(files)
    weakref.finalize(results, _release, files)


def _release(files: Sequence[Path]) -> None:
    """Remove the events that no results read any longer."""
    _HOLDERS.subtract(files)
    for path in files:
        if not _HOLDERS[path]:
            del _HOLDERS[path]
            path.unlink(missing_ok=True)


def pool_of(execution: WorkerOptions) -> Pool | int:
    """The workers; raises BadOutput if the address is no scheduler's, or the library is missing."""
    if execution.scheduler is None:
        return execution.processes
    try:
        return Cluster(execution.scheduler)
    except BadAddress as bad:
        raise BadOutput(f"--scheduler {execution.scheduler}: {bad}") from None
    except ImportError:
        raise BadOutput('--scheduler: needs dask.distributed: pip install "offramp[distributed]"') from None


def check_address(address: str | None) -> None:
    """Raise BadOutput for an address that no installed package of fsspec knows."""
    if address is None or REMOTE not in address:
        return
    try:
        from fsspec.core import url_to_fs

        url_to_fs(address)
    except Exception as error:  # noqa: BLE001  every kind of store has errors of its own
        raise BadOutput(f"--events-to {address}: cannot be used: {error}") from None


def open_store(execution: ExecutionOptions, warn: Callable[[str], None]) -> Store | None:
    """The store, if it can be written; a folder given by name has to be (BadOutput)."""
    folder = store_folder(execution.store)
    try:
        probe = folder / ".probe"
        write_atomic(probe, b"")
        probe.unlink(missing_ok=True)
    except OSError as error:
        why = f"{folder}: finished runs cannot be kept there: {error.strerror}"
        if execution.store is not None:
            raise BadOutput(f"--store {why}") from None
        warn(f"{why}. The command goes on; if it is stopped, it has to start from the beginning.")
        return None
    return Store(folder, OwnMeasures.registered())
