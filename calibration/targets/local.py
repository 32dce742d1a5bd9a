"""County inputs and parameter ranges that records give directly, without a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from calibration.fits.fit import ParameterEstimate
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
class InputUpdate:
    """One input of the county file replaced by the records' value."""

    figure: str
    before: float
    after: float
    target: str


def with_records(
    scenario: Scenario, targets: Sequence[Target], longest: int = 10_000
) -> tuple[Scenario, list[InputUpdate]]:
    """The county in the latest months of its records, without levers, with its jail's figures from them.

    A target without weight is not used for it.
    """
    start, months = window(targets, longest)
    county = scenario.county.model_copy(update={"start": start, "months": months})
    updates = []
    for target in targets:
        if target.name in FIGURES and target.weight:
            county, update = _replaced(county, target)
            updates.append(update)
    return scenario.model_copy(update={"county": county, "levers": ()}), updates


def _replaced(county: CountyFile, target: Target) -> tuple[CountyFile, InputUpdate]:
    name = FIGURES[target.name]
    figure = getattr(county.jail, name)
    value = target.value
    if target.kind == "flow":
        days = sum((point.end - point.start).days for point in target.points) / len(target.points)
        value = value / days / units.FLOWS[figure.unit]
    source = f"Records given to offramp calibrate: {target.name}, {target.start} to {target.end}."
    new = figure.model_copy(update={"value": value, "source": source})
    jail = county.jail.model_copy(update={name: new})
    update = InputUpdate(f"jail.{name}", figure.value, value, target.name)
    return county.model_copy(update={"jail": jail}), update


@dataclass(frozen=True)
class RangeUpdate:
    """One parameter whose range the records give directly: before and after as (low, value, high)."""

    path: str
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    note: str


def with_estimates(
    parameters: Parameters, estimates: Sequence[ParameterEstimate]
) -> tuple[Parameters, list[RangeUpdate]]:
    """The register with the ranges of direct fits; of several estimates of a parameter the first counts.

    An estimate without a note (record and parameter mean the same) is of grade A, another of grade C. Its
    90 % interval is stretched to the 95 % of the register's ranges.
    """
    known, changed, updates = dict(parameters), dict[str, Parameter](), []
    for estimate in estimates:
        if estimate.path not in known or estimate.path in changed:
            continue
        old = known[estimate.path]
        top = 1.0 if isinstance(old, Share) else float("inf")
        low = max(0.0, estimate.value - STRETCH * (estimate.value - estimate.low))
        high = min(top, estimate.value + STRETCH * (estimate.high - estimate.value))
        if not low < estimate.value < high:
            continue
        source = f"Fitted to the records given to offramp calibrate. {estimate.note}".strip()
        update = {"value": estimate.value, "low": low, "high": high, "grade": "C" if estimate.note else "A"}
        changed[estimate.path] = old.model_copy(update=update | {"source": source, "seen": "data"})
        before, after = (old.low, old.value, old.high), (low, estimate.value, high)
        updates.append(RangeUpdate(estimate.path, before, after, estimate.note))
    return parameters.replacing(changed), updates


def counted_once(targets: Sequence[Target]) -> tuple[list[Target], list[str]]:
    """The targets, and notes: among targets of one name only that of most values keeps its weight.

    A target with a weight takes precedence over one without.
    """
    in_order = sorted(targets, key=lambda t: (t.weight > 0, len(t.points)))
    most = {target.name: target for target in in_order}
    kept = [t if t is most[t.name] else replace(t, weight=0.0) for t in targets]
    notes = [
        f"{target.name}: the figure of {target.start} to {target.end} is shown and not used; that of "
        f"{len(most[target.name].points)} values is"
        for target in targets
        if target is not most[target.name]
    ]
    return kept, notes


def unfitted(targets: Sequence[Target]) -> list[Target]:
    """The targets, those that the county is built from without weight."""
    return [replace(t, weight=0.0) if t.name in GIVEN else t for t in targets]
