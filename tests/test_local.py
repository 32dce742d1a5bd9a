"""What records show of a county directly is taken over, and not searched for."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from calibration.fits.fit import ParameterEstimate
from calibration.inference.prior import Marginal
from calibration.targets.local import unfitted, with_estimates, with_records
from calibration.targets.target import Point, Target
from simulation.inputs.parameters import Parameters
from tests.conftest import Build


def monthly(measure: str, subgroup: str, *values: float) -> Target:
    starts = [date(2015, 7 + i, 1) for i in range(len(values) + 1)]
    points = (Point(a, b, v) for a, b, v in zip(starts, starts[1:], values, strict=False))
    return Target(measure, subgroup, tuple(points))


def test_a_county_is_built_from_its_recorded_totals_in_the_days_of_the_records(build: Build) -> None:
    targets = [
        monthly("bookings", "total", 310, 310),
        monthly("jail_adp", "total", 250, 270),
        monthly("jail_adp", "all", 60, 70),
    ]
    scenario, updates = with_records(build(), targets)
    county = scenario.county
    assert (county.start, county.months, county.end) == (date(2015, 7, 1), 2, date(2015, 9, 1))
    assert county.jail.bookings.per_day == pytest.approx(10)
    assert county.jail.average_daily_population.value == 260
    assert county.jail.mental_health_cases.value == 65
    assert [one.figure for one in updates] == [
        "jail.bookings",
        "jail.average_daily_population",
        "jail.mental_health_cases",
    ]
    assert [one.weight for one in unfitted(targets)] == [0, 0, 1]


def test_a_direct_fit_becomes_the_range_of_its_parameter(register: Parameters) -> None:
    estimates = [
        ParameterEstimate("court.failure", 0.2, 0.15, 0.3, np.zeros(1)),
        ParameterEstimate("court.failure", 9.0, 8.0, 10.0, np.zeros(1)),
        ParameterEstimate("jail.screening_sensitivity", 0.9, 0.7, 0.99, np.zeros(1), "of another county"),
        ParameterEstimate("no.such", 1.0, 0.5, 2.0, np.zeros(1)),
    ]
    parameters, updates = with_estimates(register, estimates)
    known = dict(parameters)
    assert [one.path for one in updates] == ["court.failure", "jail.screening_sensitivity"]
    failure, share = known["court.failure"], known["jail.screening_sensitivity"]
    assert (failure.value, failure.grade, share.grade) == (0.2, "A", "C")
    assert failure.low < 0.15 < 0.3 < failure.high
    assert share.high <= 1
    assert Marginal.of(failure).value(-1.644854) == pytest.approx(0.15, rel=0.05)
