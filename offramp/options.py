"""The options of every command: typed, checked where they are made, and the source of the command line.

A field's type, bounds, default and help are written once, here; ``offramp.cli`` reads its flags from these
classes, and ``offramp.run`` and its like take them as they are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from cyclopts import Parameter, Token

MOST_SEEDS = 2**63


class BadOptions(ValueError):
    """Options that are not allowed, every one of them with what is allowed."""


@dataclass(frozen=True)
class Between:
    """The least and the most that a number may be; ``below`` is a bound that it may not reach."""

    least: float
    most: float | None = None
    below: float | None = None

    def holds(self, number: float) -> bool:
        """Whether a number is inside."""
        within = self.most is None or number <= self.most
        return number >= self.least and within and (self.below is None or number < self.below)

    def __str__(self) -> str:
        if self.below is not None:
            return f"{self.least:,} or more, below {self.below:,}"
        return f"{self.least:,} or more" if self.most is None else f"{self.least:,} to {self.most:,}"


class Options:
    """Fields that are checked when they are set: BadOptions names every one that is not allowed."""

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self), include_extras=True)
        problems = []
        for field in fields(self):  # type: ignore[arg-type]
            kinds, between = _allowed(hints[field.name])
            value = _as_typed(getattr(self, field.name), kinds)
            object.__setattr__(self, field.name, value)
            if not _fits(value, kinds, between):
                problems.append(f"{field.name} is {value!r}; allowed: {_in_words(kinds, between)}")
        problems.extend(self.conflicts() if not problems else ())
        if problems:
            raise BadOptions("; ".join(problems))

    def conflicts(self) -> Iterator[str]:
        """What is wrong with fields that are allowed one by one."""
        yield from ()


def _allowed(hint: Any) -> tuple[tuple[Any, ...], Between | None]:
    """The types of a field, and the bounds that are written beside them."""
    extras = getattr(hint, "__metadata__", ())
    between = next((extra for extra in extras if isinstance(extra, Between)), None)
    kind = get_args(hint)[0] if extras else hint
    is_union = not isinstance(kind, type) and get_origin(kind) not in (tuple, Literal)
    return (get_args(kind) if is_union else (kind,)), between


def _as_typed(value: Any, kinds: tuple[Any, ...]) -> Any:
    """Text as a path and a list as a tuple, where those are asked for."""
    if Path in kinds and isinstance(value, str):
        return Path(value)
    wants_tuple = any(get_origin(kind) is tuple for kind in kinds)
    if wants_tuple and isinstance(value, str):
        return (value,)
    return tuple(value) if wants_tuple and isinstance(value, Sequence) else value


def _fits(value: Any, kinds: tuple[Any, ...], between: Between | None) -> bool:
    if not any(_is_a(value, kind) for kind in kinds):
        return False
    return between is None or not isinstance(value, (int, float)) or between.holds(value)


def _is_a(value: Any, kind: Any) -> bool:
    """Whether a value is of a type, a truth value not being a number."""
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


WORDS: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    str: "text",
    Path: "a path",
    date: "a date",
    type(None): "None",
}


def _in_words(kinds: tuple[Any, ...], between: Between | None) -> str:
    names = []
    for kind in kinds:
        name = WORDS.get(kind, "texts")
        if get_origin(kind) is Literal:
            name = ", ".join(map(repr, get_args(kind)))
        names.append(f"{name}, {between}" if between and kind in (int, float) else name)
    return " or ".join(names)


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


Seed = Annotated[int, Between(0, below=MOST_SEEDS)]
Texts = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class RunOptions(Options):
    """What is run, and what is reported of it.

    Parameters
    ----------
    replications
        Replications per scenario. Replication i uses the same random numbers in every scenario.
    draws
        How many samples of the uncertain parameters to run; 0 uses the register's central values only.
    seed
        Seed of the random-number streams; the same seed gives the same results.
    events
        Also write every event of every run, with the tables of people, cases, attendance, posts and
        capacities that the measures read.
    subgroups
        Also report every person-level measure by sex, age, race and ethnicity, and risk and need; takes a
        quarter longer.
    precision
        Add replications until the 95 % interval of each --measure is within this share of its mean, such as
        5%; of its difference from the first scenario too.
    measures
        The measures that --precision applies to; may be given several times. Left out: jail_adp.
    at_most
        The most runs of each scenario (with --draws: draws) that --precision may make.
    posterior
        The draws that offramp calibrate wrote for this county: parameters are taken from them, 20 draws
        unless --draws gives another number.
    """

    replications: Annotated[int, Parameter(alias="-n"), Between(2, 10_000)] = 5
    draws: Annotated[int, Between(0, 10_000)] = 0
    seed: Seed = 1
    events: Annotated[bool, Parameter(negative="")] = False
    subgroups: Annotated[bool, Parameter(negative="")] = False
    precision: Annotated[float | None, Parameter(converter=percentage), Between(1e-9, below=1)] = None
    measures: Annotated[tuple[str, ...], Parameter(name="--measure", negative="", show_default=False)] = ()
    at_most: Annotated[int, Between(2, 100_000)] = 1000
    posterior: Path | None = None

    def conflicts(self) -> Iterator[str]:
        """Measures that do not exist."""
        if self.measures:
            from simulation.inputs.strict_model import choices
            from simulation.measures import MEASURES

            for name in self.measures:
                if name not in MEASURES:
                    yield f"--measure {name}: there is no such measure. {choices(name, list(MEASURES))}"


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class WorkerOptions(Options):
    """Who makes the runs; the results are the same.

    Parameters
    ----------
    jobs
        Processors to use; all of them if left out. The results are the same for any number.
    scheduler
        Address of a dask.distributed scheduler whose workers make the runs, such as tcp://10.0.0.5:8786.
    """

    jobs: Annotated[int | None, Parameter(alias="-j"), Between(1, 1024)] = None
    scheduler: str | None = None

    @property
    def processes(self) -> int:
        """Processes of this machine."""
        return self.jobs or os.cpu_count() or 1


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ExecutionOptions(WorkerOptions):
    """How the runs are made and where they are kept; none of it changes the results.

    Parameters
    ----------
    store
        Folder in which finished runs are kept, so that a command that was stopped goes on where it was.
    events_to
        Have the workers write every run's events as parquet files into this folder, one subfolder a table,
        and leave them there; an address such as s3://bucket/folder is allowed.
    """

    store: Path | None = None
    events_to: str | None = None


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class CalibrateOptions(Options):
    """Which records are used, for which parameters, and how much is run.

    Parameters
    ----------
    budget
        How much to run: small (about two minutes for a small county), standard or thorough.
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
    """

    budget: Literal["small", "standard", "thorough"] = "standard"
    seed: Annotated[int, Between(0, below=2**31)] = 1
    start: Annotated[date | None, Parameter(name="--from")] = None
    end: Annotated[date | None, Parameter(name="--until")] = None
    free: Texts = ()
    hold_out: Annotated[int, Between(0, 120)] = 0


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PlanOptions(Options):
    """The size of a job whose cost is predicted.

    Parameters
    ----------
    replications
        Replications per scenario (with each draw).
    draws
        How many samples of the uncertain parameters.
    jobs
        Processors that there would be; those of this machine if left out.
    counties
        How many counties there are in all, if those named are examples; goes with --residents.
    residents
        How many people live in all of them.
    """

    replications: Annotated[int, Parameter(alias="-n"), Between(1, 1_000_000)] = 200
    draws: Annotated[int, Between(0, 1_000_000)] = 0
    jobs: Annotated[int | None, Parameter(alias="-j"), Between(1, 1_000_000)] = None
    counties: Annotated[int | None, Between(1, 10_000)] = None
    residents: Annotated[float | None, Between(1)] = None

    def conflicts(self) -> Iterator[str]:
        """One of two options that are given together."""
        if (self.counties is None) != (self.residents is None):
            yield "--counties and --residents go together"

    @property
    def runs(self) -> int:
        """Runs of each scenario."""
        return self.replications * max(1, self.draws)

    @property
    def processes(self) -> int:
        """Processors that there would be."""
        return self.jobs or os.cpu_count() or 1


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class MeasuresOptions(Options):
    """Which performance measures are computed from a county's records.

    Parameters
    ----------
    cohort
        One cohort, such as 2025H1, 2025Q3 or 2025; left out: all of six months.
    by
        Also by this trait, such as sex or race_ethnicity; may be given several times.
    fidelity
        A YAML file with what the records do not show of the DACTS and FACTS items, by item (H1, S5, F3).
    targets
        The court's own target for a measure, drawn in its figure: --target 6=30; may be given several times.
    """

    cohort: str | None = None
    by: Texts = ()
    fidelity: Path | None = None
    targets: Annotated[tuple[str, ...], Parameter(name="--target", negative="", show_default=False)] = ()

    def conflicts(self) -> Iterator[str]:
        """Targets that cannot be read, or of no measure."""
        for text in self.targets:
            yield from _target_problems(text)

    def targets_by_measure(self) -> dict[str, float]:
        """Targets by number of the measure."""
        pairs = (text.partition("=") for text in self.targets)
        return {measure.strip().upper(): float(value) for measure, _, value in pairs}


def _target_problems(text: str) -> Iterator[str]:
    """Why a target such as 6=30 cannot be used."""
    from simulation.measures.ncsc import NCSC

    measure, _, value = text.partition("=")
    try:
        float(value)
    except ValueError:
        yield f"--target {text}: write the measure and a number, such as 6=30"
        return
    if measure.strip().upper() not in NCSC:
        yield f"--target {text}: no measure {measure!r}. Allowed: {', '.join(NCSC)}"


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class SynthesizeOptions(Options):
    """Which records a simulated county keeps, and how well.

    Parameters
    ----------
    seed
        Seed of the random-number streams; the same seed gives the same results.
    draw
        Take the parameters from this draw of the prior; left out: the register's values.
    missing
        Share of the monthly figures, and of the rows of people, to lose: 0.1 for one in ten.
    error
        Standard error of each monthly figure, as a share of it.
    """

    seed: Annotated[int, Between(0, below=2**31)] = 1
    draw: Annotated[int | None, Between(0, below=10_000)] = None
    missing: Annotated[float, Between(0, below=1)] = 0.0
    error: Annotated[float, Between(0, below=1)] = 0.0
