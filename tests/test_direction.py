"""Each lever moves what it should, the way a county would expect, and extremes do what they must.

Differences are paired: the same people with the same luck, with the lever and without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.document import load
from offramp.scenarios import shipped
from simulation import model
from simulation.eventlog import Events
from simulation.measures import MEASURES, History
from simulation.scenario import Scenario, ScenarioFile
from tests.conftest import Build

Figures = Mapping[str, Any]
Numbers = NDArray[np.float64]

RUNS = 8
TEAMS = [
    {"name": "west", "posts": 1, "enrolled": 8, "share": 0.5},
    {"name": "central", "posts": 1, "enrolled": 8, "share": 0.5},
]
SMALL: Figures = {"months": 30, "fact.teams": TEAMS}

ROOMY: Figures = {
    **SMALL,
    "jail.screeners": 1000,
    "crisis.call_takers": 1000,
    "crisis.mobile_teams": 1000,
    "crisis.mobile_opens": 0,
    "crisis.mobile_closes": 24,
    "crisis.stabilization_chairs": 1000,
    "crisis.short_term_beds": 1000,
    "crisis.ed_places": 1000,
    "crisis.inpatient_beds": 1000,
    "court.evaluators": 1000,
    "court.assessors": 1000,
    "court.docket": [
        {"weekday": day, "slots": 1000} for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    ],
    "court.lower_intensity_slots": 1000,
    "fact.teams": [
        {"name": "west", "posts": 100, "enrolled": 8, "share": 0.5},
        {"name": "central", "posts": 100, "enrolled": 8, "share": 0.5},
    ],
    "fact.intake": 1000,
    "housing.master_leased": 1000,
    "housing.longer_term": 1000,
    "stepdown.outpatient_slots": 1000,
}
"""A county in which nobody waits for anything but a docket day."""

BUSY = {"court.referral_if_identified": 0.9, "court.eligible": 0.9, "court.granted": 0.95}
"""So many referrals that what comes after them fills up."""

EVERYBODY = {
    path: 1.0 for path in ("referral_if_identified", "referral_if_missed", "consent", "eligible", "granted")
}


def shipped_levers(name: str) -> list[dict[str, Any]]:
    """The levers of a scenario file that comes with Offramp."""
    scenario = load(shipped()[name], ScenarioFile)
    return [lever.model_dump() for lever in scenario.levers]


@cache
def lived(scenario: Scenario, replication: int) -> History:
    """One run of a scenario."""
    return History(model.run(scenario, 1, replication), scenario.county.horizon)


def measured(scenario: Scenario, name: str, subgroup: str = "all", since: float = 0.0) -> Numbers:
    """A measure from a day on, one value a run."""
    edges = np.array([since, scenario.county.horizon])
    found = [MEASURES[name].function(lived(scenario, run), edges) for run in range(RUNS)]
    return np.array([values.get(subgroup, np.zeros(1))[0] for values in found])


class Effect:
    """What levers do to a county, measured from the first one's day on."""

    def __init__(self, without: Scenario, with_levers: Scenario) -> None:
        self.without, self.with_levers = without, with_levers
        self.since = min(without.county.day(lever.on) for lever in with_levers.levers)

    def on(self, name: str, subgroup: str = "all") -> Numbers:
        """The difference the levers make to a measure, run by run."""
        after = (measured(one, name, subgroup, self.since) for one in (self.with_levers, self.without))
        return next(after) - next(after)

    def raises(self, name: str, subgroup: str = "all") -> bool:
        """Whether a measure is higher with the levers, beyond two standard errors."""
        return standard_errors(self.on(name, subgroup)) > 2

    def lowers(self, name: str, subgroup: str = "all") -> bool:
        """Whether a measure is lower with the levers, beyond two standard errors."""
        return standard_errors(self.on(name, subgroup)) < -2

    def leaves_alone(self, name: str, subgroup: str = "all") -> bool:
        """Whether a measure is the same to the last digit in every run."""
        return bool(np.array_equal(self.on(name, subgroup), np.zeros(RUNS)))


def standard_errors(differences: Numbers) -> float:
    """How many standard errors the mean difference lies from zero; 0 if there is no difference."""
    error = differences.std(ddof=1) / sqrt(len(differences))
    mean = float(differences.mean())
    assert np.isfinite(mean)
    return float(mean / max(error, 1e-12 * abs(mean))) if mean else 0.0


@pytest.fixture(scope="session")
def effect(build: Build) -> Any:
    """What shipped or other levers do in a small county."""

    def of(
        levers: str | Sequence[Mapping[str, Any]],
        figures: Figures = {},
        evidence: Mapping[str, float] = {},
    ) -> Effect:
        pulled = shipped_levers(levers) if isinstance(levers, str) else levers
        figures = {**SMALL, **figures}
        return Effect(build(figures, evidence), build(figures, evidence, pulled))

    return of
