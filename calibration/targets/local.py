"""Figures of a county that its records show directly: taken over, not searched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from calibration.fits.fit import Statement
from calibration.targets.target import Target, window
from simulation.inputs import unit as units
from simulation.inputs.countyfile import CountyFile
from simulation.inputs.parameter import Parameter, Share
from simulation.inputs.parameters import Parameters
from simulation.scenario import Scenario

FIGURES = {
    "bookings:total": "bookings",
    "jail_adp:total": "average_daily_population",
    "jail_adp": "mental_health_cases",
}
"""Figure of the jail by the target that shows it. Bookings size the population and the jail's people
without serious mental illness are a series, so that both totals are reproduced by construction."""

STRETCH = 1.959964 / 1.644854

GIVEN = ("bookings:total", "jail_adp:total")
"""Targets that are shown and not fitted, because the county is built from them."""


@dataclass(frozen=True)
class Taken:
    """One figure of the county file replaced by what the records say."""

    figure: str
    before: float
    after: float
    target: str


def placed(
    scenario: Scenario, targets: Sequence[Target], longest: int = 10_000
) -> tuple[Scenario, list[Taken]]:
    """The county in the latest months of its records, without levers, with its jail's figures from them.

    A target without weight is not used for it.
    """
    start, months = window(targets, longest)
    county = scenario.county.model_copy(update={"start": start, "months": months})
    taken = []
    for target in targets:
        if target.name in FIGURES and target.weight:
            county, one = _replaced(county, target)
            taken.append(one)
    return scenario.model_copy(update={"county": county, "levers": ()}), taken


def _replaced(county: CountyFile, target: Target) -> tuple[CountyFile, Taken]:
    name = FIGURES[target.name]
    figure = getattr(county.jail, name)
    value = target.value
    if target.kind == "flow":
        days = sum((point.end - point.start).days for point in target.points) / len(target.points)
        value = value / days / units.FLOWS[figure.unit]
    source = f"Records given to offramp calibrate: {target.name}, {target.start} to {target.end}."
    new = figure.model_copy(update={"value": value, "source": source})
    jail = county.jail.model_copy(update={name: new})
    told = Taken(f"jail.{name}", figure.value, value, target.name)
    return county.model_copy(update={"jail": jail}), told


@dataclass(frozen=True)
class Said:
    """One parameter whose range the records give directly: before and after as (low, value, high)."""

    path: str
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    note: str


def told(parameters: Parameters, says: Sequence[Statement]) -> tuple[Parameters, list[Said]]:
    """The register with the ranges that direct fits give; the first statement of a parameter counts.

    A statement with nothing between the record and the parameter is of grade A, another of grade C. Its
    90 % interval is stretched to the 95 % of the register's ranges.
    """
    known, changed, said = dict(parameters), dict[str, Parameter](), []
    for one in says:
        if one.path not in known or one.path in changed:
            continue
        old = known[one.path]
        top = 1.0 if isinstance(old, Share) else float("inf")
        low = max(0.0, one.value - STRETCH * (one.value - one.low))
        high = min(top, one.value + STRETCH * (one.high - one.value))
        if not low < one.value < high:
            continue
        source = f"Fitted to the records given to offramp calibrate. {one.note}".strip()
        update = {"value": one.value, "low": low, "high": high, "grade": "C" if one.note else "A"}
        changed[one.path] = old.model_copy(update=update | {"source": source})
        said.append(Said(one.path, (old.low, old.value, old.high), (low, one.value, high), one.note))
    return parameters.replacing(changed), said


def counted_once(targets: Sequence[Target]) -> tuple[list[Target], list[str]]:
    """The targets, of those of one name only the one of most values keeping its weight; and what was noted.

    One that had no weight comes last.
    """
    in_order = sorted(targets, key=lambda one: (one.weight > 0, len(one.points)))
    most = {target.name: target for target in in_order}
    kept = [one if one is most[one.name] else replace(one, weight=0.0) for one in targets]
    notes = [
        f"{one.name}: the figure of {one.start} to {one.end} is shown and not used; that of "
        f"{len(most[one.name].points)} values is"
        for one in targets
        if one is not most[one.name]
    ]
    return kept, notes


def unfitted(targets: Sequence[Target]) -> list[Target]:
    """The targets, those that the county is built from without weight."""
    return [replace(one, weight=0.0) if one.name in GIVEN else one for one in targets]
