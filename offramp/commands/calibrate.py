"""``offramp calibrate``: from a county's records to a posterior that ``offramp run`` can draw from."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from calibration.document import BadDocument
from calibration.inference.setup import Work
from calibration.records.workbook import BadRecords
from offramp import __version__
from offramp.options import Means
from offramp.output import BadOutput
from offramp.scenarios import load_one

if TYPE_CHECKING:
    from calibration.inference.inference import Found
    from calibration.inference.posterior import Posterior
    from calibration.inference.run_cache import Bank
    from calibration.targets.output import Output
    from calibration.targets.target import Target
    from simulation.scenario import Scenario


KEPT = "Finished runs are kept: the same command goes on from there."

SERIES = 6
"""Values from which on a target is drawn, and forecast, month by month."""


@dataclass(frozen=True)
class Wish:
    """What ``offramp calibrate`` was asked for.

    start, end: only records of these days, ``[start, end)``; free: parameters to search for, the usual
    ones if empty; hold_out: months at the end of the records to be forecast and not fitted.
    """

    county: str
    records: Path
    budget: str
    out: Path | None
    means: Means
    seed: int
    start: date | None
    end: date | None
    free: tuple[str, ...]
    hold_out: int


def calibrate_command(wish: Wish) -> int:
    """Everything behind ``offramp calibrate``; returns the exit code."""
    from calibration.inference.inference import NothingToFit
    from calibration.inference.prior import UnknownParameter
    from simulation.experiment.pool import LostWorkers, OtherCode

    out = wish.out or Path("results") / f"{Path(wish.county).stem}.posterior.parquet"
    try:
        work = prepared(wish, out)
        told(work)
        began = time.time()
        found = carried_out(work)
        from offramp.report.calibration_page import write_page

        page = out.with_suffix("")
        posterior_of(work, found, wish.budget).write(out)
        write_page(work, found, page, time.time() - began)
    except BadRecords as fault:
        for line in fault.report.lines(60):
            print(f"  {line}", file=sys.stderr)
        return _say(f"{wish.records}: nothing was calibrated. Correct what is named above as error.")
    except (BadDocument, BadOutput) as fault:
        return _say(str(fault))
    except KeyboardInterrupt:
        print(f"\nStopped. {KEPT}", file=sys.stderr)
        return 130
    except (LostWorkers, OtherCode) as loss:
        print(f"Stopped: {loss} {KEPT}", file=sys.stderr)
        return 3
    except NothingToFit as fault:
        return _say(f"{wish.records}: nothing was calibrated: {fault}")
    except UnknownParameter as fault:
        return _say(f"offramp calibrate: --free: {fault}")
    except OSError as error:
        return _say(f"{error.filename or out}: cannot be written: {error.strerror}")
    print(f"The draws are in {out}; what the records say, and what they do not, in {page}/calibration.html")
    print(f"  offramp run {wish.county} --posterior {out}")
    return 0


def prepared(wish: Wish, out: Path) -> Work:
    """Read everything and check it, before anything is run."""
    from calibration.inference.inference import BUDGETS
    from calibration.inference.prior import Prior
    from calibration.inference.run_cache import Bank
    from calibration.targets import local
    from calibration.targets.source import gather
    from calibration.targets.target import window
    from offramp.commands.preflight import bad, refuse_unknown_groups, refuse_unrunnable
    from offramp.commands.runner import pool_of

    if out.suffix != ".parquet":
        raise bad(out, "--out", "must end in .parquet")
    scenario = load_one(wish.county)
    found = gather(wish.records, scenario.county).within(wish.start, wish.end)
    notes = list(found.notes)
    if wish.hold_out and found.says:
        notes.append("no parameter was fitted to the records directly: those fits would see what is held out")
    elif found.says and (wish.start or wish.end):
        notes.append("what is fitted to the records directly is fitted to all their days")
    parameters, said = local.told(scenario.parameters, [] if wish.hold_out else found.says)
    scenario = scenario.model_copy(update={"parameters": parameters})
    prior = Prior.of(scenario.parameters, wish.free)
    if not found.targets:
        raise bad(wish.records, "--from", "no figure lies in the days asked for")
    budget = BUDGETS[wish.budget]
    targets = shown(found.targets, wish.hold_out)
    if not targets:
        raise bad(wish.records, "--hold-out", f"{wish.hold_out} months leave nothing to calibrate on")
    first = window(targets, budget.months)[0]
    targets = [target.since(first) for target in targets]
    targets, left = local.counted_once(targets)
    placed_scenario, taken = local.placed(scenario, targets, budget.months)
    refuse_unrunnable(placed_scenario, wish.records)
    refuse_unknown_groups(placed_scenario, targets, wish.records)
    targets = local.unfitted(targets)
    if not any(target.weight for target in targets):
        told = "hold only totals that the county is built from; add a figure that the model has to reproduce"
        raise bad(
            wish.records, "(records)", f"{told}, such as jail_adp of people with serious mental illness"
        )
    outputs = tuple(target.output(placed_scenario.county) for target in targets)
    bank = Bank(
        placed_scenario,
        prior,
        outputs + candidates(placed_scenario, outputs),
        budget.replications,
        wish.seed,
        out.with_suffix(".runs"),
        pool_of(wish.means),
        lambda text: print(f"  {text}", file=sys.stderr),
    )
    series = drawn(found.targets, targets, first)
    look_back = looking_back(bank, targets, series)
    return Work(bank, look_back, targets, series, budget, taken, said, notes + left)


def drawn(targets: list[Target], shown: list[Target], first: date) -> list[Target]:
    """The targets that are series, held-out months too, and of their moves what was shown alone tells."""
    from calibration.fits.between_year import Moves

    known = {(target.name, target.per_year): target.history for target in shown}
    recent = [
        replace(each.since(first), moves=known.get((each.name, each.per_year), Moves())) for each in targets
    ]
    return [target for target in recent if len(target.points) >= SERIES and target.start >= first]


def looking_back(bank: Bank, targets: list[Target], series: list[Target]) -> Bank:
    """The same county to the end of its series, held-out months too, asked for every month of them."""
    from calibration.targets.output import Output
    from calibration.targets.target import months_between

    county = bank.scenario.county
    ends = [months_between(county.start, target.end) for target in series]
    longer = county.model_copy(update={"months": max([county.months, *ends])})
    whole = tuple(target.output(longer) for target in targets)
    monthly = [
        Output(one.measure, one.subgroup, (span,))
        for target in series
        for one in [target.output(longer)]
        for span in one.spans
    ]
    scenario = bank.scenario.model_copy(update={"county": longer})
    return replace(bank, scenario=scenario, outputs=whole + bank.outputs[len(whole) :] + tuple(monthly))


def candidates(scenario: Scenario, asked: tuple[Output, ...]) -> tuple[Output, ...]:
    """Every other measure over the whole time, to say which record would help."""
    from calibration.targets.output import Output
    from simulation.measures import MEASURES

    whole = ((0.0, scenario.county.horizon),)
    names = {(one.measure, one.subgroup) for one in asked}
    return tuple(Output(name, "all", whole) for name in MEASURES if (name, "all") not in names)


def shown(targets: list[Target], months: int) -> list[Target]:
    """The targets without the last months, which are held out."""
    last = max(target.end for target in targets)
    count = last.year * 12 + last.month - 1 - months
    day = date(count // 12, count % 12 + 1, 1) if months else last
    return [kept for target in targets if (kept := target.before(day)) is not None]


def told(work: Work) -> None:
    """Say what will be done."""
    from simulation.measures import MEASURES

    county = work.bank.scenario.county
    for note in work.notes:
        print(f"  note: {note}")
    for target in work.targets:
        how = "given to the model" if not target.weight else f"weight {target.weight:g}"
        unit = MEASURES[target.measure].unit
        months = f"{len(target.points)} values" if len(target.points) > 1 else "one value"
        print(
            f"  {target.name}: {target.value:,.4g} {unit} ({months}, {target.start} to {target.end}; {how})"
        )
    for one in work.taken:
        print(f"  {one.figure}: {one.after:,.4g} from the records (the county file says {one.before:,.4g})")
    for each in work.said:
        low, value, high = each.after
        print(f"  {each.path}: {value:.4g} ({low:.4g} to {high:.4g}) fitted to the records directly")
    print(
        f"{county.name}, {county.months} months from {county.start}: {work.budget.runs:,} runs of "
        f"{work.bank.prior.free} parameters searched for, {len(work.bank.prior.names)} in all"
    )


def carried_out(work: Work) -> Found:
    """Run the calibration with a bar that says how long it will take."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from calibration.inference.inference import infer

    console = Console(stderr=True)
    columns = (TextColumn("calibrating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("calibrating", total=work.budget.blocks)
        return infer(
            work.bank, work.targets, work.budget, lambda count: bar.advance(task, count), work.look_back
        )


def posterior_of(work: Work, found: Found, budget: str) -> Posterior:
    """The file of the draws."""
    from calibration.inference.posterior import FORMAT, About, Posterior

    bank, county = work.bank, work.bank.scenario.county
    known = dict(bank.scenario.parameters)
    about = About(
        format=FORMAT,
        offramp=__version__,
        county=county.name,
        fips=county.fips,
        hash=bank.scenario.fingerprint(),
        seed=bank.seed,
        budget=budget,
        runs=work.budget.runs,
        free=bank.prior.free,
        targets=[
            {
                "target": t.name,
                "value": t.value,
                "values": len(t.points),
                "start": t.start.isoformat(),
                "end": t.end.isoformat(),
                "weight": t.weight,
                "source": t.source,
            }
            for t in work.targets
        ],
        figures={one.figure: one.after for one in work.taken},
        ranges={name: (known[name].low, known[name].value, known[name].high) for name in bank.prior.names},
    )
    return Posterior(bank.prior.names, bank.prior.values(found.z), about)


def _say(text: str) -> int:
    print(text, file=sys.stderr)
    return 1
