"""Checks of a calibration's records and options before anything is run for it."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import numpy as np

from calibration.document import BadDocument, Problem
from calibration.targets.target import Target
from simulation import model
from simulation.initial_state import population
from simulation.measures import MEASURES, History
from simulation.measures.group import TRAITS
from simulation.scenario import Scenario


def bad(path: Path, field: str, message: str) -> BadDocument:
    """One thing that is wrong with the records or an option."""
    return BadDocument([Problem(str(path), 1, 1, field, message)])


def refuse_unrunnable(scenario: Scenario, records: Path) -> None:
    """Refuse days that a county file may not have, and bookings that nobody could make."""
    if scenario.county.months > 240:
        reason = f"the figures span {scenario.county.months} months; at most 240 are run"
        raise bad(records, "period", f"{reason}. Choose with --from and --until")
    try:
        model.sized(scenario)
    except population.NoBookings as contradiction:
        raise bad(records, "bookings:total", str(contradiction)) from None


def refuse_unknown_groups(scenario: Scenario, targets: list[Target], records: Path) -> None:
    """Refuse a subgroup of which a run of the county shows nothing, unless it may only be rare."""
    asked = [target for target in targets if target.subgroup != "all"]
    if not asked:
        return
    horizon = scenario.county.horizon
    history, problems = History(model.run(scenario, 1, 0), horizon), []
    complete = {*TRAITS, "risk_need"}
    for target in asked:
        known = list(MEASURES[target.measure].values(history, np.array([0.0, horizon]), subgroups=True))
        trait = target.subgroup.partition("=")[0]
        rare = trait not in complete and any(group.startswith(f"{trait}=") for group in known)
        if target.subgroup not in known and not rare:
            close = get_close_matches(target.subgroup, known, n=1)
            meant = f" Did you mean '{close[0]}'?" if close else ""
            message = (
                f"{target.measure} has no subgroup '{target.subgroup}'.{meant} Allowed: {', '.join(known)}"
            )
            problems.append(Problem(str(records), 1, 1, "subgroup", message))
    if problems:
        raise BadDocument(problems)
