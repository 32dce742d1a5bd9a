"""Figures of a county that its records show directly: taken over, not searched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from calibration.target import Target, window
from simulation import unit as units
from simulation.countyfile import CountyFile
from simulation.scenario import Scenario

FIGURES = {
    "bookings:total": "bookings",
    "jail_adp:total": "average_daily_population",
    "jail_adp": "mental_health_cases",
}
"""Figure of the jail by the target that shows it. Bookings size the population and the jail's people
without serious mental illness are a series, so that both totals are reproduced by construction."""

GIVEN = ("bookings:total", "jail_adp:total")
"""Targets that are shown and not fitted, because the county is built from them."""


@dataclass(frozen=True)
class Taken:
    """One figure of the county file replaced by what the records say."""

    figure: str
    before: float
    after: float
    target: str


def placed(scenario: Scenario, targets: Sequence[Target]) -> tuple[Scenario, list[Taken]]:
    """The county in the days of its records, without levers, with its jail's figures from them."""
    start, months = window(targets)
    county = scenario.county.model_copy(update={"start": start, "months": months})
    taken = []
    for target in targets:
        if target.name in FIGURES:
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


def unfitted(targets: Sequence[Target]) -> list[Target]:
    """The targets, those that the county is built from without weight."""
    return [replace(one, weight=0.0) if one.name in GIVEN else one for one in targets]
