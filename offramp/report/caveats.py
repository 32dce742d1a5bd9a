"""Caveats for the reader of a run: levers without effect, and differences that are selection effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from simulation.levers import AnyLever
from simulation.scenario import Scenario


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
    """Whether every referral to what the lever widens found a place at once, in all runs of the first."""
    rows = summary[
        (summary["scenario"] == first.key)
        & (summary["measure"] == "found_no_place")
        & (summary["subgroup"] == f"service={lever.adds_capacity_to}")
        & (summary["period"] == "all")
    ]
    return bool(len(rows) and not rows["mean"].any())


def without_effect(first: Scenario, other: Scenario, differences: pd.DataFrame) -> Iterator[str]:
    """Whether a scenario differs from the first in nothing that is measured, in no run."""
    rows = differences[differences["scenario"] == other.key]
    if len(rows) and not rows[["mean", "sd"]].fillna(0.0).to_numpy().any():
        yield f"{other.key}: no measure differs from {first.key} in any run. Its levers change nothing here."
