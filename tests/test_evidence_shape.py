"""What the evidence looks like comes out of frailty, stays in two parts and the journeys; none is put in.

A county of the size of Contra Costa over five years; published figures and where the model stands beside
them are in docs/evidence_shape.md.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from benchmarks.evidence_shape import (
    BROWARD_REARREST,
    NEW_YORK_FLAGGED,
    NO_EFFECT,
    concentration,
    hazards,
    rearrested,
    reoffending,
    stays,
)
from offramp.scenarios import load_one
from simulation import model
from simulation.measures import History
from simulation.scenario import Scenario

pytestmark = pytest.mark.slow


@cache
def county(no_effect: bool) -> Scenario:
    """Contra Costa County, as it stands or with every effect of treatment and homes set to none."""
    scenario = load_one("contra_costa")
    if not no_effect:
        return scenario
    known = dict(scenario.parameters)
    ones = {path: known[path].model_copy(update={"value": 1.0, "low": 1.0}) for path in NO_EFFECT}
    return scenario.model_copy(update={"parameters": scenario.parameters.replacing(ones)})


@cache
def lived(no_effect: bool, replication: int) -> History:
    """One run of five years."""
    scenario = county(no_effect)
    return History(model.run(scenario, 1, replication), scenario.county.horizon)


def test_the_twentieth_of_people_with_most_jail_days_make_about_a_third_of_them() -> None:
    """New York City, 2017 to 2019, with or without mental illness: 0.27 (own computation)."""
    assert 0.25 < concentration(lived(False, 0), 0, 3) < 0.40
    assert 0.25 < concentration(lived(False, 0), 0, 5) < 0.40


def test_one_stay_in_two_lasts_days_and_the_mean_lasts_weeks() -> None:
    """Broward County: median 1.4 days, mean 19.3; stays with mental illness are longer."""
    quantiles, mean = stays(lived(False, 0))
    assert 1 < quantiles[50] < 7
    assert 21 < mean < 60
    assert mean > 5 * quantiles[50]
    assert quantiles[95] > 100, "and one in twenty lasts for months"


RISK_FACTORS = ("high_risk", "substance_use", "young", "age_41_55", "age_56")


def test_the_hazard_of_re_arrest_falls_with_time_since_release() -> None:
    """Broward County: 3.7 % in the first 30 days, 1 % a month in the second year."""
    by_month = np.mean([[rate for _, rate in hazards(lived(False, r))] for r in range(2)], axis=0)
    first, later, last = by_month[:3].mean(), by_month[3:5].mean(), by_month[5:].mean()
    assert first > 1.15 * later > 1.3 * last


def test_returns_lie_between_broward_and_new_york_near_those_flagged_for_mental_health() -> None:
    """Between the records at every time; arrest.rate is set with them in view, the shape over time is not."""
    shares = np.mean([rearrested(lived(False, r)) for r in range(2)], axis=0)
    assert (np.array(BROWARD_REARREST) < shares).all()
    assert (shares < np.array(NEW_YORK_FLAGGED)).all()
    assert shares == pytest.approx(NEW_YORK_FLAGGED, abs=0.04)


def test_without_frailty_and_without_a_raised_risk_no_hazard_falls(build: Any) -> None:
    """If all are alike and release raises nothing, the hazard of those not yet re-arrested stays the same."""
    alike = {
        "arrest.frailty_shape": 1e4,
        "arrest.return_excess": 0.0,
        **{f"arrest.{name}_ratio": 1.0 for name in RISK_FACTORS},
        **dict.fromkeys(NO_EFFECT, 1.0),
        "people.moving_away": 0.0,
        "people.death": 0.0,
        "arrest.rate": 0.5,
        "jail.recognizance_felony": 1.0,
        "jail.recognizance_other": 1.0,
        "jail.recognizance_violation": 1.0,
        "court.jail_if_released": 0.0,
        "court.referral_if_identified": 0.0,
        "court.referral_if_missed": 0.0,
    }
    nobody: dict[str, Any] = {"court.lower_intensity_enrolled": 0, "months": 48, "jail.bookings": 490}
    scenario = build(nobody, alike)
    history = History(model.run(scenario, 1, 0), scenario.county.horizon)
    by_month = [rate for _, rate in hazards(history)]
    first, last = np.mean(by_month[:3]), np.mean(by_month[5:])
    assert 0.8 < first / last < 1.25, "no trend"
    assert np.mean(by_month) == pytest.approx(0.5 / 365.25 * 30, rel=0.15), "the rate that was put in"


@pytest.mark.slow
def test_completers_reoffend_far_less_than_others_even_if_treatment_does_nothing() -> None:
    """Selection: who is arrested often is terminated, held or drops out; all ratios of effect are 1."""
    known = dict(county(True).parameters)
    assert all(known[path].value == 1 for path in NO_EFFECT)
    found = [reoffending(lived(True, r)) for r in range(3)]
    completed, others = (np.mean([one[who] for one in found]) for who in ("completed", "others"))
    assert completed < 0.8 * others
