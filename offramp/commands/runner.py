"""Making the runs of an order: where, how many, and what is kept of them on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from offramp.commands.progress import Progress
from offramp.commands.runs import store_folder
from offramp.options import Means, Order
from offramp.output import BadOutput
from simulation.experiment.ensemble import Job, Report, Result, drawn, gather, jobs, replicated
from simulation.experiment.pool import Cluster, Pool
from simulation.experiment.precision import Estimate, Precision, until_known
from simulation.experiment.store import Store, write_whole
from simulation.measures import MEASURES


@dataclass(frozen=True)
class Made:
    """The results of an order as it was carried out; the logs to be joined; what is not known precisely."""

    order: Order
    results: list[Result]
    logs: list[Path]
    unknown: list[Estimate]


def make(order: Order, desk: Path, progress: Progress) -> Made:
    """Make the runs that an order asks for, and no more than are missing."""
    total = None if order.precision else len(order.scenarios) * order.replications * max(1, order.draws)
    with progress.bar(total) as (done, tell):
        maker = Maker(order, desk, Report(done, tell))
        progress.kept = maker.store is not None
        return maker.until_known() if order.precision else maker.all_at_once()


class Maker:
    """Makes jobs into results, with the means of an order."""

    def __init__(self, order: Order, desk: Path, report: Report) -> None:
        self.order = order
        self.report = report
        self.store = opened(order.means, report.tell)
        self.pool = pool_of(order.means)
        self.desk = desk
        self.sample = order.posterior.sampled if order.posterior else None
        self.logs: dict[tuple[str, int, int], Path] = {}

    def all_at_once(self) -> Made:
        """A number of runs known from the start."""
        order = self.order
        work = jobs(order.scenarios, order.replications, order.draws, order.seed, self.sample)
        results = self.made(work)
        return Made(order, results, self.in_order(), [])

    def until_known(self) -> Made:
        """Blocks of runs, of draws if parameters vary, until what was asked for is known."""
        order = self.order
        assert order.precision is not None

        def block(numbers: range) -> list[Result]:
            if order.draws:
                return self.made(drawn(order.scenarios, numbers, order.replications, order.seed, self.sample))
            return self.made(replicated(order.scenarios, numbers, order.seed))

        size = order.draws or order.replications
        keys = [one.key for one in order.scenarios]
        results, unknown = until_known(block, size, order.precision, keys)
        number = len({result.key[1 if order.draws else 2] for result in results})
        counted = replace(order, draws=number) if order.draws else replace(order, replications=number)
        return Made(counted, results, self.in_order(), unknown)

    def made(self, work: list[Job]) -> list[Result]:
        """These jobs done, each with its log where it belongs."""
        placed = [replace(job, events=self.log_of(job)) for job in work]
        results = gather(placed, self.pool, self.report, self.store)
        if self.order.events:
            self.logs |= {job.key: Path(job.events) for job in placed if job.events}
            self.refuse_missing_logs()
        return results

    def log_of(self, job: Job) -> str | None:
        """Where a run's log goes, if it is wanted at all."""
        if self.order.means.events_to is not None:
            return Store(self.desk).events(job, self.order.means.events_to)
        if not self.order.events:
            return None
        return (self.store or Store(self.desk / "logs")).events(job)

    def in_order(self) -> list[Path]:
        """The logs by scenario and run."""
        return [self.logs[key] for key in sorted(self.logs)]

    def refuse_missing_logs(self) -> None:
        """Raise BadOutput if the workers wrote the logs where this machine does not see them."""
        missing = next((log for log in self.logs.values() if not log.is_file()), None)
        if missing is not None:
            raise BadOutput(
                f"{missing}: a worker wrote this log on another machine. "
                "Name a place that all machines see: --store FOLDER, or --events-to ADDRESS"
            )


def precision_asked(share: float, measures: Sequence[str], at_most: int) -> Precision:
    """What ``--precision`` and ``--measure`` ask for; raises ValueError for an unknown measure."""
    from offramp.scenarios import choices

    for name in measures:
        if name not in MEASURES:
            raise ValueError(f"--measure {name}: there is no such measure. {choices(name, list(MEASURES))}")
    return Precision(share, tuple(dict.fromkeys(measures)) or ("jail_adp",), at_most)


def pool_of(means: Means) -> Pool | int:
    """Whoever makes the runs; raises BadOutput if the cluster's library is missing."""
    if means.scheduler is None:
        return means.jobs
    try:
        return Cluster(means.scheduler)
    except ImportError:
        raise BadOutput('--scheduler: needs dask.distributed: pip install "offramp[distributed]"') from None


def opened(means: Means, tell: Callable[[str], None]) -> Store | None:
    """The store, if it can be written; a folder asked for by name has to be (BadOutput)."""
    folder = store_folder(means.store)
    try:
        probe = folder / ".probe"
        write_whole(probe, b"")
        probe.unlink(missing_ok=True)
    except OSError as error:
        why = f"{folder}: finished runs cannot be kept there: {error.strerror}"
        if means.store is not None:
            raise BadOutput(f"--store {why}") from None
        tell(f"{why}. The command goes on; if it is stopped, it has to begin again.")
        return None
    return Store(folder)
