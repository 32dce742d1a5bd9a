"""Caveats for the reader of a run: levers without effect, and differences that are selection effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from simulation import model
from simulation.initial_state.other_residents import Volume, volumes
from simulation.inputs.sections.service_spec import VISITED
from simulation.levers import AnyLever
from simulation.scenario import Scenario


def users_of_services(scenario: Scenario) -> Iterator[str]:
    """Whose visits to crisis and hospital services are in the model, and what is not known of them."""
    if "crisis" in scenario.county.off:
        return
    known = volumes(scenario.county, scenario.parameters, model.sized(scenario))
    yield (
        "Crisis contacts, visits and hospital days are of people with serious mental illness in contact with "
        "the crisis or justice system; they are not the county's volumes."
    )
    yield from (f"{spoken(name)}: {in_words(volume)}" for name, volume in known.items())
    unknown = [spoken(spec.name) for spec in VISITED if spec.name not in known]
    if unknown:
        yield (
            f"{', '.join(unknown)}: the county file gives no visits of all residents, so other residents use "
            "none of the places; the capacity has to be the share that serves the simulated people."
        )


def spoken(service: str) -> str:
    """A service's name in words."""
    return service.replace("_", " ")


def in_words(volume: Volume) -> str:
    """What all residents make of a service, and how much of it is the simulated people's."""
    everyone, simulated = (f"{7 * per_day:,.3g}" for per_day in (volume.everyone, volume.simulated))
    if volume.simulated > volume.everyone:
        return (
            f"the county file gives {everyone} visits a week of all residents, but the simulated people "
            f"alone are expected to make {simulated}, so no others are added. Either the file's total leaves "
            "visits out, or the model sends people there too often."
        )
    return (
        f"all residents make {everyone} visits a week (county file), of which the simulated people are "
        f"expected to make {simulated} and other residents the rest."
    )


def caveats(scenarios: Sequence[Scenario], summary: pd.DataFrame, differences: pd.DataFrame) -> list[str]:
    """What reconviction by exit means, each lever whose capacity never binds, each idle scenario."""
    first, *others = scenarios
    lines = [*selection(first, summary)]
    for other in others:
        lines += [*slack(first, other, summary), *without_effect(first, other, differences)]
    return lines


def selection(first: Scenario, summary: pd.DataFrame) -> Iterator[str]:
    """What the gap between completers and others means, wherever it is shown."""
    rows = summary[
        (summary["scenario"] == first.key)
        & (summary["measure"] == "reconviction_2y")
        & (summary["period"] == "all")
    ].set_index("subgroup")["mean"]
    completed, not_completed = rows.get("exit=success"), rows.get("completed=no")
    if pd.notna(completed) and pd.notna(not_completed):
        yield (
            f"{first.key}: within two years of leaving the program {completed:.0%} of those who completed it "
            f"were reconvicted, and {not_completed:.0%} of the others. That gap is not what the program does:"
            " people arrested more often complete less often. What it does is what scenarios differ by."
        )


def slack(first: Scenario, other: Scenario, summary: pd.DataFrame) -> Iterator[str]:
    """Levers that widen a service in which a place was always free without them."""
    for lever in other.levers:
        if lever.adds_capacity_to and never_binds(first, lever, summary):
            yield (
                f"{other.key}: {lever.lever} on {lever.date} cannot matter here: under {first.key} everybody "
                f"who was referred to {lever.adds_capacity_to} found a free place at once, in every run."
            )


def never_binds(first: Scenario, lever: AnyLever, summary: pd.DataFrame) -> bool:
    """Whether all residents referred to what the lever widens found a place at once, in the first's runs."""
    rows = summary[
        (summary["scenario"] == first.key)
        & summary["measure"].isin(["found_no_place", "all_residents_found_no_place"])
        & (summary["subgroup"] == f"service={lever.adds_capacity_to}")
        & (summary["period"] == "all")
    ]
    return bool(len(rows) and not rows["mean"].any())


def without_effect(first: Scenario, other: Scenario, differences: pd.DataFrame) -> Iterator[str]:
    """Whether a scenario differs from the first in nothing but the places there are, in no run."""
    rows = differences[(differences["scenario"] == other.key) & (differences["measure"] != "places_in_use")]
    if len(rows) and not rows[["mean", "sd"]].fillna(0.0).to_numpy().any():
        yield f"{other.key}: no measure differs from {first.key} in any run. Its levers change nothing here."
