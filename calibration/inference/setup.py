"""A calibration before anything is run: its options, and everything read, checked and laid out from them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from dateutil.relativedelta import relativedelta

from calibration.fits.between_year import YearlyVariation
from calibration.inference.inference import BUDGETS, Budget
from calibration.inference.prior import Prior
from calibration.inference.run_cache import RunCache
from calibration.targets import local, source
from calibration.targets.local import InputUpdate, RangeUpdate
from calibration.targets.output import Output
from calibration.targets.preflight import bad, refuse_unknown_groups, refuse_unrunnable
from calibration.targets.target import Target, months_between, window
from simulation.experiment.pool import Pool
from simulation.measures import MEASURES
from simulation.scenario import Scenario

SERIES = 6
"""Values from which on a target is drawn, and forecast, month by month."""


@dataclass(frozen=True)
class CalibrateOptions:
    """How a county is calibrated; ``seed`` to ``hold_out`` change the result, ``pool`` and ``runs`` do not.

    budget: a name of ``BUDGETS`` (small, standard, thorough) or a budget of your own.
    start, end: only records of the days ``[start, end)`` are used.
    free: paths of the parameters to search for, the usual ones (``prior.INFORMED``) if empty.
    hold_out: months at the end of the records that are forecast and not fitted.
    pool: processes of this machine, or a cluster.
    runs: folder in which finished runs are kept, so that the same call goes on from there; None keeps none.
    """

    budget: str | Budget = "standard"
    seed: int = 1
    start: date | None = None
    end: date | None = None
    free: tuple[str, ...] = ()
    hold_out: int = 0
    pool: Pool | int = 1
    runs: Path | None = None

    @property
    def runs_asked(self) -> Budget:
        """The budget itself; raises ValueError for an unknown name."""
        if isinstance(self.budget, Budget):
            return self.budget
        if self.budget not in BUDGETS:
            raise ValueError(
                f"budget: there is no '{self.budget}'. Allowed: {', '.join(BUDGETS)}, or a Budget"
            )
        return BUDGETS[self.budget]

    @property
    def budget_name(self) -> str:
        """The name of the budget, ``own`` for one that has none."""
        return self.budget if isinstance(self.budget, str) else "own"


@dataclass(frozen=True)
class CalibrationSetup:
    """A calibration that is ready to begin.

    cache: the runs that the emulator is fitted to; predictive: the posterior predictive runs, to the end of
    the series and month by month; targets: what is compared with the runs; series: the targets that are
    series, with the months held out; input_updates: county inputs replaced by the records; range_updates:
    parameters whose range the records give directly; notes: what a reader of the result should know.
    """

    options: CalibrateOptions
    cache: RunCache
    predictive: RunCache
    targets: list[Target]
    series: list[Target]
    input_updates: list[InputUpdate]
    range_updates: list[RangeUpdate]
    notes: list[str]

    @property
    def budget(self) -> Budget:
        """How much is run."""
        return self.options.runs_asked

    @property
    def first_unseen(self) -> date:
        """The first day that the calibration was not shown."""
        return max(target.end for target in self.targets)


def prepare(
    scenario: Scenario,
    records: Path,
    options: CalibrateOptions,
    warn: Callable[[str], None] = warnings.warn,
) -> CalibrationSetup:
    """Read the records and check them; nothing is run but one county if records name subgroups.

    scenario: the county as its file describes it; its levers are left out. Raises BadDocument and BadRecords
    for records that cannot be used, UnknownParameter for a path of ``options.free``, and ValueError for an
    unknown budget.
    """
    budget = options.runs_asked
    gathered = source.gather(records, scenario.county).within(options.start, options.end)
    notes = [*gathered.notes, *_notes_on_direct_fits(options, bool(gathered.estimates))]
    estimates = [] if options.hold_out else gathered.estimates
    parameters, range_updates = local.with_estimates(scenario.parameters, estimates)
    scenario = scenario.model_copy(update={"parameters": parameters})
    prior = Prior.of(scenario.parameters, options.free)
    if not gathered.targets:
        raise bad(records, "(days)", "no figure lies in the days asked for")
    fitted = without_last_months(gathered.targets, options.hold_out)
    if not fitted:
        raise bad(records, "(hold-out)", f"{options.hold_out} months leave nothing to calibrate on")
    first = window(fitted, budget.months)[0]
    targets, left = local.counted_once([target.since(first) for target in fitted])
    county, input_updates = local.with_records(scenario, targets, budget.months)
    targets = _checked(county, targets, records)
    outputs = tuple(target.output(county.county) for target in targets)
    outputs += other_measures(county, outputs)
    cache = RunCache(
        county, prior, outputs, budget.replications, options.seed, options.runs, options.pool, warn
    )
    series = series_of(gathered.targets, targets, first)
    predictive = predictive_runs(cache, targets, series)
    return CalibrationSetup(
        options, cache, predictive, targets, series, input_updates, range_updates, notes + left
    )


def _notes_on_direct_fits(options: CalibrateOptions, any_fit: bool) -> list[str]:
    if any_fit and options.hold_out:
        return ["no parameter was fitted to the records directly: those fits would see what is held out"]
    if any_fit and (options.start or options.end):
        return ["what is fitted to the records directly is fitted to all their days"]
    return []


def _checked(scenario: Scenario, targets: list[Target], records: Path) -> list[Target]:
    """The targets as they are fitted; refused if the county cannot be run or nothing is left to fit."""
    refuse_unrunnable(scenario, records)
    refuse_unknown_groups(scenario, targets, records)
    targets = local.unfitted(targets)
    if not any(target.weight for target in targets):
        raise bad(
            records,
            "(records)",
            "hold only totals that the county is built from; add a figure that the model has to reproduce, "
            "such as jail_adp of people with serious mental illness",
        )
    return targets


def without_last_months(targets: list[Target], months: int) -> list[Target]:
    """The targets without the last months, which are held out."""
    last = max(target.end for target in targets)
    day = last.replace(day=1) - relativedelta(months=months) if months else last
    return [kept for target in targets if (kept := target.before(day)) is not None]


def series_of(targets: list[Target], fitted: list[Target], first: date) -> list[Target]:
    """The targets that are series, held-out months too; their variation is that of the fitted months."""
    known = {(target.name, target.per_year): target.variation for target in fitted}
    recent = [
        replace(
            target.since(first), known_variation=known.get((target.name, target.per_year), YearlyVariation())
        )
        for target in targets
    ]
    return [target for target in recent if len(target.points) >= SERIES and target.start >= first]


def predictive_runs(cache: RunCache, targets: list[Target], series: list[Target]) -> RunCache:
    """The same county to the end of its series, held-out months too, each month an output."""
    county = cache.scenario.county
    ends = [months_between(county.start, target.end) for target in series]
    longer = county.model_copy(update={"months": max([county.months, *ends])})
    whole = tuple(target.output(longer) for target in targets)
    outputs = [target.output(longer) for target in series]
    monthly = tuple(
        Output(output.measure, output.subgroup, (span,)) for output in outputs for span in output.spans
    )
    scenario = cache.scenario.model_copy(update={"county": longer})
    return replace(cache, scenario=scenario, outputs=whole + cache.outputs[len(whole) :] + monthly)


def other_measures(scenario: Scenario, outputs: tuple[Output, ...]) -> tuple[Output, ...]:
    """Every other measure over the whole time, to report which record would help."""
    whole = ((0.0, scenario.county.horizon),)
    asked = {(output.measure, output.subgroup) for output in outputs}
    return tuple(Output(name, "all", whole) for name in MEASURES if (name, "all") not in asked)
